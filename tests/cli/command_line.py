"""Runs the command line in a home of its own, with a child that needs no network."""

import os
import subprocess
import sys
from pathlib import Path

from cli.forking import forked
from measuring import measured
from ostream_compare.domain.spelling import from_toml

RUNNER = Path(__file__).with_name("with_fake_child.py")
LIMIT = 60


class CommandLine:
    """The command in a home of its own."""

    def __init__(self, home):
        self.home = home
        self.environ = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb"} | measured()

    def command(self, *arguments, child="echo"):
        return [sys.executable, str(RUNNER), child, *arguments]

    def __call__(self, *arguments, child="echo", stdin=b"", **environ):
        return forked(arguments, self.environ | environ, self.home, child=child, stdin=stdin)

    def open(self, *arguments, child="echo", **more):
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        return subprocess.Popen(
            self.command(*arguments, child=child), env=self.environ, cwd=self.home, **pipes
        )

    def file(self, text, name="models.toml"):
        path = self.home / name
        path.write_text(text)
        return name

    def saved(self):
        paths = sorted((self.home / ".local/share/ostream-compare/results").glob("*.toml"))
        return [from_toml(path.read_text()) for path in paths]


def lines(stream):
    return stream.decode().splitlines()
