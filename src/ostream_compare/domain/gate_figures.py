"""The figures of a `--fail-if`: their names, units and aggregates, and what each is worth in a run. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from types import MappingProxyType
from typing import Literal, assert_never

from ostream.timeline import percentile
from ostream_compare.domain.ledger import Account, Ledger
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.statistics import LEAST_FOR_P90, LEAST_FOR_P95, LEAST_FOR_P99

Kind = Literal["time", "money", "count", "rate", "share", "change"]

UNITS: Mapping[Kind, Mapping[str, Decimal]] = MappingProxyType(
    {
        "time": {"": Decimal(1000), "s": Decimal(1000), "ms": Decimal(1), "min": Decimal(60_000)},
        "money": {"": Decimal(1), "$": Decimal(1), "usd": Decimal(1)},
        "count": {"": Decimal(1)},
        "rate": {"": Decimal(1)},
        "share": {"": Decimal(1), "%": Decimal("0.01")},
        "change": {"": Decimal(1), "%": Decimal("0.01")},
    }
)
"""What a number with that unit is worth in the unit of the figure's column: of times, milliseconds."""

COLUMNS: Mapping[str, tuple[str, Kind]] = MappingProxyType(
    {
        "queue": ("queue_ms", "time"),
        "connect": ("connect_ms", "time"),
        "ttfb": ("ttfb_ms", "time"),
        "ttft": ("ttft_ms", "time"),
        "ttfa": ("ttfa_ms", "time"),
        "e2e": ("e2e_ms", "time"),
        "total": ("e2e_ms", "time"),
        "tpot": ("tpot_ms", "time"),
        "tps": ("tokens_per_second", "rate"),
        "tokens_per_second": ("tokens_per_second", "rate"),
        "icl_p50": ("icl_p50_ms", "time"),
        "icl_p99": ("icl_p99_ms", "time"),
        "icl_max": ("icl_max_ms", "time"),
        "clock_lag": ("clock_lag_p99_ms", "time"),
        "input_tokens": ("input_tokens", "count"),
        "cached_tokens": ("cached_tokens", "count"),
        "output_tokens": ("output_tokens", "count"),
        "reasoning_tokens": ("reasoning_tokens", "count"),
        "cost": ("cost", "money"),
    }
)
"""Figures of an answer: the column that each is read from. Without an aggregate it is the median."""

COUNTS: Mapping[str, tuple[Callable[[Account], float | None], Kind]] = MappingProxyType(
    {
        "n": (lambda account: account.n, "count"),
        "answers": (lambda account: account.complete, "count"),
        "failures": (lambda account: account.failures, "count"),
        "failure_rate": (lambda account: account.failures / account.n if account.n else None, "share"),
    }
)
"""Figures of a model; they take no aggregate."""

_LEAST = {"p90": LEAST_FOR_P90, "p95": LEAST_FOR_P95, "p99": LEAST_FOR_P99}
AGGREGATES: Mapping[str, Callable[[Sequence[float]], float]] = MappingProxyType(
    {
        "p50": median,
        "p90": lambda values: percentile(sorted(values), 90),
        "p95": lambda values: percentile(sorted(values), 95),
        "p99": lambda values: percentile(sorted(values), 99),
        "min": min,
        "max": max,
        "mean": lambda values: sum(values) / len(values),
        "sum": sum,
    }
)
AGAINST: Mapping[str, Literal["ratio", "change"]] = MappingProxyType({"ratio": "ratio", "change": "change"})
"""Endings that set a figure of this run against the baseline's: now / before, and what is over 1 of it."""

Of = Literal["run", "shared", "before", "ratio", "change"]
"""Whose figure: this run's; this run's or the baseline's at the prompts that both have; or both together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure, of a model or of the one that is asked."""

    name: str
    aggregate: str | None
    kind: Kind
    """Of what it is worth; of a ratio or a change, that."""
    column: int
    model: str | None = None
    of: Of = "run"

    @property
    def text(self) -> str:
        """As it is written."""
        plain = f"{self.name}_{self.aggregate}" if self.aggregate else self.name
        if self.of == "before":
            return f"baseline.{plain}"
        return f"{plain}_{self.of}" if self.of in AGAINST else plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The verdicts that figures are read from."""

    run: Ledger
    """All of this run's."""
    shared: Ledger | None = None
    """Of them, those at prompts that the baseline has, too."""
    before: Ledger | None = None
    """The baseline's at the same prompts."""


Value = tuple[float | None, str]
"""In the unit of the figure's column, or why it is unknown."""


def value_of(figure: Figure, model: str, runs: Runs) -> Value:
    """What `figure` is worth of `model`."""
    why = None if figure.of == "run" else _nothing_to_compare(figure, model, runs)
    return (None, why) if why else _worth(figure, model, runs)


def _worth(figure: Figure, model: str, runs: Runs) -> Value:
    match figure.of:
        case "run":
            return _plain(figure, model, runs.run)
        case "shared":
            return _plain(figure, model, runs.shared)
        case "before":
            return _before(figure, model, runs)
        case "ratio" | "change":
            now, why = _plain(figure, model, runs.shared)
            before, why_before = _before(figure, model, runs)
            if now is None or before is None:
                return None, why if now is None else why_before
            if not before:
                return None, "it was 0 before"
            return (now / before if figure.of == "ratio" else now / before - 1), ""
        case _:
            assert_never(figure.of)


def _nothing_to_compare(figure: Figure, model: str, runs: Runs) -> str | None:
    """Why the baseline has nothing to set against this run, if that is so."""
    shared, before = runs.shared, runs.before
    if shared is not None and runs.run.accounts and not shared.accounts:
        return "no prompt is in both runs"
    if figure.of != "shared" and before is not None and model not in before.accounts:
        return "the baseline has no answer of this model to the same prompt"
    return None


def _before(figure: Figure, model: str, runs: Runs) -> Value:
    value, why = _plain(figure, model, runs.before)
    return value, f"in the baseline {why}"


def _plain(figure: Figure, model: str, ledger: Ledger | None) -> Value:
    account = None if ledger is None else ledger.accounts.get(model)
    if account is None:
        return None, "there is no verdict"
    if figure.name in COUNTS:
        return COUNTS[figure.name][0](account), "there is no verdict"
    return _aggregated(figure, account)


def _aggregated(figure: Figure, account: Account) -> tuple[float | None, str]:
    column = COLUMNS[figure.name][0]
    known: Sequence[float] = (
        [float(cost) for cost in account.costs] if column == "cost" else account.figures[column]
    )
    if not account.complete:
        return None, "there is no whole answer"
    if not known:
        return None, "no answer has it"
    aggregate = figure.aggregate or "p50"
    least = _LEAST.get(aggregate, 1)
    if len(known) < least:
        return None, f"it takes {least} answers that have it, there are {len(known)}"
    if aggregate == "sum" and len(known) < account.complete:
        return None, f"{account.complete - len(known)} of {account.complete} answers do not have it"
    return AGGREGATES[aggregate](known), ""


def told(figure: Figure, model: str, runs: Runs) -> str:
    """`Swift: ttft_p95 is 0.94 s`."""
    value, why = value_of(figure, model, runs)
    said = f"{clean_line(model)}: {figure.text} is"
    return f"{said} unknown: {why}" if value is None else f"{said} {_in_words(figure.kind, value)}"


def _in_words(kind: Kind, value: float) -> str:
    match kind:
        case "time":
            return f"{value / 1000:.4g} s"
        case "money":
            return f"${value:.10g}"
        case "change":
            return f"{value * 100:+.4g}%"
        case "share":
            return f"{value:.4g}"
        case "count" | "rate":
            return f"{value:.10g}"
        case _:
            assert_never(kind)
