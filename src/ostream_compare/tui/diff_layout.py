"""A diff as rows of a given width: words in one text, lines below each other or side by side. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rich.cells import cell_len

from ostream_compare.domain.text_diff import Kind, Line, LineRow, Piece, TextDiff
from ostream_compare.tui.wrap import TAB, Wrapped

Mode = Literal["words", "lines", "side by side"]
MODES: tuple[Mode, ...] = ("words", "lines", "side by side")
Look = Literal["same", "left", "right", "left-word", "right-word", "muted"]
"""What a stretch is; the widget knows the colours."""

_ROOM_FOR_NUMBERS = 60
"""Cells from which on lines are numbered."""
_SIGNS: dict[Kind, str] = {"same": " ", "left": "-", "right": "+"}
_WORDS: dict[Kind, tuple[str, Look, str]] = {
    "same": ("", "same", ""),
    "left": ("[-", "left-word", "-]"),
    "right": ("{+", "right-word", "+}"),
}
"""The marks of `git diff --word-diff`: they say without colours who says what."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text of one look, on one row."""

    text: str
    look: Look


Row = tuple[Stretch, ...]


def laid_out(diff: TextDiff, mode: Mode, width: int) -> list[Row]:
    """All rows of a view, `width` cells wide."""
    if mode == "words":
        return list(_wrapped(_marked(diff.pieces), width))
    if mode == "lines":
        return list(_lines(diff.rows, width))
    return list(_beside(diff.rows, width))


def _marked(pieces: Sequence[Piece]) -> Iterator[Stretch]:
    last: Kind = "same"
    for piece in pieces:
        before, look, after = _WORDS[piece.kind]
        if last != "same" and piece.kind != "same":
            yield Stretch(" ", "same")
        yield Stretch(f"{before}{piece.text}{after}", look)
        last = piece.kind


def _wrapped(stretches: Iterable[Stretch], width: int) -> Iterator[Row]:
    """Rows of the stretches' text; words stay whole where they fit."""
    parts = [Stretch(part.text.replace("\t", TAB), part.look) for part in stretches]
    text = "".join(part.text for part in parts)
    cursor = _Cursor(parts)
    start = 0
    for line in text.split("\n"):
        wrapped = Wrapped(width)
        wrapped.append(line)
        at = 0
        for row in wrapped.rows:
            begin = max(at, line.find(row, at))  # spaces that hang over an edge are on no row
            at = begin + len(row)
            yield cursor.cut(start + begin, start + at)
        start += len(line) + 1


class _Cursor:
    """Cuts stretches out of a text, going forward."""

    def __init__(self, parts: Sequence[Stretch]) -> None:
        self._parts = parts
        self._index = 0
        self._start = 0
        """Where the current part begins."""

    def cut(self, begin: int, end: int) -> Row:
        """What is between two places, neither before those of the last cut."""
        row: list[Stretch] = []
        while self._index < len(self._parts):
            part = self._parts[self._index]
            stop = self._start + len(part.text)
            text = part.text[max(0, begin - self._start) : max(0, end - self._start)]
            if text:
                row.append(Stretch(text, part.look))
            if stop > end:
                break
            self._index, self._start = self._index + 1, stop
        return tuple(row)


# Lines


def _lines(rows: Sequence[LineRow], width: int) -> Iterator[Row]:
    """Lines of both; of a change, all that went before all that came."""
    digits = _digits(rows) if width >= _ROOM_FOR_NUMBERS else 0
    came: list[LineRow] = []
    for row in rows:
        if row.same:
            yield from _came(came, width, digits)
            came = []
            yield from _same(row, width, digits)
            continue
        if row.left is not None:
            yield from _line(row.left, "left", _numbers(row.left, None, digits), width)
        if row.right is not None:
            came.append(row)
    yield from _came(came, width, digits)


def _came(rows: Sequence[LineRow], width: int, digits: int) -> Iterator[Row]:
    for row in rows:
        if row.right is not None:
            yield from _line(row.right, "right", _numbers(None, row.right, digits), width)


def _same(row: LineRow, width: int, digits: int) -> Iterator[Row]:
    if row.left is None or row.right is None:
        yield (Stretch(_folded(row.folded, width), "muted"),)
    else:
        yield from _line(row.right, "same", _numbers(row.left, row.right, digits), width)


def _folded(count: int, width: int) -> str:
    return f"⋯ {count} equal lines"[:width]


def _digits(rows: Sequence[LineRow]) -> int:
    lines = (line for row in rows for line in (row.left, row.right) if line is not None)
    return len(str(max((line.number for line in lines), default=1)))


def _numbers(left: Line | None, right: Line | None, digits: int) -> str:
    if not digits:
        return ""
    return "".join(f"{'' if line is None else line.number:>{digits}} " for line in (left, right))


def _line(line: Line, kind: Kind, gutter: str, width: int) -> Iterator[Row]:
    """One line with its sign; what changed in it stands out."""
    indent = len(gutter) + 2
    changed = any(piece.kind == "same" and piece.text.strip() for piece in line.pieces)
    looks: dict[Kind, Look] = {
        "same": kind,
        "left": "left-word" if changed else "left",
        "right": "right-word" if changed else "right",
    }
    pieces = (Stretch(piece.text, looks[piece.kind]) for piece in line.pieces)
    for number, row in enumerate(_wrapped(pieces, max(1, width - indent))):
        head = gutter if number == 0 else " " * len(gutter)
        sign = _SIGNS[kind] if number == 0 else " "
        yield (Stretch(head, "muted"), Stretch(f"{sign} ", kind), *row)


# Side by side


def beside_at(width: int) -> int:
    """The cell at which the right one of two sides begins."""
    return _half(width) + 1


def _half(width: int) -> int:
    return max(4, (width - 1) // 2)


def _beside(rows: Sequence[LineRow], width: int) -> Iterator[Row]:
    column = _half(width)
    digits = _digits(rows) if column >= _ROOM_FOR_NUMBERS else 0
    for row in rows:
        if row.folded:
            yield (Stretch(_folded(row.folded, width), "muted"),)
            continue
        left = _column(row.left, "same" if row.same else "left", digits, column)
        right = _column(row.right, "same" if row.same else "right", digits, column)
        for one, other in zip_longest(left, right, fillvalue=()):
            gap = column - sum(cell_len(part.text) for part in one)
            yield (*one, Stretch(" " * max(0, gap) + "│", "muted"), *other)


def _column(line: Line | None, kind: Kind, digits: int, width: int) -> Iterator[Row]:
    if line is None:
        return iter(())
    return _line(line, kind, f"{line.number:>{digits}} " if digits else "", width - 1)
