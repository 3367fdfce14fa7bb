"""`--fail-if`: a small language over the table's figures; read by hand, never evaluated as code. Pure.

    expression := all { "or" all }          all := one { "and" one }
    one := "not" one | "(" expression ")" | value COMPARE value
    value := [ "-" ] NUMBER [UNIT] | [ model "." ] figure
    model := Model."name" | model("name")
    figure := FIGURE[_AGGREGATE] | "baseline." FIGURE[_AGGREGATE] | FIGURE[_AGGREGATE]_ratio | ..._change

An expression is asked of each model in turn and holds if it holds for one; where every figure names its
model it is asked once. What is unknown makes a comparison unknown: "or" and "and" go on with it as far as the
other side decides, and else the whole is unknown. What is set against the baseline is read at the prompts
that both runs have, on both sides of the comparison.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Literal, assert_never

from ostream_compare.domain.comparison import SavedGate
from ostream_compare.domain.gate_figures import Figure, Runs, told, value_of
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.safe_text import clean_line

Relation = Literal[">", ">=", "<", "<=", "==", "!="]

_RELATIONS: Mapping[Relation, Callable[[float, float], bool]] = MappingProxyType(
    {">": gt, ">=": ge, "<": lt, "<=": le, "==": eq, "!=": ne}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as it was written."""

    amount: Decimal
    unit: str
    column: int
    """1-based place in the expression."""


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

    def saved(self, *, allowed: bool) -> SavedGate:
        """As it is saved; `allowed` is whether what is unknown passes."""
        fails = not allowed if self.holds is None else self.holds
        return SavedGate(expression=self.text, holds=self.holds, fails=fails, reasons=list(self.reasons))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """An expression that was read."""

    text: str
    expression: Expression

    def verdict(
        self, ledger: Ledger, *, shared: Ledger | None = None, before: Ledger | None = None
    ) -> Verdict:
        """Whether it holds.

        Args:
            ledger: The verdicts of the run.
            shared: Of them, those at prompts that the baseline has, too.
            before: The baseline's at the same prompts.
        """
        runs = Runs(run=ledger, shared=shared, before=before)
        figures = list(_figures(self.expression))
        bound = all(figure.model is not None for figure in figures)
        subjects: Sequence[str | None] = (None,) if bound else list(ledger.accounts)
        found = {name: _truth(self.expression, name, runs) for name in subjects}
        holds = True if True in found.values() else None if None in found.values() or not found else False
        reasons = [
            reason
            for name, truth in found.items()
            if truth is holds and holds is not False
            for reason in dict.fromkeys(told(figure, figure.model or name or "", runs) for figure in figures)
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


def _truth(of: Expression, subject: str | None, runs: Runs) -> bool | None:
    """Kleene's three values: what is unknown decides nothing; only the other side may."""
    match of:
        case Compare():
            left, right = (_value(side, subject, runs) for side in (of.left, of.right))
            return None if left is None or right is None else _RELATIONS[of.relation](left, right)
        case Not():
            truth = _truth(of.of, subject, runs)
            return None if truth is None else not truth
        case Joined():
            decisive = of.word == "or"
            truths = [_truth(part, subject, runs) for part in of.parts]
            return decisive if decisive in truths else None if None in truths else not decisive
        case _:
            assert_never(of)


def _value(side: Figure | float, subject: str | None, runs: Runs) -> float | None:
    """A side's value in the unit of its column; `None` is unknown."""
    return value_of(side, side.model or subject or "", runs)[0] if isinstance(side, Figure) else side
