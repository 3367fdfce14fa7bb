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


def row_of(rows: Rows, place: Place) -> int:
    """The row in which `place` is now; the first one of its part if the part is shorter now."""
    first: int | None = None
    letters = 0
    for index in range(rows.total):
        row = rows.row(index)
        if row.part != place.part:
            if first is not None:
                return first
            continue
        first = index if first is None else first
        letters += _letters(row.text)
        if letters > place.letters:
            return index
    return first or 0


def nearest(rows: Rows, wanted: Row, index: int) -> int:
    """The row like `wanted` that is nearest to `index`; `index` itself if there is none."""
    if not wanted.text.strip() or rows.row(index).text == wanted.text:
        return index
    steps = chain.from_iterable((-step, step) for step in range(1, _REACH))
    near = (index + step for step in steps if 0 <= index + step < rows.total)
    return next((at for at in near if rows.row(at).text == wanted.text), index)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
