"""One line of the history: what a list shows of a recorded run, and the text by which it is found. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from ostream_compare.domain.comparison import Response
from ostream_compare.domain.figures import UNKNOWN, Total, costs_of, glyph, marked_dollars, word
from ostream_compare.domain.lane import Lane, Waiting, advance
from ostream_compare.domain.plain_words import is_limited
from ostream_compare.domain.reckoning import so_far
from ostream_compare.domain.recorded import (
    Finished,
    Grew,
    Header,
    How,
    Record,
    Restarted,
    Resumed,
    RoundBegan,
    RunEnded,
    Sent,
    Unvoted,
    Voted,
)
from ostream_compare.domain.safe_text import repair
from ostream_compare.domain.summary import money_text

MOST_TEXT = 1 << 20
"""Characters of a run by which it can be found; a set of thousands of answers has more."""
_TITLE = 200
PastState = Literal["finished", "cancelled", "over_budget", "collector_lost", "interrupted", "running"]

Cell = tuple[int, int, int]
"""Prompt, round and lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """What a list shows of a run."""

    id: str
    started_at: str
    """UTC, ISO 8601."""
    title: str
    """The first prompt's name, or the beginning of its text; as it was written, so to be cleaned."""
    prompts: int
    rounds: int
    models: tuple[str, ...]
    complete: int
    """Answers that are whole."""
    limited: int
    """Whole ones that ended at their token limit."""
    stopped: int
    """Answers that somebody stopped."""
    asked: int
    """Answers that there should be, as far as the run came."""
    state: PastState
    cost_usd: str | None
    """What is known of it; `None` where nothing is."""
    cost_partial: bool
    """Whether some cost is unknown, so that the sum is a lower bound."""
    votes: int
    demo: bool
    cost_cut: bool = False
    """Whether some of it is of answers that were stopped or cut, so that the sum is a lower bound."""
    cost_estimated: bool = False
    """Whether some of it is reckoned from estimated tokens."""

    @property
    def planned(self) -> int:
        """Answers that there should be once all of it is asked: of every model, prompt and round."""
        return max(self.asked, len(self.models) * self.prompts * self.rounds)

    @property
    def cost_bound(self) -> Literal["exact", "estimated", "lower"] | None:
        """What the sum is, in the words of a saved cost; `None` where nothing is known of it."""
        if self.cost_usd is None:
            return None
        if self.cost_partial or self.cost_cut:
            return "lower"
        return "estimated" if self.cost_estimated else "exact"


class Gathering:
    """Reads a log's records once, or twice where an answer was never finished."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._asked: dict[Cell, str | None] = {}
        """The state of each answer's verdict, those of a warm-up among them; `None` while there is none."""
        self._texts: dict[Cell, str] = {}
        self._limited: set[Cell] = set()
        self._spent = Total()
        self._votes = 0
        self._ended: How | None = None

    @property
    def open(self) -> frozenset[Cell]:
        """Answers without a verdict: their text is in the deltas."""
        return frozenset(cell for cell, state in self._asked.items() if state is None)

    def take(self, records: Iterable[Record]) -> None:
        """Everything but the deltas."""
        for record in records:
            match record:
                case Sent():
                    self._asked.setdefault((record.prompt, record.round, record.event.lane), None)
                case Finished():
                    cell = record.prompt, record.round, record.event.lane
                    self._verdict(cell, record.event.response)
                case Restarted():
                    self._ended = None
                    cell = record.prompt, record.round, record.lane
                    self._asked[cell] = None
                    self._limited.discard(cell)
                case RoundBegan() | Resumed():
                    self._ended = None
                case RunEnded():
                    self._ended = record.how
                case Voted() | Unvoted():
                    self._votes += 1 if isinstance(record, Voted) else -1
                case _:
                    pass

    def _verdict(self, cell: Cell, response: Response) -> None:
        if self._asked.get(cell) is not None:
            return  # it came after the lane's end
        self._asked[cell] = response.state
        self._spent.add(costs_of([response]))
        if cell[1] > 0:
            if is_limited(response):
                self._limited.add(cell)
            self._texts[cell] = response.content or response.refusal or response.reasoning or ""

    def take_deltas(self, records: Iterable[Record]) -> None:
        """The text of answers without a verdict, and what they cost by estimate."""
        wanted = self.open
        lanes: dict[Cell, Lane] = {}
        for record in records:
            if isinstance(record, Restarted):
                lanes.pop((record.prompt, record.round, record.lane), None)
            elif isinstance(record, Grew):
                cell = record.prompt, record.round, record.event.lane
                if cell in wanted:
                    lanes[cell] = advance(lanes.get(cell, Waiting()), record.event)
        for cell, lane in lanes.items():
            prompt, number, index = cell
            response = so_far(self._header.presets[index], self._header.prompts[prompt], lane, round=number)
            self._spent.add(costs_of([response]))
            if number > 0:
                self._texts[cell] = response.content or response.refusal or response.reasoning or ""

    @property
    def past_run(self) -> PastRun:
        """The line; a run without an end counts as interrupted: its log cannot tell who writes it."""
        header, first = self._header, self._header.prompts[0]
        states = [state for (_, number, _), state in self._asked.items() if number > 0]
        return PastRun(
            id=header.id,
            started_at=header.started_at.isoformat(timespec="seconds"),
            title=repair((first.name or " ".join(first.user[: 2 * _TITLE].split()))[:_TITLE]),
            prompts=len(header.prompts),
            rounds=header.rounds,
            models=tuple(preset.name for preset in header.presets),
            complete=states.count("complete"),
            limited=len(self._limited),
            stopped=states.count("cancelled"),
            asked=max(len(states), len(header.presets)),
            state=self._ended or "interrupted",
            cost_usd=None if self._spent.known is None else money_text(self._spent.known),
            cost_partial=self._spent.unpriced > 0,
            votes=max(0, self._votes),
            demo=header.demo,
            cost_cut=self._spent.is_least,
            cost_estimated=self._spent.is_estimated,
        )

    @property
    def text(self) -> str:
        """What a search looks through: id, models, prompts, answers; folded, and cut at `MOST_TEXT`."""
        header = self._header
        names = (f"{preset.name} {preset.model} {preset.provider.name}" for preset in header.presets)
        prompts = (f"{prompt.name or ''} {prompt.system or ''} {prompt.user}" for prompt in header.prompts)
        texts = [header.id, *names, *prompts, *self._texts.values()]
        return repair("\n".join(texts)[:MOST_TEXT]).casefold()


_STATES: Mapping[PastState, str] = MappingProxyType(
    {
        "cancelled": "■ stopped",
        "over_budget": "$ over budget",
        "collector_lost": "✗ collector lost",
        "interrupted": "✗ interrupted",
        "running": "▶ running",
    }
)


def state_words(run: PastRun, *, counted: bool = True) -> str:
    """How it ended: a glyph, and how many answers are whole (`✓ 4/4`, `✗ 0/5`) or why there are no more.

    Args:
        run: The run.
        counted: How many are whole is said; else it is said in a word (`✓ done`).
    """
    limited = f", {run.limited} at limit" if run.limited else ""
    if run.state != "finished":
        return _STATES[run.state] + limited
    missing = run.planned - run.complete
    phase = "complete" if not missing else "cancelled" if missing == run.stopped else "failed"
    return f"{glyph(phase)} {done_words(run) if counted else word(phase)}{limited}"


def done_words(run: PastRun) -> str:
    """Whole answers of those that there should be."""
    return f"{run.complete}/{run.planned}"


def cost_words(run: PastRun) -> str:
    """What it cost: `≥` where some of it is unknown or of a cut answer, `~` where some is estimated."""
    if run.cost_usd is None:
        return UNKNOWN
    amount, is_least = Decimal(run.cost_usd), run.cost_bound == "lower"
    return marked_dollars(amount, is_least=is_least, is_estimated=run.cost_estimated)
