"""The second wall against terminal escapes: control characters leave no line on its way out."""

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ostream_compare.domain.safe_text import clean_line

_SUSPICIOUS = re.compile(
    r"[^\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u2030-\u2065\u206a-\ud7ff\ue000-\ufff8\ufffc-\U000dffff]"
)
"""Anything that `clean_line` might change; a quick look at each segment."""


class ControlFilter(LineFilter):
    """Replaces what `safe_text` replaces, whichever widget let it through.

    A line stays as wide as it was, whatever its end: control characters take no cell, and their symbols would
    push it into the next widget, or over the terminal's edge.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments when they are clean, which is nearly always."""
        del background
        if not any(_SUSPICIOUS.search(text) for text, _, control in segments if not control):
            return segments
        shown = [
            segment if segment.control else Segment(clean_line(segment.text), segment.style)
            for segment in segments
        ]
        return Segment.adjust_line_length(shown, Segment.get_line_length(segments), pad=False)
