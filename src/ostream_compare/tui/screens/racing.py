"""The race on the main screen: beside the table where both fit, in its place, or on a screen of its own."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from ostream_compare.domain.preset import Prompt
from ostream_compare.tui.layout import Plan
from ostream_compare.tui.screens.results import ResultsScreen
from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.session import Session
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.pane_grid import PaneGrid
from ostream_compare.tui.widgets.race import RaceStrip
from ostream_compare.tui.widgets.table import LaneTable


class RacingScreen(RunningScreen):
    """Says which of table and race are seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "race", "Race", show=False, id="race", tooltip="All models on one axis of time"),
    ]

    def __init__(self, session: Session, prompt: Prompt | None) -> None:
        super().__init__(session, prompt)
        self._laid = Plan(kind="single")
        self._race_wanted: bool | None = None
        """`None` until someone says: where there is room for both."""

    def place_table(self, laid: Plan) -> None:
        """Show table and race as far as the plan has room for them."""
        self._laid = laid
        race = laid.race if self._race_wanted is None else self._race_wanted
        self.query_one(RaceStrip).display = laid.table and race
        self.query_one(LaneTable).display = laid.table and (laid.race or not race)

    def show_race(self, views: tuple[LaneView, ...]) -> None:
        """Give the race what it shows, if it is seen."""
        strip = self.query_one(RaceStrip)
        if strip.display:
            session = self.session
            race = session.rounds.race(session.run, session.race)
            over = not session.is_running or race is not session.race
            strip.show(race, views, self.current, now=session.now, over=over)

    def action_race(self) -> None:
        """Show the race or hide it; where it does not fit, on its own screen."""
        if not self._laid.table:
            self.app.push_screen(ResultsScreen(self.session, "race"), self._race_left)
            return
        self._race_wanted = not self.query_one(RaceStrip).display
        self.place_table(self._laid)
        self.run_changed()

    def _race_left(self, lane: int | None) -> None:
        self.run_changed()  # another round may have been chosen there
        if lane is not None:
            self.query_one(PaneGrid).go(lane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to race."""
        if action == "race":
            return bool(self.session.presets)
        return super().check_action(action, parameters)
