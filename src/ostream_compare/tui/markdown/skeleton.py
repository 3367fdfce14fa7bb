"""The shortest text that leaves the parser inside given containers: what stands for finished blocks. Pure."""

from collections.abc import Sequence

from ostream_compare.tui.markdown.blocks import Container

_MOST_BLANKS = 4
"""Blanks behind an item's mark; one more would begin indented code."""
_MOST_DIGITS = 9


def opening(path: Sequence[Container]) -> str:
    """The marks that open `path` on one line, each with its content at the right column."""
    return "".join(map(_mark, path))


def going_on(path: Sequence[Container]) -> str:
    """What a line begins with that goes on inside `path`."""
    return "".join("> " if container.kind == "quote" else " " * container.indent for container in path)


def stand_in(path: Sequence[Container]) -> str:
    """A line with an empty heading inside `path`, or nothing outside of all."""
    return opening(path) + "#\n" if path else ""


def _mark(container: Container) -> str:
    if container.kind == "quote":
        return "> "
    sign = container.mark
    if container.kind == "ordered":
        digits = min(_MOST_DIGITS, max(1, container.indent - 2))
        sign = "1".zfill(digits) + sign
    room = container.indent - len(sign)
    blanks = max(1, min(_MOST_BLANKS, room))
    return " " * (room - blanks) + sign + " " * blanks
