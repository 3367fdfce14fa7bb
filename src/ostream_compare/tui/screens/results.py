"""The full results: every lane with all its figures, in any order; as bars; as a race."""

from typing import ClassVar, Literal, cast

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Input, Static

from ostream_compare.domain.columns import BY_NAME
from ostream_compare.domain.figures import aligned
from ostream_compare.domain.run import Run
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui import repeats
from ostream_compare.tui.charts.bars import bar_lines
from ostream_compare.tui.charts.race import LEGEND
from ostream_compare.tui.result_layout import Placed, about, legend, placed, scope_words, title
from ostream_compare.tui.result_rows import (
    BEST,
    DELTA,
    NUMBER,
    TREND,
    ResultRow,
    ResultRows,
    bars,
    basis,
    best_first,
    deltas,
    matching,
    ordered,
    text_of,
    trends,
)
from ostream_compare.tui.screens.dialog import Dialog
from ostream_compare.tui.screens.dialogs import EXPORT, export_dialog
from ostream_compare.tui.screens.help import HelpScreen
from ostream_compare.tui.session import Session
from ostream_compare.tui.widgets.key_bar import KeyBar
from ostream_compare.tui.widgets.race import RaceStrip
from ostream_compare.tui.widgets.results_table import ResultsTable

_REFRESH = 0.25
"""Seconds between two looks at a run that is on."""
_BESIDE = 8
"""Rows that a view has beside one a model: titles, the filter, what its signs mean, the keys."""

View = Literal["table", "bars", "race"]


class ResultsScreen(Dialog[int | None]):
    """Answers with the lane whose pane is wanted, or with nothing."""

    NAME = "the table of results"
    CSS_PATH = "results.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,t,q", "close", "Back", id="close_results", key_display="esc", tooltip="Back to the panes"
        ),
        Binding("o", "order", "Order", id="order", tooltip="Order by the next column"),
        EXPORT,
        Binding("O", "reverse", "Reverse", id="reverse", tooltip="The other way round"),
        Binding(
            "R",
            "one_round",
            "Rounds",
            id="one_round",
            tooltip="The round that is looked at, or all rounds",
        ),
        Binding(
            "comma",
            "look(-1)",
            "Round before",
            id="results_round_before",
            key_display=",",
            tooltip="The figures of the round before",
        ),
        Binding(
            "full_stop",
            "look(1)",
            "Next round",
            id="results_round_after",
            key_display=".",
            tooltip="The figures of the round after",
        ),
        Binding("slash", "filter", "Filter", id="filter", key_display="/", tooltip="Models by name"),
        Binding("g", "view('bars')", "Bars", id="bars", tooltip="The sorted column as bars, or the table"),
        Binding(
            "a", "view('race')", "Race", id="results_race", tooltip="All on one axis of time, or the table"
        ),
        Binding(
            "question_mark,f1", "explain", "Help", id="explain", key_display="?", tooltip="What figures mean"
        ),
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

    def __init__(self, session: Session, view: View = "table") -> None:
        super().__init__()
        self._session = session
        self._view: View = view
        self._sort = "Total"
        self._reversed = False
        self._wanted = ""
        self._one_round = False
        """Only the round that the panes show, not all."""
        self._rows = ResultRows()
        self._shown: tuple[ResultRow, ...] = ()
        self._compared: Run | None = None
        self._is_compared = False
        """Whether there is something to say of the models together."""
        self._texts: list[str] = []
        """What is shown, for the signs in it."""

    def compose(self) -> ComposeResult:
        """A title, the view, what its signs mean, the keys."""
        yield Static("", id="title", markup=False)
        yield ResultsTable()
        with VerticalScroll(id="bars"):
            yield Static("", markup=False)
        with VerticalScroll(id="race"):
            yield RaceStrip()
        with VerticalScroll(id="differences"):
            yield Static("", markup=False)
        yield Input(placeholder="part of a model's or a provider's name", id="wanted", compact=True)
        yield Static("", id="about", markup=False)
        yield Static("", id="legend", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Fill it, and look again while a run is on."""
        self._table = self.query_one(ResultsTable)
        self._input = self.query_one(Input)
        self._input.display = False
        self._see(self._view)
        self.set_interval(_REFRESH, self._fill)

    def on_resize(self, event: events.Resize) -> None:
        """Other columns fit."""
        del event
        self.call_after_refresh(self._fill)

    # What is shown

    def _fill(self) -> None:
        session = self._session
        run = session.run
        views = tuple(session.lane_view(lane) for lane in range(len(session.presets)))
        every = self._rows.of(run if self._shows_all else session.shown, views, alone=not self._shows_all)
        chosen = self._chosen
        column = basis(self._sort)
        differences = deltas(every, column)
        rows = self._shown = ordered(matching(every, self._wanted), self._sort, reverse=self._reversed)
        extras = {DELTA: differences, TREND: trends(every, column)}
        if not any(text.strip() for text in extras[TREND].values()):
            del extras[TREND]
        if self._view == "table":
            self._fill_table(rows, extras, chosen)
        elif self._view == "bars":
            self._fill_bars(rows, differences)
        else:
            self._texts = []
            lanes = tuple(row.view for row in rows)
            race = session.rounds.race(run, session.race)
            over = not session.is_running or race is not session.race
            self.query_one(RaceStrip).show(
                race, lanes, -1 if chosen is None else chosen, now=session.now, over=over
            )
        self._say("#title", self._title(run, len(every)))
        self._say("#about", LEGEND if self._view == "race" else self._about(), wraps=True)
        self._show_differences(len(rows))
        ranges = repeats.RANGES if session.is_repeated and self._shows_all else ""
        self._say("#legend", legend(self._texts, self.size.width - 2, ranges))
        if run is not None and run.is_over and run is not self._compared:
            self._compared = run
            self._compare(run)

    def _fill_table(
        self, rows: tuple[ResultRow, ...], extras: dict[str, dict[int, str]], chosen: int | None
    ) -> None:
        columns = placed(rows, extras, self.size.width - len("  "), self._sort)

        def text(row: ResultRow, column: Placed) -> str:
            if column.name in extras:
                return extras[column.name][row.lane]
            return text_of(row, column.name, wide=column.wide)

        by_column = [aligned([text(row, column) for row in rows]) for column in columns]
        cells = [*zip(*by_column, strict=True)]
        self._texts = [cell for row in cells for cell in row]
        self._table.show(
            columns,
            cells,
            sort=self._sort,
            phases=[row.phase for row in rows],
        )
        at = next((at for at, row in enumerate(rows) if row.lane == chosen), 0)
        if at != self._table.cursor_row:
            self._table.move_cursor(row=at)

    def _fill_bars(self, rows: tuple[ResultRow, ...], differences: dict[int, str]) -> None:
        column = BY_NAME.get(self._sort, basis(self._sort))
        lines = bar_lines(bars(rows, column), self.size.width - 14)
        of = [differences[row.lane] if column.better else "" for row in rows]
        self._texts = [*(line.figure for line in lines), *of]
        content = [
            Content.assemble(
                Content(f" {line.label} "),
                Content.styled(line.bar, "$text-success" if delta.endswith(BEST) else "$text-accent"),
                Content(f" {line.figure}"),
                Content.styled(f"  {delta}" if delta != "—" else "", "$text-muted"),
            )
            for line, delta in zip(lines, of, strict=True)
        ]
        parts = (
            ": █ up to the low end, ▒ to the median, ─┤ to the high end"
            if any(row.is_spread for row in rows)
            else ""
        )
        heading = Content.styled(f" {column.name}{parts}", "bold")
        self.query_one("#bars Static", Static).update(Content("\n").join([heading, Content(""), *content]))

    def _show_differences(self, rows: int) -> None:
        """In what the view leaves of the screen, but a third of it in any case."""
        box = self.query_one("#differences")
        box.display = self._shows_all and self._is_compared
        box.styles.max_height = max(self.size.height // 3, self.size.height - rows - _BESIDE)

    def _say(self, place: str, text: str, *, wraps: bool = False) -> None:
        said = Text(clean_line(text), no_wrap=not wraps, overflow="fold" if wraps else "ellipsis")
        self.query_one(place, Static).update(said)

    def _about(self) -> str:
        of = basis(self._sort).name
        return about(self._sort) if of == self._sort else f"{about(self._sort)}   Δ best: of {of}"

    def _title(self, run: Run | None, count: int) -> str:
        left = ["Results"]
        right: list[str] = []
        if self._wanted:
            right.append(f"{len(self._shown)} of {count} shown")
        if run is not None:
            shown = run if self._shows_all else self._session.shown or run
            at = f"{run.started_at.astimezone():%Y-%m-%d %H:%M}"
            scope = scope_words(shown, alone=not self._shows_all)
            left += [*([scope] if scope else []), f"run {self._session.number}"]
            left += [(run.prompt.name or run.prompt.user)[:40], at]
            if self._shows_all and run.rounds > 1:
                right.append(f"n={run.rounds} repeats")
        name = self._sort.lower() if self._sort == "Total" else self._sort
        right.append(f"sort: {name} {'▼' if self._reversed else '▲'}")
        return title([clean_line(part) for part in left], right, self.size.width - 2)

    @property
    def _shows_all(self) -> bool:
        """Whether figures are over all rounds; a race is always that of one."""
        return not self._one_round and self._view != "race"

    @work(exclusive=True, exit_on_error=False, group="compare")
    async def _compare(self, run: Run) -> None:
        said = await repeats.verdicts(run)
        self._is_compared = bool(said)
        self.query_one("#differences").display = self._is_compared and self._shows_all
        self.query_one("#differences Static", Static).update(Text("\n".join(said)))

    @property
    def _chosen(self) -> int | None:
        row = self._table.cursor_row
        return self._shown[row].lane if 0 <= row < len(self._shown) else None

    # Keys

    def _see(self, view: View) -> None:
        self._view = view
        for name, widget in (
            ("table", self._table),
            *((n, self.query_one(f"#{n}")) for n in ("bars", "race")),
        ):
            widget.display = name == view
        self._fill()
        self.set_focus(self._table if view == "table" else self.query_one(f"#{view}"))

    def action_view(self, view: View) -> None:
        """To a chart, or from it back to the table."""
        self._see("table" if self._view == view else view)

    def action_order(self) -> None:
        """Order by the next column that is shown, of a table that never was by any figure; best first."""
        names = [name for name in self._table.names or BY_NAME if name not in {DELTA, TREND}]
        place = names.index(self._sort) + 1 if self._sort in names else 0
        self._order_by(names[place % len(names)])

    def action_reverse(self) -> None:
        """The other way round."""
        self._reversed = not self._reversed
        self._fill()

    def action_one_round(self) -> None:
        """The round that the panes show, or all rounds."""
        self._one_round = not self._one_round
        self._fill()
        self.refresh_bindings()

    def action_look(self, by: int) -> None:
        """To a round before or after; the panes follow."""
        if self._session.rounds.go(self._session.run, by):
            self._fill()
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are rounds to choose from."""
        run = self._session.run
        match action:
            case "one_round":
                return run is not None and run.rounds > 1 and not run.is_warmup and self._view != "race"
            case "look":
                back = self._session.rounds.can_go(run, cast("int", parameters[0]))
                return back and not self._shows_all
            case _:
                return super().check_action(action, parameters)

    @on(DataTable.HeaderSelected)
    def _header_selected(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        name = event.column_key.value or NUMBER
        if name == self._sort:
            self.action_reverse()
        elif name not in {DELTA, TREND}:
            self._order_by(name)

    def _order_by(self, name: str) -> None:
        self._sort, self._reversed = name, best_first(name)
        self._fill()

    def action_filter(self) -> None:
        """Write a part of a name."""
        self._input.display = True
        self.set_focus(self._input)

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._wanted = event.value
        self._fill()

    def action_explain(self) -> None:
        """What the figures mean."""
        self.app.push_screen(HelpScreen((), self.active_bindings, self.NAME))

    def action_open(self) -> None:
        """To the pane of the chosen row; from the filter, to the table."""
        if self._input.has_focus:
            self._see(self._view)
        else:
            self.dismiss(self._chosen)

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.dismiss(self._chosen)

    def action_export(self) -> None:
        """Write this comparison to a file."""
        if (dialog := export_dialog(self._session)) is not None:
            self.app.push_screen(dialog)

    def action_close(self) -> None:
        """From the filter, show all again; else back to where we were."""
        if self._input.display:
            self._input.value = ""
            self._input.display = False
            self._see(self._view)
        else:
            self.dismiss(None)
