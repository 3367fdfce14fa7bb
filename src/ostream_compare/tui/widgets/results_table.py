"""The results as a table: figures at their columns, in place where they were; what a column means, at the mouse."""

from collections.abc import Callable, Sequence
from typing import cast

from rich.cells import set_cell_size
from rich.text import Text
from textual import events
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from ostream_compare.tui.result_layout import Placed, about


class ResultsTable(DataTable[Text]):
    """A row a lane. Textual clears a table to change its order; here only cells that differ are written."""

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True, cell_padding=0)
        self._placed: tuple[Placed, ...] = ()
        self._sort = ""
        self._texts: list[tuple[str, ...]] = []
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
        style: Callable[[int], str],
    ) -> None:
        """Show these rows.

        Args:
            columns: Where what stands.
            rows: Of each row, a text for each column.
            sort: Name of the column that the rows are ordered by.
            style: Rich style of a row's state.
        """
        if (tuple(columns), sort) != (self._placed, self._sort) or len(rows) != len(self._texts):
            self._begin(tuple(columns), sort)
            for row in rows:
                self.add_row(*(Text() for _ in row))
            self._texts = [() for _ in rows]
        for at, row in enumerate(rows):
            before = self._texts[at]
            for place, (text, column) in enumerate(zip(row, self._placed, strict=True)):
                is_state = column.name == "State"
                if is_state or not before or before[place] != text:
                    cell = Text(_fitted(text, column), style=style(at) if is_state else "")
                    self.update_cell_at(Coordinate(at, place), cell)
            self._texts[at] = row

    def _begin(self, columns: tuple[Placed, ...], sort: str) -> None:
        self.clear(columns=True)
        self._placed, self._sort = columns, sort
        for column in columns:
            head = Text(_fitted(column.name, column), style="underline" if column.name == sort else "")
            self.add_column(head, width=column.width + 1, key=column.name)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what the column below the mouse means."""
        place = cast("int | None", event.style.meta.get("column"))
        name = self._placed[place].name if place is not None and 0 <= place < len(self._placed) else None
        if name != self._told:
            self._told = name
            self.tooltip = None if name is None else Content(about(name))


def _fitted(text: str, column: Placed) -> str:
    """With a blank before it: cells have no padding of their own."""
    if column.left:
        return " " + set_cell_size(text, column.width)
    return set_cell_size(" " * (column.width + 1 - len(text)) + text, column.width + 1)
