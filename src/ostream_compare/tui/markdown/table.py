"""Paints tables: columns as wide as their cells need, made to fit; very narrow ones as lists."""

from collections.abc import Sequence

from rich.cells import cell_len

from ostream_compare.tui.markdown.blocks import Leaf
from ostream_compare.tui.markdown.cuts import Cut, Painted, Window, from_line
from ostream_compare.tui.markdown.flow import Flow, Margin, margin_of
from ostream_compare.tui.markdown.inline import Piece, Styled, styled
from ostream_compare.tui.markdown.references import References
from ostream_compare.tui.rows import Laid, Span

_NARROWEST = 5
"""Cells that a column needs on average; below, a row becomes a list."""
_LONG = 10
"""Rows from which the upper ones are taken out of the window: the parser takes long over a table."""
_KEPT = 3
_MOST_AGAIN = 1_000
"""Finished rows that are laid out anew for a wider column; of a longer table the columns stay."""
_RULE = " │ "
_CROSSING = "─┼─"
_BARE = Margin("", (), "", ())

Cells = tuple[Styled, ...]


class TablePainter:
    """Finished rows keep their layout until a later cell needs a wider column."""

    def __init__(self, leaf: Leaf, width: int, known: References) -> None:
        self._known = known
        self._margin = margin_of(leaf.path, leaf.opens, width)
        count = len(leaf.cells[0])
        self._aligns = leaf.aligns
        self._room = width - self._margin.width
        self._is_list = (self._room - len(_RULE) * (count - 1)) // count < _NARROWEST
        self._available = max(count, self._room - len(_RULE) * (count - 1))
        self._header = self._read(leaf.cells[0])
        self._needs = [0] * count
        self._need(self._header)
        self._finished: list[Cells] = []
        self._widths: list[int] = []
        self._read_rows: dict[tuple[str, ...], Cells] = {}
        """Rows of the window, by their source."""
        self._laid: dict[Cells, list[Laid]] = {}
        """Rows of the window, as they were laid out last."""
        self._head: str | None = None
        self._skip = 0

    def paint(self, leaf: Leaf, *, done: bool) -> Painted:
        """As `Painter`; while a row is written, it widens a long table only once it is complete."""
        read = {tuple(row): self._read_rows.get(tuple(row)) or self._read(row) for row in leaf.cells[1:]}
        self._read_rows = read
        rows = [read[tuple(row)] for row in leaf.cells[1:]]
        needs = list(self._needs)
        for row in rows if done or not self._finished else rows[:-1]:
            self._need(row, needs)
        widths = _fitted(needs, self._available)
        above = None
        if widths != self._widths and len(self._finished) < _MOST_AGAIN:
            self._widths, self._laid = widths, {}
            above = [laid for row in self._finished for laid in self._lay(row)] if self._finished else None
            if above is not None:
                above = [*self._top(), *above]
        begin = [] if self._finished else self._top()
        self._laid = {row: self._laid.get(row) or self._lay(row) for row in rows}
        return Painted([*begin, *(laid for row in rows for laid in self._laid[row])], above)

    def cut(self, leaf: Leaf, window: Window) -> Cut | None:
        """As `Painter`."""
        if len(leaf.cells) <= _LONG:
            return None
        source = window.source
        if self._head is None:
            self._head = source[: len(source) - len(from_line(source, leaf.body + 2))]
            self._skip = window.skip
        count = len(leaf.cells) - 1 - _KEPT
        finished = [self._read_rows[tuple(row)] for row in leaf.cells[1 : count + 1]]
        rows = [] if self._finished else self._top()
        rows += [laid for row in finished for laid in self._lay(row)]
        for row in finished:
            self._need(row)
        if len(self._finished) < _MOST_AGAIN:
            self._finished += finished
        return Cut(rows, Window(self._head, self._skip, from_line(source, leaf.body + 2 + count)))

    def is_off(self, leaf: Leaf, *, ended: bool) -> bool:  # noqa: ARG002 - a row stays what it is
        """As `Painter`."""
        return False

    def _read(self, row: Sequence[str]) -> Cells:
        return tuple(styled(cell, self._known) for cell in row)

    def _need(self, row: Cells, needs: list[int] | None = None) -> None:
        needs = self._needs if needs is None else needs
        for index, cell in enumerate(row):
            if len(cell.text) > needs[index] or not cell.text.isascii():
                needs[index] = max(needs[index], min(self._available, cell_len(cell.text)))

    def _top(self) -> list[Laid]:
        if self._is_list:
            flow = Flow(self._margin, self._room + self._margin.width)
            names = " · ".join(cell.text for cell in self._header)
            return [*flow.add(names, (Piece(0, len(names), "strong"),)), flow.last()]
        rule = _CROSSING.join("─" * width for width in self._widths)
        head = tuple(
            Styled(cell.text, (Piece(0, len(cell.text), "strong"), *cell.pieces)) for cell in self._header
        )
        rows = self._side_by_side(head)
        first, margin = self._margin, self._margin.rest
        rows[0] = Laid(
            first.first + rows[0].text[len(margin) :],
            (*first.first_spans, *rows[0].spans[len(first.rest_spans) :]),
            None,
            len(first.first),
        )
        shift = len(margin)
        return [
            *rows,
            Laid(margin + rule, (*first.rest_spans, Span(shift, shift + len(rule), "rule")), None, shift),
        ]

    def _lay(self, row: Cells) -> list[Laid]:
        return self._below_each_other(row) if self._is_list else self._side_by_side(row)

    def _side_by_side(self, row: Cells) -> list[Laid]:
        columns: list[list[Laid]] = []
        for cell, width in zip(row, self._widths, strict=True):
            flow = Flow(_BARE, width)
            columns.append([*flow.add(*cell), flow.last()])
        return [
            self._joined([column[index] if index < len(column) else Laid("") for column in columns])
            for index in range(max(map(len, columns)))
        ]

    def _joined(self, cells: list[Laid]) -> Laid:
        text = self._margin.rest
        spans = list(self._margin.rest_spans)
        for index, (cell, width) in enumerate(zip(cells, self._widths, strict=True)):
            if index:
                spans.append(Span(len(text), len(text) + len(_RULE), "rule"))
                text += _RULE
            blanks = max(0, width - cell_len(cell.text))
            align = self._aligns[index]
            before = blanks if align == "right" else blanks // 2 if align == "center" else 0
            shift = len(text) + before
            spans += [Span(a.start + shift, a.end + shift, a.style, a.link) for a in cell.spans]
            text += " " * before + cell.text + " " * (blanks - before)
        return Laid(text, tuple(spans), None, len(self._margin.rest))

    def _below_each_other(self, row: Cells) -> list[Laid]:
        """One entry a row, each behind its column's name; the first stands out."""
        rows: list[Laid] = []
        for index, (head, cell) in enumerate(zip(self._header, row, strict=True)):
            flow = Flow(self._margin, self._room + self._margin.width, begun=True)
            sign = "· " if index else "▪ "
            name = f"{sign}{head.text}: "
            rows += flow.add(name, (Piece(0, len(sign), "marker"), Piece(len(sign), len(name) - 1, "strong")))
            rows += flow.add(*cell)
            rows.append(flow.last())
        return rows


def _fitted(needs: list[int], available: int) -> list[int]:
    """Widths of the columns: what they need, or, where that is too much, equal shares of what is left."""
    widths = [max(1, need) for need in needs]
    if sum(widths) <= available:
        return widths
    left, columns = available, len(widths)
    for rank, index in enumerate(sorted(range(columns), key=lambda index: widths[index])):
        share = left // (columns - rank)
        widths[index] = max(1, min(widths[index], share))
        left -= widths[index]
    return widths
