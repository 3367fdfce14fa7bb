"""Turns a row of text with its spans, and the frame round it, into what Textual's compositor takes."""

from collections.abc import Iterator
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from ostream_compare.tui.rows import Row, Span
from ostream_compare.tui.widgets.pane_styles import PART_STYLES, SPAN_STYLES, StyleOf

_FILLS = "code-block"
"""The span that goes on to the pane's edge."""


def row_segments(
    row: Row,
    room: int,
    style_of: StyleOf,
    *,
    left: Segment,
    right: Segment,
    base: str = "",
    selected: tuple[int, int] | None = None,
    mark: str = "",
) -> list[Segment]:
    """A row between the sides of its frame.

    Args:
        row: What to paint; as wide as `room` at most.
        room: Cells between the sides.
        style_of: Component classes to a style.
        left: The frame on the left.
        right: The frame on the right.
        base: Component class of the text; the part's own by default.
        selected: Characters that are selected.
        mark: What is laid over the row's end.
    """
    text, spans = row.text, row.spans
    base = base or PART_STYLES[row.part]
    cells = len(text) if text.isascii() else cell_len(text)
    fill = room - cells
    if not spans and selected is None:
        body = [Segment(text + " " * fill, style_of(base))]
    else:
        body = list(_pieces(text, spans, base, selected, style_of))
        if fill > 0:
            names = (base, SPAN_STYLES[_FILLS]) if any(span.style == _FILLS for span in spans) else (base,)
            body.append(Segment(" " * fill, style_of(*names)))
    if mark:
        body = _cut(body, room - cell_len(mark) - 1)
        body += [Segment(" ", style_of(base)), Segment(mark, style_of("pane--new"))]
    elif fill < 0:
        body = _cut(body, room)
    return [left, *body, right]


def _cut(segments: list[Segment], cells: int) -> list[Segment]:
    return Segment.adjust_line_length(segments, max(0, cells))


def _pieces(
    text: str, spans: tuple[Span, ...], base: str, selected: tuple[int, int] | None, style_of: StyleOf
) -> Iterator[Segment]:
    layers = [(span.start, span.end, SPAN_STYLES[span.style]) for span in spans]
    if selected is not None:
        layers.append((*selected, "pane--selection"))
    cuts = {0, len(text)}
    for start, end, _ in layers:
        cuts.add(min(start, len(text)))
        cuts.add(min(end, len(text)))
    for first, last in pairwise(sorted(cuts)):
        names = [name for start, end, name in layers if start <= first and last <= end]
        yield Segment(text[first:last], style_of(base, *names))


def edge_segments(pieces: tuple[str, str, str], width: int, frame: Style, text: Style) -> list[Segment]:
    """The upper or the lower edge of a frame."""
    left, middle, right = pieces
    segments = [Segment(left, frame), Segment(middle, text), Segment(right, frame)]
    return Segment.adjust_line_length(segments, width, frame)
