"""A pseudo-terminal of 200x50 for the `ui_*` benchmarks: reads what a program paints, presses its keys."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import contextmanager
from pathlib import Path

SIZE = (50, 200)
CTRL_Q = b"\x11"
TAB = b"\t"
FOCUS = "┏".encode()
"""Painted when a pane gets the focus, and else only at the start."""
PROMPT = b"i"
LEAVE_LIMIT = 10
KEY_LIMIT = 5.0


class Terminal:
    """A program and its screen."""

    def __init__(self, process, master):
        self.process, self._master = process, master
        self.bytes = 0

    def read(self, timeout):
        """What was painted within `timeout` seconds, as soon as there is any."""
        ready, _, _ = select.select([self._master], [], [], max(0, timeout))
        if not ready:
            return b""
        try:
            data = os.read(self._master, 1 << 20)
        except OSError:  # the other end is closed
            return b""
        self.bytes += len(data)
        return data

    def until(self, wanted, limit):
        """Read until `wanted` is painted; seconds that it took, or `None`."""
        began, tail = time.perf_counter(), b""
        while (left := limit - (time.perf_counter() - began)) > 0:
            tail = tail[-len(wanted) :] + self.read(left)
            if wanted in tail:
                return time.perf_counter() - began
            if self.process.poll() is not None:
                return None
        return None

    def drain(self, seconds):
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def press(self, key):
        os.write(self._master, key)

    def key_latency(self, key=TAB, effect=FOCUS):
        """Milliseconds from a key to its effect; `KEY_LIMIT` when there is none."""
        self.press(key)
        took = self.until(effect, KEY_LIMIT)
        return (KEY_LIMIT if took is None else took) * 1000

    def cpu(self):
        """Seconds of CPU that the program has used, to the clock tick."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def terminal(command, pass_fds=(), **environ):
    """`command`, its screen read and its process gone afterwards."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            command,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": home}
            | environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=pass_fds,
            preexec_fn=lambda: os.login_tty(slave),  # noqa: PLW1509 - one thread; the only way to a controlling terminal
        )
        os.close(slave)
        shown = Terminal(process, master)
        try:
            yield shown
        finally:
            end = time.perf_counter() + LEAVE_LIMIT
            if process.poll() is None:
                shown.press(CTRL_Q)
            while process.poll() is None and time.perf_counter() < end:
                shown.read(0.1)
            process.kill()
            process.wait()
            os.close(master)


def python(script, *arguments):
    """A command that runs `script` of this folder."""
    return [sys.executable, str(Path(__file__).parent / script), *map(str, arguments)]
