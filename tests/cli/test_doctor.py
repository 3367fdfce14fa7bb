import fcntl
import json
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli.endpoint import Program
from ostream_compare.commands.machine import clipboard, colours, folder_state, proxies, terminal

FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
from ostream_compare.__main__ import main
main()
"""
"""A program that can make files, and write next to nothing into them."""
CANARY = "sk-canary-7"
FILE = """\
[providers.p]
base_url = "https://models.example/v1"
api_key_env = "MY_KEY"
[providers.q]
base_url = "https://models.example/v1"
api_key_env = "UNSET_KEY"
[[models]]
name = "One"
provider = "p"
model = "m"
[[models]]
name = "Two"
provider = "q"
model = "m"
"""


@pytest.fixture
def run(tmp_path):
    return Program(tmp_path)


def test_what_it_finds_is_said_and_no_secret_is(run):
    secrets = {
        "MY_KEY": CANARY,
        "OPENAI_API_KEY": CANARY,
        "HTTPS_PROXY": f"http://me:{CANARY}@proxy.example:3128",
    }
    settings = {"OSTREAM_COMPARE_CONFIG": run.file(FILE), "NO_PROXY": f"{CANARY}@a.example, b.example"}
    done = run("doctor", "--no-discover", "--format", "json", **secrets, **settings)
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert found["ok"] is True
    assert found["versions"]["textual"].startswith("8.")
    assert found["paths"]["config"] == "models.toml (there)"
    assert found["paths"]["results"].endswith("/ostream-compare/results (not there yet, can be made)")
    assert found["keys"] == {
        "MY_KEY": "set, named by your file",
        "OPENAI_API_KEY": "set",
        "UNSET_KEY": "not set, named by your file",
    }
    assert found["proxies"] == {"HTTPS_PROXY": "proxy.example:3128", "NO_PROXY": "a.example, b.example"}
    assert found["terminal"]["stdout is a terminal"] is False
    assert found["local_servers"] == {"not asked": "--no-discover"}
    text = run("doctor", "--no-discover", **secrets, **settings)
    assert b"Nothing is in the way." in text.stdout
    assert CANARY.encode() not in done.stdout + text.stdout + text.stderr
    assert list(run.home.iterdir()) == [run.home / "models.toml"]


def test_it_looks_for_local_servers(run):
    assert run("doctor").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("= nonsense", "models.toml:1"),
        ("[[models]]\nname = 3\n", "models.toml:2: models[0].name"),
        (None, "models.toml: there is no such file"),
    ],
)
def test_a_wrong_file_of_ones_own_is_in_the_way(run, text, said):
    if text is not None:
        run.file(text)
    done = run("doctor", "--no-discover", OSTREAM_COMPARE_CONFIG="models.toml")
    assert done.returncode == 1
    assert said in done.stdout.decode()


def test_results_that_cannot_be_saved_are_in_the_way(run):
    run.file("in the way", ".local")
    done = run("doctor", "--no-discover")
    assert done.returncode == 1
    assert b"results: " in done.stdout
    assert b"cannot be made" in done.stdout


def test_settings_steer_no_terminal(run):
    done = run("doctor", "--no-discover", TERM="\x1b]0;x\x07", COLORTERM="\x9b2J", HTTP_PROXY="http://\x1b/")
    assert done.returncode == 0
    assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout.decode())


def test_folders(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert folder_state(tmp_path) == "can be written"
    assert folder_state(tmp_path / "a/b") == "not there yet, can be made"
    assert folder_state(tmp_path / "file") == "cannot be made: Not a directory"
    assert folder_state(tmp_path / "file/b") == "cannot be made: Not a directory"
    assert folder_state(tmp_path / "dangling/b") == "cannot be made: No such file or directory"
    assert folder_state(Path("/proc/nohome/a")).startswith("cannot be made: "), "whatever its mode says"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "dangling"}


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (10**9, "can be written"),
        (20_000_000, "can be written; 20 MB left on its disk"),
        (4_000, "cannot be written: 4 kB left on its disk"),
    ],
)
def test_little_room_is_told(tmp_path, monkeypatch, free, state):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert folder_state(tmp_path) == state


def test_a_disk_that_takes_nothing_is_in_the_way(run):
    limit = [sys.executable, "-c", FULL, "doctor", "--no-discover"]
    environ = {"HOME": str(run.home), "PATH": os.environ["PATH"], "TERM": "dumb"}
    done = subprocess.run(limit, env=environ, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert b"cannot be made: File too large" in done.stdout
    assert list(run.home.iterdir()) == []


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "none"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "16 million"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none wanted (NO_COLOR)"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
    ],
)
def test_colours(environ, said):
    assert colours(environ) == said


@pytest.mark.parametrize(
    ("environ", "system", "tools", "said"),
    [
        ({}, "linux", {"xclip"}, "OSC 52"),
        ({"DISPLAY": ":0"}, "linux", {"xsel"}, "with xsel"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", {"xclip", "wl-copy"}, "with wl-copy"),
        ({"DISPLAY": ":0"}, "linux", set(), "no clipboard program found"),
        ({}, "darwin", {"pbcopy"}, "with pbcopy"),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", {"pbcopy"}, "over SSH"),
        ({"WSL_DISTRO_NAME": "x"}, "linux", {"clip.exe"}, "with clip.exe"),
    ],
)
def test_the_clipboard(environ, system, tools, said):
    assert said in clipboard(environ, system, lambda name: name if name in tools else None)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://proxy.example:3128", "proxy.example:3128"),
        ("proxy.example:3128", "proxy.example:3128"),
        (f"http://me:{CANARY}@proxy.example", "proxy.example"),
        (f"me:{CANARY}@proxy.example:1", "proxy.example:1"),
        (f"http://{CANARY}/x@proxy.example", "set, but no URL"),
        (f"http://{CANARY}#x@proxy.example", "set, but no URL"),
        (f"http://me:{CANARY}/@proxy.example", "set, but no URL"),
        ("http://", "set, but no URL"),
        ("http://[::1", "set, but no URL"),
    ],
)
def test_of_a_proxy_only_the_host(url, shown):
    assert proxies({"https_proxy": url}) == {"HTTPS_PROXY": shown}


def test_a_terminal_of_its_own():
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environ = {"LANG": "de_DE.UTF-8", "TMUX": "socket,1,0", "SSH_TTY": "pts/1", "COLORTERM": "truecolor"}
    with os.fdopen(slave, "w") as stream:
        found = terminal(environ, (None, stream, None))
    os.close(master)
    assert (found["stdin is a terminal"], found["stdout is a terminal"], found["size"]) == (
        False,
        True,
        "80x24",
    )
    assert (found["unicode"], found["inside"], found["over ssh"]) == (True, "tmux", True)
    assert (found["TERM"], found["COLORTERM"]) == (None, "truecolor")
    assert terminal({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, (None, None, None))["unicode"] is False
