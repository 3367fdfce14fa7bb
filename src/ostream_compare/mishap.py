"""What is said of a mistake of our own: where it was made, and nothing of what the program was working on."""

import os
import traceback
from collections.abc import Iterable
from pathlib import Path

from ostream.errors import redact
from ostream_compare.domain.errors import MISHAP, REPORT
from ostream_compare.domain.safe_text import clean_line, secrets_of, without_keys
from ostream_compare.terminal import complain

_LONGEST = 300
"""Characters of what an exception says."""
_MOST_FRAMES = 40
"""Of one traceback: a recursion has a thousand."""


def tell(error: BaseException) -> int:
    """Say on stderr what happened; the exit code."""
    for line in told_lines(error, secrets_of(os.environ)):
        complain(line)
    return MISHAP


def told_lines(error: BaseException, secrets: Iterable[str]) -> list[str]:
    """What happened, and the places: names and line numbers, neither values nor source."""
    hidden = tuple(secrets)
    lines = [f"unexpected {_said(error, hidden)}"]
    for cause in _causes(error):
        lines.append(f"  {_said(cause, hidden)}" if cause is not error else "  it came from:")
        lines += _places(cause)
    return [*lines, REPORT]


def _places(error: BaseException) -> list[str]:
    frames = [
        clean_line(f"    {_place(frame.filename)}:{frame.lineno} in {frame.name}")
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    left_out = len(frames) - _MOST_FRAMES
    if left_out <= 0:
        return frames
    half = _MOST_FRAMES // 2
    return [*frames[:half], f"    ... {left_out} more ...", *frames[-half:]]


def _causes(error: BaseException) -> list[BaseException]:
    """The error, and those that it was raised from or during, each once."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        unseen = None if following.__suppress_context__ else following.__context__
        following = following.__cause__ or unseen
    return found


def _said(error: BaseException, secrets: tuple[str, ...]) -> str:
    said = without_keys(clean_line(redact(str(error), secrets)))
    said = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _place(filename: str) -> str:
    """A file from its package on: where that is installed is nobody's business."""
    parts = Path(filename).parts
    for root in ("ostream_compare", "ostream", "site-packages"):
        if root in parts:
            start = len(parts) - 1 - parts[::-1].index(root) + (root == "site-packages")
            return str(Path(*parts[start:]))
    return Path(filename).name
