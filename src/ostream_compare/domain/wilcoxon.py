"""Wilcoxon's signed-rank test and the Hodges-Lehmann estimate that goes with it, both exact. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from ostream_compare.domain.statistics import ALPHA

LEAST_PAIRS = 6
"""Below this, no outcome has a two-sided p of 0.05 or less: 2 / 2**5 is 0.0625."""
MOST_EXACT = 200
"""Above this many pairs the normal distribution stands in for the exact one; p differs by less than 0.001."""

# Differences are of logarithms, so this is relative to the figures; a nanosecond in a minute is larger.
_SAME = 1e-12
# Walsh averages, as a multiple of the differences, that are as quickly sorted as searched.
_FEW_A_ROW = 4
# Distributions of untied ranks that are kept, of half a megabyte at most each: pairs of models differ in n.
_DISTRIBUTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """By how much one side of the pairs differs from the other, in the unit of the differences."""

    center: float
    """Hodges-Lehmann estimate: the median of the Walsh averages."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""
    confidence: float
    """Exact for untied differences and at least this for tied ones; 0.95 or more."""


def signed_rank_p(differences: Sequence[float]) -> float:
    """Two-sided p of "the differences lie symmetrically about 0", by the signed-rank test.

    Differences of equal size share their mid-rank, and p is taken from the permutation distribution of the
    ranks as they are: all 2**n ways to give them signs, counted and not sampled. Zeros are ranked and then
    left out (Pratt), so many equal pairs weigh against a few that differ. Sizes closer than 1e-12 are equal.

    Sources: Wilcoxon, Biometrics Bulletin 1 (1945) 80-83; Pratt, JASA 54 (1959) 655-667. The same as
    `scipy.stats.wilcoxon(differences, zero_method="pratt", method=...)`, "exact" for untied differences
    without zeros and `PermutationMethod()` for others. Above 200 differences: the normal approximation
    with the variance of the actual ranks and a continuity correction.
    """
    ranks = _doubled_ranks([abs(difference) for difference in differences])
    ranked = list(zip(ranks, differences, strict=True))
    kept = [rank for rank, difference in ranked if abs(difference) > _SAME]
    if not kept:
        return 1.0
    above = sum(rank for rank, difference in ranked if difference > _SAME)
    extreme = max(above, sum(kept) - above)
    if len(kept) > MOST_EXACT:
        return _normal_p(kept, extreme)
    unit = math.gcd(*kept)  # 2 without ties, which makes the table of sums half as long
    weights = sorted(rank // unit for rank in kept)
    n = len(weights)
    ways = untied_patterns(n) if weights[-1] == n == len(set(weights)) else SignPatterns(weights)
    return min(1.0, 2 * ways.at_least(extreme // unit) / 2**n)


def _doubled_ranks(sizes: Sequence[float]) -> list[int]:
    """Mid-ranks times two, which are whole numbers: the first and the last place of a tie, added up."""
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    ranks = [0] * len(sizes)
    start = 0
    for end in range(1, len(order) + 1):
        if end < len(order) and sizes[order[end]] - sizes[order[end - 1]] <= _SAME:
            continue
        for index in order[start:end]:
            ranks[index] = (start + 1) + end
        start = end
    return ranks


class SignPatterns:
    """How many of the 2**n ways to choose among ranks have each sum."""

    __slots__ = ("_packed", "_total", "_width")

    def __init__(self, ranks: Iterable[int]) -> None:
        weights = list(ranks)
        # The counts are the coefficients of the product of (1 + x**rank). With x a power of two that no count
        # reaches, one long integer holds them all, and multiplying is a shift and an addition.
        self._width = len(weights) // 8 + 1
        self._total = sum(weights)
        packed = 1
        for weight in weights:
            packed += packed << (8 * self._width * weight)
        self._packed = packed

    def counts(self) -> list[int]:
        """Item s counts those that sum to s."""
        width = self._width
        raw = self._packed.to_bytes(width * (self._total + 1), "little")
        return [int.from_bytes(raw[at : at + width], "little") for at in range(0, len(raw), width)]

    def at_least(self, total: int) -> int:
        """How many sum to `total` or more."""
        # The sum of a number's digits is its remainder by the base less one, if it is smaller than that.
        base = 1 << (8 * self._width)
        return (self._packed >> (8 * self._width * total)) % (base - 1) if base > 2 else 0  # noqa: PLR2004


@lru_cache(maxsize=_DISTRIBUTIONS)
def untied_patterns(n: int) -> SignPatterns:
    """Of the ranks 1 to n."""
    return SignPatterns(range(1, n + 1))


def _normal_p(doubled_ranks: Sequence[int], extreme: int) -> float:
    mean = sum(doubled_ranks) / 2
    deviation = math.sqrt(sum(rank * rank for rank in doubled_ranks)) / 2
    half_a_rank = 1
    return math.erfc(max(0.0, extreme - mean - half_a_rank) / deviation / math.sqrt(2))


def hodges_lehmann(differences: Sequence[float]) -> Shift:
    """The shift that the signed-rank test finds least fault with, and all that it does not reject.

    The estimate is the median of the Walsh averages (d_i + d_j) / 2, i <= j. The interval reaches from the
    k-th smallest to the k-th largest of them, with the largest k at which 2 P(W < k) <= 0.05 under the
    distribution of untied ranks; with ties the closed interval holds at least that confidence (Noether,
    JASA 62, 1967). Takes time by n log n and memory by n.
    Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963) 598-611.

    Raises:
        ValueError: There are fewer than 6 differences, which bound no interval of 95 %.
    """
    n = len(differences)
    if n < LEAST_PAIRS:
        raise ValueError(f"an interval needs {LEAST_PAIRS} differences, not {n}")
    ordered = sorted(differences)
    averages = n * (n + 1) // 2
    place, confidence = _interval_place(n)
    lower, upper = (walsh_average(ordered, at) for at in ((averages - 1) // 2, averages // 2))
    return Shift(
        center=lower if averages % 2 else (lower + upper) / 2,
        low=walsh_average(ordered, place - 1),
        high=walsh_average(ordered, averages - place),
        confidence=confidence,
    )


def walsh_average(ordered: Sequence[float], place: int) -> float:
    """The Walsh average that would be at `place`, from 0, if all were made and sorted.

    Row i holds (d_i + d_j) / 2 for j >= i, which rises with j, so what is left of a row is a range of j. Each
    turn takes a middle one of all rows and drops what lies on the wrong side of it: a quarter at the least.
    Source: Johnson & Mizoguchi, SIAM Journal on Computing 7 (1978) 147-153.

    Args:
        ordered: The differences, sorted.
        place: Below n (n + 1) / 2.
    """
    n = len(ordered)
    starts, ends = list(range(n)), [n] * n
    left = n * (n + 1) // 2
    while left > _FEW_A_ROW * n:
        pivot = _middle(ordered, starts, ends)
        below = _ends_below(ordered, pivot, starts, ends)
        less = sum(below) - sum(starts)
        if place < less:
            ends, left = below, less
            continue
        up_to = _ends_below(ordered, math.nextafter(pivot, math.inf), below, ends)
        not_more = sum(up_to) - sum(starts)
        if place < not_more:
            return pivot
        starts, left, place = up_to, left - not_more, place - not_more
    rows = enumerate(zip(starts, ends, strict=True))
    return sorted((ordered[i] + ordered[j]) / 2 for i, (start, end) in rows for j in range(start, end))[place]


def _middle(ordered: Sequence[float], starts: Sequence[int], ends: Sequence[int]) -> float:
    """The median of the rows' medians, each counted by the length of its row."""
    middles = sorted(
        ((ordered[i] + ordered[(start + end) // 2]) / 2, end - start)
        for i, (start, end) in enumerate(zip(starts, ends, strict=True))
        if end > start
    )
    half = sum(length for _, length in middles) / 2
    passed = 0
    for average, length in middles:
        passed += length
        if passed >= half:
            return average
    raise AssertionError("there are no rows")


def _ends_below(
    ordered: Sequence[float], limit: float, starts: Sequence[int], ends: Sequence[int]
) -> list[int]:
    """For each row, where its averages cease to be less than `limit`."""
    found: list[int] = []
    less = len(ordered)
    for value, start, end in zip(ordered, starts, ends, strict=True):
        while less and (value + ordered[less - 1]) / 2 >= limit:
            less -= 1
        found.append(start if less < start else min(less, end))
    return found


@lru_cache(maxsize=256)
def _interval_place(n: int) -> tuple[int, float]:
    """Place of the interval's ends among the sorted Walsh averages, from either side, and its confidence."""
    rank_sum = NormalDist(n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    near = math.floor(rank_sum.inv_cdf(ALPHA / 2) + 0.5)
    if n > MOST_EXACT:
        return near, 1 - 2 * rank_sum.cdf(near - 0.5)

    def missed(place: int) -> float:
        """2 P(W < place), which is as likely as a sum that is as far above the mean."""
        return 2 * untied_patterns(n).at_least(n * (n + 1) // 2 - place + 1) / 2**n

    place = max(0, near)
    while missed(place) > ALPHA:
        place -= 1
    while missed(place + 1) <= ALPHA:
        place += 1
    return place, 1 - missed(place)
