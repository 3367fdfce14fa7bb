"""Finds the row that a reader looks at again, after rows above it came, went or were wrapped anew. Pure."""

from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from ostream_compare.tui.rows import Part, Row

_REACH = 400
"""Rows up and down in which a row is looked for."""


class Rows(Protocol):
    """As much of a transcript as is needed here."""

    total: int

    def row(self, index: int) -> Row:
        """The row at `index`."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the text that does not depend on how it is wrapped."""

    part: Part | None
    letters: int
    """Letters and digits of the part before it; drawn lines, blanks and signs change with the width."""


def place_of(rows: Rows, index: int) -> Place:
    """Where the row at `index` begins."""
    part = rows.row(index).part
    letters = 0
    for above in range(index - 1, -1, -1):
        row = rows.row(above)
        if row.part != part:
            break
        letters += _letters(row.text)
    return Place(part, letters)


class Search:
    """Looks for a place in rows that come little by little."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._next = 0
        """The first row that was not looked at."""
        self._letters = 0
        self._first: int | None = None
        """The first row of the part."""

    def go_on(self, rows: Rows, *, is_whole: bool) -> int | None:
        """The row in which the place is; `None` if it is still to come.

        Once all rows are there and the part is shorter than it was, it is the part's first row.
        """
        place = self.place
        if self._first is not None and not self._begins_at(rows, self._first):
            self._begin_anew()
        for index in range(self._next, rows.total):
            row = rows.row(index)
            if row.part == place.part:
                self._first = index if self._first is None else self._first
                self._letters += _letters(row.text)
                if self._letters > place.letters:
                    return index
            elif self._first is not None:
                break
            else:
                continue
            self._next = index + 1
        return (self._first or 0) if is_whole else None

    def _begins_at(self, rows: Rows, index: int) -> bool:
        part = self.place.part
        return rows.row(index).part == part and (index == 0 or rows.row(index - 1).part != part)


def nearest(rows: Rows, wanted: Row, index: int) -> int:
    """The row like `wanted` that is nearest to `index`; `index` itself if there is none."""
    if not wanted.text.strip() or rows.row(index).text == wanted.text:
        return index
    steps = chain.from_iterable((-step, step) for step in range(1, _REACH))
    near = (index + step for step in steps if 0 <= index + step < rows.total)
    return next((at for at in near if rows.row(at).text == wanted.text), index)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
