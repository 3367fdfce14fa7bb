"""The command line in a real terminal: the UI is opened there, whatever the streams beside it are."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("with_fake_child.py")
LIMIT = 60


def read_until(terminal, wanted, seen=b""):
    end = time.monotonic() + LIMIT
    while wanted not in seen and time.monotonic() < end and select.select([terminal], [], [], LIMIT)[0]:
        try:
            seen += os.read(terminal, 1 << 16)
        except OSError:  # the other end is closed
            break
    assert wanted in seen, seen[-500:]
    return seen


@pytest.mark.parametrize(
    ("line", "rounds"),
    [
        ("'{python}' '{runner}' echo demo -p 'hi there' 2>err", 1),
        ("echo 'hi there' | '{python}' '{runner}' echo demo 2>err", 1),
        ("'{python}' '{runner}' echo demo -p 'hi there' --repeat 3 --warmup 1 2>err", 3),
    ],
)
def test_a_prompt_starts_at_once_and_ctrl_q_leaves_with_0(tmp_path, line, rounds):
    master, slave = os.openpty()
    command = line.format(python=sys.executable, runner=RUNNER)
    process = subprocess.Popen(
        ["sh", "-c", f"stty rows 24 cols 80; {command}; echo code=$?"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "xterm-256color"},
        cwd=tmp_path,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=lambda: os.login_tty(slave),  # noqa: PLW1509 - one thread; the only way to a controlling terminal
    )
    os.close(slave)
    try:
        seen = read_until(master, b"4/4 done")
        os.write(master, b"\x11")
        seen = read_until(master, b"code=", seen)
        seen = read_until(master, b"\n", seen.partition(b"code=")[2])
        process.wait(LIMIT)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert seen.strip() == b"0"
    assert b"\x1b" not in (tmp_path / "err").read_bytes(), "stderr is no screen"
    (saved,) = (tmp_path / ".local/share/ostream-compare/results").glob("*-hi-there.toml")
    assert saved.read_text().count("Swift says hi there") == rounds


def test_a_dumb_terminal_gets_the_table(tmp_path):
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), "echo", "demo"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    try:
        seen = read_until(master, b"Cost: ")
        process.wait(LIMIT)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert process.returncode == 0
    assert b"\x1b" not in seen
    assert b"4/4" in seen, "someone is there to read the progress"
