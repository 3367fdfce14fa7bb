"""The race: what each lane waits for, thinks, answers and stalls, a row a lane on one axis of time."""

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.tui.charts.race import LEGEND, Kind, Picture, Race
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.frame import cropped
from ostream_compare.tui.widgets.strip import state_style

_EVERY = 250_000_000
"""Nanoseconds between two pictures of a run that is on."""
_MOST_NAME = 16
_STYLES: dict[Kind, str] = {
    "queued": "$text-muted",
    "waiting": "$text-muted",
    "thinking": "$text-secondary",
    "answering": "$text-success",
    "stall": "$text-warning bold",
    "end": "bold",
    "none": "",
}

_LEAST_AXIS = 4
"""Cells of the axis that stay, whatever is said beside it."""

Shown = tuple[tuple[str, str, bool], ...]
"""Title, style of the state and whether it is the current one, of each lane."""


class RaceStrip(Widget):
    """Paints pictures of a race; four a second are enough to see who leads."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    RaceStrip {
        height: auto;
        background: $background;
        color: $foreground;
    }
    """

    picture: reactive[tuple[Shown, Picture]] = reactive(((), Picture((), "")), layout=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._painted: tuple[int, Shown] | None = None
        self._about = ""
        """Which round it is."""
        self._last: tuple[Race, tuple[LaneView, ...], int, bool] | None = None

    def on_mount(self) -> None:
        """What the glyphs mean, for whoever points at them."""
        self.tooltip = Content(LEGEND)

    def show(self, race: Race, lanes: tuple[LaneView, ...], current: int, *, now: int, over: bool) -> None:
        """Take the race as it is at `now`, unless the last look was a moment ago and told the same."""
        shown: Shown = tuple((view.title, state_style(view), view.lane == current) for view in lanes)
        before = self._painted
        same = before is not None and before[1] == shown and self._last is not None and self._last[0] is race
        if not over and before is not None and same and now - before[0] < _EVERY:
            return
        self._painted = now, shown
        self._last = race, lanes, now, over
        self._tell(_about(race, lanes, over=over))
        self._draw(shown)

    def _tell(self, about: str) -> None:
        if about != self._about:
            self._about = about
            self.refresh()

    def _draw(self, shown: Shown) -> None:
        if self._last is None:
            return
        race, lanes, now, over = self._last
        room = max(8, self.size.width - _names(shown) - 2)
        higher = len(shown) != len(self.picture[0])
        self.picture = shown, race.picture([view.lane for view in lanes], now, room, over=over)
        if higher:
            self.refresh(layout=True)

    def on_resize(self) -> None:
        """Another width."""
        self._draw(self.picture[0])

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A row a lane and the axis."""
        del container, viewport, width
        return len(self.picture[0]) + 1

    def render(self) -> Content:
        """Names, rows, axis."""
        shown, picture = self.picture
        name = _names(shown)
        lines: list[Content] = []
        for (title, style, current), row in zip(shown, picture.rows, strict=True):
            number, _, rest = title.partition(" ")
            label = set_cell_size(cropped(f"{number:>2} {rest}", name), name)
            runs = [Content.styled(text, style if kind == "end" else _STYLES[kind]) for text, kind in row]
            lines.append(Content.assemble(Content.styled(label, "bold" if current else ""), " ", *runs))
        taken = cell_len(picture.axis) + cell_len(self._about) + name + 2
        legend = f"  {LEGEND}" if taken + cell_len(LEGEND) < self.size.width else ""
        axis = f"{'':{name}} {picture.axis}{legend}"
        if self._about:
            room = max(name + _LEAST_AXIS, self.size.width - cell_len(self._about) - 2)
            axis = f"{set_cell_size(_whole_words(axis, room), room)}  {self._about}"
        lines.append(Content.styled(axis, "$text-muted"))
        return Content("\n").join(lines)


def _about(race: Race, lanes: tuple[LaneView, ...], *, over: bool) -> str:
    """Which round the race is of, where there is more than one, and what became of it."""
    of = lanes[0].round if lanes else ""
    if of.startswith("warm-up"):
        return "stopped in the warm-up: not recorded" if over else f"{of}: not recorded"
    return f"{of}: its race is not kept" if of and not race.tracks else of


def _whole_words(line: str, room: int) -> str:
    """As much of a line as fits, without a word of which a part does."""
    is_cut = line[room : room + 1].strip() and line[room - 1 : room].strip()
    return line[:room].rpartition(" ")[0] if is_cut else line[:room]


def _names(shown: Shown) -> int:
    return min(max((cell_len(title) + 1 for title, *_ in shown), default=0), _MOST_NAME)
