"""The shortest way to the first picture: when it is taken, and what is seen at a glance."""

import os
import pty

import pytest

from ostream_compare.opening import glance, is_plain

RIGHT = """
version = 1
[providers.demo]
kind = "demo"
[providers.far]
base_url = "https://api.example.com/v1"
api_key_env = "FAR_KEY"
[[models]]
name = "On"
provider = "far"
model = "m"
[[models]]
name = "Off"
provider = "demo"
model = "demo/swift"
enabled = false
[[prompts]]
user = "Why?"
"""


@pytest.fixture
def in_terminal(monkeypatch):
    """Standard streams on a terminal."""
    monkeypatch.setattr(os, "isatty", lambda _descriptor: True)


@pytest.mark.parametrize(
    ("arguments", "environ", "plain"),
    [
        (["models.toml"], {"TERM": "xterm"}, True),
        (["models.toml"], {"TERM": "dumb"}, False),
        (["models.toml"], {"OSTREAM_COMPARE_PROMPT": "x"}, False),
        (["models.toml"], {"OSTREAM_COMPARE_THEME": "nord"}, False),
        (["-p", "models.toml"], {}, False),
        (["--models.toml"], {}, False),
        (["demo"], {}, False),
        (["models.txt"], {}, False),
        ([], {}, False),
    ],
)
@pytest.mark.usefixtures("in_terminal")
def test_flags_and_variables_go_the_usual_way(arguments, environ, plain):
    assert is_plain(arguments, environ) is plain


@pytest.mark.parametrize("piped", [0, 1, 2])
def test_pipes_go_the_usual_way(monkeypatch, piped):
    monkeypatch.setattr(os, "isatty", lambda descriptor: descriptor != piped)
    assert not is_plain(["models.toml"], {})


def test_a_terminal_is_one():
    master, slave = pty.openpty()
    assert os.isatty(slave)
    os.close(master)
    os.close(slave)


def test_a_glance_sees_who_is_on_and_which_variables_hold_keys(tmp_path):
    file = tmp_path / "models.toml"
    file.write_text(RIGHT)
    seen = glance(str(file))
    assert seen is not None
    assert (seen.names, seen.prompt, seen.demo) == (("On",), "Why?", False)
    assert seen.hidden == {"FAR_KEY"}


@pytest.mark.parametrize(
    ("change", "prompt", "demo", "hidden"),
    [
        (("Why?", "Why {who}?"), "", False, {"FAR_KEY"}),
        (("enabled = false", ""), "Why?", True, {"FAR_KEY"}),
        (("api_key_env", "env_key"), "Why?", False, {"FAR_KEY"}),
        (("user = ", "system = "), "", False, {"FAR_KEY"}),
    ],
)
def test_a_glance_says_only_what_it_is_sure_of(tmp_path, change, prompt, demo, hidden):
    file = tmp_path / "models.toml"
    file.write_text(RIGHT.replace(*change))
    seen = glance(str(file))
    assert seen is not None
    assert (seen.prompt, seen.demo, seen.hidden) == (prompt, demo, hidden)


@pytest.mark.parametrize(
    "content",
    [
        b"not toml",
        b"\xff\xfe",
        b"version = 1",
        b"models = 3",
        b"[[models]]\nname = 3",
        b"[[models]]\nname = 'x'\nenabled = false",
        b"models = " + b"[" * 100_000,
        b"#" * (1024 * 1024 + 1),
        b"x = 1e999999999999999999999",
    ],
)
def test_what_is_wrong_is_left_to_the_usual_way(tmp_path, content):
    file = tmp_path / "models.toml"
    file.write_bytes(content)
    assert glance(str(file)) is None
    assert glance(str(tmp_path / "none.toml")) is None
