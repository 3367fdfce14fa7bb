"""The full results table: every lane with all its figures, in any order."""

from typing import ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static

from ostream_compare.domain.rows import RANGES
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui import repeats
from ostream_compare.tui.session import Session
from ostream_compare.tui.views import COLUMNS, ORDERS, LaneView, ordered

_REFRESH = 0.25
"""Seconds between two looks at a run that is on."""


class ResultsScreen(Screen[int | None]):
    """Answers with the lane whose pane is wanted, or with nothing."""

    CSS_PATH = "results.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,t,q", "close", "Back", id="close_results", key_display="esc", tooltip="Back to the panes"
        ),
        Binding("o", "order", "Order", id="order", tooltip="Order by the next column"),
        Binding(
            "enter",
            "open",
            "Pane",
            priority=True,
            id="open_pane",
            key_display="⏎",
            tooltip="To this model's pane",
        ),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._order = 0
        self._lanes: tuple[LaneView, ...] = ()

    def compose(self) -> ComposeResult:
        """A title, the table, what its signs mean, the keys."""
        yield Static("", id="title", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static("", id="differences", markup=False)
        legend = ["~ estimated", "≥ at least", "— unknown, never shown as 0"]
        ranges = [RANGES] if self._session.is_repeated else []
        yield Static("   ".join(ranges + legend), id="legend", markup=False)
        yield Footer()

    @property
    def _table(self) -> "DataTable[Text]":
        return cast("DataTable[Text]", self.query_one(DataTable))

    def on_mount(self) -> None:
        """Fill it, and look again while a run is on."""
        self._table.add_column(Text("#"), key="#")
        self._table.add_column(Text("Model"), key="Model")
        for name in repeats.COLUMNS if self._session.is_repeated else COLUMNS:
            self._table.add_column(Text(name, justify="left" if name == "State" else "right"), key=name)
        self._fill()
        self._table.focus()
        self.set_interval(_REFRESH, self._fill)

    def _fill(self) -> None:
        session = self._session
        views = tuple(session.lane_view(lane) for lane in range(len(session.presets)))
        run = session.run
        if session.is_repeated:
            views = repeats.over_rounds(run, views)
        lanes = ordered(views, ORDERS[self._order])
        if lanes == self._lanes:
            return
        chosen = self._chosen
        self._lanes = lanes
        table = self._table
        table.clear()
        for view in lanes:
            state, *figures = view.cells
            table.add_row(
                Text(str(view.lane + 1), justify="right"),
                Text(view.name),
                Text(state),
                *(Text(figure, justify="right") for figure in figures),
                key=str(view.lane),
            )
        table.move_cursor(row=next((row for row, view in enumerate(lanes) if view.lane == chosen), 0))
        self.query_one("#title", Static).update(self._title(views))
        said = repeats.verdicts(run) if run is not None and session.is_repeated else []
        self.query_one("#differences", Static).update(Text("\n".join(said)))

    @property
    def _chosen(self) -> int | None:
        row = self._table.cursor_row
        return self._lanes[row].lane if 0 <= row < len(self._lanes) else None

    def _title(self, views: tuple[LaneView, ...]) -> Text:
        run = self._session.run_view(views)
        parts = ["Results"]
        if run is not None:
            done = f"{run.ended}/{len(run.lanes)} done"
            parts += [f"run {run.number}", run.prompt[:40], run.round, done, run.cost]
        parts.append(f"order: {ORDERS[self._order]}")
        return Text(clean_line(" · ".join(part for part in parts if part)), no_wrap=True, overflow="ellipsis")

    def action_order(self) -> None:
        """Order by the next column."""
        self._order = (self._order + 1) % len(ORDERS)
        self._lanes = ()
        self._fill()

    def action_open(self) -> None:
        """To the pane of the chosen row."""
        self.dismiss(self._chosen)

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Back to where we were."""
        self.dismiss(None)
