"""A set of prompts: how many are under way at once, and what a run of all of them is saved as. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ostream_compare import __version__
from ostream_compare.domain.comparison import (
    DEFINITIONS_VERSION,
    Comparison,
    Response,
    SavedConfig,
    SavedCost,
)
from ostream_compare.domain.figures import known_amount
from ostream_compare.domain.lane import Done
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.preset import Config, Preset, Prompt
from ostream_compare.domain.record import LISTED, price_list, saved_prompt
from ostream_compare.domain.run import Repeats, Run, round_words
from ostream_compare.domain.spelling import whole
from ostream_compare.domain.summary import money_text, pairs, summaries

AT_ONCE = 8
"""Calls at once of a set of prompts, unless there are more models than that or the user says otherwise."""
KEPT_WHOLE = 2_000
"""Responses of a comparison that is made in memory; one of more is written from disk, piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be asked: every prompt of every model, in every round."""

    id: str
    started_at: datetime
    """Wall clock, UTC."""
    prompts: tuple[Prompt, ...]
    presets: tuple[Preset, ...]
    repeats: Repeats
    concurrency: int | None = None
    """Calls at once over all providers; `None` is as many as there are models, for a set 8 at least."""
    max_cost_usd: Decimal | None = None
    """What all of it may cost."""

    @property
    def is_set(self) -> bool:
        """Whether there is more than one prompt."""
        return len(self.prompts) > 1

    @property
    def responses(self) -> int:
        """How many there will be, retries aside."""
        return len(self.prompts) * len(self.presets) * self.repeats.rounds

    @property
    def calls_at_once(self) -> int | None:
        """The bound for the collector; one prompt by itself has none."""
        if self.concurrency is not None or not self.is_set:
            return self.concurrency
        return max(AT_ONCE, len(self.presets))

    @property
    def prompts_at_once(self) -> int:
        """Prompts that are under way: enough to keep that many calls busy, and one to be ahead."""
        calls = self.calls_at_once
        return 1 if calls is None else -(-calls // len(self.presets)) + 1

    def run(self, prompt: int, origin: int) -> Run:
        """The run of one prompt, before anything happened."""
        return Run.begin(
            id=self.id,
            started_at=self.started_at,
            origin=origin,
            prompt=self.prompts[prompt],
            presets=self.presets,
            repeats=self.repeats,
            max_cost_usd=self.max_cost_usd,
        )

    def words(self, prompt: int, run: Run) -> str:
        """Where a run of one prompt stands: `prompt 3/40 round 2/5`."""
        place = f"prompt {prompt + 1}/{len(self.prompts)}" if self.is_set else ""
        return " ".join(part for part in (place, round_words(run)) if part)


@dataclass(slots=True, kw_only=True)
class Accounts:
    """What the prompts that are over leave in memory."""

    ledger: Ledger
    spent: Decimal = Decimal(0)
    """What is known of the costs of everything that was asked, US dollars."""
    discarded: list[SavedCost]
    """Costs of warm-ups, and of answers that were replaced."""
    rounds_begun: int = 1
    """The most rounds that a prompt came to."""
    over_budget: bool = False
    has_listed_price: bool = False
    """Whether a price came from the public list."""

    def close(self, run: Run, responses: Iterable[Response]) -> None:
        """Count a prompt's responses in; only the last attempts are verdicts."""
        last: dict[tuple[str, int], Response] = {}
        costs: list[SavedCost] = []
        for response in responses:
            last[response.name, response.round] = response
            costs.append(response.cost)
            self.spent += known_amount(response.cost) or Decimal(0)
        for verdict in last.values():
            self.ledger.add(verdict)
        self.spent += sum((known_amount(cost) or Decimal(0) for cost in run.paid_apart), Decimal(0))
        self.discarded += run.paid_apart
        self.has_listed_price |= any(cost.source == LISTED for cost in (*costs, *run.paid_apart))
        self.rounds_begun = max(self.rounds_begun, run.round)
        self.over_budget |= run.over_budget


def placed(responses: Iterable[Response], prompt: int) -> list[Response]:
    """`responses` as those of one prompt of a set."""
    return [response.model_copy(update={"prompt": prompt}) for response in responses]


def set_comparison(
    plan: Plan, config: Config, accounts: Accounts, responses: Iterable[Response] = ()
) -> Comparison:
    """A run as it is saved.

    Args:
        plan: What was asked.
        config: What it was made from.
        accounts: What came of it.
        responses: All of them by prompt, round, attempt and model; without any, only what they say together.
    """
    every = list(responses)
    any_run = plan.run(0, 0)
    saved = Comparison(
        id=plan.id,
        started_at=plan.started_at.astimezone(UTC),
        program_version=__version__,
        demo=any_run.is_demo,
        config=SavedConfig(path=config.path, sha256=config.sha256),
        prompts=[saved_prompt(prompt) for prompt in plan.prompts],
        rounds=plan.repeats.rounds,
        responses=every,
        summary=summaries(accounts.ledger),
        definitions=DEFINITIONS_VERSION,
        warmup=plan.repeats.warmup,
        seed=plan.repeats.seed,
        launch_order=[
            [plan.presets[lane].name for lane in any_run.order_of(number)]
            for number in range(1, accounts.rounds_begun + 1)
        ],
        pairs=pairs(every),
        max_cost_usd=None if plan.max_cost_usd is None else money_text(plan.max_cost_usd),
        over_budget=accounts.over_budget,
        discarded=list(accounts.discarded),
        price_list=price_list() if accounts.has_listed_price else None,
    )
    return whole(saved)


def unanswered(run: Run) -> tuple[int, ...]:
    """The lanes of the current round that have no whole answer."""
    return tuple(lane for lane, state in enumerate(run.lanes) if not isinstance(state, Done))
