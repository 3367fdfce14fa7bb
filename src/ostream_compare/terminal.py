"""The three standard streams: a prompt that is piped in, and a terminal for the UI in spite of pipes."""

import os
import select
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean
from ostream_compare.launch import LONGEST_PROMPT

SILENCE = 1.0
"""Seconds for the first byte; an open pipe that says nothing belongs to someone else."""
_READ = 1 << 16
_STDIN, _STDOUT, _STDERR = 0, 1, 2


def read_piped(descriptor: int, *, silence: float = SILENCE) -> bytes:
    """Everything that is piped in, as `read_all`.

    Args:
        descriptor: Where to read.
        silence: Seconds to wait for the first byte.

    Returns:
        Nothing for a terminal, a device, a closed descriptor, or silence.
    """
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return b""
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        return b""
    if not select.select([descriptor], [], [], silence)[0]:
        return b""
    return read_all(descriptor)


def read_all(descriptor: int) -> bytes:
    """Everything up to the end, or to one byte more than a prompt may have.

    Raises:
        OSError: It cannot be read.
    """
    parts: list[bytes] = []
    left = LONGEST_PROMPT + 1
    while left > 0 and (part := os.read(descriptor, min(_READ, left))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def give_terminal_back(descriptor: int) -> bool:
    """Put the controlling terminal where the pipe was, so that keys can be read; whether there is one."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return False
    os.dup2(terminal, descriptor)
    os.close(terminal)
    return True


def complain(line: str) -> None:
    """A line on stderr; one that nobody can read is no reason to stop."""
    if _is_open(sys.stderr):
        with suppress(OSError):
            sys.stderr.write(clean(line) + "\n")
            sys.stderr.flush()


def print_data(document: str) -> None:
    """Data on stdout, as UTF-8 whatever the locale; a reader that has gone away is no error.

    Raises:
        UserError: It cannot be written, as to a full disk.
    """
    if not _is_open(sys.stdout):
        return
    try:
        sys.stdout.buffer.write(document.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # What Python would flush at its end has to go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        problem = Problem(message=f"stdout could not be written: {error.strerror or error}")
        raise UserError("Not written", problem) from None


def has_screen() -> bool:
    """Whether the UI can be shown on stdout."""
    return is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether someone looks at `stream`."""
    return stream is not None and stream.isatty()


def _is_open(stream: TextIO | None) -> bool:
    """Whether there is such a stream; the one that the program was started without is `None`."""
    return stream is not None


def fill_closed_streams() -> None:
    """Open the null device where a standard stream is closed, or the next file opened would become it."""
    for descriptor in (_STDIN, _STDOUT, _STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one


def flush_streams() -> None:
    """Write what is buffered, or drop it where nobody reads any more: Python would end with code 120."""
    for stream, descriptor in ((sys.stdout, _STDOUT), (sys.stderr, _STDERR)):
        if not _is_open(stream):
            continue
        try:
            stream.flush()
        except OSError:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, descriptor)
            os.close(null)


@contextmanager
def screen_on_stderr() -> Generator[None]:
    """Textual paints on stderr; where that goes to a file, it is stdout's terminal for the time being.

    What it paints is UTF-8, as what is read from a terminal is, whatever the locale calls itself.
    """
    if isinstance(sys.__stderr__, TextIOWrapper):
        sys.__stderr__.reconfigure(encoding="utf-8", errors="replace")
    if os.isatty(_STDERR):
        yield
        return
    kept = os.dup(_STDERR)
    os.dup2(_STDOUT, _STDERR)
    try:
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
