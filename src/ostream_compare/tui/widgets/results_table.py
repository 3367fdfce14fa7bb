"""The results as a table; what a column means is told at the mouse."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text
from textual import events
from textual.content import Content
from textual.coordinate import Coordinate
from textual.theme import Theme
from textual.widgets import DataTable

from ostream_compare.tui.result_layout import Placed, about
from ostream_compare.tui.result_rows import STATE
from ostream_compare.tui.widgets.frame import cropped

if TYPE_CHECKING:
    from textual.app import App


class ResultsTable(DataTable[Text]):
    """A row a lane. Textual clears a table to change its order; here only cells that differ are written."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "results--complete",
        "results--streaming",
        "results--cancelled",
        "results--failed",
    }
    DEFAULT_CSS = """
    ResultsTable {
        .results--complete { color: $text-success; }
        .results--streaming { color: $text-accent; }
        .results--cancelled { color: $text-warning; }
        .results--failed { color: $text-error; }
    }
    """

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True, cell_padding=0)
        self._placed: tuple[Placed, ...] = ()
        self._sort = ""
        self._texts: list[tuple[str, ...]] = []
        self._phases: tuple[str | None, ...] = ()
        self._told: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, as they stand."""
        return tuple(column.name for column in self._placed)

    def show(
        self,
        columns: Sequence[Placed],
        rows: Sequence[tuple[str, ...]],
        *,
        sort: str,
        phases: Sequence[str | None],
    ) -> None:
        """Show these rows.

        Args:
            columns: Where what stands.
            rows: Of each row, a text for each column.
            sort: Name of the column that the rows are ordered by.
            phases: Of each row, how its lane stands.
        """
        if (tuple(columns), sort) != (self._placed, self._sort) or len(rows) != len(self._texts):
            self._begin(tuple(columns), sort)
            for row in rows:
                self.add_row(*(Text() for _ in row))
            self._texts = [() for _ in rows]
        self._phases = tuple(phases)
        for at, row in enumerate(rows):
            before = self._texts[at]
            for place, (text, column) in enumerate(zip(row, self._placed, strict=True)):
                if not before or before[place] != text:
                    self._write(at, place, text, column)
            self._texts[at] = row

    def on_mount(self) -> None:
        """Hear of another theme."""
        app = cast("App[object]", self.app)
        app.theme_changed_signal.subscribe(self, self._theme_changed)

    def _theme_changed(self, theme: Theme) -> None:
        """Cells keep their colours, so those of the states are written anew."""
        del theme
        states = [(place, column) for place, column in enumerate(self._placed) if column.name == STATE]
        for at, row in enumerate(self._texts):
            for place, column in states if row else ():
                self._write(at, place, row[place], column)

    def _write(self, at: int, place: int, text: str, column: Placed) -> None:
        style = self._style(self._phases[at]) if column.name == STATE else Style.null()
        self.update_cell_at(Coordinate(at, place), Text(_fitted(text, column), style=style, no_wrap=True))

    def _style(self, phase: str | None) -> Style:
        """The colour alone: the row's background tells where the cursor is."""
        name = f"results--{'failed' if phase == 'truncated' else phase}"
        known = name in self.COMPONENT_CLASSES
        return Style(color=self.get_component_rich_style(name).color) if known else Style.null()

    def _begin(self, columns: tuple[Placed, ...], sort: str) -> None:
        self.clear(columns=True)
        self._placed, self._sort = columns, sort
        for column in columns:
            head = Text(_fitted(column.name, column))
            if column.name == sort:
                words = head.plain.strip()
                head.stylize("underline", begin := head.plain.index(words), begin + len(words))
            self.add_column(head, width=column.width + column.gap, key=column.name)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what the column below the mouse means."""
        place = cast("int | None", event.style.meta.get("column"))
        name = self._placed[place].name if place is not None and 0 <= place < len(self._placed) else None
        if name != self._told:
            self._told = name
            self.tooltip = None if name is None else Content(about(name))


def _fitted(text: str, column: Placed) -> str:
    """With blanks before it: cells have no padding of their own."""
    fill = 0 if column.left else max(0, column.width - cell_len(text))
    return " " * (column.gap + fill) + set_cell_size(cropped(text, column.width - fill), column.width - fill)
