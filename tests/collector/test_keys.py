import sys

import pytest

from ostream_compare.collector.keys import Key, find_key, order_lanes, plain_http_host
from ostream_compare.domain.preset import Preset, Provider


def provider(**more):
    return Provider(**({"name": "p", "base_url": "https://api.example.com/v1"} | more))


def python(code):
    return (sys.executable, "-c", code)


@pytest.mark.parametrize(
    ("of", "environ", "key"),
    [
        (provider(), {"K": "sk"}, Key()),
        (provider(kind="demo", api_key_env="K"), {"K": "sk"}, Key()),
        (provider(api_key_env="K"), {"K": " sk-1\n"}, Key(value="sk-1")),
        (provider(api_key_cmd=python("print('sk-2'); print('user: me')")), {}, Key(value="sk-2")),
        (
            provider(api_key_cmd=python("import os; print(os.environ['X'])")),
            {"X": "sk-3"},
            Key(value="sk-3"),
        ),
        (provider(api_key_env="K", base_url="http://localhost:1/v1"), {"K": "sk"}, Key(value="sk")),
    ],
)
def test_a_key_is_found(of, environ, key):
    assert find_key(of, environ) == key


@pytest.mark.parametrize(
    ("of", "environ", "why"),
    [
        (provider(api_key_env="K"), {}, "K is not set"),
        (provider(api_key_env="K"), {"K": "  "}, "K is not set"),
        (provider(api_key_env="K"), {"K": "sk\x1b[0m"}, "cannot be sent"),
        (provider(api_key_env="K"), {"K": "sk 1"}, "cannot be sent"),
        (
            provider(api_key_env="K", base_url="http://example.com/v1"),
            {"K": "sk"},
            "plain http to example.com",
        ),
        (provider(api_key_env="K", base_url="http://[::1"), {"K": "sk"}, "plain http"),
        (provider(api_key_cmd=()), {}, "is empty"),
        (provider(api_key_cmd=("/nonexistent/pass",)), {}, "could not be run: No such file"),
        (provider(api_key_cmd=python("")), {}, "printed nothing"),
        (
            provider(api_key_cmd=python("import sys; sys.exit('no such\\x1b entry')")),
            {},
            "code 1: no such␛ entry",
        ),
        (
            provider(api_key_cmd=("sh", "-c", "sleep 60 & wait")),
            {"PATH": "/bin:/usr/bin"},
            "no key within 0.5 s",
        ),
    ],
)
def test_a_missing_key_says_why(of, environ, why):
    key = find_key(of, environ, limit=0.5 if of.api_key_cmd and of.api_key_cmd[0] == "sh" else 10)
    assert key.value is None
    assert why in key.missing


@pytest.mark.parametrize(
    ("variable", "url", "stranger"),
    [
        ("OPENAI_API_KEY", "https://api.openai.com/v1", None),
        ("OPENAI_API_KEY", "https://api.openai.com:443/v1", None),
        ("OPENAI_API_KEY", "https://API.OpenAI.com/v1", None),
        ("OPENAI_API_KEY", "https://api.openai.com:8443/v1", "api.openai.com:8443"),
        ("OPENAI_API_KEY", "https://api.openai.com.example/v1", "api.openai.com.example"),
        ("OPENAI_API_KEY", "https://api.openai.com@example.com/v1", "example.com"),
        ("OPENAI_API_KEY", "http://localhost:4000/v1", "localhost:4000"),
        ("OPENAI_API_KEY", "https://openrouter.ai/api/v1", "openrouter.ai"),
        ("AZURE_OPENAI_API_KEY", "https://mine.openai.azure.com/openai/v1", None),
        ("AZURE_OPENAI_API_KEY", "https://openai.azure.com.example/v1", "openai.azure.com.example"),
        ("AWS_SECRET_ACCESS_KEY", "https://s3.amazonaws.com/v1", "s3.amazonaws.com"),
        ("AWS_BEARER_TOKEN_BEDROCK", "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1", None),
        (
            "AWS_BEARER_TOKEN_BEDROCK",
            "https://mine.execute-api.eu-west-1.amazonaws.com/v1",
            "mine.execute-api.eu-west-1.amazonaws.com",
        ),
        (
            "AWS_BEARER_TOKEN_BEDROCK",
            "https://bedrock-runtime.s3-us-west-2.amazonaws.com/v1",
            "bedrock-runtime.s3-us-west-2.amazonaws.com",
        ),
        ("HF_TOKEN", "https://router.huggingface.co/v1", None),
        (
            "HF_TOKEN",
            "https://x.us-east-1.aws.endpoints.huggingface.cloud/v1",
            "x.us-east-1.aws.endpoints.huggingface.cloud",
        ),
        ("MY_KEY", "https://example.com/v1", None),
    ],
)
def test_a_well_known_key_goes_to_its_owner_unless_the_file_is_trusted(variable, url, stranger):
    of = provider(api_key_env=variable, base_url=url)
    key = find_key(of, {variable: "sk"})
    if stranger is None:
        assert key == Key(value="sk")
    else:
        assert (key.value, key.kind) == (None, "insecure")
        assert f"{variable} is not the key of {stranger}:" in key.missing
    assert find_key(of, {variable: "sk"}, trusted=True) == Key(value="sk")
    assert find_key(of, {}).kind == "missing_key"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/v1", None),
        ("http://localhost:8080/v1", None),
        ("http://LOCALHOST/v1", None),
        ("http://a.localhost/v1", None),
        ("http://127.9.9.9/v1", None),
        ("http://[::1]:1/v1", None),
        ("http://[::ffff:127.0.0.1]/v1", None),
        ("http://192.168.1.2/v1", "192.168.1.2"),
        ("HTTP://example.com/v1", "example.com"),
        ("http://localhost.example.com/v1", "localhost.example.com"),
        ("http://localhost@example.com/v1", "example.com"),
        ("http://0.0.0.0/v1", "0.0.0.0"),
        (None, None),
    ],
)
def test_plain_http_is_for_this_machine_only(url, host):
    assert plain_http_host(url) == host


def test_each_providers_key_is_looked_up_once_and_kept(tmp_path):
    log = tmp_path / "log"
    of = provider(api_key_cmd=python(f"open({str(log)!r}, 'a').write('x'); print('sk')"))
    presets = [Preset(name=name, provider=of, model="m") for name in "ABC"]
    found = {}
    orders = order_lanes(presets, {}, found=found)
    again = order_lanes(presets, {}, lanes=[2], found=found)
    assert [(order.lane, order.key) for order in (*orders, *again)] == [
        (0, "sk"),
        (1, "sk"),
        (2, "sk"),
        (2, "sk"),
    ]
    assert log.read_text() == "x"


def test_a_key_that_must_not_be_sent_is_ordered_as_such():
    presets = [
        Preset(name="A", provider=provider(api_key_env="K", base_url="http://example.com/v1"), model="m"),
        Preset(name="B", provider=provider(api_key_env="L"), model="m"),
    ]
    orders = order_lanes(presets, {"K": "sk"})
    assert [(order.key, order.missing_kind) for order in orders] == [
        (None, "insecure"),
        (None, "missing_key"),
    ]


def test_a_missing_key_is_looked_for_again():
    presets = [Preset(name="A", provider=provider(api_key_env="K"), model="m")]
    found = {}
    first = order_lanes(presets, {}, found=found)
    second = order_lanes(presets, {"K": "sk"}, found=found)
    assert first[0].missing_key
    assert second[0].key == "sk"
    assert "sk" not in repr(second) + repr(found)
