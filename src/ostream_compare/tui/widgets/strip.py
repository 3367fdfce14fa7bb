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
        """The row; lanes that do not fit are counted at its end."""
        width = self.size.width
        gap = "  " if sum(cell_len(text) + 2 for text, *_ in self.items) <= width else " "
        parts: list[Content] = []
        used = 0
        for index, (text, style, current) in enumerate(self.items):
            piece = Content.styled(text, f"{style} bold underline" if current else style)
            left = len(self.items) - index - 1
            if used + len(gap) + cell_len(text) + (len(f" +{left}") if left else 0) > width:
                parts.append(Content(f" +{left + 1}"))
                used += len(f" +{left + 1}")
                break
            parts += [Content(gap if parts else " "), piece]
            used += cell_len(gap if len(parts) > 2 else " ") + cell_len(text)  # noqa: PLR2004 - the first has one blank
        room = width - used - len(_HINT)
        if room > 0:
            parts += [Content(" " * room), Content.styled(_HINT, "$text-muted")]
        return Content("").join(parts)


def state_style(view: LaneView) -> str:
    """The colour of a state, beside its glyph and word."""
    if view.problem:
        return "$text-error"
    return {"complete": "$text-success", "streaming": "$text-accent", "cancelled": "$text-warning"}.get(
        view.phase or "",
        "$text-muted",
    )
