"""All panes, as many of them on the screen as fit; one of them is the current one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.containers import Grid
from textual.message import Message
from textual.widgets import Static

from ostream_compare.tui.layout import Plan, neighbour, spans, window
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.pane import Pane


class PaneGrid(Grid):
    """Panes by a plan; moving to a pane that is off the screen brings it on."""

    DEFAULT_CSS = """
    PaneGrid {
        height: 1fr;
        background: $background;
        .panes--notice { column-span: 100; content-align: center middle; height: 1fr; color: $text-muted; }
    }
    """
    NOTHING: ClassVar[str] = (
        "No model can run: none in this file is right and enabled. F1 says what is wrong."
    )

    @dataclass
    class Moved(Message):
        """Another pane is the current one."""

        lane: int

    def __init__(self, views: tuple[LaneView, ...]) -> None:
        super().__init__(id="panes")
        self.panes = [Pane(view, id=f"pane-{view.lane}") for view in views]
        self.current = 0
        self._first = 0
        self._plan = Plan(kind="single")
        self._shown = range(0)

    def compose(self) -> ComposeResult:
        """The panes, or a word on why there are none."""
        if not self.panes:
            yield Static(self.NOTHING, classes="panes--notice", markup=False)
        yield from self.panes

    async def replace(self, views: tuple[LaneView, ...]) -> None:
        """Other lanes: new panes, the first of them the current one."""
        self.panes = [Pane(view, id=f"pane-{view.lane}") for view in views]
        self.current, self._first, self._shown = 0, 0, range(0)
        await self.remove_children()
        await self.mount_all(self.compose())
        self._place()

    @property
    def pane(self) -> Pane | None:
        """The current one."""
        return self.panes[self.current] if self.panes else None

    def visible_panes(self) -> Iterator[Pane]:
        """Those on the screen."""
        return (self.panes[lane] for lane in self._shown)

    def follow(self, plan: Plan) -> None:
        """Place the panes by `plan`."""
        self._plan = plan
        self._place()

    def _place(self) -> None:
        if not self.panes or self._plan.kind == "too_small":
            return
        shown = window(self._plan, len(self.panes), self.current, self._first)
        self._first, self._shown = shown.start, shown
        self.styles.grid_size_columns = self._plan.columns
        self.styles.grid_size_rows = self._plan.rows
        widths = dict(zip(shown, spans(self._plan, len(shown)), strict=True))
        for lane, pane in enumerate(self.panes):
            pane.display = lane in widths
            pane.styles.column_span = widths.get(lane, 1)

    def go(self, lane: int) -> None:
        """Make `lane` the current one and give it the focus."""
        if not 0 <= lane < len(self.panes):
            return
        self.note(lane)
        self.screen.set_focus(self.panes[lane])

    def note(self, lane: int) -> None:
        """`lane` is the current one, whoever has the focus."""
        if lane != self.current:
            self.current = lane
            self._place()
            self.post_message(self.Moved(lane))

    def step(self, by: int) -> None:
        """To the next or the previous pane, round and round."""
        if self.panes:
            self.go((self.current + by) % len(self.panes))

    def move(self, direction: Literal["left", "right", "up", "down"]) -> None:
        """To the pane on that side."""
        if self.panes:
            self.go(neighbour(self._plan, len(self.panes), self.current, direction))
