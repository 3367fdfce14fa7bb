"""Markdown that grows, as rows: what is finished is never parsed again, what is open is parsed at each flush.

The source that is parsed is a window: a stand-in for all that is finished (the shortest text that
leaves the parser where the finished text left it) and the text from the last block's beginning on. A
block that grows long is finished from its top in the same way. So after each flush the rows are those
of a parse of the whole text, with exceptions that the end of the answer puts right: a reference that
is defined below its use, the columns of a long table while its last row is being written, and a very
long paragraph in which something stays open. What is very long indeed is not laid out twice: the
columns of such a table stay as they are, and so does such a paragraph.
"""

import re
from dataclasses import dataclass, field
from itertools import takewhile

from ostream_compare.tui.markdown.blocks import Container, Leaf, read
from ostream_compare.tui.markdown.code import CodePainter
from ostream_compare.tui.markdown.cuts import Painter, Window, from_line
from ostream_compare.tui.markdown.flow import margin_of
from ostream_compare.tui.markdown.references import References
from ostream_compare.tui.markdown.skeleton import stand_in
from ostream_compare.tui.markdown.table import TablePainter
from ostream_compare.tui.markdown.text import RulePainter, TextPainter
from ostream_compare.tui.rows import Laid

_BLANKS = re.compile(r"(?:^|(?<=\n))((?:[ \t]*>)*[ \t]*\n)\1{8,}")
"""Many empty lines of one kind; a few of them mean the same to the parser."""
_FEW = 4
_MANY = 64
_LONGEST_WHOLE = 50_000
"""Characters of a leaf that are read as one where a cut goes wrong; of a longer one the cuts stay."""


@dataclass(slots=True)
class _Open:
    """The leaf at the window's beginning."""

    painter: Painter | None = None
    key: object = None
    """What the painter was made for."""
    whole: bool = False
    """It is read as one: a cut went wrong."""
    row: int = 0
    """Its first row."""
    is_cut: bool = False
    window: Window = field(default_factory=Window)
    """The window before the first cut."""
    numbers: tuple[int, ...] = ()
    cut_off: list[str] = field(default_factory=list[str])
    """Text that has left the window, as long as it may have to be read again."""
    length: int = 0
    """Characters that have left the window."""

    @property
    def is_too_long(self) -> bool:
        """Whether it is too much to be read as one."""
        return self.length > _LONGEST_WHOLE


class Document:
    """The rows of a growing Markdown text at one width."""

    def __init__(self, width: int, known: References | None = None) -> None:
        self.rows: list[Laid] = []
        self._width = width
        self._known = known or References()
        self._window = Window()
        self._numbers: tuple[int, ...] = ()
        """Of the list items that the window's first leaf stands in, by depth."""
        self._fixed = 0
        """How many rows are finished."""
        self._above: tuple[Container, ...] | None = None
        """The containers of the last leaf above the window; `None` if there is none."""
        self._is_placed = False
        """Whether the blank row above the window's first leaf is finished."""
        self._open = _Open()

    @property
    def needs_settling(self) -> bool:
        """Whether references are defined; text above the definitions may use them."""
        return bool(self._known.settled or self._known.fresh)

    def settled(self, text: str) -> "Document":
        """The whole text read at once, with every reference known from the beginning."""
        whole = self.again()
        whole.append(text, done=True)
        return whole

    def again(self) -> "Document":
        """Without text, but with every reference known from the beginning."""
        return Document(self._width, References({**self._known.fresh, **self._known.settled}))

    def append(self, text: str, *, done: bool = False) -> int | None:
        """Go on with clean text; the index of the first row that changed, or `None`.

        Args:
            text: What came.
            done: Nothing more is expected, so that what is open is shown as it stays.
        """
        fixed, shown = self._fixed, self.rows[self._fixed :]
        self._window = Window(self._window.head, self._window.skip, self._window.tail + text)
        touched = fixed
        while True:
            leaves = self._read(done=done)
            touched = min(touched, self._fixed)
            row = self._paint(leaves, done=done)
            touched = min(touched, row)
            if not self._cut(leaves):
                break
        if touched < fixed:
            return touched
        now = self.rows[fixed:]
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(shown, now, strict=False)))
        return None if same == len(shown) == len(now) else fixed + same

    # Reading

    def _read(self, *, done: bool) -> list[Leaf]:
        while True:
            window = self._window
            leaves = read(window.source, self._known, self._numbers, window.skip)
            painter = self._open.painter
            if not self._open.is_cut or painter is None:
                return leaves
            ended = (done or len(leaves) > 1) and not self._open.is_too_long
            if leaves and not painter.is_off(leaves[0], ended=ended):
                return leaves
            if self._open.is_too_long:
                self._read_apart()
            else:
                self._read_as_one()

    def _read_as_one(self) -> None:
        """Take back what was cut off from the open leaf."""
        leaf = self._open
        del self.rows[leaf.row :]
        self._fixed = leaf.row
        self._window = Window(leaf.window.head, leaf.window.skip, "".join(leaf.cut_off) + self._window.tail)
        self._numbers = leaf.numbers
        self._open = _Open(whole=True)

    def _read_apart(self) -> None:
        """Leave what was cut off as it is, and read what follows as if nothing were above it."""
        self._window, self._numbers, self._open = Window(tail=self._window.tail), (), _Open()
        self._above, self._is_placed = (), False

    # Painting

    def _paint(self, leaves: list[Leaf], *, done: bool) -> int:
        """Lay out what the window holds; the first row that is laid out anew."""
        first = self._fixed
        del self.rows[first:]
        above, end = self._above, None
        last = len(leaves) - 1
        begin = next((index for index in range(last, 0, -1) if self._is_final(leaves, index)), 0)
        for index, leaf in enumerate(leaves):
            final = index == begin > 0
            if final:
                self._finish(leaves, begin, above)
            if leaf.kind == "definition":
                continue
            if above is not None and not (index == 0 and self._is_placed):
                self.rows += _gap(leaf, above, end, self._width)
            if final:
                self._fixed, self._is_placed = len(self.rows), True
            painter = self._painter_of(leaf, is_first=index == 0, keep=final or last == 0)
            painted = painter.paint(leaf, done=done or index < last)
            if painted.above is not None:
                first = self._open.row
                self.rows[first:] = painted.above
                if last == 0:
                    self._fixed = len(self.rows)
            self.rows += painted.rows
            above, end = leaf.path, leaf.end
        return first

    def _is_final(self, leaves: list[Leaf], index: int) -> bool:
        """Whether a leaf's beginning can no longer become a part of what is above it."""
        leaf, upper = leaves[index], leaves[index - 1]
        if upper.kind == "definition" and leaf.kind == "paragraph" and leaf.start == upper.end:
            return False
        lines = leaf.body + 2 if leaf.kind == "table" else leaf.start + 1
        return lines <= self._window.source.count("\n")

    def _finish(self, leaves: list[Leaf], begin: int, above: tuple[Container, ...] | None) -> None:
        """Begin the window with one of the leaves; all that is above is finished."""
        leaf = leaves[begin]
        for upper in leaves[:begin]:
            if upper.reference is not None:
                self._known.settle(upper.reference)
        tail = from_line(self._window.source, leaf.start)
        head = stand_in(leaf.path[: leaf.opens])
        self._window = Window(head, int(bool(head)), tail)
        self._numbers = tuple(container.number for container in leaf.path)
        self._fixed, self._is_placed = len(self.rows), False
        self._above = above
        self._open = _Open()

    def _painter_of(self, leaf: Leaf, *, is_first: bool, keep: bool) -> Painter:
        kept = self._open
        key = (leaf.kind, leaf.level, leaf.info, leaf.aligns, leaf.path, leaf.cells[:1])
        if is_first and kept.painter is not None and (kept.is_cut or kept.key == key):
            return kept.painter
        painter = _new_painter(leaf, self._width, self._known, whole=is_first and kept.whole)
        if keep:
            self._open = _Open(painter, key, whole=kept.whole, row=len(self.rows))
        return painter

    # Cutting

    def _cut(self, leaves: list[Leaf]) -> bool:
        """Finish the upper part of the open leaf, if it has grown long."""
        leaf, kept = leaves[0] if len(leaves) == 1 else None, self._open
        if not leaves or len(leaves) == 1:
            self._drop_blanks(leaf)
        if leaf is None or kept.painter is None:
            return False
        cut = kept.painter.cut(leaf, self._window)
        if cut is None:
            return False
        if not kept.is_cut:
            kept.is_cut, kept.window, kept.numbers = True, self._window, self._numbers
            self._fixed = kept.row
        tail = self._window.tail
        cut_off = tail[: len(tail) - len(cut.window.tail)]
        kept.length += len(cut_off)
        if kept.is_too_long:
            kept.cut_off.clear()
        else:
            kept.cut_off.append(cut_off)
        self.rows[self._fixed :] = cut.rows
        self._fixed, self._is_placed = len(self.rows), True
        self._window = cut.window
        self._numbers = tuple(container.number for container in leaf.path)
        return True

    def _drop_blanks(self, leaf: Leaf | None) -> None:
        """Of very many empty lines keep a few; in code they count."""
        window = self._window
        if leaf is not None and leaf.kind == "code" and leaf.info is None:
            return
        line = leaf.end if leaf is not None else 0
        if window.source.count("\n") - line < _MANY:
            return
        source = window.source
        upper = source[: len(source) - len(from_line(source, line))]
        lower = _BLANKS.sub(lambda match: match[1] * _FEW, source[len(upper) :])
        self._window = Window(window.head, window.skip, (upper + lower)[len(window.head) :])


def _new_painter(leaf: Leaf, width: int, known: References, *, whole: bool) -> Painter:
    match leaf.kind:
        case "paragraph" | "heading":
            return TextPainter(leaf, width, known, whole=whole)
        case "code" | "html" | "plain":
            return CodePainter(leaf, width)
        case "table":
            return TablePainter(leaf, width, known)
        case _:
            return RulePainter(leaf, width)


def _gap(leaf: Leaf, above: tuple[Container, ...], end: int | None, width: int) -> list[Laid]:
    """The blank row above a leaf: always, but in a list only where the source has a blank line."""
    shared = leaf.path[: leaf.opens]
    beside = [*zip(above, leaf.path, strict=False)][leaf.opens : leaf.opens + 1]
    in_list = any(container.kind != "quote" for container in shared) or any(map(_are_one_list, beside))
    if in_list and end is not None and leaf.start <= end:
        return []
    margin = margin_of(shared, len(shared), width)
    return [Laid(margin.rest if margin.rest_spans else "", margin.rest_spans, None, len(margin.rest))]


def _are_one_list(pair: tuple[Container, Container]) -> bool:
    upper, lower = pair
    is_next = lower.kind == "bullet" or lower.number == upper.number + 1
    return lower.kind == upper.kind != "quote" and lower.mark == upper.mark and is_next
