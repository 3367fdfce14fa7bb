"""Horizontal bars with intervals: one figure of several models side by side. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ostream_compare.domain.figures import UNKNOWN

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEAST_BAR = 8
_MOST_LABEL = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One model's figure."""

    label: str
    value: float | None
    """`None` is unknown: no bar."""
    text: str
    """The figure in words."""
    low: float | None = None
    high: float | None = None
    """Interval or range of it, if there is one."""


@dataclass(frozen=True, slots=True)
class BarLine:
    """A row: three texts of the same widths in every row."""

    label: str
    bar: str
    figure: str


def bar_lines(bars: Sequence[Bar], width: int) -> list[BarLine]:
    """Rows of at most `width` cells. Solid up to the interval, `▒` up to the figure, `─` to its end."""
    label = min(max((cell_len(bar.label) for bar in bars), default=0), _MOST_LABEL, max(8, width // 3))
    figure = max((cell_len(bar.text) for bar in bars), default=0)
    room = max(_LEAST_BAR, width - label - figure - 4)
    most = max((bar.high if bar.high is not None else bar.value or 0.0 for bar in bars), default=0.0)
    return [BarLine(_fit(bar.label, label), _fit(_drawn(bar, most, room), room), bar.text) for bar in bars]


def _drawn(bar: Bar, most: float, room: int) -> str:
    if bar.value is None:
        return UNKNOWN
    if most <= 0:
        return ""
    if bar.low is None or bar.high is None or bar.low == bar.high:
        return _solid(bar.value / most * room) or _EIGHTHS[1]
    low, value, high = (figure / most * room for figure in (bar.low, bar.value, bar.high))
    solid, middle = int(low), max(int(low) + 1, round(value))
    whisker = max(0, round(high) - middle)
    return "█" * solid + "▒" * (middle - solid) + ("─" * (whisker - 1) + "┤" if whisker else "")


def _solid(cells: float) -> str:
    whole, eighths = divmod(round(cells * 8), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")


def _fit(text: str, cells: int) -> str:
    if cell_len(text) <= cells:
        return text + " " * (cells - cell_len(text))
    while text and cell_len(text) > cells - 1:
        text = text[:-1]
    return text + "…" + " " * (cells - 1 - cell_len(text))
