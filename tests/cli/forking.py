"""Asks the zygote of this test process for commands, and waits for what they print."""

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from cli.signalled import Signalled
from ostream_compare.collector.child import Child

ZYGOTE = Path(__file__).with_name("zygote.py")
TESTS = ZYGOTE.parents[1]
COMMANDS = (
    "anyio._backends._asyncio",
    "email.parser",
    "genai_prices.data",
    "httpcore2",
    "httpx2",
    "jinja2",
    "ostream_compare.cli",
    "ostream_compare.headless.command",
    "ostream_compare.storage.recorder",
    "rich.console",
    "rich.markup",
)
"""What most commands import."""
WORKER = ("ostream_compare.collector.worker", "anyio._backends._asyncio", "genai_prices.data")
"""What the collector's child imports."""
_LANG = "C.UTF-8"
_STARTING = 60
"""Seconds for the zygote's own imports, on the slowest machine."""


class Zygote:
    """The process that forks, and the socket to it."""

    def __init__(self, *preloaded):
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, str(ZYGOTE), str(theirs.fileno()), *preloaded],
            env={"PATH": os.environ["PATH"], "LANG": _LANG, "PYTHONPATH": str(TESTS)},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self.close)

    def close(self):
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def run(self, arguments, *, environ, folder, limit, child=None, stdin=b""):
        """As `subprocess.run` with pipes; `child` is its behaviour, `None` the real one.

        Raises:
            subprocess.TimeoutExpired: It took longer than `limit` seconds; it was killed.
        """
        order = {
            "arguments": [*map(os.fsdecode, arguments)],
            "child": child,
            "environ": environ,
            "folder": str(folder),
        }
        (their_in, our_in), (our_out, their_out), (our_err, their_err) = os.pipe(), os.pipe(), os.pipe()
        socket.send_fds(self._socket, [json.dumps(order).encode()], [their_in, their_out, their_err])
        for descriptor in (their_in, their_out, their_err):
            os.close(descriptor)
        with ThreadPoolExecutor(3) as pool:
            pool.submit(_write, our_in, stdin)
            out, err = pool.submit(_read, our_out), pool.submit(_read, our_err)
            code = self._ended(arguments, limit)
        return subprocess.CompletedProcess(arguments, code, out.result(), err.result())

    def worker(self, environ):
        """A collector's child that is under way, as `start_child` returns it."""
        (their_in, our_in), (our_out, their_out) = os.pipe(), os.pipe()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        telling = self._start(None, environ, Path.cwd(), (their_in, their_out, stderr.fileno()))
        os.close(their_in)
        os.close(their_out)
        process = ForkedProcess(telling)
        process.stdin, process.stdout = open(our_in, "wb", 0), open(our_out, "rb", 0)  # noqa: SIM115, PTH123
        return Child(process, stderr)

    def on_terminal(self, arguments, environ, folder, terminal):
        """A command that is under way, with this end of a terminal for its own."""
        words = [*map(os.fsdecode, arguments)]
        return ForkedProcess(self._start(words, environ, folder, (terminal,) * 3, terminal=True))

    def _start(self, arguments, environ, folder, streams, *, terminal=False):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = {
            "arguments": arguments,
            "child": None,
            "environ": environ,
            "folder": str(folder),
            "terminal": terminal,
        }
        socket.send_fds(self._socket, [json.dumps(order).encode()], [*streams, theirs.fileno()])
        theirs.close()
        return ours

    def _ended(self, arguments, limit):
        self._socket.settimeout(_STARTING)
        pid = int(self._socket.recv(64))
        self._socket.settimeout(limit)
        try:
            return int(self._socket.recv(64))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._socket.settimeout(_STARTING)
            self._socket.recv(64)
            raise subprocess.TimeoutExpired(arguments, limit) from None


class ForkedProcess(Signalled):
    """A process that a zygote forked, with what is asked of a `Popen`."""

    def __init__(self, telling):
        telling.settimeout(_STARTING)
        self.pid = int(telling.recv(64))
        self.stdin = self.stdout = self.stderr = None
        self._telling = telling
        weakref.finalize(self, telling.close)

    @property
    def returncode(self):
        return self.poll()

    def poll(self):
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout=_STARTING):
        if not select.select([self._telling], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("the child", timeout)
        return int(self._telling.recv(64, socket.MSG_PEEK))  # left there: it may be asked for again


def _write(descriptor, data):
    with suppress(BrokenPipeError), open(descriptor, "wb") as pipe:  # noqa: PTH123 - a descriptor
        pipe.write(data)


def _read(descriptor):
    with open(descriptor, "rb") as pipe:  # noqa: PTH123 - a descriptor
        return pipe.read()


@functools.cache
def zygote(*preloaded):
    """The one of this process that has imported these."""
    return Zygote(*preloaded)


def forked(arguments, environ, folder, *, child=None, stdin=b"", limit=60):
    """Run a command in a fork of a zygote, as `Zygote.run`; its locale is UTF-8."""
    made = zygote(*COMMANDS)
    return made.run(arguments, environ=environ, folder=folder, child=child, stdin=stdin, limit=limit)


def forked_on_terminal(arguments, environ, folder, terminal):
    """A command under way in a fork of a zygote, with this end of a terminal for its own."""
    return zygote(*COMMANDS).on_terminal(arguments, environ, folder, terminal)


def forked_worker():
    """The collector's child, with the environment that `start_child` gives it."""
    return zygote(*WORKER).worker(
        {k: v for k, v in os.environ.items() if not k.upper().startswith("OPENAI_")}
    )
