"""Which of two models has the lower figure, by how much, and whether the rounds can tell. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ostream_compare.domain.statistics import ALPHA, is_known
from ostream_compare.domain.wilcoxon import LEAST_PAIRS, hodges_lehmann, signed_rank_p

# An interval that ends this near to 1 holds 1: what is left of it is rounding.
_TOUCHES = 1e-9
# Keeps a ratio and its inverse inside the range of a float.
_LARGEST_LOG = 700.0
_TWO_DIGITS_FROM = 9.95
_EXPONENT_FROM = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What to call a model by its figure; for a time "faster" and "slower"."""

    lower: str
    """The model with the lower figure is this."""
    higher: str
    """The model with the higher figure is this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRatio:
    """The figure of A over that of B, round by round; `None` where the rounds cannot tell."""

    n: int
    """Rounds in which both sides have the figure."""
    left_out: int
    """Rounds in which one side or both failed or have no figure."""
    without_ratio: int = 0
    """Rounds among n in which one figure is 0 and the other is not; one such, and nothing is compared."""
    ratio: float | None = None
    """Hodges-Lehmann estimate of A / B; below 1 when A is the lower."""
    low: float | None = None
    """Lower end of the ratio's own interval, which knows nothing of other pairs of models."""
    high: float | None = None
    """Upper end of it."""
    confidence: float | None = None
    """Of the interval; 0.95 or more."""
    p: float | None = None
    """Two-sided, of the signed-rank test on log ratios; before any adjustment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPair:
    """One row of the table that compares every model with every other."""

    a: str
    """The model that `wording` speaks of."""
    b: str
    """The model that it is compared with."""
    paired: PairedRatio
    """The comparison by itself."""
    adjusted_p: float | None
    """p by Holm over all pairs of the table that have one."""
    wording: str
    """The verdict, such as "1.8x faster (1.5 to 2.2, n=12)"."""


def compare_all(samples: Mapping[str, Sequence[float | None]], words: Words) -> list[ComparedPair]:
    """Compares every model with every later one, in the order of `samples`.

    Args:
        samples: Of each model, the figure of each round, `None` where the round gave none. Item i is of
            the same round and prompt for all models.
        words: What lower and higher figures are called.

    Raises:
        ValueError: The models do not have the same number of rounds.
    """
    names = list(combinations(samples, 2))
    results = [paired_ratio(samples[a], samples[b]) for a, b in names]
    adjusted = iter(holm([result.p for result in results if result.p is not None]))
    rows: list[ComparedPair] = []
    for (a, b), result in zip(names, results, strict=True):
        adjusted_p = None if result.p is None else next(adjusted)
        wording = verdict(result, adjusted_p, words)
        rows.append(ComparedPair(a=a, b=b, paired=result, adjusted_p=adjusted_p, wording=wording))
    return rows


def paired_ratio(a: Sequence[float | None], b: Sequence[float | None]) -> PairedRatio:
    """Compares A with B over rounds: exact signed-rank test and Hodges-Lehmann estimate, on log ratios.

    Rounds without either figure are left out and counted. Two equal figures, also two zeros, have the
    ratio 1; 0 against anything else has none, and leaving such rounds out would flatter one side, so
    then there is no estimate at all.

    Args:
        a: The figure of A in each round: finite and not negative, or unknown.
        b: The same of B, in the same rounds.

    Raises:
        ValueError: A and B do not have the same number of rounds.
    """
    rounds = list(zip(a, b, strict=True))
    both = [(first, second) for first, second in rounds if is_known(first) and is_known(second)]
    logs = [log for first, second in both if (log := _log_ratio(first, second)) is not None]
    n = len(both)
    left_out = len(rounds) - n
    without_ratio = n - len(logs)
    if n < LEAST_PAIRS or without_ratio:
        return PairedRatio(n=n, left_out=left_out, without_ratio=without_ratio)
    shift = hodges_lehmann(logs)
    return PairedRatio(
        n=n,
        left_out=left_out,
        ratio=_from_log(shift.center),
        low=_from_log(shift.low),
        high=_from_log(shift.high),
        confidence=shift.confidence,
        p=signed_rank_p(logs),
    )


def _log_ratio(a: float, b: float) -> float | None:
    if a == b:
        return 0.0
    return math.log(a) - math.log(b) if a > 0 and b > 0 else None


def _from_log(value: float) -> float:
    return math.exp(min(max(value, -_LARGEST_LOG), _LARGEST_LOG))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusts each p for the number of tests by the step-down procedure; in the order given.

    The i-th smallest of m is multiplied by m - i + 1, is never below the one before it and never above 1;
    the chance that any of the tests errs at 0.05 is then at most 0.05, however they depend on each other.
    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    adjusted = [1.0] * len(p_values)
    so_far = 0.0
    for step, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        so_far = max(so_far, (len(p_values) - step) * p_values[index])
        adjusted[index] = min(1.0, so_far)
    return adjusted


def verdict(result: PairedRatio, adjusted_p: float | None, words: Words) -> str:
    """A paired comparison in words, of A: "1.8x faster (1.5 to 2.2, n=12)" or "no clear difference (n=5)".

    A difference is clear when the adjusted p is at most 0.05 and the interval leaves out 1; where many
    pairs are equal and a few are not, the first may hold without the second. Rounds that were left out
    show as "n=12 of 15".
    """
    count = f"n={result.n}" + (f" of {result.n + result.left_out}" if result.left_out else "")
    if result.n >= LEAST_PAIRS and result.without_ratio:
        return f"no ratio, a figure is 0 ({count})"
    return ratio_in_words((result.ratio, result.low, result.high), adjusted_p, words, count)


def ratio_in_words(
    estimate: tuple[float | None, float | None, float | None],
    adjusted_p: float | None,
    words: Words,
    count: str,
) -> str:
    """A ratio and its interval in words, as `verdict` says them; `count` tells what it rests on."""
    ratio, low, high = estimate
    if ratio is None or low is None or high is None or adjusted_p is None or adjusted_p > ALPHA:
        return f"no clear difference ({count})"
    if low - _TOUCHES <= 1 <= high + _TOUCHES:
        return f"no clear difference ({count})"
    word, factors = words.higher, (ratio, low, high)
    if ratio < 1:
        word, factors = words.lower, (1 / ratio, 1 / high, 1 / low)
    factor, least, most = _factor_texts(factors)
    return f"{factor}x {word} ({least} to {most}, {count})"


def _factor_texts(factors: tuple[float, float, float]) -> list[str]:
    """Factors above 1 with one decimal, or with so many that none of them reads as 1.0."""
    decimals = next((places for places in (1, 2, 3) if round(min(factors), places) > 1), 4)
    return [_factor_text(factor, decimals) for factor in factors]


def _factor_text(factor: float, decimals: int) -> str:
    if factor < _TWO_DIGITS_FROM:
        return f"{factor:.{decimals}f}"
    return f"{factor:.1e}" if factor >= _EXPONENT_FROM else f"{float(f'{factor:.2g}'):.0f}"
