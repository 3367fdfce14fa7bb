"""What is kept of each model's answers when their texts are not: counts, and figures in columns. Pure."""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from ostream_compare.domain.comparison import Response
from ostream_compare.domain.figures import hides_reasoning, is_late, known_amount
from ostream_compare.domain.statistics import is_known

Figure = Callable[[Response], float | None]

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "queue_ms": lambda response: response.timing.queue_ms,
        "connect_ms": lambda response: response.timing.connect_ms,
        "ttfb_ms": lambda response: response.timing.ttfb_ms,
        "ttft_ms": lambda response: response.timing.ttft_ms,
        "ttfa_ms": lambda response: response.timing.ttfa_ms,
        "e2e_ms": lambda response: response.timing.e2e_ms,
        "tpot_ms": lambda response: response.timing.tpot_ms,
        "tokens_per_second": lambda response: response.timing.tokens_per_second,
        "icl_p50_ms": lambda response: response.timing.icl_p50_ms,
        "icl_p99_ms": lambda response: response.timing.icl_p99_ms,
        "icl_max_ms": lambda response: response.timing.icl_max_ms,
        "clock_lag_p99_ms": lambda response: response.timing.clock_lag_p99_ms,
        "input_tokens": lambda response: response.usage.input_tokens,
        "cached_tokens": lambda response: response.usage.cached_tokens,
        "output_tokens": lambda response: response.usage.output_tokens,
        "reasoning_tokens": lambda response: response.usage.reasoning_tokens,
    }
)
"""By the names of a saved comparison; counts are those that servers reported, never estimates."""

_NOT_RUN = frozenset({"missing_key", "insecure", "collector"})
"""Kinds of a response that nobody was asked for, if there is no text."""


def _no_columns() -> dict[str, "array[float]"]:
    return {name: array("d") for name in FIGURES}


def _no_estimates() -> dict[str, "array[float]"]:
    return {name: array("d") for name in ("input_tokens", "output_tokens")}


@dataclass(slots=True)
class Account:
    """One model's verdicts over all prompts and rounds; figures are those of its whole answers."""

    name: str
    n: int = 0
    """Verdicts."""
    complete: int = 0
    """Whole answers among them."""
    failures: int = 0
    """Failed or truncated ones."""
    not_run: int = 0
    """Those for which nobody was asked: no key, or the collector ended."""
    figures: dict[str, "array[float]"] = field(default_factory=_no_columns)
    """What is known of each figure, in the order of the verdicts."""
    estimates: dict[str, "array[float]"] = field(default_factory=_no_estimates)
    """Counts that were estimated where the server reported none."""
    costs: list[Decimal] = field(default_factory=list[Decimal])
    """What is known of the cost of each whole answer, US dollars."""
    has_estimated_cost: bool = False
    """Whether some of these costs are reckoned from estimated tokens."""
    hides_reasoning: bool = False
    """Whether reasoning of a whole answer was billed and not streamed: its speed is the answer's alone."""
    is_late: bool = False
    """Whether the clock was too late for the time to first token of a whole answer."""

    def add(self, response: Response) -> None:
        """Count one more verdict."""
        self.n += 1
        if response.state != "complete":
            self.failures += response.state in {"failed", "truncated"}
            self.not_run += was_not_run(response)
            return
        self.complete += 1
        self.hides_reasoning |= hides_reasoning(response)
        self.is_late |= is_late(response)
        for name, figure in FIGURES.items():
            value = figure(response)
            if is_known(value):
                self.figures[name].append(value)
        for name, estimates in self.estimates.items():
            value = getattr(response.estimate, name)
            if is_known(value):
                estimates.append(value)
        amount = known_amount(response.cost)
        if amount is not None:
            self.costs.append(amount)
            self.has_estimated_cost |= response.cost.bound == "estimated"


class Ledger:
    """The accounts of all models, in the order of their first verdict.

    Args:
        verdicts: The last attempt of each model at each prompt and round.
    """

    def __init__(self, verdicts: Iterable[Response] = ()) -> None:
        self.accounts: dict[str, Account] = {}
        for verdict in verdicts:
            self.add(verdict)

    def add(self, verdict: Response) -> None:
        """Count one more verdict."""
        account = self.accounts.get(verdict.name)
        if account is None:
            account = self.accounts[verdict.name] = Account(verdict.name)
        account.add(verdict)

    @property
    def n(self) -> int:
        """Verdicts of all models."""
        return sum(account.n for account in self.accounts.values())

    @property
    def is_whole(self) -> bool:
        """Whether every verdict is a whole answer."""
        return all(account.complete == account.n for account in self.accounts.values())

    @property
    def nobody_was_asked(self) -> bool:
        """Whether there is no verdict of a call that was made."""
        return all(account.not_run == account.n for account in self.accounts.values())


def was_not_run(response: Response) -> bool:
    """Whether nobody was asked for it."""
    return response.error is not None and response.error.kind in _NOT_RUN and not response.content
