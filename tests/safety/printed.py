"""What a command prints to a terminal, read as a terminal reads it."""

import re

from cli.forking import forked, forked_on_terminal
from safety.attacks import steers
from safety.screen import Steered
from safety.sitting import Sitting
from torture.program import LIMIT, PROGRAM

_STYLE = re.compile(r"\x1b\[(?!8m)[0-9;]*m")
"""Bold, dim and coloured words of the help."""
_COLUMNS = 4000
"""Cells; no row of a table is cut."""


class _Paper(Sitting):
    """Bytes that are looked at in the end; a command needs no process that begins with Python's own start."""

    def start(self, words, environ, slave, *, controlling):
        assert controlling
        return forked_on_terminal(words[len(PROGRAM) :], environ, self.home.path, slave)

    def read(self, seconds=0.02):
        return super(Sitting, self).read(seconds)


def printed(home, *arguments, pty=True, **environ):
    """All that a command wrote; every byte of it was looked at."""
    if not pty:
        done = forked(arguments, home.environ | environ, home.path, limit=LIMIT)
        assert done.returncode == 0, done.stderr
        return done.stdout
    with _Paper(home, *arguments, columns=_COLUMNS, **environ) as paper:
        paper.exit_code()
        while paper.read(0.05) and paper.process.poll() is None:
            pass
        look_at(paper.seen)
        return paper.seen


def look_at(data):
    """Raise where a byte steers: of a command's own there are line ends and colours."""
    text = _STYLE.sub("", data.decode("utf-8", "surrogateescape"))
    for place, letter in enumerate(text):
        if steers(letter) and letter != "\r":
            raise Steered(f"{letter!r} in {text[max(0, place - 80) : place + 40]!r}")
