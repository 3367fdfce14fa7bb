"""Starts the program by forking a process that has imported it: half a second less for each start.

    zygote.py SOCKET MODULE...

What is started is a process like any other: its own streams, folder, environment, signals and exit code.
"""

import asyncio
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

from cli.signalled import Signalled

_ASKED = 1 << 20
"""Bytes of an order; command lines are shorter."""


class Forked(Signalled):
    """A fork of this process that plays a collector's child, as a `Collector` sees it."""

    def __init__(self, behaviour):
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        self.returncode = None
        flush()  # once
        self.pid = os.fork()
        if self.pid == 0:
            os.close(ours_in)
            os.close(ours_out)
            for place, descriptor in enumerate((theirs_in, theirs_out, self.stderr.fileno())):
                os.dup2(descriptor, place)
            play(behaviour)
        os.close(theirs_in)
        os.close(theirs_out)
        self.stdin, self.stdout = open(ours_in, "wb", 0), open(ours_out, "rb", 0)  # noqa: SIM115, PTH123

    def poll(self):
        with suppress(ChildProcessError):  # another thread has just taken the code
            if self.returncode is None and (status := os.waitpid(self.pid, os.WNOHANG))[0]:
                self.returncode = os.waitstatus_to_exitcode(status[1])
        return self.returncode

    def wait(self, timeout=30):
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("the child", timeout)
            time.sleep(0.001)
        return self.returncode


def play(behaviour):
    """Be `fake_child.py`, and end without what the parent has at its end."""
    os.setsid()
    sys.argv = ["fake_child.py", behaviour]
    code = 0
    try:
        from collector import fake_child

        fake_child.main()
    except SystemExit as end:
        code = end.code or 0
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
            code = 1
    except BaseException:  # noqa: BLE001 - as Python does with what nobody catches
        sys.excepthook(*sys.exc_info())
        code = 1
    flush()
    os._exit(code)


def flush():
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()


def become(order, descriptors, listening):
    """Make this fork the process that was asked for; its exit code."""
    listening.close()
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, place)
        os.close(descriptor)
    if order.get("terminal"):
        os.login_tty(os.dup(0))
        sys.stdout.reconfigure(line_buffering=True)
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["folder"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        import coverage

        coverage.process_startup(force=True)
    if order["arguments"] is None:
        return worker()
    if order["child"] is None:
        from ostream_compare.__main__ import main

        sys.argv = ["ostream-compare", *order["arguments"]]
        return main()
    from ostream_compare import cli

    cli._collector = lambda _config: forked_child(order["child"])
    return cli.start(order["arguments"])


def worker():
    """Be the collector's child."""
    from ostream_compare.collector.worker import main

    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return asyncio.run(main())


def forked_child(behaviour):
    from ostream_compare.collector.child import Child
    from ostream_compare.collector.client import Collector

    forked = Forked(behaviour)
    return Collector(child=Child(forked, forked.stderr))


def serve(listening):
    """Fork for each order; only a fork returns, with its exit code. The end of the socket is the end.

    An order with a fourth descriptor, a socket, is told about there, and the next one is served meanwhile.
    """
    while True:
        asked, descriptors, _, _ = socket.recv_fds(listening, _ASKED, 4)
        if not asked:
            os._exit(0)
        reap()
        telling = listening
        if len(descriptors) == 4:
            apart = os.fork()
            if apart:
                close(descriptors)
                continue
            listening.close()
            telling = socket.socket(fileno=descriptors.pop())
        pid = os.fork()
        if pid == 0:
            return become(json.loads(asked), descriptors, telling)
        close(descriptors)
        telling.send(b"%d" % pid)
        _, status = os.waitpid(pid, 0)
        telling.send(b"%d" % os.waitstatus_to_exitcode(status))
        if telling is not listening:
            os._exit(0)


def reap():
    """Take leave of forks that told elsewhere how they ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def close(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


def preload(names):
    for name in names:
        importlib.import_module(name)
    with suppress(ImportError):
        import coverage  # noqa: F401


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a ctrl+c is answered by who runs the tests
    preload(sys.argv[2:])
    gc.freeze()  # what is here is not looked through again by each fork, at its end above all
    sys.exit(serve(socket.socket(fileno=int(sys.argv[1]))))
