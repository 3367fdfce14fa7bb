"""A stretch of rows that someone selected with the mouse. Pure."""

import re
from dataclasses import dataclass

from rich.cells import split_graphemes

_WORD = re.compile(r"\w+|\s+|[^\w\s]+")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place between two characters."""

    row: int
    column: int
    """Index of the character that follows."""


@dataclass(frozen=True, slots=True)
class Selection:
    """From where the mouse went down to where it is; either may be the first."""

    anchor: Spot
    head: Spot

    @property
    def start(self) -> Spot:
        """The upper end."""
        return min(self.anchor, self.head)

    @property
    def end(self) -> Spot:
        """The lower end."""
        return max(self.anchor, self.head)

    def __bool__(self) -> bool:
        return self.anchor != self.head

    def on(self, row: int, length: int) -> tuple[int, int] | None:
        """The selected characters of a row that has `length` of them."""
        start, end = self.start, self.end
        if not start.row <= row <= end.row or not self:
            return None
        first = start.column if row == start.row else 0
        last = min(end.column, length) if row == end.row else length
        return (first, last) if first < last else None


def column_at(text: str, cell: int) -> int:
    """Index of the character that takes the cell `cell`, counted from 0; the length beyond the end."""
    if text.isascii():
        return min(max(0, cell), len(text))
    used = 0
    for start, _, size in split_graphemes(text)[0]:
        if cell < used + size:
            return start
        used += size
    return len(text)


def word_at(text: str, row: int, column: int) -> Selection:
    """The word, the blanks or the signs that are there."""
    for match in _WORD.finditer(text):
        if match.start() <= column < match.end():
            return Selection(Spot(row, match.start()), Spot(row, match.end()))
    return Selection(Spot(row, len(text)), Spot(row, len(text)))


def row_at(text: str, row: int) -> Selection:
    """All of a row."""
    return Selection(Spot(row, 0), Spot(row, len(text)))
