"""What a server sent, made fit for JSON: copied, or shared where there is nothing to change."""

import pytest

from ostream.json_text import finite, sparing

NAN = float("nan")


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, "b", {"c": None}]},
        {"a": [NAN, 1.5], "b": {"c": [float("inf")]}},
        {"\ud800": None},
        {"a": {"\ud83d\ude00": "\ud83d\ude00"}, "b": ["\udfff", "x"]},
        [[], {}, [[]], NAN],
        "\ud800",
        NAN,
        None,
    ],
)
def test_what_is_shared_is_what_would_be_copied(value):
    before = repr(value)
    assert sparing(value) == finite(value)
    assert repr(value) == before, "the original is as it was"


def test_only_what_changes_is_copied():
    clean, dirty = {"token": "a", "top": [{"token": "b"}]}, {"token": "c", "logprob": NAN}
    shared = sparing({"content": [clean, dirty]})["content"]
    assert shared[0] is clean
    assert shared[1] == {"token": "c", "logprob": None}
