"""A right file becomes presets, prompts and settings with the file's values."""

from decimal import Decimal
from pathlib import Path

import pytest

from ostream.limits import Limits
from ostream_compare.config.reading import load, loads
from ostream_compare.domain.preset import Config, Preset, Price, Prompt, Provider, Retention

UX_SAMPLE = """\
#:schema ./models.schema.json
version = 1

[defaults]
temperature  = 0.7
max_tokens   = 800
timeout      = { connect = 5, first_token = 30, idle = 20, grace = 2, total = 120 }
retries      = 0
max_cost_usd = 0.25

[providers.demo]
kind = "demo"

[providers.openai]
base_url    = "https://api.openai.com/v1"
api_key_env = "OPENAI_API_KEY"
token_param = "max_completion_tokens"

[providers.ollama]
base_url      = "http://localhost:11434/v1"
max_parallel  = 1
include_usage = "auto"

[[models]]
name     = "Swift"
provider = "demo"
model    = "demo/swift"

[[models]]
name     = "GPT mini"
provider = "openai"
model    = "gpt-5-mini"
reasoning_effort = "low"
price    = { input = 0.25, output = 2.0 }
extra_body = { verbosity = "low" }
enabled  = false

[[prompts]]
name = "mutex"
user = "Explain mutex versus semaphore to a {audience}."
variables = { audience = ["beginner", "kernel hacker"] }

[ui.keymap]
save = "w"

[history]
keep_days = 90
"""


def config(text: str) -> Config:
    loaded = loads(text.encode(), "m.toml")
    assert loaded.problems == ()
    assert loaded.wrong == ()
    return loaded.config


def preset(body: str, *, defaults: str = "", provider: str = 'base_url = "http://h/v1"') -> Preset:
    model = '[[models]]\nname = "A"\nprovider = "p"\nmodel = "m"\n'
    (result,) = config(f"[defaults]\n{defaults}\n[providers.p]\n{provider}\n{model}{body}").presets
    return result


def test_the_sample_of_the_design():
    limits = Limits(connect=5, first_token=30, idle=20, grace=2, total=120)
    openai = Provider(
        name="openai",
        base_url="https://api.openai.com/v1",
        api_key_env="OPENAI_API_KEY",
        token_param="max_completion_tokens",
    )
    result = config(UX_SAMPLE)
    assert result.presets == (
        Preset(
            name="Swift",
            provider=Provider(name="demo", kind="demo"),
            model="demo/swift",
            params={"temperature": 0.7, "max_tokens": 800},
            timeout=limits,
        ),
        Preset(
            name="GPT mini",
            provider=openai,
            model="gpt-5-mini",
            enabled=False,
            params={
                "temperature": 0.7,
                "max_completion_tokens": 800,
                "reasoning_effort": "low",
                "extra_body": {"verbosity": "low"},
            },
            timeout=limits,
            price=Price(input=Decimal("0.25"), output=Decimal("2.0")),
        ),
    )
    asked = "Explain mutex versus semaphore to a "
    assert result.prompts == (
        Prompt(name="mutex", user=f"{asked}beginner.", variables={"audience": "beginner"}),
        Prompt(name="mutex", user=f"{asked}kernel hacker.", variables={"audience": "kernel hacker"}),
    )
    assert result.max_cost_usd == Decimal("0.25")
    assert result.keymap == {"save": "w"}
    assert result.history == Retention(days=90, runs=None)
    assert result.enabled == result.presets[:1]


@pytest.mark.parametrize("spoil", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_windows_lines_change_nothing(spoil):
    assert config(spoil(UX_SAMPLE)).presets == config(UX_SAMPLE).presets


def test_path_and_hash_are_the_files(tmp_path: Path):
    path = tmp_path / "m.toml"
    path.write_bytes(UX_SAMPLE.encode())
    result = load(path).config
    assert result.path == str(path)
    assert result.sha256 is not None
    assert len(result.sha256) == 64
    assert result.sha256 != loads(UX_SAMPLE.encode() + b"\n", "x").config.sha256


def test_every_request_parameter_reaches_the_request_as_json():
    body = """
temperature = 1
top_p = 0.9
max_tokens = 10
stop = ["a", "b"]
seed = -1
presence_penalty = -2
frequency_penalty = 1.5
logit_bias = { 50256 = -100 }
reasoning_effort = "minimal"
verbosity = "low"
service_tier = "flex"
logprobs = true
top_logprobs = 5
response_format = { type = "json_schema", json_schema = { name = "n", schema = { minimum = 0.5 } } }
metadata = { a = "b" }
user = "me"
extra_body = { top_k = 40, nested = [{ x = 1.5 }], off = false }
extra_headers = { X-Title = "t" }
"""
    params = preset(body).params
    assert params == {
        "temperature": 1.0,
        "top_p": 0.9,
        "max_tokens": 10,
        "stop": ["a", "b"],
        "seed": -1,
        "presence_penalty": -2.0,
        "frequency_penalty": 1.5,
        "logit_bias": {"50256": -100},
        "reasoning_effort": "minimal",
        "verbosity": "low",
        "service_tier": "flex",
        "logprobs": True,
        "top_logprobs": 5,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"minimum": 0.5}},
        },
        "metadata": {"a": "b"},
        "user": "me",
        "extra_body": {"top_k": 40, "nested": [{"x": 1.5}], "off": False},
        "extra_headers": {"X-Title": "t"},
    }
    assert type(params["extra_body"]["nested"][0]["x"]) is float
    assert preset('stop = "."').params == {"stop": "."}
    assert preset("").params == {}


def test_a_model_wins_over_defaults_and_tables_merge_by_key():
    result = preset(
        'temperature = 0.1\nenabled = true\nsystem = "s"\nretries = 2\n'
        "timeout = { idle = 7 }\nextra_body = { b = 3 }\nextra_headers = { x-a = '3' }\n"
        "price = { free = true }\n",
        defaults="temperature = 0.9\nseed = 4\nenabled = false\nretries = 1\n"
        "timeout = { idle = 1, total = 9 }\nextra_body = { a = 1, b = 2 }\n"
        "extra_headers = { X-A = '2', X-B = '2' }\nprice = { input = 1, output = 1 }",
        provider='base_url = "http://h"\nheaders = { X-a = "1", X-C = "1" }',
    )
    assert result.params == {
        "temperature": 0.1,
        "seed": 4,
        "extra_body": {"a": 1, "b": 3},
        "extra_headers": {"x-a": "3", "X-B": "2", "X-C": "1"},
    }
    assert (result.enabled, result.system, result.retries) == (True, "s", 2)
    assert result.timeout == Limits(connect=5, first_token=30, idle=7, grace=2, total=9)
    assert result.price == Price(free=True)


def test_provider_and_model_may_be_defaulted():
    text = '[defaults]\nprovider = "d"\nmodel = "m"\n[providers.d]\nkind = "demo"\n[[models]]\nname = "A"\n'
    (result,) = config(text).presets
    assert (result.provider.name, result.model, result.is_demo) == ("d", "m", True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('api_base = "https://h/v1/"\nenv_key = "K"', {"base_url": "https://h/v1", "api_key_env": "K"}),
        ('base_url = "http://[::1]:8080"\nkind = "openai"', {"base_url": "http://[::1]:8080"}),
        (
            'base_url = "https://h"\napi_key_cmd = ["pass", "show", ""]',
            {"base_url": "https://h", "api_key_cmd": ("pass", "show", "")},
        ),
        (
            (
                'base_url = "https://h"\ninclude_usage = false\n'
                'warm = false\nmax_parallel = 3\nprice_provider = "p"'
            ),
            {
                "base_url": "https://h",
                "include_usage": False,
                "warm": False,
                "max_parallel": 3,
                "price_provider": "p",
            },
        ),
    ],
)
def test_a_provider_has_the_files_values(body: str, expected: dict):
    assert preset("", provider=body).provider == Provider(name="p", **expected)


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("{ input = 0.1, output = 3 }", Price(input=Decimal("0.1"), output=Decimal(3))),
        (
            "{ input = 2.00, cached_input = 0.50, cache_write = 2.5, output = 1e1 }",
            Price(
                input=Decimal("2.00"),
                cached_input=Decimal("0.5"),
                cache_write=Decimal("2.5"),
                output=Decimal(10),
            ),
        ),
        ('{ provider = "openai", model = "gpt-5.2" }', Price(provider="openai", model="gpt-5.2")),
        ("{ free = true }", Price(free=True)),
        ("{ free = false, input = 0, output = 0 }", Price(input=Decimal(0), output=Decimal(0))),
    ],
)
def test_a_price_is_exact(price: str, expected: Price):
    assert preset(f"price = {price}").price == expected


def test_the_same_model_twice_under_two_names_is_fine():
    model = 'provider = "p"\nmodel = "m"\n'
    text = f'[providers.p]\nkind = "demo"\n[[models]]\nname = "A"\n{model}[[models]]\nname = "Ä"\n{model}'
    assert [one.name for one in config(text).presets] == ["A", "Ä"]


def test_every_combination_of_variables_is_a_prompt_the_last_one_fastest():
    text = (
        '[providers.p]\nkind = "demo"\n[[models]]\nname = "A"\nprovider = "p"\nmodel = "m"\n'
        '[[prompts]]\nuser = "{a} and { b } in {{braces}}"\nsystem = "{a}"\n'
        'variables = { a = ["{b}", 1.50], b = ["x", "y"] }\n[[prompts]]\nuser = "{c}"\nvariables.c = "one"\n'
    )
    prompts = config(text).prompts
    assert [prompt.user for prompt in prompts] == [
        "{b} and x in {braces}",
        "{b} and y in {braces}",
        "1.50 and x in {braces}",
        "1.50 and y in {braces}",
        "one",
    ]
    assert [prompt.system for prompt in prompts] == ["{b}", "{b}", "1.50", "1.50", None]
    assert prompts[2].variables == {"a": "1.50", "b": "x"}
