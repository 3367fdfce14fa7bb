"""The application before there is a session: a first picture, and behind it everything else is made ready.

Keys that are pressed meanwhile are kept, and come to the main screen in their order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from textual import events, work

from ostream_compare.domain.errors import Problem
from ostream_compare.tui import terminal_keys
from ostream_compare.tui.app import CompareApp, live
from ostream_compare.tui.background import in_background
from ostream_compare.tui.leaving import Deadline
from ostream_compare.tui.orderly import is_typed
from ostream_compare.tui.remembering import RememberingApp, restored_models
from ostream_compare.tui.screens.opening import OpeningScreen, Picture

if TYPE_CHECKING:
    from ostream_compare.domain.preset import Config
    from ostream_compare.tui.session import Link, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the session is made of."""

    config: "Config"
    problems: Sequence[Problem]
    collector: "Link"
    """Started already."""
    machine: "Machine"


class EarlyApp(CompareApp):
    """Shows a picture, and then what it is of.

    Args:
        picture: What is known already.
        make: Gives the rest; called on a thread of its own.
        deadline: Ends the process when leaving takes too long.
    """

    def __init__(
        self, picture: Picture, make: Callable[[], Opened], deadline: Deadline | None = None
    ) -> None:
        RememberingApp.__init__(self)
        self._begin_life(deadline)
        self._picture, self._make = picture, make
        self._is_open = False
        self.failure: Exception | None = None
        """Why there is nothing to show."""
        self.link: Link | None = None
        if picture.theme is not None and picture.theme in self.available_themes:
            self.theme = picture.theme

    async def _show_first(self) -> None:
        """The picture, and nothing before it is painted."""
        await self.push_screen(OpeningScreen(self._picture))
        self.call_after_refresh(self._make_ready)

    @work(exit_on_error=False, group="opening")
    async def _make_ready(self) -> None:
        try:
            opened = await in_background(lambda: _imported(self._make()))
            self.link = opened.collector
            if self._leaving:
                return
            await self._take(opened)
        except Exception as error:  # noqa: BLE001 - it is raised again where the terminal is the shell's
            if not self._leaving:  # else nobody waits for it, and the exit code is chosen
                self.failure = error
                self.exit(1)
            return
        self._hand_on_later()

    async def _take(self, opened: Opened) -> None:
        from ostream_compare.tui.session import Session  # noqa: PLC0415 - it was imported behind the picture

        session = Session(opened.config, opened.collector, opened.machine)
        restored = restored_models(session)
        self._equip(session, opened.problems, prompt=None, start_now=False, theme=None)
        self.open_as_last_time(session.machine, restored, keeps_theme=True)
        self._is_open = True
        await self._show_main()

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed too early."""
        if self._handing_on is None and is_typed(event):
            self._typed.append(event)
        else:
            await super().on_event(event)

    # Leaving

    def secrets(self) -> list[str]:
        """None are known before there is a session."""
        return super().secrets() if self._is_open else []

    def kept(self) -> list[str]:
        """Nothing was begun before there is a session."""
        return super().kept() if self._is_open else []

    async def action_interrupt(self) -> None:
        """There is nothing to stop yet."""
        if self._is_open:
            await super().action_interrupt()
        else:
            await self.leave(130)

    async def leave(self, code: int, *, asks: bool = False) -> None:
        """There is nothing to save yet."""
        if self._is_open:
            await super().leave(code, asks=asks)
        elif not self._leaving:
            self._leaving = True
            self.exit(code)


def _imported(opened: Opened) -> Opened:
    """With the modules of the main screen, so that the loop need not wait for them."""
    for name in ("session", "screens.main"):
        import_module(f"ostream_compare.tui.{name}")
    return opened


def open_early(picture: Picture, make: Callable[[], Opened]) -> int:
    """Open the UI until the user leaves it; the exit code.

    Raises:
        Exception: What `make` raised.
    """
    terminal_keys.teach()
    deadline = Deadline()
    app = EarlyApp(picture, make, deadline)

    def kill() -> None:
        if app.link is not None:
            app.link.kill()

    code = live(app, deadline, kill)
    if app.failure is not None:
        raise app.failure
    return code
