"""A row of small bars: `▂▃▅▂`, a gap where there is nothing. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import log
from statistics import median

GAP = " "
_BARS = "▁▂▃▄▅▆▇█"
_LEAST_RATIO = 2.0
"""A logarithmic scale spans this at least, or noise would look like a trend."""


def spark(values: Sequence[float | None], most: float) -> str:
    """Bars from 0 to `most`; nothing and 0 leave a gap."""
    return "".join(
        GAP if not value or most <= 0 else _bar((value / most) * len(_BARS) - 1e-9) for value in values
    )


def trend(values: Sequence[float | None], least: float, most: float) -> str:
    """Bars on a logarithmic scale from `least` to `most`, which several rows share; `None` leaves a gap."""
    if least > 0 and most / least < _LEAST_RATIO:
        middle = (least * most) ** 0.5
        least, most = middle / _LEAST_RATIO**0.5, middle * _LEAST_RATIO**0.5
    return "".join(
        GAP if value is None else _bar(_share(value, least, most) * len(_BARS) + 1e-9) for value in values
    )


def _share(value: float, least: float, most: float) -> float:
    if value <= 0 or least <= 0:
        return 0.0
    return log(value / least) / log(most / least)


def _bar(level: float) -> str:
    return _BARS[min(max(int(level), 0), len(_BARS) - 1)]


def gathered(values: Sequence[float | None], width: int) -> list[float | None]:
    """At most `width` values: where there are more, the medians of equal stretches."""
    if len(values) <= width:
        return list(values)
    edges = [len(values) * place // width for place in range(width + 1)]
    return [
        median(known) if (known := [v for v in values[start:end] if v is not None]) else None
        for start, end in pairwise(edges)
    ]
