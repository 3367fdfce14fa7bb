"""What a run log holds: the run's header and one record for each thing that happened to it. Pure.

A log is the journal of `Run`'s own steps, so that telling it again gives the same run: see `retelling`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal, assert_never
from urllib.parse import urlsplit, urlunsplit

from pydantic import Discriminator, TypeAdapter

from ostream_compare import __version__
from ostream_compare.domain.body_secrets import without_secrets
from ostream_compare.domain.comparison import SavedError, Vote
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, LaneEvent, RequestSent
from ostream_compare.domain.preset import Config, Preset, Prompt
from ostream_compare.domain.record import price_list
from ostream_compare.domain.run import Run

FORMAT = 1
"""Of the log: it grows when an older program would misread a newer log."""

How = Literal["finished", "cancelled", "over_budget", "collector_lost"]
"""How a run ended; a log that says nothing was interrupted, or is being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first record: what was asked, of whom, and how often. No key, header, secret or environment."""

    id: str
    started_at: datetime
    """UTC."""
    prompts: tuple[Prompt, ...]
    """Records name them by their index."""
    presets: tuple[Preset, ...]
    """By lane, without anything that is secret; see `public`."""
    rounds: int = 1
    warmup: int = 0
    seed: int | None = None
    max_cost_usd: Decimal | None = None
    config_path: str | None = None
    config_sha256: str | None = None
    price_list: str | None = None
    """The public list that prices come from, with its version."""
    demo: bool = False
    program_version: str = __version__
    format: int = FORMAT
    type: Literal["run"] = "run"

    @property
    def config(self) -> Config:
        """As much of the file as the run needs."""
        return Config(
            path=self.config_path,
            sha256=self.config_sha256,
            presets=self.presets,
            prompts=self.prompts,
            max_cost_usd=self.max_cost_usd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A lane's request left."""

    event: RequestSent
    prompt: int = 0
    round: int = 1
    type: Literal["sent"] = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grew:
    """A lane's answer grew; the text is as the model wrote it."""

    event: Delta
    prompt: int = 0
    round: int = 1
    type: Literal["delta"] = "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """A lane's attempt failed and another one followed."""

    event: AttemptFailed
    prompt: int = 0
    round: int = 1
    type: Literal["retry"] = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A lane has its verdict."""

    event: LaneEnded
    prompt: int = 0
    round: int = 1
    type: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBegan:
    """Every lane waits for another round."""

    round: int
    prompt: int = 0
    type: Literal["round"] = "round"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted:
    """A lane is asked again in this round; what it answered is paid for and discarded."""

    lane: int
    prompt: int = 0
    round: int = 1
    type: Literal["again"] = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The run was stopped by someone, or by its budget."""

    what: Literal["stopped", "over_budget"]
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorLost:
    """The process that makes the calls ended by itself; what was out has failed."""

    error: SavedError
    at: int
    """Nanoseconds since the run's origin."""
    type: Literal["lost"] = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """Someone judged two answers."""

    vote: Vote
    type: Literal["vote"] = "vote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unvoted:
    """The last vote was taken back."""

    type: Literal["unvote"] = "unvote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Another program goes on with the run; stamps start anew."""

    at: datetime
    """UTC."""
    type: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The run came to its end; reruns and votes may follow."""

    how: How
    at: datetime
    """UTC."""
    type: Literal["end"] = "end"


Happened = Sent | Grew | Retried | Finished
Step = RoundBegan | Restarted | Noted | CollectorLost | Finished
"""What leads from one picture of a run to the next, beside events that the collector reported."""
Record = (
    Header | Happened | RoundBegan | Restarted | Noted | CollectorLost | Voted | Unvoted | Resumed | RunEnded
)

RECORDS: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Discriminator("type")])


def header_of(run: Run, config: Config, *, prompts: tuple[Prompt, ...] | None = None) -> Header:
    """The header of a run; `prompts` are all of a set, where it has more than the run's own."""
    return Header(
        id=run.id,
        started_at=run.started_at.astimezone(UTC),
        prompts=prompts or (run.prompt,),
        presets=tuple(public(preset) for preset in run.presets),
        rounds=run.rounds,
        warmup=run.warmup,
        seed=run.seed,
        max_cost_usd=run.max_cost_usd,
        config_path=config.path,
        config_sha256=config.sha256,
        price_list=price_list(),
        demo=run.is_demo,
    )


def public(preset: Preset) -> Preset:
    """`preset` without what may be secret.

    That is where its key is, headers, what a URL has beside host and path, and what the body calls a secret.
    """
    url = preset.provider.base_url
    if url is not None:
        parts = urlsplit(url)
        url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    provider = replace(preset.provider, base_url=url, api_key_env=None, api_key_cmd=None)
    params = {name: value for name, value in preset.params.items() if name != "extra_headers"}
    if "extra_body" in params:
        params["extra_body"] = without_secrets(params["extra_body"])
    return replace(preset, provider=provider, params=params)


def happened(event: LaneEvent, *, prompt: int = 0, round: int = 1) -> Happened:  # noqa: A002 - the field's own name
    """The record of an event."""
    match event:
        case RequestSent():
            return Sent(event=event, prompt=prompt, round=round)
        case Delta():
            return Grew(event=event, prompt=prompt, round=round)
        case AttemptFailed():
            return Retried(event=event, prompt=prompt, round=round)
        case LaneEnded():
            return Finished(event=event, prompt=prompt, round=round)
        case _:
            assert_never(event)


def losing(run: Run, error: SavedError, at: int) -> tuple[Step, ...]:
    """The records of a collector that ended at `at`, as `Run.lost` is told.

    Verdicts go first: whoever reads a log without the pieces of answers knows what they cost.
    """
    cut = (Finished(event=event, round=run.round) for event in run.cut_off(error, at))
    return (*cut, CollectorLost(error=error, at=at))


def ending(run: Run, steps: Sequence[Step], at: datetime) -> tuple[RunEnded, ...]:
    """The record of a run's end, if it has come; `steps` are the last that led there."""
    if not run.is_over:
        return ()
    how: How = "cancelled" if run.stopped else "finished"
    if any(isinstance(step, CollectorLost) for step in steps):
        how = "collector_lost"
    elif run.over_budget:
        how = "over_budget"
    return (RunEnded(how=how, at=at),)
