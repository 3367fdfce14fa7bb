"""An application that shows foreign text as text, and crashes without telling secrets."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import rich
import textual
from rich.console import Group, RenderableType
from rich.segment import Segment, Segments
from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.notifications import SeverityLevel
from textual.worker import Worker, WorkerState

from ostream.errors import redact
from ostream_compare.domain.errors import MISHAP, REPORT
from ostream_compare.domain.safe_text import clean, clean_line, secrets_of, without_keys
from ostream_compare.tui.driver import TerminalDriver
from ostream_compare.tui.filters import ControlFilter
from ostream_compare.tui.key_words import spelt, usual_keys
from ostream_compare.tui.orderly import OrderlyApp
from ostream_compare.tui.readable import readable

if TYPE_CHECKING:
    from rich.traceback import Trace


class SafeApp(OrderlyApp):
    """What the security of the screen needs, and the safety of the terminal, whatever the screens are."""

    CSS_PATH = Path(__file__).with_name("app.tcss")  # of this folder, whatever the folder of a subclass

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self._filters.append(ControlFilter())
        self.remapped: dict[str, str] = {}
        """Id to keys, where they are not the usual ones."""
        self.last_words: list[str] = []
        """For stderr, once the terminal is back."""

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, those of texts made to stand out."""
        self.theme_variables = readable(super().get_css_variables())
        return self.theme_variables

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Other keys than the usual ones; the help lists them."""
        self.remapped = dict(keymap)
        super().set_keymap(self.remapped)

    def key(self, name: str) -> str:
        """The key of a binding as a sentence has it; while one writes, one that is no text if there is such.

        Args:
            name: The binding's id.
        """
        from textual.widgets import Input, TextArea  # noqa: PLC0415 - no first picture waits for them

        keys = self._keys_of(name)
        signs = [spelt(key) or self.get_key_display(Binding(key, "")) for key in keys]
        if isinstance(self.focused, (Input, TextArea)):
            return next((sign for sign in signs if len(sign) > 1), signs[0])
        return signs[0]

    def key_sign(self, name: str) -> str:
        """The first key of a binding as a label has it."""
        return self.get_key_display(Binding(self._keys_of(name)[0], ""))

    def _keys_of(self, name: str) -> list[str]:
        """The usual ones, unless a keymap says others."""
        return (self.remapped.get(name) or usual_keys(name)).split(",")

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
        toast = partial(
            super().notify,
            clean(message),
            title=clean_line(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )
        self.show_toast(toast)

    def show_toast(self, toast: Callable[[], None]) -> None:
        """Let it be seen, from now on for its time."""
        toast()

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """A failure of the application's own workers would vanish otherwise."""
        error = cast("Worker[object]", event.worker).error
        if event.state is WorkerState.ERROR and error is not None:
            self.notify(f"{type(error).__name__}: {error}", title="That did not work", severity="error")

    def secrets(self) -> Iterable[str]:
        """What is never shown, not even when the program crashes."""
        return ()

    def kept(self) -> Iterable[str]:
        """Where that is which a crash does not lose, in words."""
        return ()

    def _fatal_error(self) -> None:
        """Textual's crash screen shows local variables, which may be keys and answers; this one does not."""
        from rich.traceback import Trace, Traceback  # noqa: PLC0415 - with pygments, which no first picture waits for

        self.bell()
        self._return_code = MISHAP
        kind, error, place = sys.exc_info()
        if kind is None or error is None:
            trace = Trace([])
        else:
            trace = Traceback.extract(kind, error, place, show_locals=False)
        _keep_secret(trace, (*self.secrets(), *secrets_of(os.environ)))
        traceback = Traceback(trace, show_locals=False, width=None, suppress=[rich, textual])
        told = Text("\n".join([REPORT, *self.kept()]))
        self._exit_renderables.append(Group(traceback, told))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """What an exception says may be foreign text: it is no more the terminal's than any other."""
        self._exit_renderables[:] = [self._cleaned(item) for item in self._exit_renderables]
        super()._print_error_renderables()

    def _cleaned(self, item: RenderableType) -> Segments:
        segments = self.error_console.render(item, self.error_console.options)
        return Segments(Segment(clean(text), style) for text, style, control in segments if not control)


def _keep_secret(trace: "Trace", secrets: tuple[str, ...]) -> None:
    """Mask `secrets` in what the exceptions of `trace` say."""
    for stack in trace.stacks:
        stack.exc_value = without_keys(redact(stack.exc_value, secrets))
        stack.notes = [without_keys(redact(note, secrets)) for note in stack.notes]
        for inner in stack.exceptions:
            _keep_secret(inner, secrets)
