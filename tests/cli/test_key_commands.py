"""Commands that print keys are named before they are run, and no terminal obeys their names."""

import json

import pytest

from cli.endpoint import Program
from ostream_compare.collector.keys import command_of, key_commands
from ostream_compare.domain.preset import Preset, Provider

FILE = """\
[providers.near]
base_url = "http://127.0.0.1:9/v1"
api_key_cmd = ["touch", "ran", "\\u001b]0;title\\u0007", "sk-abcdefghijkl"]
[providers.plain]
base_url = "http://127.0.0.1:9/v1"
[[models]]
name = "One"
provider = "near"
model = "m"
[[models]]
name = "Two"
provider = "plain"
model = "m"
"""
NAMED = "touch ran '␛]0;title␇' '[key]'"


@pytest.fixture
def run(tmp_path):
    return Program(tmp_path)


@pytest.mark.parametrize("command", [["validate", "models.toml"], ["doctor", "--no-discover"]])
def test_what_a_run_would_start_is_named_and_not_started(run, tmp_path, command):
    file = run.file(FILE)
    said = run(*command, OSTREAM_COMPARE_CONFIG=file)
    assert said.returncode == 0, said.stderr
    (line,) = [line for line in said.stdout.decode().splitlines() if "touch" in line]
    assert NAMED.replace("'[key]'", "[key]") in line
    assert line.endswith("for the key of near")
    assert not (tmp_path / "ran").exists()


def test_models_names_the_command_that_it_runs(run, tmp_path):
    run.file(FILE)
    table = run("models", "models.toml").stdout.decode()
    assert "One: its key comes from `touch ran " in table
    assert "Two: its key" not in table
    found = json.loads(run("models", "models.toml", "--format", "json").stdout)["models"]
    assert [row["key"]["command"] is None for row in found] == [False, True]
    assert "sk-abc" not in table + json.dumps(found)
    assert (tmp_path / "ran").exists()


def provider(name, command):
    return Provider(name=name, kind="openai", base_url="http://127.0.0.1/v1", api_key_cmd=command)


def test_a_command_is_named_once_with_all_who_use_it():
    shared = ("pass", "show", "my key")
    providers = [provider("a", shared), provider("b\x1b", shared), provider("c", None), provider("d", ("x",))]
    presets = [Preset(name=of.name, provider=of, model="m") for of in (*providers, providers[0])]
    assert key_commands(presets) == {"pass show 'my key'": "a, b␛", "x": "d"}
    assert command_of(providers[2]) is None
