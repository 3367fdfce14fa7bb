"""The rank-sum test of two unpaired samples and its Hodges-Lehmann shift, both exact, in strata. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, median

from ostream_compare.domain.statistics import ALPHA
from ostream_compare.domain.wilcoxon import Shift

LEAST_EACH = 6
"""Answers on either side, below which nothing is tested; the same floor as for rounds."""
MOST_EXACT = 60
"""Above this many values the normal distribution stands in for the exact one.

Around 0.05, p differs by under 0.003 (6 values against many) or 0.001 (as many on either side); where nothing
differs, by up to 0.01.
"""

_DIGITS = 12
"""Logarithms that agree in so many decimals are equal."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Two samples that may be compared with each other, such as the answers to one prompt."""

    a: tuple[float, ...]
    b: tuple[float, ...]

    @classmethod
    def of(cls, a: Iterable[float], b: Iterable[float]) -> "Stratum":
        """The samples, rounded so that equal values tie."""
        return cls(tuple(round(value, _DIGITS) for value in a), tuple(round(value, _DIGITS) for value in b))


def rank_sum_p(strata: Sequence[Stratum]) -> float:
    """Two-sided p of "A and B do not differ in any stratum", by the sum of A's ranks within the strata.

    With one stratum it is the test of Wilcoxon, and of Mann and Whitney. Ties share their mid-rank, and p
    is taken from the permutation distribution of the ranks as they are, counted and not sampled. Above 60
    values: the normal approximation with the variance of the actual ranks and a continuity correction.

    Sources: Mann & Whitney, Annals of Mathematical Statistics 18 (1947) 50-60; strata: van Elteren,
    Bulletin de l'Institut International de Statistique 37 (1960) 351-361, with equal weights, so that the
    shift below belongs to the test. The same as `scipy.stats.mannwhitneyu(a, b, method=...)`: "exact" for
    untied values, `PermutationMethod()` for tied ones, "asymptotic" for many.
    """
    useful = [stratum for stratum in strata if stratum.a and stratum.b]
    ranks = [_doubled_ranks(stratum) for stratum in useful]
    sizes = [len(stratum.a) for stratum in useful]
    observed = sum(sum(of[:size]) for of, size in zip(ranks, sizes, strict=True))
    if sum(map(len, ranks)) > MOST_EXACT:
        return _normal_p(ranks, sizes, observed)
    ways = _product([_subset_sums(tuple(sorted(of)), size) for of, size in zip(ranks, sizes, strict=True)])
    least = min(sum(ways[: observed + 1]), sum(ways[observed:]))
    return min(1.0, 2 * least / sum(ways))


def rank_sum_shift(strata: Sequence[Stratum]) -> Shift | None:
    """By how much A is above B: the median of all differences within the strata, and its interval.

    The interval reaches from the k-th smallest to the k-th largest difference, with the largest k at which
    2 P(U < k) <= 0.05 under the distribution of untied ranks. Takes memory by the product of the samples.
    Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963) 598-611.

    Returns:
        `None` where there are too few values to bound an interval of 95 %.
    """
    differences = sorted(x - y for stratum in strata for x in stratum.a for y in stratum.b)
    place, confidence = _interval_place(tuple((len(s.a), len(s.b)) for s in strata if s.a and s.b))
    if not place:
        return None
    low, high = differences[place - 1], differences[-place]
    return Shift(center=median(differences), low=low, high=high, confidence=confidence)


def _doubled_ranks(stratum: Stratum) -> list[int]:
    """Mid-ranks times two, A's first."""
    both = [*stratum.a, *stratum.b]
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for place, value in enumerate(sorted(both), 1):
        first.setdefault(value, place)
        last[value] = place
    return [first[value] + last[value] for value in both]


@lru_cache(maxsize=256)
def _subset_sums(ranks: tuple[int, ...], size: int) -> tuple[int, ...]:
    """How many of the ways to choose `size` of `ranks` have each sum: item s counts those that sum to s."""
    # A count is a digit of a long integer to a base that no count reaches; to add a rank is to shift.
    width = len(ranks) // 8 + 1
    packed = [1] + [0] * size
    for rank in ranks:
        for chosen in range(size, 0, -1):
            packed[chosen] += packed[chosen - 1] << (8 * width * rank)
    raw = packed[size].to_bytes(width * (sum(ranks) + 1), "little")
    return tuple(int.from_bytes(raw[at : at + width], "little") for at in range(0, len(raw), width))


def _product(distributions: Sequence[Sequence[int]]) -> list[int]:
    """The distribution of the sum of independent ones, as counts."""
    total = [1]
    for distribution in distributions:
        nonzero = [(place, ways) for place, ways in enumerate(distribution) if ways]
        summed = [0] * (len(total) + len(distribution) - 1)
        for start, count in enumerate(total):
            if count:
                for place, ways in nonzero:
                    summed[start + place] += count * ways
        total = summed
    return total


def _normal_p(ranks: Sequence[Sequence[int]], sizes: Sequence[int], observed: int) -> float:
    mean = variance = 0.0
    for of, size in zip(ranks, sizes, strict=True):
        n = len(of)
        middle = sum(of) / n
        mean += size * middle
        if n > 1:
            variance += size * (n - size) / (n * (n - 1)) * sum((rank - middle) ** 2 for rank in of)
    if not variance:
        return 1.0
    half_a_rank = 1
    return math.erfc(max(0.0, abs(observed - mean) - half_a_rank) / math.sqrt(2 * variance))


@lru_cache(maxsize=256)
def _interval_place(sizes: tuple[tuple[int, int], ...]) -> tuple[int, float]:
    """Place of the interval's ends among the sorted differences, from either side, and its confidence."""
    if sum(n + m for n, m in sizes) > MOST_EXACT:
        mean = sum(n * m for n, m in sizes) / 2
        variance = sum(n * m * (n + m + 1) for n, m in sizes) / 12
        normal = NormalDist(mean, math.sqrt(variance))
        place = max(0, math.floor(normal.inv_cdf(ALPHA / 2) + 0.5))
        return place, 1 - 2 * normal.cdf(place - 0.5)
    ways = _product([_subset_sums(tuple(range(1, n + m + 1)), n)[n * (n + 1) // 2 :] for n, m in sizes])
    every = sum(ways)
    place, confidence, below = 0, 1.0, 0
    for count in ways:
        below += count
        missed = 2 * below / every
        if missed > ALPHA:
            break
        place, confidence = place + 1, 1 - missed
    return place, confidence
