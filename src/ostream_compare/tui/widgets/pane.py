"""One model's pane: how its text is scrolled, selected and folded, with keys and with the mouse."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer

from ostream_compare.tui.rows import Span
from ostream_compare.tui.widgets.pane_styles import CSS
from ostream_compare.tui.widgets.rows_view import EDGES, LEFT, RowsView
from ostream_compare.tui.widgets.selecting import Selection, Spot, column_at, row_at, word_at

_WHEEL = 3
"""Rows a notch."""
_DRAG_SCROLL = 1 / 20
"""Seconds between two rows while a selection is dragged beyond the pane."""
_WORD_CLICKS, _ROW_CLICKS = 2, 3


class Pane(RowsView, can_focus=True):
    """Shows the lane that it was given last. It follows the end of the text until someone scrolls up."""

    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_rows(-1)", "Up", show=False, id="scroll_up", tooltip="One row up"),
        Binding("down", "scroll_rows(1)", "Down", show=False, id="scroll_down", tooltip="One row down"),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False, id="page_up", tooltip="One page up"),
        Binding(
            "pagedown,space",
            "scroll_pages(1)",
            "Page down",
            show=False,
            id="page_down",
            tooltip="One page down",
        ),
        Binding("g,home", "scroll_top", "Top", show=False, id="top", tooltip="To the first row"),
        Binding(
            "G,end",
            "follow_end",
            "Follow",
            show=False,
            id="follow",
            tooltip="To the last row, and on with the text",
        ),
        Binding("escape", "unselect", "Unselect", show=False, id="unselect", tooltip="Select nothing"),
    ]

    @dataclass
    class Focused(Message):
        """The pane got the focus."""

        lane: int

    @dataclass
    class LinkClicked(Message):
        """Someone wants to follow a link of the answer."""

        url: str

    @dataclass
    class FollowedOn(Message):
        """Someone wants to follow a text whose end is in sight already."""

    _grip: int | None = None
    """Where the thumb is held, in rows below its upper end, while it is dragged."""
    _pressed: Spot | None = None
    """Where the mouse went down on text."""
    _beyond = 0
    """The way to scroll while a selection is dragged beyond the pane."""
    _ticker: Timer | None = None

    def fold(self, folded: bool) -> None:  # noqa: FBT001 - a state to take over
        """Show reasoning as one row, or in full, from now on."""
        if folded != self.folded or self.folding is None:
            self.folding = folded
            self.take_text(anew=True)

    def show_raw(self, raw: bool) -> None:  # noqa: FBT001 - a state to take over
        """Show the text as the model wrote it, or as Markdown."""
        if raw != self.raw:
            self.raw = raw
            self.select(None)
            self.take_text(anew=True)
            self.repaint()

    @property
    def hides_reasoning(self) -> bool:
        """Whether there is reasoning, and it is one row."""
        return self.folded and bool(self.view.parts.get("reasoning"))

    @property
    def selected_text(self) -> str:
        """What is selected."""
        if not self.selection:
            return ""
        start, end = self.selection.start, self.selection.end
        return self._transcript.text((start.row, start.column), (end.row, end.column))

    @property
    def links(self) -> list[tuple[str, str]]:
        """Text and address of each link, the first time that it is there."""
        found: dict[str, str] = {}
        for index in range(self._transcript.total):
            row = self._transcript.row(index)
            for span in row.spans:
                if span.link is not None:
                    found.setdefault(span.link, row.text[span.start : span.end])
        return [(text, url) for url, text in found.items()]

    # Focus

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001 - Textual's own signature
        """No style depends on the focus; to look for one in the sheets costs 10 ms a pane."""

    def on_focus(self) -> None:
        """Draw the heavy frame."""
        self.repaint()
        self.post_message(self.Focused(self.view.lane))

    def on_blur(self) -> None:
        """Draw the light frame."""
        self.repaint()

    # The mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_text(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_text(-_WHEEL)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar, or begin to select."""
        if event.button != 1 or not 1 <= event.y <= self._viewport.room:
            return
        thumb = self._viewport.thumb
        if thumb and event.x == self._box.width - 1:
            y = event.y - 1
            self._grip = y - thumb.start if y in thumb else len(thumb) // 2
            self.capture_mouse()
            self._drag_bar(y)
        elif not self._on_mark(event.x, event.y):
            self.select(None)
            self._pressed = self._spot(event.x, event.y)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the thumb, or the end of the selection."""
        if self._grip is not None:
            self._drag_bar(event.y - 1)
        elif self._pressed is not None:
            self._beyond = -1 if event.y < 1 else 1 if event.y > self._viewport.room else 0
            self._select_to(event.x, event.y)
            if self._beyond and self._ticker is None:
                self._ticker = self.set_interval(_DRAG_SCROLL, self._drag_on)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        del event
        self._let_go()

    def on_hide(self) -> None:
        """Nothing is held by what cannot be seen."""
        self._let_go()

    def _let_go(self) -> None:
        self._grip = self._pressed = None
        self._beyond = 0
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Follow the text or a link, unfold reasoning; twice selects a word, three times a row."""
        if event.button != 1 or not 1 <= event.y <= self._viewport.room:
            return
        spot = self._spot(event.x, event.y)
        row = self._transcript.row(spot.row)
        if event.chain == _WORD_CLICKS:
            self.select(word_at(row.text, spot.row, spot.column))
        elif event.chain >= _ROW_CLICKS:
            self.select(row_at(row.text, spot.row))
        elif self._on_mark(event.x, event.y):
            self.action_follow_end()
        elif not self.selection and event.x < self._box.width - 1:
            self._press(spot)

    def _press(self, spot: Spot) -> None:
        """A single click on text."""
        row = self._transcript.row(spot.row)
        link = next((span for span in row.spans if span.link and _covers(span, spot.column)), None)
        if link is not None and link.link is not None:
            self.post_message(self.LinkClicked(link.link))
        elif row.part == "reasoning" and (spot.row == 0 or self._transcript.row(spot.row - 1).part is None):
            self.fold(not self.folded)

    def _on_mark(self, x: int, y: int) -> bool:
        right = self._box.width - LEFT
        at_mark = y == self._viewport.room and right - cell_len(self._mark) <= x < right
        return at_mark and self._viewport.has_unseen

    def _spot(self, x: int, y: int) -> Spot:
        y = min(max(1, y), max(1, self._viewport.room))
        index = min(self._viewport.top + y - 1, max(0, self._viewport.total - 1))
        return Spot(index, column_at(self._transcript.row(index).text, x - LEFT))

    def _drag_bar(self, y: int) -> None:
        assert self._grip is not None
        self.scroll_text(self._viewport.rows_to(y, self._grip))

    # Selecting

    def select(self, selection: Selection | None) -> None:
        """Show what is selected; `None` selects nothing."""
        if selection == self.selection or not (selection or self.selection):
            return
        self.selection = selection
        self.refresh_rows(0, self._viewport.room)

    def _select_to(self, x: int, y: int) -> None:
        assert self._pressed is not None
        head = self._spot(x, y)
        if y > self._viewport.room or x - LEFT >= self._box.width - EDGES:
            head = Spot(head.row, len(self._transcript.row(head.row).text))
        self.select(Selection(self._pressed, head))

    def _drag_on(self) -> None:
        """The mouse is held beyond the pane, and does not move."""
        if self._beyond and self._pressed is not None:
            self.scroll_text(self._beyond)
            edge = 0 if self._beyond < 0 else self._viewport.room + 1
            self._select_to(LEFT, edge)

    # Actions

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by rows; at the end the text is followed again."""
        self.scroll_text(rows)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by what is visible, less one row."""
        self.scroll_text(pages * max(1, self._viewport.room - 1))

    def action_scroll_top(self) -> None:
        """To the first row."""
        self.scroll_text(-self._transcript.total)

    def action_follow_end(self) -> None:
        """To the last row, and on with the text; from there, on with the run."""
        if self.following:
            self.post_message(self.FollowedOn())
        self.scroll_text(self._transcript.total)

    def action_unselect(self) -> None:
        """Select nothing."""
        self.select(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape has other uses while nothing is selected."""
        if action == "unselect":
            return bool(self.selection)
        return super().check_action(action, parameters)


def _covers(span: Span, column: int) -> bool:
    return span.start <= column < span.end
