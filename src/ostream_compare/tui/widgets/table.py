"""The comparison table below the panes: one row a lane, not to be moved in."""

from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.domain.definitions import COST
from ostream_compare.domain.figures import aligned
from ostream_compare.tui.result_layout import about
from ostream_compare.tui.result_rows import MODEL
from ostream_compare.tui.views import COLUMNS, LaneView
from ostream_compare.tui.widgets.frame import cropped
from ostream_compare.tui.widgets.strip import state_style

_GIVE_WAY = ("", "In", "Out", "TTFT", "tok/s")
"""What a narrow terminal does without, in this order; the first is the blank between two columns."""
_NAME = 8
"""Cells that a model's name needs at least."""
_BESIDE = 2 + 1 + 1
"""Cells of the number, of the blank behind it, and of that at the table's edge."""


class _Laid(NamedTuple):
    """The blank between two columns, the cells of the names, and those of each column that is shown."""

    gap: int
    model: int
    widths: dict[int, int]


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
        gap, model, widths = self._laid_out()
        edge = 2 + 1 + model
        if x < edge:
            return MODEL
        for column, width in widths.items():
            edge += gap + width
            if x < edge:
                return COLUMNS[column]
        return COLUMNS[-1]

    def show(self, lanes: tuple[LaneView, ...], current: int) -> None:
        """Take the lanes as they are."""
        columns = [aligned(column) for column in zip(*(view.cells for view in lanes), strict=True)]
        cells = zip(*columns, strict=True)
        self.rows = tuple(
            (view.title, state_style(view), texts, view.lane == current)
            for view, texts in zip(lanes, cells, strict=True)
        )

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row a lane and the head."""
        del container, viewport, width
        return len(self.rows) + 1

    def _laid_out(self) -> _Laid:
        """As much as there is room for."""
        widths = {
            column: max(
                cell_len(head), _LEAST[column], *(cell_len(cells[column]) for _, _, cells, _ in self.rows), 0
            )
            for column, head in enumerate(COLUMNS)
        }
        widest = max((cell_len(title) for title, *_ in self.rows), default=5)
        gap = 2
        for leaves in _GIVE_WAY:
            room = self.size.width - sum(widths.values()) - gap * len(widths) - _BESIDE
            if room >= min(widest, _NAME):
                break
            gap = 1
            if leaves:
                del widths[COLUMNS.index(leaves)]
        room = self.size.width - sum(widths.values()) - gap * len(widths) - _BESIDE
        return _Laid(gap, max(5, min(widest, room)), widths)

    def render(self) -> Content:
        """Head and rows."""
        laid = self._laid_out()
        head = _line(" #", "Model", COLUMNS, laid)
        lines = [Content.styled(head, "$text-muted")]
        for title, style, cells, current in self.rows:
            number, _, name = title.partition(" ")
            text = _line(f"{number:>2}", name, cells, laid)
            at, end = (
                len(set_cell_size(text, 2 + 1 + laid.model + laid.gap + width))
                for width in (0, laid.widths[0])
            )
            line = Content(text).stylize(style, at, end)
            lines.append(line.stylize("bold") if current else line)
        return Content("\n").join(lines)


_LEAST: tuple[int, ...] = (11, 6, 6, 6, 4, 5, 8)
"""Cells that a column has from the start, so that it does not jump while figures come in."""


def _line(number: str, name: str, cells: tuple[str, ...], laid: _Laid) -> str:
    """State flush left, figures flush right."""
    shown = [
        set_cell_size(cells[column], width)
        if column == 0
        else " " * (width - cell_len(cells[column])) + cells[column]
        for column, width in laid.widths.items()
    ]
    title = set_cell_size(cropped(name, laid.model), laid.model)
    return (" " * laid.gap).join([f"{number} {title}", *shown])
