"""Rows of a transcript in a frame, painted from cached strips; what is out of sight costs nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ostream_compare.tui.rows import Row
from ostream_compare.tui.transcript import Transcript
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.frame import HEAVY, LIGHT, Frame
from ostream_compare.tui.widgets.painting import edge_segments, row_segments
from ostream_compare.tui.widgets.pane_styles import COMPONENTS, FIGURES_STYLES, Palette
from ostream_compare.tui.widgets.place import Search, nearest, place_of
from ostream_compare.tui.widgets.viewport import Viewport

if TYPE_CHECKING:
    from textual.color import Color

    from ostream_compare.tui.widgets.selecting import Selection

EDGES = 4
"""Cells of a row that are not text: the frame and a blank, on both sides."""
LEFT = 2
"""Cells left of the text."""
_KEPT = 4
"""Screenfuls of strips that are kept."""
NEW, MORE = "▼ new", "▼ more"
"""Below the last visible row is text: of an answer that comes in, or of one that ended."""
_THUMB = "▐"


class RowsView(Widget):
    """Shows the lane that it was given last."""

    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)

    @dataclass
    class Behind(Message):
        """There is more text than was laid out: `take_text` has to be called again."""

    def __init__(self, view: LaneView, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.view = view
        self.folding: bool | None = None
        """Whether the user wants reasoning folded; if nobody said so, it is once the answer begins."""
        self.raw = False
        """Whether the text is shown as the model wrote it, Markdown signs and all."""
        self.selection: Selection | None = None
        self._viewport = Viewport()
        self._box = Size(0, 0)
        """The size when it was last looked at; to ask Textual costs more than to paint a row."""
        self._transcript = Transcript(1)
        self._search: Search | None = None
        """For the reader's place, which has not been laid out anew so far."""
        self._strips: dict[int, Strip] = {}
        """By twice the row's index, and one more where the thumb is beside it."""
        self._known = 0
        """No strip is kept of this row or of one below."""
        self._frame_strips: dict[int, Strip] = {}
        self._palette = Palette(self)
        self._sides: tuple[Segment, Segment, Segment] | None = None
        self._auto_folded = False
        self._background: Color | None = None

    # What it is given

    def show(self, view: LaneView) -> None:
        """Paint `view`; only rows that changed are drawn again."""
        before, self.view = self.view, view
        self._box = self.size
        if not self.is_mounted or not self._box:
            return
        if (before.title, before.round) != (view.title, view.round):
            self.selection = None
            self._refresh_edge(0)
        if before.figures != view.figures or before.phase != view.phase:
            self._refresh_edge(self._box.height - 1)
        if before.phase != view.phase and self._viewport.has_unseen:
            self._refresh_edge(self._viewport.room)
        if before.problem != view.problem:
            self.repaint()
        self.take_text()

    @property
    def is_behind(self) -> bool:
        """Whether there is text that is not laid out, but could be."""
        return self._transcript.is_behind and self.is_mounted and self.display and bool(self.size)

    @property
    def following(self) -> bool:
        """Whether the end of the text is kept in sight."""
        return self._viewport.following

    @property
    def has_unseen(self) -> bool:
        """Whether there is text below the last visible row."""
        return self._viewport.has_unseen

    @property
    def folded(self) -> bool:
        """Whether reasoning is one row. It is not folded away from under someone who scrolled up."""
        if self.folding is not None:
            return self.folding
        if self._viewport.following:
            self._auto_folded = bool(self.view.parts.get("answer"))
        return self._auto_folded

    @property
    def plain_rows(self) -> list[str]:
        """The visible rows of text, as they are painted."""
        top = self._viewport.top
        return [self._transcript.row(top + y).text for y in range(self._viewport.room)]

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of the rows in `crop`; Textual's own style cache is passed by, its filters are not."""
        self._fit()
        thumb = self._viewport.thumb
        strips = [self._strip(y, thumb) for y in crop.line_range]
        if crop.column_span == (0, self._box.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def draw_ahead(self) -> None:
        """Draw what is visible already; the compositor paints all panes at once, and would take long."""
        if self.is_mounted and self.size.height == self._box.height:
            thumb = self._viewport.thumb
            for y in range(self._box.height):
                self._strip(y, thumb)

    def _strip(self, y: int, thumbs: range) -> Strip:
        if y == 0 or y == self._box.height - 1:
            strip = self._frame_strips.get(y)
            if strip is None:
                strip = self._frame_strips[y] = self._filtered(self._edge(y))
            return strip
        viewport = self._viewport
        index = viewport.top + y - 1
        thumb = y - 1 in thumbs
        if y == viewport.room and viewport.has_unseen:
            return self._filtered(self._segments(index, thumb=thumb, mark=self._mark))
        if self.selection:
            return self._filtered(self._segments(index, thumb=thumb))
        key = 2 * index + thumb
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > _KEPT * self._box.height:
                self._strips.clear()
            strip = self._strips[key] = self._filtered(self._segments(index, thumb=thumb))
            self._known = max(self._known, index + 1)
        return strip

    @property
    def _mark(self) -> str:
        return NEW if self.view.phase == "streaming" else MORE

    def _filtered(self, segments: list[Segment]) -> Strip:
        """A strip as it leaves the app; made once, for strips are dear."""
        if self._background is None:
            self._background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            segments = line_filter.apply(segments, self._background)
        return Strip(segments, self._box.width)

    def _segments(self, index: int, *, thumb: bool, mark: str = "") -> list[Segment]:
        row = self._transcript.row(index)
        left, right, bar = self._side_segments()
        return row_segments(
            row,
            self._transcript.width,
            self._palette,
            left=left,
            right=bar if thumb else right,
            base="pane--problem" if row.part == "note" and self.view.problem else "",
            selected=self.selection.on(index, len(row.text)) if self.selection else None,
            mark=mark,
        )

    def _side_segments(self) -> tuple[Segment, Segment, Segment]:
        if self._sides is None:
            frame, side = self._frame_style, self._frame.side
            self._sides = (
                Segment(f"{side} ", self._palette(frame)),
                Segment(f" {side}", self._palette(frame)),
                Segment(f" {_THUMB}", self._palette("pane--thumb")),
            )
        return self._sides

    def _edge(self, y: int) -> list[Segment]:
        width, frame = self._box.width, self._frame
        if y == 0:
            about = [said for said in (self.view.round, "raw" if self.raw else "") if said]
            pieces, style = frame.upper(width, self.view.title, *about), "pane--title"
        else:
            pieces = frame.lower(width, self.view.figures)
            style = FIGURES_STYLES.get(self.view.phase, "pane--figures")
        return edge_segments(pieces, width, self._palette(self._frame_style), self._palette(style))

    @property
    def _frame(self) -> Frame:
        return HEAVY if self.has_focus else LIGHT

    @property
    def _frame_style(self) -> str:
        return "pane--frame-focus" if self.has_focus else "pane--frame"

    # Rows

    def row(self, index: int) -> Row:
        """A row of all; blank beyond the end."""
        return self._transcript.row(index)

    def take_text(self, *, anew: bool = False) -> None:
        """Take over the text as it is.

        Args:
            anew: It is laid out in another way, so the reader's place is looked for.
        """
        if not self.size:
            return
        self._fit()
        viewport = self._viewport
        if anew:
            self._note_place()
        reading = None if viewport.following else self._transcript.row(viewport.top)
        before, unseen, gone = viewport.thumb, viewport.has_unseen, self._transcript.gone
        first = self._update()
        if first is None:
            return
        if self._transcript.gone > gone and not viewport.following:
            viewport.top = max(0, viewport.top - (self._transcript.gone - gone))
        viewport.total = self._transcript.total
        self._forget(first)
        top = viewport.top
        if self._search is not None:
            self._go_on_searching()
        elif reading is not None and first <= top:
            viewport.top = nearest(self._transcript, reading, top)
        viewport.settle()
        if top != viewport.top:
            self.refresh_rows(0, viewport.room)
            return
        self.refresh_rows(max(0, first - top), viewport.room)
        self._refresh_bar(before)
        if unseen != viewport.has_unseen:
            self.refresh_rows(viewport.room - 1, viewport.room)

    def _update(self) -> int | None:
        self._transcript.raw = self.raw
        first = self._transcript.update(self.view.parts, folded=self.folded, done=self.view.over)
        if self._transcript.is_behind:
            self.post_message(self.Behind())
        return first

    def _note_place(self) -> None:
        """Remember where the reader is, before the text is laid out in another way."""
        if self._viewport.following:
            self._search = None
        elif self._search is None:
            self._search = Search(place_of(self._transcript, self._viewport.top))
        else:
            self._search = Search(self._search.place)

    def _go_on_searching(self) -> None:
        """Show the reader's place, or, while it is still to come, the row next to it."""
        assert self._search is not None
        found = self._search.go_on(self._transcript, is_whole=not self._transcript.is_behind)
        self._viewport.top = self._viewport.last_top if found is None else found
        if found is not None:
            self._search = None

    def _fit(self) -> None:
        """Wrap anew if the width is another one; a hidden pane does it once it is seen."""
        self._box = self.size
        viewport = self._viewport
        viewport.room = max(0, self._box.height - 2)
        width = max(1, self._box.width - EDGES)
        if width == self._transcript.width:
            return
        self._note_place()
        self._transcript.resize(width)
        self._update()
        viewport.total = self._transcript.total
        if self._search is not None:
            self._go_on_searching()
        viewport.settle()
        self.selection = None
        self._forget(0)
        self._frame_strips.clear()

    def _forget(self, first: int) -> None:
        """Keep no strip of the row `first` and of those below."""
        if self.selection is not None and self.selection.start.row >= self._transcript.total:
            self.selection = None
        if 2 * (self._known - first) > len(self._strips):
            self._strips = {key: strip for key, strip in self._strips.items() if key < 2 * first}
        else:
            for key in range(2 * first, 2 * self._known):
                self._strips.pop(key, None)
        self._known = min(self._known, first)

    def scroll_text(self, rows: int) -> None:
        """Scroll by rows; at the end the text is followed again."""
        self._search = None
        if self._viewport.move(rows):
            self.refresh_rows(0, self._viewport.room)
        if self._viewport.following and self.folding is None:
            self.take_text()

    # What is drawn again

    def refresh_rows(self, first: int, last: int) -> None:
        """Draw rows of the screen again, counted below the frame."""
        if first < last:
            self.refresh(Region(0, 1 + first, self._box.width, last - first))

    def _refresh_bar(self, before: range) -> None:
        """Draw the scroll bar's cells again where the thumb came or went."""
        after = self._viewport.thumb
        if before != after:
            changed = set(before) ^ set(after)
            for y in changed:
                self.refresh(Region(self._box.width - 1, 1 + y, 1, 1))

    def _refresh_edge(self, y: int) -> None:
        self._frame_strips.pop(y, None)
        self.refresh(Region(0, y, self._box.width, 1))

    def repaint(self) -> None:
        """Draw everything again."""
        self._sides = None
        self._known = 0
        self._strips.clear()
        self._frame_strips.clear()
        self.refresh()

    # Events

    def notify_style_update(self) -> None:
        """Colours changed, or the focus did."""
        super().notify_style_update()
        self._palette.clear()
        self._background = None
        self._sides = None
        self._known = 0
        self._strips.clear()
        self._frame_strips.clear()

    def on_resize(self) -> None:
        """Another size: the rows are placed anew."""
        self._fit()
        self._viewport.settle()
        self.take_text()
        self.repaint()
