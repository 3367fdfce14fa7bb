"""What a sample of one figure says: median, range, percentiles and the median's interval. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from typing_extensions import TypeIs

from ostream.timeline import percentile

ALPHA = 0.05
"""Chance of error that every interval and every test of a comparison keeps to."""
LEAST_FOR_P90 = 10
LEAST_FOR_P95 = 20
LEAST_FOR_P99 = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianInterval:
    """Between two of the sorted values lies the population's median, whatever its distribution."""

    low_rank: int
    """1-based place of `low` among the sorted values."""
    high_rank: int
    """1-based place of `high` among the sorted values."""
    low: float
    """Lower end, in the figure's unit."""
    high: float
    """Upper end, in the figure's unit."""
    confidence: float
    """Exact for a continuous figure and at least this for any other; 0.95 or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One model's figure over its attempts, in the figure's unit; `None` where n is too small to say."""

    n: int
    """Attempts that gave the figure; everything below but the counts is of these."""
    unknown: int
    """Attempts that were answered, of which the figure is not known."""
    failures: int
    """Attempts that were not answered."""
    median: float | None
    """Middle value, or the mean of the two middle ones; from n = 1."""
    low: float | None
    """Smallest value; from n = 1."""
    high: float | None
    """Largest value; from n = 1."""
    p90: float | None
    """From n = 10; linear between neighbours, as every percentile of the program."""
    p95: float | None
    """From n = 20."""
    p99: float | None
    """From n = 100."""
    interval: MedianInterval | None
    """Interval of the median; from n = 6."""

    @property
    def attempts(self) -> int:
        """All attempts: the denominator of every rate."""
        return self.n + self.unknown + self.failures

    @property
    def failure_rate(self) -> float | None:
        """Failures over attempts, 0 to 1; `None` before the first attempt."""
        return self.failures / self.attempts if self.attempts else None

    @property
    def relative_half_width(self) -> float | None:
        """Half the interval's width over the median: 0.1 is ±10 %; `None` without one or at a median of 0."""
        if self.interval is None or not self.median:
            return None
        return (self.interval.high - self.interval.low) / 2 / self.median


def spread(values: Iterable[float | None], *, failures: int = 0) -> Spread:
    """The spread of one figure.

    Args:
        values: The figure of each answered attempt; `None`, a negative or an infinite one is unknown.
        failures: Attempts that were not answered. They have no value and stay in the denominator.
    """
    attempts = list(values)
    known = sorted(value for value in attempts if is_known(value))
    n = len(known)
    return Spread(
        n=n,
        unknown=len(attempts) - n,
        failures=failures,
        median=median(known) if known else None,
        low=known[0] if known else None,
        high=known[-1] if known else None,
        p90=percentile(known, 90) if n >= LEAST_FOR_P90 else None,
        p95=percentile(known, 95) if n >= LEAST_FOR_P95 else None,
        p99=percentile(known, 99) if n >= LEAST_FOR_P99 else None,
        interval=_median_interval(known),
    )


def is_known(value: float | None) -> TypeIs[float]:
    """Whether a figure can be reckoned with: times, rates, counts and money are finite and not negative."""
    return value is not None and math.isfinite(value) and value >= 0


def _median_interval(ordered: Sequence[float]) -> MedianInterval | None:
    found = median_ranks(len(ordered))
    if found is None:
        return None
    low_rank, confidence = found
    high_rank = len(ordered) + 1 - low_rank
    return MedianInterval(
        low_rank=low_rank,
        high_rank=high_rank,
        low=ordered[low_rank - 1],
        high=ordered[high_rank - 1],
        confidence=confidence,
    )


@lru_cache(maxsize=256)
def median_ranks(n: int) -> tuple[int, float] | None:
    """The narrowest symmetric interval of a median by order statistics, with 95 % confidence or more.

    Each value lies below the median with probability 1/2, so the number that does is binomial, and the
    median lies between the values of rank d and n + 1 - d with confidence 1 - 2 P(Bin(n, 1/2) < d).
    Source: David & Nagaraja, Order Statistics, 3rd edition (2003), section 7.1.

    Returns:
        d and the confidence, or `None` below n = 6, where even the whole range has less than 95 %.
    """
    best = None
    outside = 0
    for rank in range(1, n // 2 + 1):
        outside += 2 * math.comb(n, rank - 1)
        missed = outside / 2**n
        if missed > ALPHA:
            break
        best = rank, 1 - missed
    return best
