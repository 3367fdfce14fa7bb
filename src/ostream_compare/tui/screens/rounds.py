"""Back to the answers of earlier rounds, and on to the newest."""

from typing import ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType

from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.widgets.pane import Pane


class RoundsScreen(RunningScreen):
    """Panes, table, race, copying and the diff are of the round that is looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "comma",
            "look(-1)",
            "Round before",
            id="round_before",
            key_display=",",
            tooltip="The answers of the round before",
        ),
        Binding(
            "full_stop",
            "look(1)",
            "Next round",
            id="round_after",
            key_display=".",
            tooltip="The answers of the round after",
        ),
    ]

    def action_look(self, by: int) -> None:
        """To a round before or after; from the newest one on, the run is followed."""
        if self.session.rounds.go(self.session.run, by):
            self.run_changed()

    @on(Pane.FollowedOn)
    def _followed_on(self, message: Pane.FollowedOn) -> None:
        message.stop()
        if self.session.rounds.earlier(self.session.run) is not None:
            self.session.rounds.follow()
            self.run_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is such a round."""
        if action == "look":
            return self.session.rounds.can_go(self.session.run, cast("int", parameters[0]))
        return super().check_action(action, parameters)
