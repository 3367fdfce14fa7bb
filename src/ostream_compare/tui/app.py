"""The application: one session on one main screen, and how it is left."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui import memory, terminal_keys
from ostream_compare.tui.leaving import Deadline, leave_at_hangup, leave_on_signals, leave_signals_alone
from ostream_compare.tui.remembering import RememberingApp, restored_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.command import Provider

    from ostream_compare.domain.preset import Config, Prompt
    from ostream_compare.tui.keeping import Kept
    from ostream_compare.tui.screens.main import MainScreen
    from ostream_compare.tui.session import Link, Machine, Session

_TWICE = 5.0
"""Seconds within which a second ctrl+c leaves."""
_TO_BE_READ = 15.0
"""Seconds for what has to be decided on."""
_NOT_SAVED = 2
"""The exit code where a run could not be written, as of every file that cannot be."""


def _commands() -> "type[Provider]":
    from ostream_compare.tui.commands import SessionCommands  # noqa: PLC0415 - for the palette alone

    return SessionCommands


class CompareApp(RememberingApp):
    """Compares models side by side.

    The first picture waits for what this module imports: screens are imported when they are made.
    """

    TITLE = "ostream-compare"
    COMMANDS: ClassVar["set[type[Provider] | Callable[[], type[Provider]]]"] = {_commands}
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
        session: "Session",
        problems: Sequence[Problem],
        *,
        prompt: "Prompt | None",
        start_now: bool,
        theme: str | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        super().__init__()
        self._begin_life(deadline)
        self._equip(session, problems, prompt=prompt, start_now=start_now, theme=theme)

    def _begin_life(self, deadline: Deadline | None) -> None:
        self._deadline = deadline
        self._leaving = False
        self._ordered: int | None = None  # the code of who leaves without asking, a signal
        self._told_unsaved: set[str] = set()
        """Runs that could not be saved, which was said."""
        self._interrupted: int | None = None
        """The run that was stopped with ctrl+c a moment ago."""

    def _equip(
        self,
        session: "Session",
        problems: Sequence[Problem],
        *,
        prompt: "Prompt | None",
        start_now: bool,
        theme: str | None,
    ) -> None:
        """Take what is to be shown."""
        self.session = session
        self._problems = [*problems]
        if session.ASKS:
            session.board.key_of = self.key
        if session.config.keymap:
            from ostream_compare.tui.keymap import usable_keymap  # noqa: PLC0415 - as the class says

            keymap, flaws = usable_keymap(session.config.keymap, session.config.path)
            self.set_keymap(keymap)
            self._problems += flaws
        first = prompt or next(iter(session.config.prompts), None)
        self._prompt = first if start_now else None
        if theme is not None and theme in self.available_themes:
            self.theme = theme
        elif theme is not None:
            known = ", ".join(sorted(self.available_themes))
            self._problems.append(
                Problem(key="--theme", message=f"no theme is named {theme}: one of {known}")
            )
        self._main = self.main_screen(session, self._problems, first)
        self._main.prompt_given = prompt is not None

    def main_screen(
        self, session: "Session", problems: Sequence[Problem], prompt: "Prompt | None"
    ) -> "MainScreen":
        """What the session is shown on."""
        from ostream_compare.tui.screens.main import MainScreen  # noqa: PLC0415 - as the class says

        return MainScreen(session, problems, prompt)

    def on_load(self) -> None:
        """Before the terminal is taken, so that no signal finds it taken: they leave as ctrl+q does."""
        leave_on_signals(self._leave_soon)

    async def on_mount(self) -> None:
        """Show the main screen."""
        if not self.is_headless:
            leave_at_hangup(self._leave_soon)
        await self._show_first()

    async def _show_first(self) -> None:
        """What is seen first."""
        await self._show_main()

    async def _show_main(self) -> None:
        self.tell_remembered()
        await self.push_screen(self._main)
        if self._problems:
            more = len(self._problems) - 1
            rest = f"\n{more} more: {self.key('help')} lists all." if more else ""
            said = _briefly(self._problems[0]) + rest
            self.notify(said, title="Something is wrong in the file", severity="warning", timeout=8)
        if self._prompt is not None:
            self.call_after_refresh(self._main.begin, self._prompt)
        memory.freeze()

    def secrets(self) -> list[str]:
        """The keys that were found, and what the file's headers and bodies hold of the kind."""
        from ostream_compare.domain.body_secrets import secrets_of  # noqa: PLC0415 - for a crash alone

        found = [key.value for key in self.session.machine.keys.values() if key.value]
        presets = self.session.config.presets
        return [*found, *(secret for preset in presets for secret in secrets_of(preset.params))]

    def kept(self) -> list[str]:
        """The log of the run that is on."""
        from ostream_compare.storage.run_log import log_path  # noqa: PLC0415 - for a crash alone

        run, recorder = self.session.run, self.session.machine.recorder
        if run is None or recorder is None:
            return []
        return [f"What came so far is in {log_path(run.id, recorder.folder)}, and H lists it the next time."]

    # Leaving

    async def action_quit(self) -> None:
        """Quit at once; but stay, once, with a run that could not be saved."""
        await self.leave(0, asks=True)

    async def action_interrupt(self) -> None:
        """Copy a selection; else stop the run and save it; the second time, leave."""
        from textual.widgets import TextArea  # noqa: PLC0415 - as the class says

        if isinstance(self.focused, TextArea) and self.focused.selected_text:
            self.focused.action_copy()
        elif self._main.copy_selected():
            pass
        elif self._interrupted == self.session.number:
            await self.leave(130, asks=True)
        else:
            self._interrupted = self.session.number
            self.set_timer(_TWICE, self._forget_interrupt)
            self.notify(
                f"{self.key('interrupt')} again leaves.", title=self._main.interrupt(), timeout=_TWICE
            )

    def _forget_interrupt(self) -> None:
        self._interrupted = None

    def _leave_soon(self, code: int) -> None:
        self.call_later(self.leave, code)

    async def _shutdown(self) -> None:
        """The terminal is the shell's again; a signal while the loop is closed would find its pipe closed."""
        await super()._shutdown()
        leave_signals_alone()

    async def leave(self, code: int, *, asks: bool = False) -> None:
        """Stop everything, save what was not saved, end the collector and exit: within two seconds.

        Args:
            code: The exit code, if all is saved.
            asks: Stay where a run would be lost of which that was not said yet, unless one that does not ask
                comes meanwhile.
        """
        if not asks and self._ordered is None:
            self._ordered = code
        if self._leaving:
            return
        self._leaving = True
        await self.take_back(code)
        self._arm(code or _NOT_SAVED)  # until that is known
        if self._main.is_mounted and not asks:  # a signal may come before
            self._main.rest()
        kept = await self.session.keep_all()
        if self._ordered is None and kept.lost.keys() - self._told_unsaved:
            self._stay(kept)
            return
        code = (code if self._ordered is None else self._ordered) or (_NOT_SAVED if kept.lost else 0)
        self._arm(code)
        if self._main.is_mounted:
            self._main.rest()
            await self._main.keep_last_draft()
        await self.session.wind_up()
        self.last_words += kept.told
        self.exit(code)

    def _arm(self, code: int) -> None:
        if self._deadline is not None:
            self._deadline.arm(code)

    def _stay(self, kept: "Kept") -> None:
        """Go on, and say why."""
        self._leaving = False
        if self._deadline is not None:
            self._deadline.disarm()
        self._told_unsaved |= kept.lost.keys()
        self.last_words += [f"Saved {path}" for path in kept.paths]
        runs = "this run" if len(kept.lost) == 1 else f"{len(kept.lost)} runs"
        why = next(iter(kept.lost.values()))
        self.notify(
            f"{why}. Nothing is lost yet: make room; ctrl+q tries again, and leaves.",
            title=f"Could not save {runs}",
            severity="error",
            timeout=_TO_BE_READ,
        )


def _briefly(problem: Problem) -> str:
    """What is wrong before where: a toast has few rows."""
    what = str(replace(problem, path=None, line=None))
    where = problem.path or ""
    return "\n".join(
        part for part in (what, where if problem.line is None else f"{where}:{problem.line}") if part
    )


def run(
    config: "Config",
    problems: Sequence[Problem],
    *,
    prompt: "Prompt | None",
    start_now: bool,
    collector: "Link",
    theme: str | None = None,
    machine: "Machine | None" = None,
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
    from ostream_compare.tui.session import Session  # noqa: PLC0415 - as the class says

    terminal_keys.teach()
    session = Session(config, collector, machine)
    deadline = Deadline()
    restored = restored_models(session)
    app = CompareApp(session, problems, prompt=prompt, start_now=start_now, theme=theme, deadline=deadline)
    app.open_as_last_time(session.machine, restored, keeps_theme=theme is None)
    return live(app, deadline, collector.kill)


def live(app: CompareApp, deadline: Deadline, kill: "Callable[[], None]") -> int:
    """Run `app` until it ends; the exit code."""
    try:
        code = app.run()
    finally:
        deadline.disarm()
        memory.thaw()
        kill()
        with suppress(OSError):  # a terminal that was hung up
            for line in app.last_words:
                sys.stderr.write(clean_line(line) + "\n")
    return app.return_code or 0 if code is None else code
