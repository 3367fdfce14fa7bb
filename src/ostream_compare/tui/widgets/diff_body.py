"""A diff's rows, painted as they are scrolled to: a long one costs no more than a short one."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import getters
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from ostream_compare.tui.diff_layout import Row
from ostream_compare.tui.safe_app import SafeApp


class DiffBody(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the rows that it was given last."""

    app = getters.app(SafeApp)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "diff--same",
        "diff--left",
        "diff--right",
        "diff--left-word",
        "diff--right-word",
        "diff--muted",
    }
    DEFAULT_CSS = """
    DiffBody {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        .diff--same { color: $foreground; }
        .diff--muted { color: $text-muted; }
        .diff--left { color: $text-error; }
        .diff--right { color: $text-success; }
        .diff--left-word { color: $text-error; background: $error-muted; text-style: bold; }
        .diff--right-word { color: $text-success; background: $success-muted; text-style: bold; }
        &:ansi {
            .diff--muted { text-style: dim; }
            .diff--left-word { background: ansi_default; text-style: bold reverse; }
            .diff--right-word { background: ansi_default; text-style: bold reverse; }
        }
    }
    """

    class Resized(Message):
        """There is another width to lay the rows out for."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()

    @property
    def plain_rows(self) -> list[str]:
        """All rows, as text."""
        return ["".join(part.text for part in row) for row in self._rows]

    def show(self, rows: Sequence[Row]) -> None:
        """Paint `rows` from now on; where one has scrolled to is kept as far as it can be."""
        self._rows = rows
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        self.refresh()

    def on_resize(self) -> None:
        """Ask for rows of the new width."""
        self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        index = y + round(self.scroll_y)
        base = self.get_component_rich_style("diff--same")
        text = Text(no_wrap=True, end="")
        for part in self._rows[index] if index < len(self._rows) else ():
            text.append(part.text, self.get_component_rich_style(f"diff--{part.look}"))
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        if span is not None:
            start, end = span
            style = self.screen.get_component_rich_style("screen--selection")
            text.stylize(style, start, len(text) if end < 0 else end)
        strip = Strip(text.render(self.app.console)).crop_extend(0, self.size.width, base)
        return strip.apply_offsets(0, index)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was selected with the mouse."""
        return selection.extract("\n".join(self.plain_rows)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        del selection
        self.refresh()
