"""The first picture: the main screen's frames with the models' names, while the rest is made ready."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.layout import Plan, plan, spans, window
from ostream_compare.tui.widgets.frame import HEAVY, LIGHT, Frame, cropped

_MOST_LINES = 6
"""Of the prompt; the box is no higher at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is known at once."""

    file: str
    """Path of the file."""
    names: tuple[str, ...]
    """Of the models that will have a pane."""
    demo: bool
    """Whether one of them is the demo's."""
    prompt: str
    """What will stand in the prompt box."""
    theme: str | None = None
    """The theme that was chosen last."""


class Frames(Widget):
    """Header, panes and prompt where the main screen will have them."""

    ALLOW_SELECT: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "opening--header",
        "opening--frame",
        "opening--focus",
        "opening--title",
        "opening--prompt",
        "opening--keys",
    }
    DEFAULT_CSS = """
    Frames {
        width: 1fr;
        height: 1fr;
        .opening--header { color: $foreground; background: $panel; }
        .opening--frame { color: $border-blurred; background: $surface; }
        .opening--focus { color: $border; background: $surface; }
        .opening--title { color: $foreground; background: $surface; text-style: bold; }
        .opening--prompt { color: $foreground; background: $surface; }
        .opening--keys { background: $footer-background; }
    }
    """

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self._picture = picture
        self._rows: list[Strip] = []

    def on_resize(self) -> None:
        """Another size."""
        self._rows = []

    def render_line(self, y: int) -> Strip:
        """One row."""
        if not self._rows:
            self._rows = list(self._drawn())
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width)

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        names = self._picture.names
        laid = plan(width, height, len(names))
        if laid.kind == "too_small":
            return []
        prompt = self._prompt(width)
        below = 2 + len(prompt) + laid.table * (len(names) + 1) * (1 + laid.race)
        rows = [self._header(width), *self._panes(laid, width, height - 1 - below)]
        blank = Strip.blank(width, self.rich_style)
        rows += [blank] * (height - len(rows) - len(prompt) - 1)
        keys = self.get_component_rich_style("opening--keys")
        return [*rows, *prompt, Strip([Segment(" " * width, keys)], width)]

    def _header(self, width: int) -> Strip:
        style = self.get_component_rich_style("opening--header")
        file = clean_line(self._picture.file.rpartition("/")[2])
        left = f" ostream-compare  {file}  {' DEMO ' * self._picture.demo}"
        right = "opening "
        gap = max(1, width - cell_len(left) - len(right))
        return Strip([Segment(f"{left}{' ' * gap}{right}", style)]).adjust_cell_length(width, style)

    def _prompt(self, width: int) -> list[Strip]:
        style = self.get_component_rich_style("opening--prompt")
        lines = [clean_line(line) for line in self._picture.prompt.split("\n")]
        return [
            Strip([Segment(f"▌{line}", style)]).adjust_cell_length(width, style)
            for line in lines[:_MOST_LINES]
        ]

    def _panes(self, laid: Plan, width: int, height: int) -> list[Strip]:
        names = self._picture.names
        shown = window(laid, len(names), 0, 0)
        wide = spans(laid, len(shown))
        strips: list[Strip] = []
        first = 0
        for row in range(laid.rows):
            column, boxes = 0, list[tuple[int, int, str]]()
            while column < laid.columns and first < len(shown):
                lane, span = shown[first], wide[first]
                edges = (width * column // laid.columns, width * (column + span) // laid.columns)
                boxes.append((edges[1] - edges[0], lane, f"{lane + 1} {clean_line(names[lane])}"))
                column, first = column + span, first + 1
            inner = height * (row + 1) // laid.rows - height * row // laid.rows - 2
            upper, middle, lower = (
                Strip(segment for box in rows for segment in box)
                for rows in zip(*(self._box(*box) for box in boxes), strict=True)
            )
            strips += [upper, *([middle] * inner), lower]
        return strips

    def _box(self, width: int, lane: int, title: str) -> tuple[list[Segment], ...]:
        """The upper edge, a row and the lower edge of a pane."""
        frame: Frame = LIGHT if lane else HEAVY
        style = self.get_component_rich_style("opening--frame" if lane else "opening--focus")
        left, middle, right = frame.upper(width, cropped(title, width))
        bold = self.get_component_rich_style("opening--title")
        line = frame.line * (width - 2)
        return (
            [Segment(left, style), Segment(middle, bold), Segment(right, style)],
            [Segment(f"{frame.side}{' ' * (width - 2)}{frame.side}", style)],
            [Segment(f"{frame.lower_left}{line}{frame.lower_right}", style)],
        )


class OpeningScreen(Screen[None]):
    """One widget, so that nothing is in its way."""

    DEFAULT_CSS = "OpeningScreen { background: $background; }"

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self._picture = picture

    def compose(self) -> ComposeResult:
        """The frames."""
        yield Frames(self._picture)
