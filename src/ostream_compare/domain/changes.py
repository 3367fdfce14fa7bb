"""One figure of several models now and before: whether it changed, by how much, in words. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ostream_compare.domain.comparison import SavedChange
from ostream_compare.domain.pairs import Words, holm, paired_ratio, ratio_in_words
from ostream_compare.domain.rank_sum import LEAST_EACH, Stratum, rank_sum_p, rank_sum_shift
from ostream_compare.domain.statistics import is_known

_LARGEST_LOG = 700.0

Samples = tuple[list[float | None], list[float | None]]
"""The figure of each whole answer to one prompt, now and before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """One figure of one model, now over before; `None` where the answers cannot tell."""

    count: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    p: float | None = None
    has_zero: bool = False
    """A figure is 0, and another is not: there is no ratio."""


def changes_of(samples: Mapping[str, list[Samples]], words: Words) -> dict[str, SavedChange]:
    """One figure of every model, p adjusted over them; the figure's name is left to the caller.

    Args:
        samples: Of each model and prompt, the figure of each answer, now and before.
        words: What lower and higher figures are called.
    """
    results = {name: _tested(strata) for name, strata in samples.items()}
    adjusted = iter(holm([result.p for result in results.values() if result.p is not None]))
    changes: dict[str, SavedChange] = {}
    for name, result in results.items():
        p_adjusted = None if result.p is None else next(adjusted)
        estimate = (result.ratio, result.low, result.high)
        now = [value for sample, _ in samples[name] for value in sample if is_known(value)]
        before = [value for _, sample in samples[name] for value in sample if is_known(value)]
        changes[name] = SavedChange(
            figure="",
            n=len(now),
            n_before=len(before),
            median=median(now) if now else None,
            median_before=median(before) if before else None,
            ratio=result.ratio,
            low=result.low,
            high=result.high,
            confidence=result.confidence,
            p=result.p,
            p_adjusted=p_adjusted,
            wording=f"no ratio, a figure is 0 ({result.count})"
            if result.has_zero
            else ratio_in_words(estimate, p_adjusted, words, result.count),
        )
    return changes


def _tested(strata: Sequence[Samples]) -> _Tested:
    if all(len(now) <= 1 and len(before) <= 1 for now, before in strata) and len(strata) > 1:
        return _paired(strata)
    known = [([v for v in now if is_known(v)], [v for v in before if is_known(v)]) for now, before in strata]
    useful = [(now, before) for now, before in known if now and before]
    n, n_before = sum(len(now) for now, _ in useful), sum(len(before) for _, before in useful)
    count = f"n={n}" if n == n_before else f"n={n} and {n_before}"
    if min(n, n_before) < LEAST_EACH:
        return _Tested(count=count)
    values = [value for stratum in useful for sample in stratum for value in sample]
    if not any(values):
        return _Tested(count=count, ratio=1.0, low=1.0, high=1.0, confidence=1.0, p=1.0)
    if not all(values):
        return _Tested(count=count, has_zero=True)
    logs = [Stratum.of(map(math.log, now), map(math.log, before)) for now, before in useful]
    shift = rank_sum_shift(logs)
    if shift is None:
        return _Tested(count=count)
    return _Tested(
        count=count,
        ratio=_from_log(shift.center),
        low=_from_log(shift.low),
        high=_from_log(shift.high),
        confidence=shift.confidence,
        p=rank_sum_p(logs),
    )


def _paired(strata: Sequence[Samples]) -> _Tested:
    """Every prompt was answered once: the prompts are the pairs."""
    result = paired_ratio(
        [now[0] if now else None for now, _ in strata],
        [before[0] if before else None for _, before in strata],
    )
    left_out = f" of {result.n + result.left_out}" if result.left_out else ""
    return _Tested(
        count=f"n={result.n}{left_out}",
        ratio=result.ratio,
        low=result.low,
        high=result.high,
        confidence=result.confidence,
        p=result.p,
        has_zero=bool(result.without_ratio) and result.n >= LEAST_EACH,
    )


def _from_log(value: float) -> float:
    return math.exp(min(max(value, -_LARGEST_LOG), _LARGEST_LOG))
