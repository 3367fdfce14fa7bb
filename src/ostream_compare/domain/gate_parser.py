"""Reads a `--fail-if` expression by recursive descent; a mistake is named with its column. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal, NoReturn, cast

from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.gate import Compare, Expression, Gate, Joined, Not, Number, Relation
from ostream_compare.domain.gate_figures import AGAINST, AGGREGATES, COLUMNS, COUNTS, UNITS, Figure, Kind
from ostream_compare.domain.safe_text import clean_line

LONGEST = 2_000
"""Characters of an expression."""
_DEEPEST = 50
"""Brackets and "not" within each other."""
_TOKEN = re.compile(
    r"""(?P<number>-?\$?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:%|[A-Za-z]+)?)
    | (?P<name>[^\W\d]\w*)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<relation>>=|<=|==|!=|>|<|=)
    | (?P<mark>[().])""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"(-?)(\$?)([\d.]+(?:[eE][+-]?\d+)?)(.*)")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`number`, `name`, `text`, `relation`, `mark`, or `end`."""
    text: str
    at: int
    """0-based place."""


def parse_gate(text: str, models: Sequence[str] = (), *, has_baseline: bool = True) -> Gate:
    """Read `text`.

    Args:
        text: The expression.
        models: Names that may stand in it; any may when there are none.
        has_baseline: Whether there is an earlier run that figures may be set against.

    Raises:
        UserError: It is wrong; the problem marks the column and names the nearest right name.
    """
    parser = _Parser(text, models, has_baseline=has_baseline)
    return Gate(text=text, expression=parser.whole())


class _Parser:
    """One reading of one expression."""

    def __init__(self, text: str, models: Sequence[str], *, has_baseline: bool) -> None:
        self._text = text
        self._models = models
        self._has_baseline = has_baseline
        self._depth = 0
        if len(text) > LONGEST:
            self._refuse(0, f"is over {LONGEST} characters")
        self._tokens = self._split()
        self._next = 0

    def whole(self) -> Expression:
        """The expression up to its end."""
        found = self._any_of()
        if self._token.kind != "end":
            self._refuse(self._token.at, "expected and, or, or the end", token=self._token)
        return found

    # Grammar

    def _any_of(self) -> Expression:
        parts = [self._all_of()]
        while self._took_word("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Joined(word="or", parts=tuple(parts))

    def _all_of(self) -> Expression:
        parts = [self._one()]
        while self._took_word("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Joined(word="and", parts=tuple(parts))

    def _one(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse(self._token.at, "is nested too deeply")
        try:
            if self._took_word("not"):
                return Not(of=self._one())
            if self._took_mark("("):
                inner = self._any_of()
                self._expect_mark(")")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Compare:
        left = self._value()
        token = self._token
        if token.kind != "relation":
            self._refuse(token.at, "expected a comparison such as > 0.8", token=token)
        if token.text == "=":
            self._refuse(token.at, "= is no comparison", hint="did you mean ==?")
        self._next += 1
        right = self._value()
        if isinstance(left, Number) and isinstance(right, Number):
            self._refuse(left.column - 1, "compares no figure", hint="such as ttft > 0.8")
        relation = cast("Relation", token.text)
        return Compare(left=self._side(left, right), relation=relation, right=self._side(right, left))

    def _value(self) -> Number | Figure:
        token = self._token
        if token.kind == "number":
            self._next += 1
            return self._number(token, self._unit_apart())
        if token.kind != "name":
            self._refuse(token.at, "expected a figure or a number", token=token)
        model = self._model()
        if model is not None:
            self._expect_mark(".")
        before = self._took_baseline()
        token = self._token
        if token.kind != "name":
            self._refuse(token.at, "expected a figure", token=token)
        self._next += 1
        return self._set_against(token, model, before=before)

    def _took_baseline(self) -> bool:
        """Whether `baseline.` stands here."""
        token, after = self._token, self._tokens[self._next + 1]
        if token.text.casefold() != "baseline" or after.text != ".":
            return False
        self._next += 2
        self._need_baseline(token)
        return True

    def _model(self) -> str | None:
        """The name in `Model."name"` or `model("name")`, if one of them stands here."""
        after = self._tokens[self._next + 1]
        if self._token.text.casefold() != "model" or after.text not in {".", "("}:
            return None
        self._next += 2
        token = self._token
        if token.kind not in {"text", "name"}:
            self._refuse(token.at, "expected a model's name in quotes", token=token)
        self._next += 1
        if after.text == "(":
            self._expect_mark(")")
        return self._known_model(token)

    # Words

    def _known_model(self, token: _Token) -> str:
        name = token.text[1:-1] if token.kind == "text" else token.text
        if not self._models or name in self._models:
            return name
        folded = {model.casefold(): model for model in self._models}
        if name.casefold() in folded:
            return folded[name.casefold()]
        near = get_close_matches(name.casefold(), folded, n=1)
        hint = f"did you mean {folded[near[0]]}?" if near else "models: " + ", ".join(self._models)
        return self._refuse(
            token.at, f"no model of this run is called {name}", hint=hint, width=len(token.text)
        )

    def _set_against(self, token: _Token, model: str | None, *, before: bool) -> Figure:
        """A figure by itself, the baseline's, or of this run against the baseline's."""
        name, _, ending = token.text.rpartition("_")
        of = AGAINST.get(ending)
        if of is None or not name:
            figure = self._figure(token.text, token, model)
            return replace(figure, of="before") if before else figure
        self._need_baseline(token)
        if before:
            self._refuse(token.at, f"{token.text} is against the baseline already", width=len(token.text))
        return replace(self._figure(name, token, model), of=of, kind="share" if of == "ratio" else "change")

    def _need_baseline(self, token: _Token) -> None:
        if not self._has_baseline:
            hint = "add --baseline with a run's id, a saved file, or last"
            self._refuse(token.at, f"{token.text} needs a baseline", hint=hint, width=len(token.text))

    def _figure(self, name: str, token: _Token, model: str | None) -> Figure:
        column = token.at + 1
        if name in COUNTS:
            return Figure(name=name, aggregate=None, kind=COUNTS[name][1], column=column, model=model)
        if name in COLUMNS:
            return Figure(name=name, aggregate=None, kind=COLUMNS[name][1], column=column, model=model)
        base, _, aggregate = name.rpartition("_")
        if base in COLUMNS and aggregate in AGGREGATES:
            kind = COLUMNS[base][1]
            return Figure(name=base, aggregate=aggregate, kind=kind, column=column, model=model)
        return self._refuse(token.at, f"unknown figure {name}", hint=_nearest(name), width=len(name))

    def _unit_apart(self) -> str:
        """A unit that a space parts from its number."""
        word = self._token.text.casefold() if self._token.kind == "name" else ""
        if not word or not any(word in units for units in UNITS.values()):
            return ""
        self._next += 1
        return word

    def _number(self, token: _Token, apart: str) -> Number:
        found = _NUMBER.fullmatch(token.text)
        assert found is not None, "the token's own pattern is narrower"
        minus, sign, digits, unit = found.groups()
        if sum(map(bool, (sign, unit, apart))) > 1:
            self._refuse(token.at, f"{token.text} has two units", width=len(token.text))
        unit = sign or unit.casefold() or apart
        return Number(amount=Decimal(minus + digits), unit=unit, column=token.at + 1)

    def _side(self, side: Number | Figure, other: Number | Figure) -> Figure | float:
        """A figure as it is; a number in the unit of the figure that it is compared with."""
        if isinstance(side, Figure):
            if isinstance(other, Figure) and other.kind != side.kind:
                self._refuse(side.column - 1, f"{side.text} and {other.text} are not of one kind")
            is_now = isinstance(other, Figure) and other.of == "before" and side.of == "run"
            return replace(side, of="shared") if is_now else side
        kind: Kind = cast("Figure", other).kind
        units = UNITS[kind]
        if side.unit not in units:
            known = ", ".join(unit for unit in units if unit)
            hint = f"units: {known}" if known else "it takes no unit"
            text = cast("Figure", other).text
            self._refuse(side.column - 1, f"{side.unit} is no unit of {text}", hint=hint)
        if side.amount < 0 and kind != "change":
            self._refuse(side.column - 1, f"{cast('Figure', other).text} is never negative")
        return float(side.amount * units[side.unit])

    # Tokens

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _split(self) -> list[_Token]:
        tokens: list[_Token] = []
        at = _end_of_space(self._text, 0)
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:
                self._refuse(at, f"{self._text[at]} has no meaning here")
            tokens.append(_Token(match.lastgroup or "", match[0], at))
            at = _end_of_space(self._text, match.end())
        end = _Token("end", "", len(self._text))
        return [*tokens, end, end]

    def _took_word(self, word: Literal["and", "or", "not"]) -> bool:
        took = self._token.kind == "name" and self._token.text.casefold() == word
        self._next += took
        return took

    def _took_mark(self, mark: str) -> bool:
        took = self._token.kind == "mark" and self._token.text == mark
        self._next += took
        return took

    def _expect_mark(self, mark: str) -> None:
        if not self._took_mark(mark):
            self._refuse(self._token.at, f"expected {mark}", token=self._token)

    def _refuse(
        self, at: int, message: str, *, hint: str | None = None, width: int = 1, token: _Token | None = None
    ) -> NoReturn:
        """Refuse the expression for what stands at `at`."""
        if token is not None:
            width = max(1, len(token.text))
            message += f", not {token.text}" if token.text else ", and it ends here"
        shown = clean_line(self._text[:LONGEST])
        problem = Problem(
            key="--fail-if",
            message=f"column {at + 1}: {clean_line(message)}",
            hint=None if hint is None else clean_line(hint),
            excerpt=(f"  {shown}", "  " + " " * at + "^" * width),
        )
        raise UserError("Not an expression", problem)


def _nearest(name: str) -> str:
    """What may have been meant by a figure that there is not."""
    base, _, end = name.casefold().rpartition("_")
    if base in COLUMNS and end == "ms":
        return f"{base} is in seconds, or give the number a unit: {base} > 800ms"
    if base in COLUMNS:
        return f"of {base} there are: " + ", ".join((*AGGREGATES, *AGAINST))
    every = [*COUNTS, *COLUMNS, *(f"{base}_{end}" for base in COLUMNS for end in AGGREGATES)]
    near = get_close_matches(name.casefold(), every, n=1)
    return f"did you mean {near[0]}?" if near else "figures: " + ", ".join((*COLUMNS, *COUNTS))


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
