"""All lanes in one row: number, state and time of each."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.tui.views import LaneView

_HINT = "t full table "


class LaneStrip(Widget):
    """`1✓1.9s  2▶2.3s`: what is off the screen is at least in here."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    LaneStrip {
        height: 1;
        background: $background;
        color: $foreground;
    }
    """

    items: reactive[tuple[tuple[str, str, bool], ...]] = reactive(())
    """Text, style and whether it is the current one, of each lane."""

    def show(self, lanes: tuple[LaneView, ...], current: int) -> None:
        """Take the lanes as they are."""
        self.items = tuple(
            (f"{view.lane + 1}{view.brief or ' ' + view.name}", state_style(view), view.lane == current)
            for view in lanes
        )

    def render(self) -> Content:
        """The row; lanes that do not fit are counted at its ends, the current one is none of them."""
        width = self.size.width
        gap = "  " if sum(cell_len(text) + 2 for text, *_ in self.items) <= width else " "
        current = next((at for at, item in enumerate(self.items) if item[2]), 0)
        start = 0
        while (end := self._end(start, gap)) <= current and start < current:
            start += 1
        parts = [Content(f" +{start}")] if start else []
        for text, style, is_current in self.items[start:end]:
            piece = Content.styled(text, f"{style} bold underline" if is_current else style)
            parts += [Content(gap if parts else " "), piece]
        if end < len(self.items):
            parts.append(Content(f" +{len(self.items) - end}"))
        room = width - sum(part.cell_length for part in parts) - len(_HINT)
        if room > 0:
            parts += [Content(" " * room), Content.styled(_HINT, "$text-muted")]
        return Content("").join(parts)

    def _end(self, start: int, gap: str) -> int:
        """The first lane that does not fit into a row that begins with the lane at `start`."""
        used = len(f" +{start}") if start else 0
        for at in range(start, len(self.items)):
            left = len(self.items) - at - 1
            used += (len(gap) if used else 1) + cell_len(self.items[at][0])
            if used + (len(f" +{left}") if left else 0) > self.size.width:
                return at
        return len(self.items)


def state_style(view: LaneView) -> str:
    """The colour of a state, beside its glyph and word."""
    if view.problem:
        return "$text-error"
    return {"complete": "$text-success", "streaming": "$text-accent", "cancelled": "$text-warning"}.get(
        view.phase or "",
        "$text-muted",
    )
