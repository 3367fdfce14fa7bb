"""Lending the terminal to a program of the user's, while runs go on, are logged and are saved."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from textual import work
from textual.app import SuspendNotSupported
from typing_extensions import override

from ostream_compare.tui.external import Foreground, ProgramError
from ostream_compare.tui.safe_app import SafeApp

_SIGNAL = 128
"""A process that a signal ends has an exit code that is as much more."""


class LendingApp(SafeApp):
    """Lends its terminal to one program at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._foreground: Foreground | None = None
        self._untold: list[Callable[[], None]] = []
        """What came while nobody could see it."""

    def lend(self, use: Callable[[Foreground], Awaitable[None]], what: str) -> None:
        """Give the terminal to a program until it ends; keys that were typed meanwhile come afterwards.

        Args:
            use: Runs the program, and takes what it leaves.
            what: Its name, for who is told that it did not work.
        """
        if self._foreground is None:
            self._foreground = Foreground()
            self.keys_go_on.clear()
            self._lend(use, what, self._foreground)

    @work(exit_on_error=False, group="foreground")
    async def _lend(
        self, use: Callable[[Foreground], Awaitable[None]], what: str, foreground: Foreground
    ) -> None:
        failure = None
        try:
            with self.terminal_away():
                await use(foreground)
        except ProgramError as error:
            failure = str(error)
        except SuspendNotSupported:
            failure = "this terminal cannot be given away."
        finally:
            self._foreground = None
            self.keys_go_on.set()
            foreground.over.set()
            untold, self._untold = self._untold, []
            for toast in untold:
                toast()
        if failure is not None:
            self.notify(failure, title=f"{what} did not work", severity="error")
        self.screen.refresh(layout=True)

    @contextmanager
    def terminal_away(self) -> Generator[None]:
        """Textual's `suspend` for programs of their own, which never leaves a screen that takes no key.

        Whatever fails within, the terminal is ours again; only the end of this program leaves it the shell's.

        Raises:
            SuspendNotSupported: It cannot be given away.
        """
        driver = self._driver
        if driver is None or not driver.can_suspend:
            raise SuspendNotSupported
        is_leaving = False
        driver.suspend_application_mode()
        try:
            with driver.no_automatic_restart():
                yield
        except asyncio.CancelledError:
            is_leaving = True
            raise
        finally:
            if not is_leaving:
                driver.resume_application_mode()

    async def take_back(self, code: int) -> None:
        """End the program that has the terminal, if one has; what it left is taken.

        Args:
            code: Our exit code: that of a signal is passed on as this signal.
        """
        if self._foreground is not None:
            await self._foreground.end(code - _SIGNAL if code > _SIGNAL else signal.SIGTERM)

    @override
    def show_toast(self, toast: Callable[[], None]) -> None:
        """Not before the terminal is ours again."""
        if self._foreground is None:
            super().show_toast(toast)
        else:
            self._untold.append(toast)
