"""The files in `configs/` load without a problem and say what the program says."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import genai_prices.data
import pytest

from ostream_compare.config.demo import builtin_demo
from ostream_compare.config.reading import load
from ostream_compare.config.schema import schema, schema_text

CONFIGS = Path(__file__).parents[2] / "configs"
FILES = sorted(CONFIGS.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_file_is_right_and_says_which_schema_it_has(path: Path):
    loaded = load(path)
    assert loaded.problems == ()
    assert loaded.config.enabled
    assert path.read_text().startswith("#:schema ./models.schema.json\n")


def test_all_four_are_there():
    assert [path.name for path in FILES] == ["local.toml", "models.toml", "openai.toml", "openrouter.toml"]


def test_models_toml_runs_without_a_key():
    config = load(CONFIGS / "models.toml").config
    assert [(preset.name, preset.model) for preset in config.enabled] == [
        ("Swift", "demo/swift"),
        ("Careful", "demo/careful"),
        ("Terse", "demo/terse"),
        ("Coder", "demo/coder"),
    ]
    assert not any(preset.provider.needs_key for preset in config.enabled)
    assert config.prompts[0].user == "Explain mutex versus semaphore."
    assert config.prompts[0].variables == {}
    assert any(prompt.variables for prompt in config.prompts)


def test_the_built_in_demo_is_the_demo_part_of_models_toml():
    shipped, demo = load(CONFIGS / "models.toml").config, builtin_demo()
    assert demo.presets == tuple(preset for preset in shipped.presets if preset.is_demo)
    assert demo.prompts == shipped.prompts
    assert (demo.path, demo.sha256) == (None, None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_paid_models_are_ones_that_the_price_list_knows(path: Path):
    for preset in load(path).config.presets:
        host = urlsplit(preset.provider.base_url or "").hostname
        if host in (None, "localhost"):
            continue
        name = f"{preset.provider.base_url}/"
        listed = [provider for provider in genai_prices.data.providers if provider.id == known_as(name)]
        assert preset.model in {model.id for provider in listed for model in provider.models}, preset.name


def known_as(url: str) -> str:
    hosts = {"googleapis": "google", "openrouter": "openrouter", "anthropic": "anthropic", "openai": "openai"}
    return next(name for part, name in hosts.items() if part in (urlsplit(url).hostname or ""))


def test_the_schema_file_is_up_to_date():
    assert (CONFIGS / "models.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_knows_every_key_and_refuses_the_rest():
    text = json.dumps(schema())
    assert '"null"' not in text
    tables = schema()["$defs"]
    assert all(table["additionalProperties"] is False for table in tables.values())
    assert tables["ProviderTable"]["properties"]["api_base"]["type"] == "string"
    assert tables["ModelTable"]["required"] == ["name"]
    assert tables["PriceTable"]["properties"]["input"]["type"] == "number"


def test_reading_a_file_loads_no_ui_no_sdk_and_no_prices():
    code = (
        "import sys, ostream_compare.config.reading, ostream_compare.config.demo\n"
        "ostream_compare.config.demo.builtin_demo()\n"
        "heavy = {'textual', 'openai', 'httpx2', 'genai_prices', 'tomlkit', 'starlette'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
