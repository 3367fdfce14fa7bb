"""What parent and child say to each other: one JSON object a line, each way.

Parent to child: `StartRun`, `Cancel`, `Stop`.
Child to parent: `Ready`, `Sent`, `Grew`, `Retrying`, `Finished`, `OverBudget`; `Alive` while calls are out.
A key crosses only inside `LaneOrder`, and only down the pipe.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Annotated, Literal

from pydantic import Discriminator, TypeAdapter

from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.preset import Preset, Prompt
from ostream_compare.domain.safe_text import repair


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneOrder:
    """One call to make."""

    lane: int
    preset: Preset
    key: str | None = field(default=None, repr=False)
    missing_key: str | None = None
    """Set instead of a key: why there is none; the lane fails with `missing_kind`."""
    missing_kind: Literal["missing_key", "insecure"] = "missing_key"
    """The kind of that failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun:
    """Make these calls, all at once; further ones of the same run may follow (a rerun of one lane)."""

    run: str
    """Its id; of a set of prompts, `id/prompt`: those share a budget, and are stopped together by the id."""
    origin: int
    """`time.perf_counter_ns()` of the parent; one clock for all processes of a machine."""
    prompt: Prompt
    lanes: tuple[LaneOrder, ...]
    """In the order of their launch."""
    max_cost_usd: Decimal | None = None
    """What these calls may cost together; `None` is no limit. The prompts of a set share the first one's."""
    concurrency: int | None = None
    """Calls at once, of all providers and runs; `None` changes nothing."""
    type: Literal["start"] = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Stop one lane of a run, or (`lane` is `None`) all of it."""

    run: str
    """As ordered, or the id alone: every prompt of the set."""
    lane: int | None = None
    type: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Cancel everything and end."""

    type: Literal["stop"] = "stop"


Command = StartRun | Cancel | Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The child has imported what it needs and listens."""

    pid: int
    type: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A lane's request left."""

    run: str
    event: RequestSent
    type: Literal["sent"] = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grew:
    """A lane's answer grew."""

    run: str
    event: Delta
    type: Literal["delta"] = "delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """A lane's attempt failed and another follows."""

    run: str
    event: AttemptFailed
    type: Literal["retry"] = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A lane has its verdict."""

    run: str
    event: LaneEnded
    type: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverBudget:
    """The calls of a run have cost what they may: those that are out are stopped; verdicts follow."""

    run: str
    type: Literal["over_budget"] = "over_budget"


Report = Ready | Sent | Grew | Retrying | Finished | OverBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The child's loop goes round; the parent's end of the pipe takes note of it and tells nobody."""

    type: Literal["alive"] = "alive"


HEARTBEAT = 2.0
"""Seconds from one `Alive` to the next, as long as there are calls."""

_DELTA = (
    '{{"run":{2},"event":{{"lane":{0},"at":{1},"text":{3},"reasoning":{4},"refusal":{5},"tool":{6}}},'
    '"type":"delta"}}\n'
)
COMMANDS: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Discriminator("type")])
REPORTS: TypeAdapter[Report | Alive] = TypeAdapter(Annotated[Report | Alive, Discriminator("type")])


def to_line(message: Command | Report | Alive) -> bytes:
    """`message` as one line of JSON, newline included."""
    if isinstance(message, Grew):
        return _delta_line(message)
    adapter = COMMANDS if isinstance(message, StartRun | Cancel | Stop) else REPORTS
    return adapter.dump_json(message, exclude_defaults=False) + b"\n"  # type: ignore[arg-type]


def _delta_line(grew: Grew) -> bytes:
    """As the adapter writes it, in a fifth of the time: there is one for every chunk of every stream."""
    delta = grew.event
    told = map(_sendable, (grew.run, delta.text, delta.reasoning, delta.refusal, delta.tool))
    texts = map(encode_basestring_ascii, told)
    return _DELTA.format(delta.lane, delta.at, *texts).encode()


def _sendable(text: str) -> str:
    """`text` as the other end can read it: for one lone surrogate it would give up all lanes."""
    return text if text.isascii() else repair(text)
