"""An application that shows foreign text as text, and crashes without telling secrets."""

import rich
import textual
from rich.segment import Segments
from rich.traceback import Traceback
from textual.app import App
from textual.notifications import SeverityLevel

from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.tui.driver import TerminalDriver
from ostream_compare.tui.filters import ControlFilter


class SafeApp(App[int]):
    """What the security of the screen needs, and the safety of the terminal, whatever the screens are."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self._filters.append(ControlFilter())

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A toast; it never reads markup, because much of what it tells comes from outside."""
        del markup
        super().notify(
            clean(message), title=clean_line(title), severity=severity, timeout=timeout, markup=False
        )

    def _fatal_error(self) -> None:
        """Textual's crash screen shows local variables, which may be keys and answers; this one does not."""
        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[rich, textual])
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()
