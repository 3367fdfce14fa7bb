"""The comparison table below the panes: one row a lane, not to be moved in."""

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.domain.definitions import COST
from ostream_compare.tui.result_layout import about
from ostream_compare.tui.result_rows import MODEL
from ostream_compare.tui.views import COLUMNS, LaneView
from ostream_compare.tui.widgets.strip import state_style

_GAP = "  "


class LaneTable(Widget):
    """State, TTFT, Total, tok/s, In, Out and Cost of every lane."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    LaneTable {
        height: auto;
        background: $background;
        color: $foreground;
    }
    """

    _told: str | None = None
    """The column that the tooltip is of."""

    rows: reactive[tuple[tuple[str, str, tuple[str, ...], bool], ...]] = reactive(())
    """Title, style of the state, cells and whether it is the current one, of each lane."""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what the column below the mouse means."""
        column = self.column_at(event.x)
        if column != self._told:
            self._told = column
            self.tooltip = Content(f"Cost: {COST}" if column == "Cost" else about(column))

    def column_at(self, x: int) -> str:
        """The column that holds, or is the next after, a cell of the row."""
        widths, model = self._widths()
        edge = 2 + 1 + model
        if x < edge:
            return MODEL
        for name, width in zip(COLUMNS, widths, strict=True):
            edge += len(_GAP) + width
            if x < edge:
                return name
        return COLUMNS[-1]

    def show(self, lanes: tuple[LaneView, ...], current: int) -> None:
        """Take the lanes as they are."""
        self.rows = tuple((view.title, state_style(view), view.cells, view.lane == current) for view in lanes)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row a lane and the head."""
        del container, viewport, width
        return len(self.rows) + 1

    def _widths(self) -> tuple[list[int], int]:
        """Columns as wide as their widest cell; the model takes what is left."""
        widths = [
            max(cell_len(head), _LEAST[column], *(cell_len(cells[column]) for _, _, cells, _ in self.rows), 0)
            for column, head in enumerate(COLUMNS)
        ]
        room = self.size.width - sum(widths) - len(_GAP) * len(widths) - 2
        widest = max((cell_len(title) for title, *_ in self.rows), default=5)
        return widths, max(5, min(widest, room))

    def render(self) -> Content:
        """Head and rows."""
        widths, model = self._widths()
        head = _line(" #", "Model", COLUMNS, widths, model)
        lines = [Content.styled(head, "$text-muted")]
        for title, style, cells, current in self.rows:
            number, _, name = title.partition(" ")
            line = Content(_line(f"{number:>2}", name, cells, widths, model))
            at = 2 + 1 + model + len(_GAP)
            line = line.stylize(style, at, at + widths[0])
            lines.append(line.stylize("bold") if current else line)
        return Content("\n").join(lines)


_LEAST: tuple[int, ...] = (11, 6, 6, 6, 4, 5, 8)
"""Cells that a column has from the start, so that it does not jump while figures come in."""


def _line(number: str, name: str, cells: tuple[str, ...], widths: list[int], model: int) -> str:
    """State flush left, figures flush right."""
    shown = [
        set_cell_size(cell, width) if column == 0 else " " * (width - cell_len(cell)) + cell
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    title = set_cell_size(name, model)
    return f"{number} {title}{_GAP}{_GAP.join(shown)}"
