"""Wilcoxon's signed-rank test and the Hodges-Lehmann estimate that goes with it, both exact. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from statistics import NormalDist, median

from ostream_compare.domain.statistics import ALPHA

LEAST_PAIRS = 6
"""Below this, no outcome has a two-sided p of 0.05 or less: 2 / 2**5 is 0.0625."""
MOST_EXACT = 200
"""Above this many pairs the normal distribution stands in for the exact one; p differs by less than 0.001."""

# Differences are of logarithms, so this is relative to the figures; a nanosecond in a minute is larger.
_SAME = 1e-12


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
    ways = sign_patterns(rank // unit for rank in kept)
    return min(1.0, 2 * sum(ways[extreme // unit :]) / 2 ** len(kept))


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


def sign_patterns(ranks: Iterable[int]) -> list[int]:
    """How many of the 2**n ways to choose among `ranks` have each sum: item s counts those that sum to s."""
    weights = list(ranks)
    # The counts are the coefficients of the product of (1 + x**rank). With x a power of two that no count
    # reaches, one long integer holds them all, and multiplying is a shift and an addition.
    width = len(weights) // 8 + 1
    packed = 1
    for weight in weights:
        packed += packed << (8 * width * weight)
    raw = packed.to_bytes(width * (sum(weights) + 1), "little")
    return [int.from_bytes(raw[at : at + width], "little") for at in range(0, len(raw), width)]


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
    JASA 62, 1967). Takes time and memory by the square of the number of differences.
    Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963) 598-611.

    Raises:
        ValueError: There are fewer than 6 differences, which bound no interval of 95 %.
    """
    n = len(differences)
    if n < LEAST_PAIRS:
        raise ValueError(f"an interval needs {LEAST_PAIRS} differences, not {n}")
    walsh = sorted((first + second) / 2 for first, second in combinations_with_replacement(differences, 2))
    place, confidence = _interval_place(n)
    return Shift(center=median(walsh), low=walsh[place - 1], high=walsh[-place], confidence=confidence)


@lru_cache(maxsize=256)
def _interval_place(n: int) -> tuple[int, float]:
    """Place of the interval's ends among the sorted Walsh averages, from either side, and its confidence."""
    if n > MOST_EXACT:
        rank_sum = NormalDist(n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24))
        place = math.floor(rank_sum.inv_cdf(ALPHA / 2) + 0.5)
        return place, 1 - 2 * rank_sum.cdf(place - 0.5)
    place, confidence = 0, 1.0
    below = 0
    for ways in sign_patterns(range(1, n + 1)):
        below += ways
        missed = 2 * below / 2**n
        if missed > ALPHA:
            break
        place, confidence = place + 1, 1 - missed
    return place, confidence
