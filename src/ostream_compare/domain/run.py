"""A run: one prompt, asked in one or more rounds, and the lanes that answer it in the current one."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ostream_compare.domain.comparison import Response, SavedCost, SavedError, Vote
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, LaneEvent
from ostream_compare.domain.figures import costs_of, known_amount
from ostream_compare.domain.lane import (
    Cancelled,
    Ended,
    Lane,
    Streaming,
    Waiting,
    advance,
    condensed,
    grown,
    recorded,
)
from ostream_compare.domain.preset import Preset, Prompt
from ostream_compare.domain.reckoning import so_far


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How often a prompt is asked."""

    rounds: int = 1
    """Rounds that are recorded; in each, every model is asked once."""
    warmup: int = 0
    """Rounds before them, of which nothing but the cost is kept."""
    seed: int | None = None
    """Makes the launch orders; `None`: one is drawn for each run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An immutable picture of a run; `applied` gives the next one, `next_round` the next round's."""

    id: str
    """Sorts by time: `20261122-073012-4f2a`."""
    started_at: datetime
    """Wall clock, UTC; durations never come from it."""
    origin: int
    """`time.perf_counter_ns()` that event stamps are relative to."""
    prompt: Prompt
    presets: tuple[Preset, ...]
    """One a lane, same order."""
    lanes: tuple[Lane, ...]
    """Of the current round."""
    round: int = 1
    """The current one, from 1; warm-up rounds count up to 0."""
    rounds: int = 1
    """How many are recorded if nothing ends the run before."""
    warmup: int = 0
    """How many go before them."""
    seed: int | None = None
    """Of the launch orders; `None` is the presets' order in every round."""
    past: tuple[Response, ...] = ()
    """The earlier rounds' verdicts, and every failed attempt that another one followed."""
    discarded: tuple[SavedCost, ...] = ()
    """What was paid for answers that are not kept: warm-ups, and answers that a rerun replaced."""
    max_cost_usd: Decimal | None = None
    """What all of it may cost."""
    cut_by_budget: bool = False
    """Calls were stopped because they cost more than was left."""
    stopped: bool = False
    """No further round begins."""
    votes: tuple[Vote, ...] = ()
    """What someone thought of the answers, who did not know whose they were."""

    @classmethod
    def begin(
        cls,
        *,
        id: str,  # noqa: A002 - the field's own name
        started_at: datetime,
        origin: int,
        prompt: Prompt,
        presets: tuple[Preset, ...],
        repeats: Repeats | None = None,
        max_cost_usd: Decimal | None = None,
    ) -> "Run":
        """A run whose lanes all wait for its first round."""
        plan = repeats or Repeats()
        return cls(
            id=id,
            started_at=started_at,
            origin=origin,
            prompt=prompt,
            presets=presets,
            lanes=_waiting(presets),
            round=1 - plan.warmup,
            rounds=plan.rounds,
            warmup=plan.warmup,
            seed=plan.seed,
            max_cost_usd=max_cost_usd,
        )

    # The next picture

    def applied(self, event: LaneEvent) -> "Run":
        """The run after `event`; an event of an unknown lane changes nothing."""
        if not 0 <= event.lane < len(self.lanes):
            return self
        before = self.lanes[event.lane]
        if isinstance(before, Ended):
            return self
        if not self.is_warmup:
            event = self._placed(event)
        run = _with_lane(self, event.lane, advance(before, event))
        if self.is_warmup or not isinstance(event, AttemptFailed):
            return run
        so_far = recorded(self.presets[event.lane], before, round=self.round)
        waited = {
            name: getattr(event, name) for name in ("queue_ms", "connect_ms", "ttfb_ms", "cold_connect_ms")
        }
        if event.queue_ms is not None and so_far.timing.bursts is None:
            waited["bursts"] = 0  # it was sent, and brought nothing
        failed = so_far.model_copy(
            update={
                "state": "failed",
                "error": event.error,
                "attempt": event.attempt,
                "timing": so_far.timing.model_copy(update=waited),
            }
        )
        return replace(run, past=(*run.past, failed))

    def grown(self, deltas: Mapping[int, Sequence[Delta]]) -> "Run":
        """The run after bursts of several lanes; an unknown lane, or one that ended, ignores its own."""
        lanes = tuple(
            grown(state, deltas[lane]) if lane in deltas else state for lane, state in enumerate(self.lanes)
        )
        return replace(self, lanes=lanes)

    def _placed(self, event: LaneEvent) -> LaneEvent:
        """A verdict with its round, and an attempt after those that failed: a stop may come between two."""
        if not isinstance(event, LaneEnded):
            return event
        name, response = self.presets[event.lane].name, event.response
        failed = [past.attempt for past in self.past if (past.name, past.round) == (name, self.round)]
        attempt = max([response.attempt, *(number + 1 for number in failed)])
        return replace(event, response=response.model_copy(update={"round": self.round, "attempt": attempt}))

    def restarted(self, lane: int) -> "Run":
        """The run with one lane waiting again; what it answered in this round is paid for and forgotten."""
        run = self._out_of_warmup() if self.is_over else self
        state = self.lanes[lane]
        paid = costs_of([state.response]) if isinstance(state, Ended) and run is self else ()
        run = _without(_with_lane(run, lane, Waiting()), lane)
        votes = unplaced(run.votes, self.presets[lane].name, run.round)
        return replace(run, discarded=(*run.discarded, *paid), votes=votes)

    def next_round(self) -> "Run":
        """The run with every lane waiting for the round after this one."""
        verdicts = self.verdicts
        return replace(
            self,
            round=self.round + 1,
            lanes=_waiting(self.presets),
            past=self.past if self.is_warmup else (*self.past, *verdicts),
            discarded=self.paid_apart,
        )

    def lost(self, error: SavedError, at: int) -> "Run":
        """The run after its collector ended at `at`: what was still out has failed, no round follows."""
        run = self
        for event in self.cut_off(error, at):
            run = run.applied(event)
        if run.is_over:
            return run
        run = run._without_verdicts_failed(error, at)  # noqa: SLF001 - its own class
        if self.is_warmup:
            of_round = run._out_of_warmup(waiting=True)  # noqa: SLF001 - its own class
            run = of_round._without_verdicts_failed(error, at)  # noqa: SLF001 - its own class
        return replace(run, stopped=True)

    def _without_verdicts_failed(self, error: SavedError, at: int) -> "Run":
        run = self
        for lane, state in enumerate(self.lanes):
            if not isinstance(state, Ended):
                failed = run.so_far(lane).model_copy(update={"state": "failed", "error": error})
                run = run.applied(LaneEnded(lane=lane, at=at, response=failed))
        return run

    def cut_off(self, error: SavedError | None = None, at: int | None = None) -> tuple[LaneEnded, ...]:
        """Verdicts for the lanes whose answer was coming in when what asked was gone.

        Args:
            error: Why they failed; without one they were stopped.
            at: When; without a stamp, each at its last piece.
        """
        failed = {} if error is None else {"state": "failed", "error": error}
        return tuple(
            LaneEnded(
                lane=lane,
                at=state.last_at if at is None else at,
                response=self.so_far(lane).model_copy(update=failed),
            )
            for lane, state in enumerate(self.lanes)
            if isinstance(state, Streaming)
        )

    def condensed(self) -> "Run":
        """The run with each text in memory once: lanes that ended show that of their response."""
        return replace(self, lanes=tuple(condensed(lane) for lane in self.lanes))

    def tells_what(self, other: "Run") -> bool:
        """Whether nothing is told of one that is not told of the other, condensed or not."""
        pairs = zip(self.lanes, other.lanes, strict=False)
        same = all(
            a is b or (isinstance(a, Ended) and isinstance(b, Ended) and a.response is b.response)
            for a, b in pairs
        )
        return same and replace(self, lanes=()) == replace(other, lanes=())

    def _out_of_warmup(self, *, waiting: bool = False) -> "Run":
        """A run that ended before its first round, in that round: nobody was asked in it."""
        if not self.is_warmup:
            return self
        run = replace(self, round=0).next_round()
        if waiting:
            return run
        return replace(run, lanes=tuple(_unasked(preset) for preset in run.presets))

    # What it tells

    def so_far(self, lane: int) -> Response:
        """A lane's response: its verdict, or what came so far, as of a stopped call."""
        return so_far(self.presets[lane], self.prompt, self.lanes[lane], round=self.round)

    @property
    def is_warmup(self) -> bool:
        """Whether this round is not recorded."""
        return self.round < 1

    @property
    def round_is_over(self) -> bool:
        """Whether every lane has its verdict of this round."""
        return all(isinstance(lane, Ended) for lane in self.lanes)

    @property
    def is_over(self) -> bool:
        """Whether nothing is out, and no round follows."""
        return self.round_is_over and (self.round >= self.rounds or self.stopped or self.over_budget)

    @property
    def ended(self) -> int:
        """Lanes with a verdict of this round."""
        return len(self.verdicts)

    @property
    def verdicts(self) -> tuple[Response, ...]:
        """This round's responses, as far as there are any."""
        return tuple(lane.response for lane in self.lanes if isinstance(lane, Ended))

    @property
    def responses(self) -> tuple[Response, ...]:
        """Every one that counts so far, attempts among them; the earlier rounds' first."""
        return self.past if self.is_warmup else (*self.past, *self.verdicts)

    @property
    def is_demo(self) -> bool:
        """Whether any lane is answered by the demo server."""
        return any(preset.is_demo for preset in self.presets)

    def order_of(self, round: int) -> tuple[int, ...]:  # noqa: A002 - the field's own name
        """The lanes in the order in which a round launches them; the same for the same seed, ever."""
        lanes = list(range(len(self.presets)))
        if self.seed is not None:
            random.Random(f"{self.seed}/{round}").shuffle(lanes)  # noqa: S311 - nothing is to be kept secret
        return tuple(lanes)

    # Money

    @property
    def paid_apart(self) -> tuple[SavedCost, ...]:
        """What was paid for answers that are not kept, with those of the warm-up that this round is."""
        if not self.is_warmup:
            return self.discarded
        return (*self.discarded, *costs_of(self.so_far(lane) for lane in range(len(self.lanes))))

    @property
    def costs(self) -> tuple[SavedCost, ...]:
        """Of every response so far that brought anything, kept or not."""
        return (*self.discarded, *costs_of((*self.past, *self.verdicts)))

    @property
    def spent(self) -> Decimal:
        """What is known of it, in US dollars."""
        return sum((known_amount(cost) or Decimal(0) for cost in self.costs), Decimal(0))

    @property
    def left(self) -> Decimal | None:
        """What may still be spent; `None` is no limit."""
        return None if self.max_cost_usd is None else max(Decimal(0), self.max_cost_usd - self.spent)

    @property
    def over_budget(self) -> bool:
        """Whether the limit ends this run: it is passed, or reached while rounds are left."""
        if self.cut_by_budget or self.max_cost_usd is None:
            return self.cut_by_budget
        spent = self.spent
        used_up = spent >= self.max_cost_usd and self.round_is_over and self.round < self.rounds
        return spent > 0 and (spent > self.max_cost_usd or used_up)


def unplaced(votes: Sequence[Vote], name: str, round: int) -> tuple[Vote, ...]:  # noqa: A002 - the field's own name
    """`votes` after a model is asked again in a round: those on its last answer count, and have no place."""
    return tuple(
        vote.model_copy(update={"round": None})
        if vote.round == round and name in {vote.winner, vote.loser}
        else vote
        for vote in votes
    )


def round_words(run: Run) -> str:
    """Which round it is: `round 2/5`, `warm-up 1/2`; nothing where there is but one."""
    if run.is_warmup:
        return f"warm-up {run.round + run.warmup}/{run.warmup}"
    return f"round {run.round}/{run.rounds}" if run.rounds > 1 else ""


def _unasked(preset: Preset) -> Cancelled:
    """A lane that was stopped before it was asked."""
    lane = Waiting()
    return Cancelled(response=recorded(preset, lane), at=0, content=lane.content, reasoning=lane.reasoning)


def _waiting(presets: tuple[Preset, ...]) -> tuple[Lane, ...]:
    return tuple(Waiting() for _ in presets)


def _with_lane(run: Run, lane: int, state: Lane) -> Run:
    return replace(run, lanes=(*run.lanes[:lane], state, *run.lanes[lane + 1 :]))


def _without(run: Run, lane: int) -> Run:
    """The run without a lane's failed attempts in this round."""
    place = run.presets[lane].name, run.round
    return replace(run, past=tuple(past for past in run.past if (past.name, past.round) != place))
