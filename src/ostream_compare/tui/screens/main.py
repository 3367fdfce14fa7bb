"""The main screen: panes, table, strip and prompt, and the keys to move between them."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Prompt
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.compositor import ThriftyCompositor
from ostream_compare.tui.layout import plan
from ostream_compare.tui.pacer import FRAME, MOST_PANES, Pacer, Round, Turns
from ostream_compare.tui.screens.catching_up import CatchingUp
from ostream_compare.tui.screens.dialogs import DialogsScreen
from ostream_compare.tui.screens.help import HelpScreen
from ostream_compare.tui.screens.past import PastScreen
from ostream_compare.tui.screens.prompting import PromptingScreen
from ostream_compare.tui.screens.racing import RacingScreen
from ostream_compare.tui.screens.reading import ReadingScreen
from ostream_compare.tui.screens.results import ResultsScreen
from ostream_compare.tui.screens.rounds import RoundsScreen
from ostream_compare.tui.screens.voting import VotingScreen
from ostream_compare.tui.session import Session
from ostream_compare.tui.views import LaneView, with_text
from ostream_compare.tui.widgets.header import Header
from ostream_compare.tui.widgets.key_bar import KeyBar
from ostream_compare.tui.widgets.pane import Pane
from ostream_compare.tui.widgets.pane_grid import PaneGrid
from ostream_compare.tui.widgets.prompt import PromptArea, PromptBox
from ostream_compare.tui.widgets.race import RaceStrip
from ostream_compare.tui.widgets.strip import LaneStrip
from ostream_compare.tui.widgets.table import LaneTable

PROGRAM = "ostream-compare"
_QUOTED = 300
"""Characters of a prompt that a header may have room for."""


class MainScreen(
    PastScreen, VotingScreen, DialogsScreen, PromptingScreen, RacingScreen, RoundsScreen, ReadingScreen
):
    """Paints the session once a frame while a run is on; a still screen costs nothing."""

    CSS_PATH = "main.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", id="help", key_display="?", tooltip="Keys and terms"),
        Binding("z,f", "zoom", "Zoom", id="zoom", key_display="z", tooltip="This pane alone, or all again"),
        Binding("escape", "restore", "Back", id="restore", key_display="esc", tooltip="All panes again"),
        Binding("t", "table", "Table", id="table", tooltip="All results in a table"),
        Binding("i", "prompt", "Prompt", id="prompt", tooltip="Write a prompt"),
        Binding("tab", "next_pane", "Next", show=False, id="next_pane", tooltip="To the next pane"),
        Binding(
            "shift+tab", "previous_pane", "Previous", show=False, id="previous_pane", tooltip="Back a pane"
        ),
        Binding("h", "move('left')", "Left", show=False, id="left", tooltip="To the pane on the left"),
        Binding("j", "move('down')", "Down", show=False, id="down", tooltip="To the pane below"),
        Binding("k", "move('up')", "Up", show=False, id="up", tooltip="To the pane above"),
        Binding("l", "move('right')", "Right", show=False, id="right", tooltip="To the pane on the right"),
        *(
            Binding(
                str(number),
                f"pane({number})",
                f"Pane {number}",
                show=False,
                id=f"pane_{number}",
                tooltip=f"To pane {number}",
            )
            for number in range(1, 10)
        ),
    ]

    def __init__(self, session: Session, problems: Sequence[Problem], prompt: Prompt | None) -> None:
        super().__init__(session, prompt)
        self._compositor = ThriftyCompositor()
        self.problems = tuple(problems)
        self._presets = session.presets
        """Whose panes there are."""
        self._views = [session.lane_view(lane) for lane in range(len(session.presets))]
        self._pacer = Pacer()
        self._round = Round[Pane]()
        self._zoomed = False
        self._offer: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header()
        yield PaneGrid(tuple(self._views))
        yield RaceStrip()
        yield LaneTable()
        yield LaneStrip()
        first = self.first_prompt
        yield PromptBox(first.user if first else "", first.system if first else None)
        yield KeyBar(lambda: ("zoom",) if self._zoomed else (), elsewhere=("send",))  # see the prompt's hint
        yield Static("The terminal is too small:\n30 x 8 is the least.", id="too-small", markup=False)

    def header(self) -> Header:
        """What is compared."""
        config = self.session.config
        file = clean_line((config.path or "").rpartition("/")[2] or "built-in demo")
        demo = any(preset.is_demo for preset in self.session.presets)
        return Header(PROGRAM, file, demo=demo)

    def on_mount(self) -> None:
        """Hear the collector, and place what there is."""
        self._grid = self.query_one(PaneGrid)
        self._header = self.query_one(Header)
        self._table = self.query_one(LaneTable)
        self._strip = self.query_one(LaneStrip)
        self._ticker = self.set_interval(FRAME, self._tick, pause=True)
        self._ticking = False
        self._catching_up = CatchingUp(self, self._grid.visible_panes)
        self._replan()
        self.run_changed()
        if self._views:
            self._grid.go(0)
        box = self.query_one(PromptArea)
        if not (self._views and box.text):  # there is nothing to send yet, so letters are text
            box.focus()
        self.listen()

    # Frames

    @property
    def current(self) -> int:
        """The lane that the keys are about."""
        return self._grid.current

    def report_arrived(self) -> None:
        """Frames follow until the run is over."""
        if not self._ticking:
            self._ticking = True
            self._ticker.resume()

    async def _tick(self) -> None:
        if self._pacer.tick():
            changed = self.session.flush()
            turns = Turns()
            await self._paint_in_turns(changed, turns)
            self._pacer.flushed(turns.spent)
        if not self.session.is_running:
            self._ticking = False
            self._ticker.pause()
            self.run_changed()
            self.run_ended()

    def rest(self) -> None:
        """Paint no more: the program is left, and its terminal may be gone."""
        self._ticking = True
        self._ticker.stop()
        self._catching_up.stop()

    def run_changed(self) -> None:
        """Paint everything as it is now."""
        self.session.flush()
        self._paint(range(len(self._views)))
        if self.session.is_running:
            self.report_arrived()

    async def place_lanes(self) -> None:
        """Other panes, where the session has other lanes than are shown."""
        if self._presets is self.session.presets:
            return
        self._presets = self.session.presets
        self._views = [self.session.lane_view(lane) for lane in range(len(self._presets))]
        was_in_pane = isinstance(self.focused, Pane)
        await self._grid.replace(tuple(self._views))
        self._replan()
        if was_in_pane:
            self._grid.go(0)

    def _paint(self, changed: Sequence[int] | set[int] | range) -> None:
        if self._look(changed):
            for pane in self._grid.visible_panes():
                pane.show(self._views[pane.view.lane])
            self._paint_figures()

    async def _paint_in_turns(self, changed: set[int], turns: Turns) -> None:
        """As `_paint`, but keys come in between the panes, and what is too much waits for the next frame."""
        if self._presets is not self.session.presets:
            return
        figures = self._take_texts(changed) or self._pacer.figures()
        if figures:
            self._look(changed)
        painted = 0
        for pane in self._round.order(self._grid.visible_panes(), self._grid.pane):
            if self._presets is not self.session.presets:
                return
            if pane.view is self._views[pane.view.lane]:
                continue
            pane.show(self._views[pane.view.lane])
            pane.draw_ahead()
            painted += 1
            if turns.are_over or painted == MOST_PANES:
                break
            await turns.give()
        if figures:
            await turns.give()
            if self._presets is self.session.presets:
                self._paint_figures()

    def _take_texts(self, changed: set[int]) -> bool:
        """Take what lanes wrote; whether there is more to take than text, so that figures cannot wait."""
        run = self.session.run
        if run is None:
            return True
        if run is not self.session.shown:
            return False  # the panes show a round that is over; how far the run is, the header tells in time
        more = False
        for lane in changed:
            view = with_text(self._views[lane], run)
            if view is None:
                more = True
            else:
                self._views[lane] = view
        return more

    def _look(self, changed: Sequence[int] | set[int] | range) -> bool:
        """Take the lanes as they are; whether there are panes for them."""
        if self._presets is not self.session.presets:
            return False  # the panes of the new lanes are on their way
        back = (
            self.session.run is not self.session.shown
        )  # the newest round's speeds are sampled all the same
        for lane, view in enumerate(self._views):
            if back or lane in changed or not view.over:
                self._views[lane] = self.session.lane_view(lane)
        return True

    def _paint_figures(self) -> None:
        views = tuple(self._views)
        self._strip.show(views, self.current)
        if self._table.display:
            self._table.show(views, self.current)
        self.show_race(views)
        run = self.session.run_view(views)
        if run is not None:
            self._header.show(run)
        self._tell_asked()
        self._offer_keys(views)

    @on(PromptBox.Edited)
    def _tell_asked(self) -> None:
        """Whoever writes the next prompt sees which one the panes answer."""
        run = self.session.run
        other = run is not None and run.prompt.user != self.prompt_text
        self._header.tell_asked(clean_line(run.prompt.user[:_QUOTED]) if run is not None and other else "")

    def _offer_keys(self, views: tuple[LaneView, ...]) -> None:
        rounds = [run.round for run in (self.session.shown, self.session.run) if run is not None]
        states = tuple(view.phase for view in views)
        offer = (states, self.current, self._zoomed, self.session.is_running, *rounds)
        if offer != self._offer:
            self._offer = offer
            self.refresh_bindings()

    # Places

    def on_resize(self, event: events.Resize) -> None:
        """Another terminal size."""
        del event
        self._replan()

    def _replan(self) -> None:
        if not self.is_mounted or not hasattr(self, "_grid"):
            return
        laid = plan(self.size.width, self.size.height, len(self._views), zoomed=self._zoomed)
        self.set_class(laid.kind == "too_small", "-too-small")
        self.place_table(laid)
        self._grid.follow(laid)
        self._paint(())

    @on(Pane.Focused)
    def _pane_focused(self, message: Pane.Focused) -> None:
        message.stop()
        self._grid.note(message.lane)

    @on(Pane.Behind)
    def _pane_behind(self, message: Pane.Behind) -> None:
        message.stop()
        self._catching_up.wake()

    @on(PaneGrid.Moved)
    def _moved(self, message: PaneGrid.Moved) -> None:
        message.stop()
        pane = self._grid.pane
        if self._ticking and pane is not None and self._look(()):  # the others come in the next frame
            pane.show(self._views[pane.view.lane])
            self._paint_figures()
        else:
            self._paint(())

    @on(PromptBox.Left)
    def _prompt_left(self, message: PromptBox.Left) -> None:
        message.stop()
        self._grid.go(self.current)

    # Keys

    def action_next_pane(self) -> None:
        """To the next pane; from the prompt, to the current one."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """To the pane before; from the prompt, to the current one."""
        self._step(-1)

    def _step(self, by: int) -> None:
        if isinstance(self.focused, Pane):
            self._grid.step(by)
        else:
            self._grid.go(self.current)

    def action_move(self, direction: Literal["left", "right", "up", "down"]) -> None:
        """To the pane on that side."""
        self._grid.move(direction)

    def action_pane(self, number: int) -> None:
        """To pane `number`, from 1."""
        self._grid.go(number - 1)

    def action_zoom(self) -> None:
        """This pane alone, or all again."""
        self._zoomed = not self._zoomed
        self._replan()

    def action_restore(self) -> None:
        """All panes again."""
        self._zoomed = False
        self._replan()

    def action_prompt(self) -> None:
        """To the prompt."""
        self.set_focus(self.query_one(PromptArea))

    def action_table(self) -> None:
        """All results in a table; it may send us to a pane."""
        self.app.push_screen(ResultsScreen(self.session), self._go_to)

    def _go_to(self, lane: int | None) -> None:
        self.run_changed()  # another round may have been chosen there
        if lane is not None:
            self._grid.go(lane)

    def action_help(self) -> None:
        """Keys, terms, and what is wrong with the file."""
        self.app.push_screen(HelpScreen(self.problems, self.active_bindings))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        match action:
            case "zoom":
                return len(self._views) > 1
            case "restore":
                return self._zoomed
            case "table":
                return bool(self._views)
            case _:
                return super().check_action(action, parameters)
