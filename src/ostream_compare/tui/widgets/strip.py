"""All lanes in one row: number, state and time of each."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual import getters
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.tui.safe_app import SafeApp
from ostream_compare.tui.views import LaneView


class _Item(NamedTuple):
    """A lane."""

    text: str
    worded: str
    """The same, with a word where there is none; shown where there is room for all."""
    style: str
    is_current: bool


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

    app = getters.app(SafeApp)
    items: reactive[tuple[_Item, ...]] = reactive(())

    def show(self, lanes: tuple[LaneView, ...], current: int) -> None:
        """Take the lanes as they are."""
        self.items = tuple(
            _Item(
                f"{view.lane + 1}{view.brief or ' ' + view.name}",
                f"{view.lane + 1}{_with_word(view) or ' ' + view.name}",
                state_style(view),
                view.lane == current,
            )
            for view in lanes
        )

    def render(self) -> Content:
        """The row; lanes that do not fit are counted at its ends, the current one is none of them."""
        width, hint = self.size.width, f"{self.app.key_sign('table')} full table "
        said = [item.text for item in self.items]
        worded = [item.worded for item in self.items]
        if sum(cell_len(text) + 2 for text in worded) + cell_len(hint) <= width:
            said = worded
        gap = "  " if sum(cell_len(text) + 2 for text in said) <= width else " "
        current = next((at for at, item in enumerate(self.items) if item.is_current), 0)
        start = 0
        while (end := self._end(said, start, gap)) <= current and start < current:
            start += 1
        parts = [Content(f" +{start}")] if start else []
        for text, item in zip(said[start:end], self.items[start:end], strict=True):
            piece = Content.styled(text, f"{item.style} bold underline" if item.is_current else item.style)
            parts += [Content(gap if parts else " "), piece]
        if end < len(self.items):
            parts.append(Content(f" +{len(self.items) - end}"))
        room = width - sum(part.cell_length for part in parts) - cell_len(hint)
        if room > 0:
            parts += [Content(" " * room), Content.styled(hint, "$text-muted")]
        return Content("").join(parts)

    def _end(self, said: Sequence[str], start: int, gap: str) -> int:
        """The first lane that does not fit into a row that begins with the lane at `start`."""
        used = len(f" +{start}") if start else 0
        for at in range(start, len(said)):
            left = len(said) - at - 1
            used += (len(gap) if used else 1) + cell_len(said[at])
            if used + (len(f" +{left}") if left else 0) > self.size.width:
                return at
        return len(said)


def _with_word(view: LaneView) -> str:
    """Its shortest account; in place of a glyph alone, a glyph and a word."""
    return view.state.replace(" ", "", 1) if len(view.brief) == 1 else view.brief


def state_style(view: LaneView) -> str:
    """The colour of a state, beside its glyph and word."""
    if view.problem:
        return "$text-error"
    return {"complete": "$text-success", "streaming": "$text-accent", "cancelled": "$text-warning"}.get(
        view.phase or "",
        "$text-muted",
    )
