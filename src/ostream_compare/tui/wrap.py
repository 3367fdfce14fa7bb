"""Text that only grows, wrapped once: finished rows are never looked at again. Pure.

A row is decided by the text from its own start alone, so wrapping on from the last row gives what
wrapping everything anew would give, at the cost of one row a call.
"""

import re

from rich.cells import cell_len, split_graphemes

_WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"  # noqa: E501 - one character class
_MARKS = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\u200d"
_CLOSERS = "、。，．！？；：）」』】〉》…"  # noqa: RUF001 - full-width punctuation is meant
_TOKEN = re.compile(f" +|[{_WIDE}][{_MARKS}{_CLOSERS}]*|[^ {_WIDE}]+")
"""A run of spaces, one wide character with what may not begin a row, or a word."""

TAB = "    "
_SIGNS = frozenset(",;:.([{)]}<>=+-*/|&%^")
"""What a line of code may be broken behind."""


class Wrapped:
    """Rows of at most `width` cells. Spaces at the end of a full row hang over its edge, unseen."""

    __slots__ = ("_open", "joints", "rows", "width")

    def __init__(self, width: int) -> None:
        self.width = max(1, width)
        self.rows: list[str] = [""]
        """Finished rows and, last, the one that still grows."""
        self.joints: list[str | None] = [None]
        """What stood between a row and the one above it: a blank, nothing, or `None` for a line's end."""
        self._open = ""
        """All text of the last row, hanging spaces included."""

    def append(self, text: str) -> int:
        """Add text (clean, newlines allowed); the index of the first row that changed."""
        first = len(self.rows) - 1
        lines = text.replace("\t", TAB).split("\n")
        for line in lines[:-1]:
            self._extend(line)
            self.rows.append("")
            self.joints.append(None)
            self._open = ""
        self._extend(lines[-1])
        return first

    def _extend(self, piece: str) -> None:
        if not piece:
            return
        text = self._open + piece
        rows = self.rows
        rows.pop()
        start, closed = 0, True
        while closed:
            end, following, closed = next_row(text, start, len(text), self.width)
            rows.append(text[start:end])
            if closed:
                self.joints.append(joint(text, end, following))
                start = following
        self._open = text[start:]


def joint(text: str, end: int, following: int) -> str:
    """What a row's end took the place of: a blank between words, or nothing within one."""
    return " " if following > end or text[end - 1 : end] == " " else ""


def code_row(text: str, start: int, stop: int, width: int) -> tuple[int, int, bool]:
    """As `next_row`, for text whose every blank counts: no character is left out between two rows.

    A row ends behind a blank in its second half, else behind a sign there, else where it is full.
    """
    piece = text[start : min(stop, start + 8 * width + 64)]
    end = start + min(_fitting(piece, width, at_least_one=True), len(piece))
    if end >= stop:
        return end, end, False
    end = _break(text, start, end)
    return end, end, True


def _break(text: str, start: int, end: int) -> int:
    """Where a row that is full at `end` is broken."""
    if text[end] == " " or text[end - 1] == " ":
        return end
    least = (start + end) // 2
    blank = text.rfind(" ", least, end)
    if blank >= 0 and not text[start:blank].isspace() and _is_apart(text[blank + 1]):
        return blank + 1
    for at in range(end, least, -1):
        if text[at - 1] in _SIGNS and text[at] not in _SIGNS and _is_apart(text[at]):
            return at
    return end


def _is_apart(char: str) -> bool:
    """Whether it is no mark of the character before it."""
    return char.isascii() or cell_len(char) > 0


def hanging(row: str) -> str:
    """The blanks at a row's end."""
    return row[len(row.rstrip(" ")) :]


def next_row(text: str, start: int, stop: int, width: int) -> tuple[int, int, bool]:
    """End of the row that begins at `start`, start of the next one, and whether there has to be one.

    Only the text before `stop`, in which is no newline, is looked at.
    """
    limit = min(stop, start + 8 * width + 64)  # a flood of zero-width marks never fills a row by its cells
    end, cells, blank, hanging = start, 0, True, False
    for match in _TOKEN.finditer(text, start, limit):
        at, after = match.span()
        if hanging:
            return end, at, True
        token = match.group()
        size = cell_len(token)
        if cells + size <= width:
            end, cells = after, cells + size
            blank = blank and token[0] == " "
        elif token[0] == " ":
            if size > width:
                fill = at + width - cells
                return fill, fill, True
            hanging = True
        elif blank:
            cut = at + _fitting(token, width - cells, at_least_one=end == start)
            return cut, cut, cut < stop  # a mark that belongs to the last character may still come
        else:
            return end, at, True
    if limit < stop:
        return end, limit, True
    return end, end, False


def _fitting(token: str, cells: int, *, at_least_one: bool) -> int:
    """How many characters of a word fit into `cells`, no grapheme divided."""
    if token.isascii():
        return max(cells, int(at_least_one))
    used, ends = 0, [0]
    for start, end, size in split_graphemes(token)[0]:
        if used + size > cells and not (at_least_one and start == 0):
            break
        used += size
        ends.append(end)
    # Of joiners that join nothing, several graphemes can be wider than each of them is told to be.
    while len(ends) > 1 + at_least_one and cell_len(token[: ends[-1]]) > cells:
        ends.pop()
    return ends[-1]
