"""Plots of a comparison as SVG inside HTML: pure functions of its responses, no script and no address.

Colours stand as presentation attributes, so that a plot is complete by itself; a page may restyle the
classes (`queued`, `waiting`, `thinking`, `answering`, `mark`, `grid`, `stopped`). HTML needs no `xmlns`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.rows import width
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.export.xml_text import legal_line

MOST_ROWS = 60
"""Responses in a plot; more of them are no picture."""

_WIDE = 800
_LEFT = 190
_RIGHT = 66
_ROW = 24
_HEAD = 12
_AXIS = 26
_SPAN = _WIDE - _LEFT - _RIGHT
_LABEL_CELLS = 24
_SHORTEST_GAP = 0.01
"""Milliseconds; a logarithm needs something above nothing."""
_SHORTEST_RACE = 1e-6
"""Milliseconds; less is no time that a clock here could tell."""
_TICKS = 6

_BARS = {
    "queued": (4, 'fill="none" stroke="#7b8aa0" stroke-dasharray="2 2"'),
    "waiting": (4, 'fill="#7b8aa0"'),
    "thinking": (9, 'fill="#d97706"'),
    "answering": (15, 'fill="#2563eb"'),
}
"""Height and colour of each phase: the height tells them apart where colours do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceRow:
    """One response on the time axis; milliseconds since it was due."""

    label: str
    """Model, and round where there is more than one."""
    parts: tuple[tuple[str, float, float], ...]
    """Phase, begin and end, one after the other."""
    end: str
    """What stands behind the bar: its time, or why there is none."""
    whole: bool = True
    """Whether the answer is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """Gaps between the bursts of one response, in milliseconds."""

    label: str
    p50: float
    p99: float
    max: float


def label_of(response: Response, comparison: Comparison) -> str:
    """Which response it is, cleaned: its model, and the prompt, round and attempt where there are several."""
    parts = [clean_line(response.name)]
    if len(comparison.prompts) > 1:
        parts.append(f"prompt {response.prompt + 1}")
    if comparison.rounds > 1:
        parts.append(f"round {response.round}")
    if response.attempt > 1:
        parts.append(f"attempt {response.attempt}")
    return ", ".join(parts)


def race_row(response: Response, comparison: Comparison) -> RaceRow:
    """A response that never got a token has a row without a bar."""
    label = label_of(response, comparison)
    timing = response.timing
    start = (timing.queue_ms or 0.0) + (timing.connect_ms or 0.0)
    cuts: list[tuple[str, float | None]] = [("queued", 0.0), ("waiting", timing.ttft_ms)]
    if timing.ttft_ms is not None and timing.e2e_ms is not None:
        thinks_only = timing.ttfa_ms is None and bool(response.reasoning)
        cuts.append(("thinking", timing.e2e_ms if thinks_only else timing.ttfa_ms))
        cuts.append(("answering", timing.e2e_ms))
    parts: list[tuple[str, float, float]] = []
    at = -start
    for phase, until in cuts:
        if until is not None and math.isfinite(until) and until > at:
            parts.append((phase, at + start, until + start))
            at = until
    whole = response.state == "complete"
    end = figures.seconds(timing.e2e_ms) if whole else figures.state(response)
    return RaceRow(label=label, parts=tuple(parts), end=clean_line(end), whole=whole)


def gap_row(response: Response, comparison: Comparison) -> GapRow | None:
    """The gaps of a response, if they are known."""
    timing = response.timing
    gaps = (timing.icl_p50_ms, timing.icl_p99_ms, timing.icl_max_ms)
    known = [gap for gap in gaps if gap is not None and math.isfinite(gap) and gap >= 0]
    if len(known) < len(gaps):
        return None
    return GapRow(label=label_of(response, comparison), p50=known[0], p99=known[1], max=known[2])


def race_svg(rows: Sequence[RaceRow]) -> str:
    """Waiting, thinking and answering of each response on one time axis; "" where nothing ever came."""
    shown = rows[:MOST_ROWS]
    longest = max((end for row in shown for _, _, end in row.parts), default=0.0)
    if longest < _SHORTEST_RACE:
        return ""
    step = _step(longest)
    top = step * math.ceil(longest / step * (1 - 1e-9))

    def x(at: float) -> float:
        return _LEFT + at / top * _SPAN

    ticks = [(x(step * number), _tick(step * number)) for number in range(round(top / step) + 1)]
    marks: list[str] = []
    for number, row in enumerate(shown):
        y = _HEAD + number * _ROW
        marks.append(_name(row.label, y))
        for phase, begin, end in row.parts:
            title = escape(legal_line(f"{row.label}: {phase} {figures.seconds(end - begin)}"))
            high, paint = _BARS[phase]
            place = f'x="{x(begin):.1f}" y="{y + (_ROW - high) / 2:g}" height="{high}"'
            length = max(0.5, x(end) - x(begin))
            bar = f'<rect class="{phase}" {paint} {place} width="{length:.1f}"><title>{title}</title></rect>'
            marks.append(bar)
        last = x(row.parts[-1][2]) if row.parts else _LEFT
        weight = "" if row.whole else ' class="stopped" font-weight="bold"'
        marks.append(f'<text{weight} x="{last + 5:.1f}" y="{y + 16}">{escape(legal_line(row.end))}</text>')
    return _svg("Race: when each response waited, thought and answered", len(shown), ticks, marks)


def gap_svg(rows: Sequence[GapRow]) -> str:
    """p50, p99 and max of the gaps of each response on one logarithmic axis; "" where none are known."""
    shown = rows[:MOST_ROWS]
    if not shown:
        return ""
    low = math.floor(min(_power(row.p50) for row in shown))
    high = max(low + 1, math.ceil(max(_power(row.max) for row in shown)))

    def x(gap: float) -> float:
        return _LEFT + (_power(gap) - low) / (high - low) * _SPAN

    every = max(1, math.ceil((high - low) / _TICKS))
    ticks = [(x(10.0**power), _tick(10.0**power)) for power in range(low, high + 1, every)]
    marks: list[str] = []
    for number, row in enumerate(shown):
        y = _HEAD + number * _ROW
        at = x(max(row.p99, row.max)) + 9
        shape = _gap_shape(row, (x(row.p50), x(row.p99), x(row.max)), y + _ROW // 2)
        marks += [_name(row.label, y), shape, f'<text x="{at:.1f}" y="{y + 16}">{_gap_text(row.max)}</text>']
    return _svg("Gaps between bursts: p50, p99 and max of each response", len(shown), ticks, marks)


def _gap_shape(row: GapRow, places: tuple[float, float, float], y: int) -> str:
    """A dot at p50, a diamond at p99 and a bar at the maximum, on a line."""
    p50, p99, most = places
    texts = (f"p50 {_gap_text(row.p50)}", f"p99 {_gap_text(row.p99)}", f"max {_gap_text(row.max)}")
    title = escape(legal_line(f"{row.label}: {', '.join(texts)}"))
    parts = (
        f'<g class="mark" fill="#2563eb" stroke="#2563eb"><title>{title}</title>',
        f'<line x1="{p50:.1f}" x2="{most:.1f}" y1="{y}" y2="{y}" stroke-width="2"/>',
        f'<circle cx="{p50:.1f}" cy="{y}" r="5"/>',
        f'<path d="M{p99:.1f} {y - 6}l5 6l-5 6l-5 -6z"/>',
        f'<line x1="{most:.1f}" x2="{most:.1f}" y1="{y - 7}" y2="{y + 7}" stroke-width="3"/></g>',
    )
    return "".join(parts)


def _power(gap: float) -> float:
    return math.log10(max(_SHORTEST_GAP, gap))


def _svg(title: str, rows: int, ticks: Iterable[tuple[float, str]], marks: Iterable[str]) -> str:
    bottom = _HEAD + rows * _ROW
    height = bottom + _AXIS
    grid = [
        f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_HEAD}" y2="{bottom}" stroke="currentColor" '
        f'stroke-opacity="0.2"/><text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{text}</text>'
        for at, text in ticks
    ]
    return (
        f'<svg role="img" aria-label={quoteattr(title)} '
        f'viewBox="0 0 {_WIDE} {height}" width="{_WIDE}" height="{height}" fill="currentColor" '
        f'font-family="system-ui, sans-serif" font-size="12"><title>{escape(title)}</title>'
        f"{''.join([*grid, *marks])}</svg>"
    )


def _name(label: str, y: int) -> str:
    full = legal_line(label)
    short = full if width(full) <= _LABEL_CELLS else _cut(full)
    return (
        f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(short)}'
        f"<title>{escape(full)}</title></text>"
    )


def _cut(label: str) -> str:
    """The label's begin and its end, where the round stands."""
    head, tail = label, ""
    if ", " in label:
        head, _, rest = label.partition(", ")
        tail = f", {rest}"
    while head and width(head) + width(tail) >= _LABEL_CELLS:
        head = head[:-1]
    return f"{head}…{tail}"


def _step(longest: float) -> float:
    """A round distance of ticks (1, 2 or 5 times a power of ten), with at most six of them."""
    rough = longest / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))


def _tick(ms: float) -> str:
    if not ms:
        return "0"
    if ms < 1000:  # noqa: PLR2004 - milliseconds in a second
        return f"{ms:g} ms"
    return f"{ms / 1000:g} s"


def _gap_text(ms: float) -> str:
    return f"{ms:.3g} ms" if ms < 1000 else figures.seconds(ms)  # noqa: PLR2004 - as above
