"""The system prompt in an editor of its own."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea

from ostream_compare.tui.screens.modal import Modal


class SystemPrompt(Modal[None]):
    """Whatever is written counts at once, so that nothing is lost however it is left.

    Args:
        text: What there is.
        keep: Takes every change.
    """

    CSS_PATH = "prompting.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,f2,ctrl+j,alt+enter",
            "dismiss",
            "Close",
            id="system_close",
            key_display="esc",
            priority=True,
            tooltip="Keep the system prompt and close",
        ),
    ]

    def __init__(self, text: str, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._text = text
        self._keep = keep

    def compose(self) -> ComposeResult:
        """One area."""
        yield TextArea(self._text, id="system", soft_wrap=True, placeholder="No system prompt", compact=True)

    def on_mount(self) -> None:
        """One writes on at the end."""
        area = self.query_one(TextArea)
        area.border_title = "System prompt · for every model"
        area.border_subtitle = Content(
            f"{self.app.key('system_close')} keeps it · ctrl+z undoes · empty: none"
        ).markup
        area.move_cursor(area.document.end)

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._keep(event.text_area.text)
