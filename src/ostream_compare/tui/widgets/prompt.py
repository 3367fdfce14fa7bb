"""The prompt box: several lines, enter is a new line, ctrl+j sends; above it the system prompt."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.message import Message
from textual.widgets import Static, TextArea
from textual.widgets._toast import ToastRack

from ostream_compare.domain.counted import counted
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.folds import Folds
from ostream_compare.tui.prompt_history import PromptHistory
from ostream_compare.tui.safe_app import SafeApp

ROWS = 6
"""Most rows of the box in a usual terminal."""
_SHARE = 6
"""A high terminal gives it this part of its rows."""
_AROUND = 2
"""The row of lanes above the box and that of keys below it."""
_HINT_WIDTH = 60
"""Cells that the box needs to say more than the key."""


class PromptArea(TextArea):
    """A text area that can be left, with a history, in which a long text is one mark."""

    app = getters.app(SafeApp)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape", "leave", "Leave", id="leave_prompt", key_display="esc", tooltip="Back to the panes"
        ),
        Binding(
            "ctrl+l", "enlarge", "Larger", show=False, id="enlarge_prompt", tooltip="A larger box, or not"
        ),
    ]

    def __init__(self, text: str) -> None:
        self.folds = Folds()
        self.prompts = PromptHistory()
        self.prompts.put(text)
        super().__init__(self.folds.folded(text), soft_wrap=True, show_line_numbers=False, compact=True)

    @property
    def whole(self) -> str:
        """The text, long pastes in full."""
        return self.folds.whole(self.text)

    @property
    def selected_text(self) -> str:
        """What is selected, long pastes in full."""
        return self.folds.whole(super().selected_text)

    def action_cut(self) -> None:
        """Cut what is selected, or the row."""
        before = self.app.clipboard
        super().action_cut()
        if self.app.clipboard is not before:
            self.app.copy_to_clipboard(self.folds.whole(self.app.clipboard))

    def edit(self, edit: Edit) -> EditResult:
        """Fold what is long, and take a mark whole or not at all."""
        start, end = sorted((edit.from_location, edit.to_location))
        edit.from_location, edit.to_location = self.folds.covering(self.document.get_line, start, end)
        edit.text = self.folds.folded(edit.text)
        return super().edit(edit)

    def fill(self, text: str, *, written: bool = False) -> None:
        """Another text in place of this one, which an undo and the history bring back.

        Args:
            text: The whole.
            written: Whether the user wrote it, so that nothing replaces it unasked.
        """
        if not self.prompts.is_untouched(self.whole):
            self.prompts.keep(self.whole)
        self._show(text)
        self.prompts.put(None if written else self.whole)
        self.move_cursor(self.document.end)

    def _show(self, text: str) -> None:
        self.history.checkpoint()
        self.replace(text, self.document.start, self.document.end)
        self.history.checkpoint()

    def action_leave(self) -> None:
        """Give the focus back."""
        self.post_message(PromptBox.Left())

    def action_enlarge(self) -> None:
        """More rows, or as usual."""
        self.post_message(PromptBox.Enlarged())

    def action_cursor_up(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's own
        """Up; from the first row of a text that nobody is writing, to the prompt before it."""
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            older = self.prompts.older(self.whole)
            if older is not None:
                self._show(older)
                self.move_cursor(self.document.start)
                return
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's own
        """Down; from the last row of a recalled prompt, to the one after it."""
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            newer = self.prompts.newer(self.whole)
            if newer is not None:
                self._show(newer)
                self.move_cursor(self.document.end)
                return
        super().action_cursor_down(select)


class PromptBox(Vertical):
    """The system prompt, the area, and the key that sends it."""

    app = getters.app(SafeApp)
    DEFAULT_CSS = """
    PromptBox {
        height: auto;
        background: $surface;
        border-left: outer $border-blurred;
        &:focus-within { border-left: outer $border; }
        Horizontal { height: auto; }
        PromptArea {
            width: 1fr;
            height: auto;
            min-height: 1;
            max-height: 6;
            scrollbar-size-vertical: 1;
            padding: 0;
            border: none;
            background: $surface;
            &:focus { border: none; }
            &:disabled:can-focus { opacity: 100%; color: $text-muted; }
            .text-area--cursor-line { background: $surface; }
        }
        .prompt--system { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        .prompt--hint { width: auto; height: 1; color: $text-muted; padding: 0 1; }
    }
    """

    @dataclass
    class Left(Message):
        """The user is done with the box."""

    @dataclass
    class Edited(Message):
        """The text is another one."""

    @dataclass
    class Enlarged(Message):
        """The user wants another height."""

    def __init__(self, text: str, system: str | None = None) -> None:
        super().__init__(id="prompt")
        self._first = text
        self._system = system
        self._common: str | None = None
        self._turn = ""
        self._large = False

    def compose(self) -> ComposeResult:
        """The system prompt's line, the area and its hint."""
        yield Static(classes="prompt--system", markup=False)
        with Horizontal():
            yield PromptArea(self._first)
            yield Static(classes="prompt--hint", markup=False)

    def on_mount(self) -> None:
        """One writes on at the end."""
        self._area = self.query_one(PromptArea)
        self._area.move_cursor(self._area.document.end)
        self._show_system()
        self._show_hint()

    # What is in it

    @property
    def area(self) -> PromptArea:
        """Where one writes."""
        return self.query_one(PromptArea)

    @property
    def text(self) -> str:
        """The whole text, long pastes among it."""
        return self.area.whole

    @property
    def system(self) -> str | None:
        """The system prompt."""
        return self._system

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has written anything in it since it was filled."""
        return self.area.prompts.is_untouched(self.text)

    def fill(self, text: str, system: str | None) -> None:
        """Another prompt in place of this one."""
        self.area.fill(text)
        self.instruct(system)

    def take(self, text: str) -> None:
        """What the user wrote elsewhere."""
        self.area.fill(text, written=True)

    def instruct(self, system: str | None) -> None:
        """Another system prompt."""
        self._system = system or None
        self._show_system()
        self.post_message(self.Edited())

    def tell_common(self, system: str | None) -> None:
        """Show what every model is told beside this box's own."""
        self._common = system
        self._show_system()

    def remember(self, prompts: Iterable[str]) -> None:
        """Earlier prompts, for up and down."""
        self.area.prompts.load(prompts)

    def note_sent(self, text: str) -> None:
        """A prompt was sent; up leads to it."""
        self.area.prompts.add(text)

    def follow(self, turn: str) -> None:
        """Say which turn of a conversation this is to be; nothing for the first."""
        self._turn = turn
        self._show_hint()

    # What it shows

    def _show_system(self) -> None:
        line = self.query_one(".prompt--system", Static)
        parts = [f"system: {clean_line(self._system)}"] if self._system else []
        parts += [f"every model's own system: {clean_line(self._common)}"] if self._common else []
        line.display = bool(parts)
        line.update(" · ".join(parts))

    def _show_hint(self) -> None:
        tokens = self._area.folds.tokens(self._area.text)
        parts = [f"~{counted(tokens, 'token')}"] if tokens and self.size.width >= _HINT_WIDTH else []
        parts = [self._turn, *parts] if self._turn else parts
        key = self.app.key_sign("send")
        parts = ["read only"] if self.disabled else [*parts, f"{key} send"]
        self.query_one(".prompt--hint", Static).update(" · ".join(parts))
        self._area.placeholder = (
            f"Ask all models on ({self._turn}); {key} sends" if self._turn else f"Ask all models; {key} sends"
        )

    @on(TextArea.Changed)
    def _changed(self, message: TextArea.Changed) -> None:
        message.stop()
        self._show_hint()
        self.post_message(self.Edited())

    @on(Enlarged)
    def _enlarge(self, message: Enlarged) -> None:
        message.stop()
        self._large = not self._large
        self._limit()

    def on_resize(self, event: events.Resize) -> None:
        """Another width: the hint says as much as fits."""
        del event
        self._limit()
        self._show_hint()
        self._keep_clear()
        self.call_after_refresh(self._keep_clear)  # in the first picture there is no rack yet

    def watch_disabled(self, disabled: bool) -> None:  # noqa: FBT001 - Textual's own
        """No key sends what is to be read only."""
        super().watch_disabled(disabled)
        if self.is_mounted:
            self._show_hint()

    def _limit(self) -> None:
        height = self.screen.size.height
        self._area.styles.max_height = max(ROWS, height // 2 if self._large else height // _SHARE)

    def _keep_clear(self) -> None:
        """Toasts stand above the box, where they hide nothing that is written; but they are seen."""
        below = min(self.size.height + _AROUND, self.screen.size.height // 2)
        for rack in self.screen.query(ToastRack):
            rack.styles.margin = (0, 0, below, 0)
