"""The prompt box: several lines, enter is a new line, ctrl+j sends."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static, TextArea


class PromptArea(TextArea):
    """A text area that can be left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "leave", "Leave", id="leave_prompt", key_display="esc", tooltip="Back to the panes"
        ),
    ]

    def action_leave(self) -> None:
        """Give the focus back."""
        self.post_message(PromptBox.Left())


class PromptBox(Horizontal):
    """The area, and the key that sends it."""

    DEFAULT_CSS = """
    PromptBox {
        height: auto;
        max-height: 6;
        background: $surface;
        border-left: outer $foreground 30%;
        &:focus-within { border-left: outer $primary; }
        PromptArea {
            width: 1fr;
            height: auto;
            min-height: 1;
            max-height: 6;
            padding: 0;
            border: none;
            background: $surface;
            &:focus { border: none; }
            .text-area--cursor-line { background: $surface; }
        }
        .prompt--hint { width: auto; height: 1; color: $text-muted; padding: 0 1; }
    }
    """

    @dataclass
    class Left(Message):
        """The user is done with the box."""

    def __init__(self, text: str) -> None:
        super().__init__(id="prompt")
        self._text = text

    def compose(self) -> ComposeResult:
        """The area and its hint."""
        yield PromptArea(
            self._text,
            soft_wrap=True,
            show_line_numbers=False,
            compact=True,
            placeholder="Ask all models; ^j sends",
        )
        yield Static("^j send", classes="prompt--hint", markup=False)

    def on_mount(self) -> None:
        """One writes on at the end."""
        area = self.query_one(PromptArea)
        area.move_cursor(area.document.end)
