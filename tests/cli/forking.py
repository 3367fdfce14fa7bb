"""Asks the zygote of this test process for commands, and waits for what they print."""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

ZYGOTE = Path(__file__).with_name("zygote.py")
_LANG = "C.UTF-8"
_STARTING = 60
"""Seconds for the zygote's own imports, on the slowest machine."""


class Zygote:
    """The process that forks, and the socket to it."""

    def __init__(self):
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, str(ZYGOTE), str(theirs.fileno())],
            env={"PATH": os.environ["PATH"], "LANG": _LANG},
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


def _write(descriptor, data):
    with suppress(BrokenPipeError), open(descriptor, "wb") as pipe:  # noqa: PTH123 - a descriptor
        pipe.write(data)


def _read(descriptor):
    with open(descriptor, "rb") as pipe:  # noqa: PTH123 - a descriptor
        return pipe.read()


@functools.cache
def zygote():
    """The one of this process."""
    return Zygote()


def forked(arguments, environ, folder, *, child=None, stdin=b"", limit=60):
    """Run a command in a fork of the zygote, as `Zygote.run`; its locale is UTF-8."""
    return zygote().run(arguments, environ=environ, folder=folder, child=child, stdin=stdin, limit=limit)
