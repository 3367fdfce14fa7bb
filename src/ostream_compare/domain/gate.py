"""`--fail-if`: a small language over the table's figures; read by hand, never evaluated as code. Pure.

    expression := all { "or" all }          all := one { "and" one }
    one := "not" one | "(" expression ")" | value COMPARE value
    value := NUMBER [UNIT] | [ model "." ] FIGURE[_AGGREGATE]
    model := Model."name" | model("name")

An expression is asked of each model in turn and holds if it holds for one; where every figure names its
model it is asked once. What is unknown makes a comparison unknown: "or" and "and" go on with it as far as the
other side decides, and else the whole is unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from statistics import median
from types import MappingProxyType
from typing import Literal, assert_never

from ostream.timeline import percentile
from ostream_compare.domain.ledger import Account, Ledger
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.statistics import LEAST_FOR_P90, LEAST_FOR_P95, LEAST_FOR_P99

Kind = Literal["time", "money", "count", "rate", "share"]
Relation = Literal[">", ">=", "<", "<=", "==", "!="]

_RELATIONS: Mapping[Relation, Callable[[float, float], bool]] = MappingProxyType(
    {">": gt, ">=": ge, "<": lt, "<=": le, "==": eq, "!=": ne}
)
UNITS: Mapping[Kind, Mapping[str, Decimal]] = MappingProxyType(
    {
        "time": {"": Decimal(1000), "s": Decimal(1000), "ms": Decimal(1), "min": Decimal(60_000)},
        "money": {"": Decimal(1), "$": Decimal(1), "usd": Decimal(1)},
        "count": {"": Decimal(1)},
        "rate": {"": Decimal(1)},
        "share": {"": Decimal(1), "%": Decimal("0.01")},
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as it was written."""

    amount: Decimal
    unit: str
    column: int
    """1-based place in the expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure, of a model or of the one that is asked."""

    name: str
    aggregate: str | None
    kind: Kind
    column: int
    model: str | None = None

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.name}_{self.aggregate}" if self.aggregate else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """`left relation right`, both in the unit of the figure's column."""

    left: Figure | float
    relation: Relation
    right: Figure | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """It holds if the other does not."""

    of: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """All of these, or one of them."""

    word: Literal["and", "or"]
    parts: tuple["Expression", ...]


Expression = Compare | Not | Joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a gate."""

    text: str
    """The expression."""
    holds: bool | None
    """`None` is unknown."""
    reasons: tuple[str, ...] = ()
    """The figures that it is read from, of the models for which it holds or is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """An expression that was read."""

    text: str
    expression: Expression

    def verdict(self, ledger: Ledger) -> Verdict:
        """Whether it holds for the verdicts of a run."""
        figures = list(_figures(self.expression))
        bound = all(figure.model is not None for figure in figures)
        subjects: Sequence[str | None] = (None,) if bound else list(ledger.accounts)
        found = {name: _truth(self.expression, name, ledger) for name in subjects}
        holds = True if True in found.values() else None if None in found.values() or not found else False
        reasons = [
            reason
            for name, truth in found.items()
            if truth is holds and holds is not False
            for reason in dict.fromkeys(_told(figure, name, ledger) for figure in figures)
        ]
        return Verdict(
            text=clean_line(self.text),
            holds=holds,
            reasons=tuple(dict.fromkeys(reasons)) if found else ("no model has a verdict",),
        )


def _figures(of: Expression) -> "list[Figure]":
    match of:
        case Compare():
            return [side for side in (of.left, of.right) if isinstance(side, Figure)]
        case Not():
            return _figures(of.of)
        case Joined():
            return [figure for part in of.parts for figure in _figures(part)]
        case _:
            assert_never(of)


def _truth(of: Expression, subject: str | None, ledger: Ledger) -> bool | None:
    """Kleene's three values: what is unknown decides nothing; only the other side may."""
    match of:
        case Compare():
            left, right = (_value(side, subject, ledger)[0] for side in (of.left, of.right))
            return None if left is None or right is None else _RELATIONS[of.relation](left, right)
        case Not():
            truth = _truth(of.of, subject, ledger)
            return None if truth is None else not truth
        case Joined():
            decisive = of.word == "or"
            truths = [_truth(part, subject, ledger) for part in of.parts]
            return decisive if decisive in truths else None if None in truths else not decisive
        case _:
            assert_never(of)


def _value(side: Figure | float, subject: str | None, ledger: Ledger) -> tuple[float | None, str]:
    """A side's value in the unit of its column, or why it is unknown."""
    if not isinstance(side, Figure):
        return side, ""
    account = ledger.accounts.get(side.model or subject or "")
    if account is None:
        return None, "there is no verdict"
    if side.name in COUNTS:
        return COUNTS[side.name][0](account), "there is no verdict"
    return _aggregated(side, account)


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


def _told(figure: Figure, subject: str | None, ledger: Ledger) -> str:
    """`Swift: ttft_p95 is 0.94 s`."""
    name = clean_line(figure.model or subject or "")
    value, why = _value(figure, subject, ledger)
    if value is None:
        return f"{name}: {figure.text} is unknown: {why}"
    if figure.kind == "time":
        return f"{name}: {figure.text} is {value / 1000:.4g} s"
    sign = {"money": "$", "count": "", "rate": "", "share": ""}[figure.kind]
    return f"{name}: {figure.text} is {sign}{value:.10g}"
