"""Earlier runs: a list, filtered as one types; one is opened, played, asked again, exported or deleted."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, TypeVar, cast

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Input, Static

from ostream_compare.domain.errors import UserError
from ostream_compare.domain.past_run import PastRun
from ostream_compare.domain.retelling import comparison_of
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.history import History
from ostream_compare.storage.results import file_stem
from ostream_compare.tui.background import in_background
from ostream_compare.tui.history_rows import head, row
from ostream_compare.tui.screens.dialog import HELP, Dialog
from ostream_compare.tui.screens.export_dialog import ExportDialog
from ostream_compare.tui.screens.modal import Modal
from ostream_compare.tui.widgets.key_bar import KeyBar

PAGE = 100
"""Rows that are fetched at once."""
_AHEAD = 30
"""Rows below the cursor at which the next page is fetched."""
_TROUBLES = (OSError, sqlite3.Error, UserError)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Picked:
    """What is wanted of a run."""

    run: str
    what: Literal["open", "play", "rerun"]
    search: str = ""
    """What was searched for; who comes back finds the same list."""


class HistoryScreen(Dialog[Picked | None]):
    """Answers with the run that was chosen, or with nothing.

    Args:
        folder: Of the program's data; the user's own by default.
    """

    NAME = "the history"
    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "pick('open')",
            "Open",
            priority=True,
            id="open_run",
            key_display="⏎",
            tooltip="Show this run",
        ),
        Binding("p", "pick('play')", "Play", id="play_run", tooltip="Play it again, with its own timing"),
        Binding("r", "pick('rerun')", "Rerun", id="rerun_run", tooltip="Its prompt, to the present models"),
        Binding("e", "export", "Export", id="export_run", tooltip="Write this run to a file"),
        Binding("delete,D", "delete", "Delete", id="delete_run", key_display="D", tooltip="Delete this run"),
        Binding("slash", "filter", "Filter", id="filter_runs", key_display="/", tooltip="Find runs by words"),
        Binding(
            "G", "edge(-1)", "Last", show=False, id="last_run", tooltip="To the last run that is fetched"
        ),
        Binding("g", "edge(0)", "First", show=False, id="first_run", tooltip="To the newest run"),
        Binding("escape", "close", "Back", id="close_history", key_display="esc", tooltip="Back"),
        Binding("q,H,f8", "leave", "Back", show=False, id="leave_history", tooltip="Back"),
        HELP,
    ]

    def __init__(self, folder: Path | None = None, back_from: Picked | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._back_from = back_from
        self._history: History | None = None
        self._turn = asyncio.Lock()
        self._runs: list[PastRun] = []
        self._found = self._total = 0
        self._search = back_from.search if back_from else ""
        self._exhausted = self._left = False
        self._told: set[str] = set()

    def compose(self) -> ComposeResult:
        """A title with the counts, the filter, the table, the keys."""
        yield Static("", id="title", markup=False)
        yield Input(
            self._search, placeholder="words of a prompt, an answer, a model", id="filter", compact=True
        )
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static("", id="nothing", markup=False)
        yield KeyBar()

    @property
    def _table(self) -> "DataTable[Text]":
        return cast("DataTable[Text]", self.query_one(DataTable))

    @property
    def _box(self) -> Input:
        return self.query_one("#filter", Input)

    def on_mount(self) -> None:
        """Read what there is."""
        self._box.display = bool(self._search)
        self._titled("reading …")
        self._columns()
        self._table.focus()
        self._open()

    def on_unmount(self) -> None:
        """Close the index, as soon as nobody reads it."""
        self._left = True
        if self._history is not None:
            threading.Thread(target=self._history.close, daemon=True).start()

    # Reading, off this thread

    @work(exit_on_error=False, group="open")
    async def _open(self) -> None:
        def opened() -> History:
            history = self._history = History(self._folder)
            try:
                history.refresh()
            finally:
                if self._left:
                    history.close()
            return history

        history = await self._try(opened)
        if history is None:
            self._titled("cannot be read")
            return
        await self._look()
        ids = [run.id for run in self._runs]
        if self._back_from is not None and self._back_from.run in ids:
            self._table.move_cursor(row=ids.index(self._back_from.run))

    async def _try(self, step: Callable[[], Result]) -> Result | None:
        """What `step` gives; `None`, and a notice, if it fails. One at a time."""
        async with self._turn:
            try:
                return await in_background(step)
            except _TROUBLES as error:
                self.notify(clean_line(str(error)), title="History", severity="error", markup=False)
                return None

    @work(exclusive=True, exit_on_error=False, group="look")
    async def _search_again(self) -> None:
        await self._look()

    async def _look(self) -> None:
        """The first page of what is searched for."""
        history, search = self._history, self._search
        if history is None:
            return
        found = await self._try(
            lambda: (history.page(search, limit=PAGE), history.count(search), history.count())
        )
        if found is None or search != self._search:
            return
        shown = [run.id for run in self._runs[:PAGE]]
        self._runs, self._found, self._total = found
        self._exhausted = len(self._runs) < PAGE
        self._tell_notices(history)
        # One more letter may change nothing: then the cursor stays where it was moved meanwhile.
        is_same = [run.id for run in self._runs] == shown
        self._fill(self._table.cursor_row if is_same else 0)

    @work(exclusive=True, exit_on_error=False, group="more")
    async def _more(self) -> None:
        history, search, have = self._history, self._search, len(self._runs)
        if history is None:
            return
        page = await self._try(lambda: history.page(search, limit=PAGE, offset=have))
        if page is None or search != self._search or have != len(self._runs):
            return
        self._exhausted = len(page) < PAGE
        self._runs += page
        if head(self.size.width, self._runs) == self._heads:
            self._add(page)
        else:  # what has come needs wider columns
            self._fill(self._table.cursor_row)

    def _tell_notices(self, history: History) -> None:
        for notice in history.notices:
            if notice not in self._told:
                self._told.add(notice)
                self.notify(clean_line(notice), title="History", severity="warning", markup=False)

    # Showing

    def _columns(self) -> None:
        self._heads = head(self.size.width, self._runs)
        self._table.clear(columns=True)
        for name, cells in self._heads:
            self._table.add_column(Text(name), key=name, width=cells)

    def _fill(self, cursor: int = 0) -> None:
        if head(self.size.width, self._runs) == self._heads:
            self._table.clear()
        else:
            self._columns()
        self._add(self._runs)
        self._table.move_cursor(row=min(cursor, len(self._runs) - 1))
        every = f"{self._total} run{'' if self._total == 1 else 's'}"
        counts = f"{self._found} of {self._total}" if self._search else every
        searched = f"/ {clean_line(self._search)}   " if self._search else ""
        self._titled(f"{searched}{counts}")
        nothing = (
            "" if self._runs else ("Nothing has these words." if self._total else "No run was logged yet.")
        )
        self.query_one("#nothing", Static).update(nothing)
        self.refresh_bindings()

    def _add(self, runs: list[PastRun]) -> None:
        for run in runs:
            self._table.add_row(*(Text(cell, no_wrap=True) for cell in row(run, self._heads)), key=run.id)

    def _titled(self, what: str) -> None:
        gap = max(1, self.size.width - len(" History") - len(what) - 2)
        self.query_one("#title", Static).update(Text(f"History{' ' * gap}{what}", no_wrap=True))

    def on_resize(self, event: events.Resize) -> None:
        """Other columns may fit."""
        del event
        if head(self.size.width, self._runs) != self._heads:
            self._fill(self._table.cursor_row)

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if not self._exhausted and event.cursor_row >= len(self._runs) - _AHEAD:
            self._more()

    # Filter

    def action_filter(self) -> None:
        """Write the words."""
        self._box.display = True
        self.set_focus(self._box)

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        search = event.value.strip()
        if search != self._search:  # a new box tells what it was made with, too
            self._search = search
            self._search_again()

    @on(Input.Submitted)
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._box.display = bool(self._search)
        self.set_focus(self._table)

    # What is done with a run

    @property
    def _chosen(self) -> PastRun | None:
        at = self._table.cursor_row
        return self._runs[at] if 0 <= at < len(self._runs) else None

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.action_pick("open")

    def action_pick(self, what: Literal["open", "play", "rerun"]) -> None:
        """Leave with this run."""
        run = self._chosen
        if run is not None:
            self.dismiss(Picked(run.id, what, self._search))

    @work(exit_on_error=False, group="export")
    async def action_export(self) -> None:
        """Write this run to a file."""
        run, history = self._chosen, self._history
        if run is None or history is None:
            return
        story = await self._try(lambda: history.retell(run.id))
        if story is not None:
            first = story.header.prompts[0]
            stem = file_stem(run.id, first.name or first.user)
            self.app.push_screen(ExportDialog(lambda: comparison_of(story), stem))

    def action_edge(self, at: int) -> None:
        """To the first row, or to the last one."""
        self._table.move_cursor(row=at % max(1, len(self._runs)))

    def action_delete(self) -> None:
        """Delete this run, once that is confirmed."""
        run = self._chosen
        if run is not None:
            self.app.push_screen(DeleteDialog(run), self._confirmed)

    def _confirmed(self, run: str | None) -> None:
        if run is not None:
            self._delete(run)

    @work(exit_on_error=False, group="delete")
    async def _delete(self, run: str) -> None:
        history, cursor = self._history, self._table.cursor_row
        if history is None:
            return
        gone = await self._try(lambda: history.delete([run]))
        if gone:
            self.notify(run, title="Deleted", markup=False)
        elif gone is not None:
            self.notify("It is still running.", title="Not deleted", severity="warning", markup=False)
        await self._look()
        self._table.move_cursor(row=min(cursor, len(self._runs) - 1))

    def action_close(self) -> None:
        """Away with the filter, then back to where we were."""
        if self._search or self._box.display:
            self._box.value = ""
            self._box.display = False
            self.set_focus(self._table)
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Back to where we were."""
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        del parameters
        if action in {"pick", "export", "delete"}:
            return bool(self._runs) and not self._box.has_focus
        return True


class DeleteDialog(Modal[str | None]):
    """Asks once more; answers with the run if it is to be deleted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Delete", id="confirm_delete", tooltip="Delete it"),
        Binding(
            "n,escape,enter,q", "answer(False)", "Keep", id="keep_run", key_display="n", tooltip="Keep it"
        ),
    ]

    def __init__(self, run: PastRun) -> None:
        super().__init__()
        self._run = run

    def compose(self) -> ComposeResult:
        """The question, and the keys that answer it."""
        sure, keeps = map(self.app.key, ("confirm_delete", "keep_run"))
        with Vertical(id="question"):
            yield Static(f"Delete {self._run.id} for good?", markup=False)
            yield Static(clean_line(self._run.title), id="what", markup=False)
            yield Static(f"{sure} deletes, {keeps} keeps. Saved results stay.", id="keys", markup=False)

    def action_answer(self, sure: bool) -> None:  # noqa: FBT001 - the answer itself
        """Yes or no."""
        self.dismiss(self._run.id if sure else None)
