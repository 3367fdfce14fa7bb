"""Lending the terminal to a program of the user's, while runs go on, are logged and are saved."""

from collections.abc import Awaitable, Callable
from functools import partial

from textual import work
from textual.app import SuspendNotSupported
from textual.notifications import SeverityLevel
from typing_extensions import override

from ostream_compare.tui.external import Foreground, ProgramError
from ostream_compare.tui.safe_app import SafeApp


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
            with self.suspend():
                try:
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
        for tell in untold:
            tell()
        if failure is not None:
            self.notify(failure, title=f"{what} did not work", severity="error")
        self.screen.refresh(layout=True)

    async def take_back(self, number: int) -> None:
        """End the program that has the terminal, if one has, by a signal; what it left is taken."""
        if self._foreground is not None:
            await self._foreground.end(number)

    @override
    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A toast, which is seen for its time: not before the terminal is ours again."""
        tell = partial(
            super().notify, message, title=title, severity=severity, timeout=timeout, markup=markup
        )
        if self._foreground is None:
            tell()
        else:
            self._untold.append(tell)
