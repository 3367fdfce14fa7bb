"""The main screen's way to the blind vote; what would be said meanwhile is said afterwards."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel

from ostream_compare.tui.screens.blind_vote import BlindVoteScreen
from ostream_compare.tui.screens.running import RunningScreen


class VotingScreen(RunningScreen):
    """Opens the blind vote, before a run, while it is on, or after it."""

    ASKS: ClassVar[bool] = True
    """Whether a run can be begun here."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "vote", "Vote", show=False, id="vote", tooltip="Blind vote on the answers"),
    ]
    _kept_back: list[tuple[str, str, SeverityLevel, float | None]] | None = None
    """What is to be said after the vote; `None`: there is none."""

    def action_vote(self) -> None:
        """Hide everything, and put the answers to the vote."""
        self._kept_back = []
        self.app.clear_notifications()
        self.app.push_screen(BlindVoteScreen(self.session, self._ask_all if self.ASKS else None), self._voted)

    def _ask_all(self) -> None:
        """The same prompt to all again; before the first run, the one in the box."""
        if self.session.run is None and not self.prompt_text.strip():
            super().notify("Write a prompt first: esc leads to it.", severity="warning", markup=False)
        elif self.session.run is None:
            self.action_send()
        else:
            self.action_rerun_all()

    def _voted(self, _: None) -> None:
        told, self._kept_back = self._kept_back or [], None
        for message, title, severity, timeout in told:
            self.notify(message, title=title, severity=severity, timeout=timeout, markup=False)
        self.run_changed()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A toast; during a blind vote it waits, for it may name a model or a price."""
        del markup
        if self._kept_back is None:
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)
        else:
            self._kept_back.append((message, title, severity, timeout))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Two have to be there to be compared, and a place for the votes."""
        if action == "vote":
            return len(self.session.presets) > 1 and self.session.can_vote
        return super().check_action(action, parameters)
