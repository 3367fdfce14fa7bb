"""The application: one session on one main screen, and how it is left."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui import memory, terminal_keys
from ostream_compare.tui.commands import SessionCommands
from ostream_compare.tui.leaving import Deadline, leave_at_hangup, leave_on_signals
from ostream_compare.tui.remapping import usable_keymap
from ostream_compare.tui.remembering import RememberingApp, restored_models
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.session import Link, Machine, Session

_TWICE = 5.0
"""Seconds within which a second ctrl+c leaves."""


class CompareApp(RememberingApp):
    """Compares models side by side."""

    TITLE = "ostream-compare"
    COMMANDS: ClassVar = {SessionCommands}
    MAIN: ClassVar[type[MainScreen]] = MainScreen
    """What the session is shown on."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True, tooltip="Quit at once; runs are saved"),
        Binding(
            "ctrl+c", "interrupt", show=False, id="interrupt", priority=True, tooltip="Stop; twice quits"
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            show=False,
            id="suspend",
            tooltip="To the shell; fg comes back (undo in the prompt)",
        ),
        Binding("ctrl+p", "command_palette", "Palette", show=False, id="palette", tooltip="All commands"),
    ]

    def __init__(
        self,
        session: Session,
        problems: Sequence[Problem],
        *,
        prompt: Prompt | None,
        start_now: bool,
        theme: str | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        super().__init__()
        self._deadline = deadline
        self.session = session
        self._leaving = False
        self._interrupted: int | None = None
        """The run that was stopped with ctrl+c a moment ago."""
        self.last_words: list[str] = []
        """For stderr, once the terminal is back."""
        keymap, flaws = usable_keymap(session.config, self.BINDINGS)
        self.set_keymap(keymap)
        self._problems = [*problems, *flaws]
        first = prompt or next(iter(session.config.prompts), None)
        self._prompt = first if start_now else None
        if theme is not None and theme in self.available_themes:
            self.theme = theme
        elif theme is not None:
            known = ", ".join(sorted(self.available_themes))
            self._problems.append(
                Problem(key="--theme", message=f"no theme is named {theme}: one of {known}")
            )
        self._main = self.MAIN(session, self._problems, first)
        self._main.prompt_given = prompt is not None

    async def on_mount(self) -> None:
        """Show the main screen; signals leave as ctrl+q does, with codes of their own."""
        leave_on_signals(self._leave_soon)
        if not self.is_headless:
            leave_at_hangup(self._leave_soon)
        await self.push_screen(self._main)
        if self._problems:
            more = len(self._problems) - 1
            said = f"{self._problems[0]}" + (f"\n{more} more: F1 lists all." if more else "")
            self.notify(said, title="Something is wrong in the file", severity="warning", timeout=8)
        if self._prompt is not None:
            self.call_after_refresh(self._main.begin, self._prompt)
        memory.freeze()

    # Leaving

    async def action_quit(self) -> None:
        """Quit at once."""
        await self.leave(0)

    async def action_interrupt(self) -> None:
        """Copy a selection; else stop the run and save it; the second time, leave."""
        if isinstance(self.focused, TextArea) and self.focused.selected_text:
            self.focused.action_copy()
        elif self._main.copy_selected():
            pass
        elif self._interrupted == self.session.number:
            await self.leave(130)
        else:
            self._interrupted = self.session.number
            self.set_timer(_TWICE, self._forget_interrupt)
            self.notify("ctrl+c again leaves.", title=self._main.interrupt(), timeout=_TWICE)

    def _forget_interrupt(self) -> None:
        self._interrupted = None

    def _leave_soon(self, code: int) -> None:
        self.call_later(self.leave, code)

    async def leave(self, code: int) -> None:
        """Stop everything, save what was not saved, end the collector and exit: within two seconds."""
        if self._leaving:
            return
        self._leaving = True
        if self._deadline is not None:
            self._deadline.arm(code)
        self._main.rest()
        await self._main.keep_last_draft()
        self.last_words += await self.session.wind_up()
        self.exit(code)


def run(
    config: Config,
    problems: Sequence[Problem],
    *,
    prompt: Prompt | None,
    start_now: bool,
    collector: Link,
    theme: str | None = None,
    machine: Machine | None = None,
) -> int:
    """Open the UI until the user leaves it; the exit code.

    Args:
        config: What can run.
        problems: What is wrong in the file; shown at the start and in the help.
        prompt: Fills the prompt box; the file's first prompt by default.
        start_now: Begin a run as soon as the panes are up.
        collector: Started already, before Textual takes the terminal.
        theme: A name of one of Textual's themes.
        machine: Clock, environment, how to start another collector, where results go.
    """
    terminal_keys.teach()
    session = Session(config, collector, machine)
    deadline = Deadline()
    restored = restored_models(session)
    app = CompareApp(session, problems, prompt=prompt, start_now=start_now, theme=theme, deadline=deadline)
    app.open_as_last_time(session.machine, restored, keeps_theme=theme is None)
    try:
        code = app.run()
    finally:
        deadline.disarm()
        memory.thaw()
        collector.kill()
        with suppress(OSError):  # a terminal that was hung up
            for line in app.last_words:
                sys.stderr.write(clean_line(line) + "\n")
    return app.return_code or 0 if code is None else code
