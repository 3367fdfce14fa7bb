"""The main screen's keys for its dialogs: diff, export, the models of the next run."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from ostream_compare.domain.lane import Ended, Streaming
from ostream_compare.tui.screens.diff import DiffScreen
from ostream_compare.tui.screens.running import RunningScreen


class DialogsScreen(RunningScreen):
    """Opens what is about this run, or about the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "diff", "Diff", id="diff", tooltip="Compare this answer with another"),
    ]

    def action_diff(self) -> None:
        """This answer against the next one that has text."""
        left = self.current
        following = [
            (left + step) % len(self.session.presets) for step in range(1, len(self.session.presets))
        ]
        lanes = self.session.run.lanes if self.session.run is not None else ()
        spoken = [lane for lane in following if isinstance(lanes[lane], Streaming | Ended)]
        self.app.push_screen(DiffScreen(self.session, left, (spoken or following)[0]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        match action:
            case "diff":
                return self.session.run is not None and len(self.session.presets) > 1
            case _:
                return super().check_action(action, parameters)
