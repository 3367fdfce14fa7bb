"""A run told again from its records: the same run, and the same comparison, as the live one. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from ostream_compare.domain.comparison import Comparison, Vote
from ostream_compare.domain.record import comparison, has_listed_price, saved_prompt
from ostream_compare.domain.recorded import (
    CollectorLost,
    Finished,
    Grew,
    Header,
    How,
    Noted,
    Record,
    Restarted,
    Resumed,
    Retried,
    RoundBegan,
    RunEnded,
    Sent,
    Unvoted,
    Voted,
)
from ostream_compare.domain.run import Repeats, Run, unplaced
from ostream_compare.domain.summary import pairs, summary


@dataclass(slots=True)
class Retelling:
    """A run as it becomes while its records are told again."""

    header: Header
    runs: dict[int, Run] = field(default_factory=dict[int, Run])
    """By prompt; those of which there is a record, and the first."""
    votes: list[Vote] = field(default_factory=list[Vote])
    ended: How | None = None
    """`None` as long as it is under way, and for one that was interrupted."""
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        self.run(0)

    def run(self, prompt: int) -> Run:
        """The run of one prompt so far."""
        if prompt not in self.runs:
            self.runs[prompt] = begun(self.header, prompt)
        return self.runs[prompt]

    def tell(self, record: Record) -> None:
        """Take the next record in."""
        match record:
            case Sent() | Grew() | Retried() | Finished():
                self.runs[record.prompt] = self.run(record.prompt).applied(record.event)
            case RoundBegan():
                self._goes_on()
                self.runs[record.prompt] = self.run(record.prompt).next_round()
            case Restarted():
                self._goes_on()
                self._restart(record)
            case Noted():
                self._note(record)
            case CollectorLost():
                self._every(lambda run: run.lost(record.error, record.at))
            case _:
                self._tell_of_the_whole(record)

    def _tell_of_the_whole(self, record: Header | Voted | Unvoted | Resumed | RunEnded) -> None:
        match record:
            case Voted():
                self.votes.append(record.vote)
            case Unvoted():
                del self.votes[-1:]
            case Resumed():
                self._goes_on()
                self._every(lambda run: replace(run, stopped=False, cut_by_budget=False))
            case RunEnded():
                self.ended, self.ended_at = record.how, record.at
            case Header():
                pass
            case _:
                assert_never(record)

    def _restart(self, record: Restarted) -> None:
        run = self.runs[record.prompt] = self.run(record.prompt).restarted(record.lane)
        name = self.header.presets[record.lane].name
        self.votes = [
            unplaced([vote], name, run.round)[0] if vote.prompt == record.prompt else vote
            for vote in self.votes
        ]

    def _goes_on(self) -> None:
        self.ended = self.ended_at = None

    def _note(self, note: Noted) -> None:
        if note.what == "stopped":
            self._every(lambda run: replace(run, stopped=True))
        else:
            self._every(lambda run: replace(run, cut_by_budget=True))

    def _every(self, step: Callable[[Run], Run]) -> None:
        self.runs = {prompt: step(run) for prompt, run in self.runs.items()}


def begun(header: Header, prompt: int = 0) -> Run:
    """The run of one of a header's prompts, before anything happened."""
    return Run.begin(
        id=header.id,
        started_at=header.started_at,
        origin=0,
        prompt=header.prompts[prompt],
        presets=header.presets,
        repeats=Repeats(rounds=header.rounds, warmup=header.warmup, seed=header.seed),
        max_cost_usd=header.max_cost_usd,
    )


def retold(header: Header, records: Iterable[Record]) -> Retelling:
    """What came of a run, once all of its records are told."""
    story = Retelling(header)
    for record in records:
        story.tell(record)
    return story


def comparison_of(story: Retelling, *, compared: bool = True) -> Comparison:
    """A recorded run as the live one would have saved it.

    Args:
        story: The run, told as far as it is wanted.
        compared: Whether models are compared with each other.
    """
    header = story.header
    of = {
        prompt: comparison(
            run,
            header.config,
            compared=compared and len(header.prompts) == 1,
            program_version=header.program_version,
        )
        for prompt, run in sorted(story.runs.items())
    }
    has_list = any(has_listed_price(run) for run in story.runs.values())
    first = of[0].model_copy(
        update={"votes": list(story.votes), "price_list": header.price_list if has_list else None}
    )
    if len(header.prompts) == 1:
        return first
    responses = [
        response.model_copy(update={"prompt": prompt})
        for prompt, one in of.items()
        for response in one.responses
    ]
    return first.model_copy(
        update={
            "prompts": [saved_prompt(prompt) for prompt in header.prompts],
            "responses": responses,
            "summary": summary(responses),
            "pairs": pairs(responses) if compared else [],
            "launch_order": max((one.launch_order for one in of.values()), key=len),
            "over_budget": any(one.over_budget for one in of.values()),
            "discarded": [cost for one in of.values() for cost in one.discarded],
        }
    )
