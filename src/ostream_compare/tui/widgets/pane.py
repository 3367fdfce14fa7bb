"""One model's pane: paints its frame, its figures and its rows itself, from cached strips."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ostream_compare.tui.rows import Part
from ostream_compare.tui.transcript import Transcript
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.frame import HEAVY, LIGHT, Frame

_EDGES = 4
"""Cells of a row that are not text: the frame and a blank, on both sides."""
_KEPT = 4
"""Screenfuls of strips that are kept."""
_WHEEL = 3
"""Rows a notch."""
_NEW = "▼ new"
_STYLE_OF: dict[Part | None, str] = {
    None: "pane--answer",
    "answer": "pane--answer",
    "reasoning": "pane--reasoning",
    "tools": "pane--tools",
    "refusal": "pane--refusal",
    "note": "pane--note",
}
_FIGURES_STYLE: dict[str | None, str] = {
    "complete": "pane--good",
    "streaming": "pane--busy",
    "cancelled": "pane--stopped",
    "failed": "pane--problem",
    "truncated": "pane--problem",
}


class Pane(Widget, can_focus=True):
    """Shows the lane that it was given last. It follows the end of the text until someone scrolls up."""

    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pane--answer",
        "pane--reasoning",
        "pane--tools",
        "pane--refusal",
        "pane--note",
        "pane--problem",
        "pane--frame",
        "pane--frame-focus",
        "pane--title",
        "pane--figures",
        "pane--good",
        "pane--busy",
        "pane--stopped",
        "pane--new",
    }
    DEFAULT_CSS = """
    Pane {
        background: $surface;
        color: $foreground;
        .pane--answer { color: $foreground; }
        .pane--reasoning { color: $text-muted; text-style: italic; }
        .pane--tools { color: $text-accent; }
        .pane--refusal { color: $text-warning; }
        .pane--note { color: $text-muted; }
        .pane--problem { color: $text-error; }
        .pane--frame { color: $foreground 40%; }
        .pane--frame-focus { color: $primary; }
        .pane--title { color: $foreground; text-style: bold; }
        .pane--figures { color: $foreground; }
        .pane--good { color: $text-success; }
        .pane--busy { color: $text-accent; }
        .pane--stopped { color: $text-warning; }
        .pane--new { color: $background; background: $warning; text-style: bold; }
    }
    """
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
    ]

    @dataclass
    class Focused(Message):
        """The pane got the focus."""

        lane: int

    def __init__(self, view: LaneView, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.view = view
        self.folded = False
        self.following = True
        self._top = 0
        self._box = Size(0, 0)
        """The size when it was last looked at; to ask Textual costs more than to paint a row."""
        self._transcript = Transcript(1)
        self._strips: dict[int, Strip] = {}
        self._frame_strips: dict[int, Strip] = {}
        self._style_cache: dict[str, Style] = {}

    # What it is given

    def show(self, view: LaneView) -> None:
        """Paint `view`; only rows that changed are drawn again."""
        before, self.view = self.view, view
        self._box = self.size
        if not self.is_mounted or not self._box:
            return
        if before.title != view.title:
            self._refresh_frame(0)
        if before.figures != view.figures:
            self._refresh_frame(self._box.height - 1)
        if before.problem != view.problem:
            self._repaint()
        self._take_text()

    def fold(self, folded: bool) -> None:  # noqa: FBT001 - a state to take over
        """Show reasoning as one row, or in full."""
        self.folded = folded
        self._take_text()

    @property
    def has_unseen(self) -> bool:
        """Whether there is text below the last visible row."""
        return self._top < self._last_top

    @property
    def plain_rows(self) -> list[str]:
        """The visible rows of text, as they are painted."""
        return [self._transcript.row(self._top + y).text for y in range(self._room)]

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of the rows in `crop`; Textual's own style cache is passed by, its filters are not."""
        self._fit()
        strips = [self._strip(y) for y in crop.line_range]
        if crop.column_span == (0, self._box.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def _strip(self, y: int) -> Strip:
        last = self._box.height - 1
        if y in {0, last}:
            strip = self._frame_strips.get(y)
            if strip is None:
                strip = self._frame_strips[y] = self._filtered(self._edge(y))
            return strip
        index = self._top + y - 1
        if y == last - 1 and self.has_unseen:
            return self._filtered(self._row_strip(index, mark=_NEW))
        strip = self._strips.get(index)
        if strip is None:
            if len(self._strips) > _KEPT * self._box.height:
                self._strips.clear()
            strip = self._strips[index] = self._filtered(self._row_strip(index))
        return strip

    def _filtered(self, strip: Strip) -> Strip:
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, background)
        return strip

    def _row_strip(self, index: int, mark: str = "") -> Strip:
        row = self._transcript.row(index)
        room = self._transcript.width - (cell_len(mark) + 1 if mark else 0)
        name = "pane--problem" if row.part == "note" and self.view.problem else _STYLE_OF[row.part]
        style, frame, side = self._style(name), self._frame_style, self._frame.side
        segments = [
            Segment(f"{side} ", frame),
            Segment(set_cell_size(row.text, room), style),
        ]
        if mark:
            segments += [Segment(" ", style), Segment(mark, self._style("pane--new"))]
        segments.append(Segment(f" {side}", frame))
        return Strip(segments, self._box.width)

    def _edge(self, y: int) -> Strip:
        width, frame = self._box.width, self._frame_style
        if y == 0:
            left, text, right = self._frame.upper(width, self.view.title)
            style = self._style("pane--title")
        else:
            left, text, right = self._frame.lower(width, self.view.figures)
            style = self._style(_FIGURES_STYLE.get(self.view.phase, "pane--figures"))
        segments = [Segment(left, frame), Segment(text, style), Segment(right, frame)]
        return Strip(segments).adjust_cell_length(width, frame)

    @property
    def _frame(self) -> Frame:
        return HEAVY if self.has_focus else LIGHT

    @property
    def _frame_style(self) -> Style:
        return self._style("pane--frame-focus" if self.has_focus else "pane--frame")

    def _style(self, name: str) -> Style:
        style = self._style_cache.get(name)
        if style is None:
            style = self._style_cache[name] = self.get_component_rich_style(name)
        return style

    # Rows

    @property
    def _room(self) -> int:
        return max(0, self._box.height - 2)

    @property
    def _last_top(self) -> int:
        return max(0, self._transcript.total - self._room)

    def _fit(self) -> None:
        """Wrap anew if the width is another one; a hidden pane does it once it is seen."""
        self._box = self.size
        width = max(1, self._box.width - _EDGES)
        if width == self._transcript.width:
            return
        share = self._top / max(1, self._transcript.total)
        self._transcript.resize(width)
        self._transcript.update(self.view.parts, folded=self.folded)
        self._top = (
            self._last_top if self.following else min(round(share * self._transcript.total), self._last_top)
        )
        self._strips.clear()
        self._frame_strips.clear()

    def _take_text(self) -> None:
        if not self.size:
            return
        self._fit()
        unseen = self.has_unseen
        first = self._transcript.update(self.view.parts, folded=self.folded)
        if first is None:
            return
        for index in [index for index in self._strips if index >= first]:
            del self._strips[index]
        top = self._last_top if self.following else min(self._top, self._last_top)
        if top != self._top:
            self._top = top
            self._refresh_rows(0, self._room)
        else:
            self._refresh_rows(max(0, first - top), self._room)
            if unseen != self.has_unseen:
                self._refresh_rows(self._room - 1, self._room)

    def _refresh_rows(self, first: int, last: int) -> None:
        if first < last:
            self.refresh(Region(0, 1 + first, self._box.width, last - first))

    def _refresh_frame(self, y: int) -> None:
        self._frame_strips.pop(y, None)
        self.refresh(Region(0, y, self._box.width, 1))

    def _repaint(self) -> None:
        self._strips.clear()
        self._frame_strips.clear()
        self.refresh()

    # Events

    def notify_style_update(self) -> None:
        """Colours changed, or the focus did."""
        super().notify_style_update()
        self._style_cache.clear()
        self._strips.clear()
        self._frame_strips.clear()

    def on_resize(self) -> None:
        """Another size: the rows are placed anew."""
        self._fit()
        self._top = self._last_top if self.following else min(self._top, self._last_top)
        self._take_text()
        self._repaint()

    def on_focus(self) -> None:
        """Draw the heavy frame."""
        self._repaint()
        self.post_message(self.Focused(self.view.lane))

    def on_blur(self) -> None:
        """Draw the light frame."""
        self._repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.action_scroll_rows(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.action_scroll_rows(-_WHEEL)

    # Actions

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by rows; at the end the text is followed again."""
        top = min(max(0, self._top + rows), self._last_top)
        self.following = top >= self._last_top
        if top != self._top:
            self._top = top
            self._refresh_rows(0, self._room)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by what is visible, less one row."""
        self.action_scroll_rows(pages * max(1, self._room - 1))

    def action_scroll_top(self) -> None:
        """To the first row."""
        self.action_scroll_rows(-self._transcript.total)

    def action_follow_end(self) -> None:
        """To the last row, and on with the text."""
        self.action_scroll_rows(self._transcript.total)
