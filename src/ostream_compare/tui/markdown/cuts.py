"""What the document hands to a leaf's painter, and what it gets back. Pure."""

from dataclasses import dataclass
from typing import Protocol

from ostream_compare.tui.markdown.blocks import Leaf
from ostream_compare.tui.rows import Laid

KEPT_LINES = 4
"""Lines of code or rows of a table that stay in the window when the ones above are finished."""
LONG_LINES = 24
"""From so many on, the ones above are taken out of the window."""


@dataclass(frozen=True, slots=True)
class Window:
    """The source that is parsed anew at each flush."""

    head: str = ""
    """Stands for what is finished: it leaves the parser where that left it."""
    skip: int = 0
    """How many leaves at its beginning are stand-ins."""
    tail: str = ""
    """Text of the answer."""

    @property
    def source(self) -> str:
        """What is parsed."""
        return self.head + self.tail


@dataclass(frozen=True, slots=True)
class Cut:
    """The upper part of an open leaf is finished."""

    rows: list[Laid]
    window: Window


@dataclass(frozen=True, slots=True)
class Painted:
    """What a leaf looks like now."""

    rows: list[Laid]
    """Those below what was cut off."""
    above: list[Laid] | None = None
    """What was cut off, where it has to be laid out anew."""


class Painter(Protocol):
    """Lays out one leaf while it grows."""

    def paint(self, leaf: Leaf, *, done: bool) -> Painted:
        """The rows of what the window holds of it; `done`: nothing more comes."""
        ...

    def cut(self, leaf: Leaf, window: Window) -> Cut | None:
        """Finish the upper part, if there is enough of it; the leaf is the first in the window."""
        ...

    def is_off(self, leaf: Leaf, *, ended: bool) -> bool:
        """Whether a cut turns out to be wrong, so that the leaf has to be read as one."""
        ...


def from_line(source: str, line: int) -> str:
    """`source` from a line on."""
    at = 0
    for _ in range(line):
        at = source.index("\n", at) + 1
    return source[at:]
