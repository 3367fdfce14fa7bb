"""What helps is said in words, and names the place in the file."""

import pytest

from ostream_compare.domain.comparison import Response, SavedError
from ostream_compare.domain.figures import explain
from ostream_compare.domain.preset import Preset, Provider
from ostream_compare.domain.remedies import remedy


def preset(**provider):
    return Preset(name="A", model="m-1", provider=Provider(name="p", **provider))


@pytest.mark.parametrize(
    ("kind", "provider", "said"),
    [
        ("auth", {"api_key_env": "A_KEY"}, "check the key in A_KEY"),
        ("auth", {"api_key_cmd": ("pass", "x")}, "check the key that api_key_cmd of p prints"),
        ("auth", {}, "it wants a key: name its variable in api_key_env of p"),
        ("permission", {}, "this key may not use m-1: take another key or model"),
        ("not_found", {}, "check model = m-1, and the base_url of p"),
        ("rate_limit", {}, "wait a little, or raise retries"),
        ("connect", {"base_url": "http://localhost:1/v1"}, "see that a server runs at http://localhost:1/v1"),
        ("connect", {"kind": "demo"}, "see that a server runs at p"),
        ("stall_first", {}, "timeout.first_token says how long it may take"),
        ("empty", {}, None),
        ("missing_key", {}, None),
        ("auth", {"api_key_env": "A\x1b[31m"}, "check the key in A␛[31m"),
    ],
)
def test_a_remedy_names_the_place(kind, provider, said):
    assert remedy(kind, preset(**provider)) == said


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("auth", {}, "no (check the key in A_KEY; M leaves it out)"),
        ("connect", {}, "no (see that a server runs at http://h/v1; r retries)"),
        ("rate_limit", {"hint": "retry_after:7.0"}, "no (the server asks to wait 7 s; r retries)"),
        ("empty", {}, "no (r retries)"),
    ],
)
def test_a_sentence_ends_with_what_helps_and_the_key(kind, more, said):
    error = SavedError(kind=kind, message="no", **more)
    failed = Response(name="A", provider="p", model="m-1", state="failed", error=error)
    asked = preset(api_key_env="A_KEY", base_url="http://h/v1")
    assert explain(failed, preset=asked) == said
    assert "; " not in explain(failed, key_of=None, preset=asked), "no key where there is no screen"
