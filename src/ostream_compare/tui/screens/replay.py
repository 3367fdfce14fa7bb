"""An earlier run in the panes it ran in: played again with its own timing, or as it ended."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, cast

from textual import work
from textual.app import ScreenStackError
from textual.binding import Binding, BindingType

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Prompt
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.background import in_background
from ostream_compare.tui.replaying import ReplaySession
from ostream_compare.tui.screens.main import PROGRAM, MainScreen
from ostream_compare.tui.session import Session
from ostream_compare.tui.widgets.header import Header
from ostream_compare.tui.widgets.prompt import PromptBox

_ASKS = frozenset(
    {
        "send",
        "rerun",
        "rerun_all",
        "rerun_failed",
        "stop",
        "stop_all",
        "prompt",
        "prompts",
        "system",
        "editor",
        "next_turn",
        "fresh",
        "models",
        "history",
    }
)
"""Actions for which there would have to be a collector, or a prompt to write."""


class ReplayScreen(MainScreen):
    """Read-only."""

    WRITES_PROMPTS: ClassVar[bool] = False
    ASKS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "play", "Play", id="play", tooltip="Play it again, with its own timing"),
        Binding("n", "turn(1)", "Next prompt", id="next_prompt", tooltip="Play the next prompt of the set"),
        Binding(
            "N",
            "turn(-1)",
            "Prompt before",
            show=False,
            id="previous_prompt",
            tooltip="Back a prompt",
        ),
        Binding("escape,q", "close", "Back", id="close_replay", key_display="esc", tooltip="Back"),
    ]

    def __init__(
        self, session: Session, problems: Sequence[Problem] = (), prompt: Prompt | None = None
    ) -> None:
        assert isinstance(session, ReplaySession)
        self.replay = session
        self._wanted: int | None = None
        """The prompt that is being read for, if there is one."""
        super().__init__(session, problems, session.run.prompt if session.run is not None else prompt)

    def header(self) -> Header:
        """Which run it is."""
        header = self.replay.source.header
        return Header(PROGRAM, clean_line(header.id), demo=header.demo, replay=True)

    def on_mount(self) -> None:
        """The prompt is to be read only."""
        self.query_one(PromptBox).disabled = True
        self._tell_place()

    def _tell_place(self) -> None:
        """Which prompt of a set it is, and how to reach the others."""
        number, count = self.replay.prompt + 1, self.replay.count
        if count > 1:
            later = [f"{self.app.key('next_prompt')} plays the next one"] if number < count else []
            ways = " and ".join(
                [*later, *([f"{self.app.key('previous_prompt')} the one before"] if number > 1 else [])]
            )
            self.notify(f"Prompt {number} of {count}; {ways}.", title="A set of prompts", markup=False)

    @property
    def _wanted_prompt(self) -> int:
        return self.replay.prompt if self._wanted is None else self._wanted

    def interrupt(self) -> str:
        """Nothing runs that could be stopped."""
        return "This is a replay."

    def action_play(self) -> None:
        """From the beginning, as fast as it was."""
        self.replay.again(1.0 if self.replay.is_instant else self.replay.pace.speed)
        self.run_changed()
        self.listen()

    def action_turn(self, by: int) -> None:
        """To another prompt of the set."""
        self._wanted = self._wanted_prompt + by
        self._turn_to(self._wanted)

    @work(exclusive=True, exit_on_error=False, group="prompt")
    async def _turn_to(self, prompt: int) -> None:
        played = await in_background(partial(self.replay.steps_of, prompt))
        self.replay.turn_to(prompt, played)
        self._wanted = None
        run = self.replay.run
        if run is not None:
            self.query_one(PromptBox).fill(run.prompt.user, run.prompt.system)
        self.run_changed()
        self.refresh_bindings()
        self.listen()
        self._tell_place()

    def action_close(self) -> None:
        """All panes again; from there, back to where it was chosen."""
        if self.check_action("restore", ()):
            self.action_restore()
        else:
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        if action in _ASKS:
            return False
        if action == "turn":
            by = cast("int", parameters[0])
            return 0 <= self._wanted_prompt + by < self.replay.count
        if action == "close":
            return self._is_above_another or bool(self.check_action("restore", ()))
        return super().check_action(action, parameters)

    @property
    def _is_above_another(self) -> bool:
        try:
            return len(self.app.screen_stack) > 2  # noqa: PLR2004 - Textual's own blank screen, and this one
        except ScreenStackError:
            return False
