"""A lane is one model's answer in one run: a closed union of states, moved on by `advance`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from ostream_compare.domain.comparison import Response, SavedError, Timing
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, LaneEvent, RequestSent
from ostream_compare.domain.preset import Preset
from ostream_compare.domain.rope import Rope

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Not sent yet, or sent and nothing has come back."""

    sent_at: int | None = None
    """Stamp of the request, once it left."""
    attempt: int = 1
    last_error: SavedError | None = None
    """Why the attempt before this one failed."""
    content: Rope = field(default_factory=Rope)
    reasoning: Rope = field(default_factory=Rope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streaming:
    """The answer is coming in."""

    sent_at: int
    first_at: int
    """Stamp of the first content of any kind."""
    answer_at: int | None
    """Stamp of the first answer text."""
    last_at: int
    bursts: int = 1
    attempt: int = 1
    content: Rope = field(default_factory=Rope)
    reasoning: Rope = field(default_factory=Rope)
    refusal: Rope = field(default_factory=Rope)
    tools: Rope = field(default_factory=Rope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the three ends have in common."""

    response: Response
    """The whole truth; figures are read from here."""
    at: int
    content: Rope
    reasoning: Rope
    refusal: Rope = field(default_factory=Rope)
    tools: Rope = field(default_factory=Rope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Ended):
    """The model finished its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Ended):
    """The answer is missing or cut (`response.state` is failed or truncated); what came is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Ended):
    """Someone stopped it; what came is kept."""


Lane = Waiting | Streaming | Done | Failed | Cancelled


def advance(lane: Lane, event: LaneEvent) -> Lane:
    """The lane after `event`. Pure; an event that comes after the end changes nothing."""
    if isinstance(lane, Ended):
        return lane
    match event:
        case RequestSent():
            return Waiting(sent_at=event.at, attempt=event.attempt)
        case AttemptFailed():
            return Waiting(attempt=event.attempt, last_error=event.error)
        case Delta():
            return grown(lane, (event,))
        case LaneEnded():
            return _ended(lane, event)
        case _:
            assert_never(event)


def grown(lane: Lane, deltas: Sequence[Delta]) -> Lane:
    """The lane after `deltas`, one at least: what `advance` makes of them one by one, at the price of one."""
    if isinstance(lane, Ended):
        return lane
    first, last = deltas[0], deltas[-1]
    if isinstance(lane, Waiting):
        lane = Streaming(
            sent_at=lane.sent_at if lane.sent_at is not None else first.at,
            first_at=first.at,
            answer_at=None,
            last_at=first.at,
            bursts=0,
            attempt=lane.attempt,
        )
    answer_at = lane.answer_at
    if answer_at is None:
        answer_at = next((delta.at for delta in deltas if delta.text), None)
    return replace(
        lane,
        answer_at=answer_at,
        last_at=last.at,
        bursts=lane.bursts + len(deltas),
        content=lane.content.add("".join([delta.text for delta in deltas])),
        reasoning=lane.reasoning.add("".join([delta.reasoning for delta in deltas])),
        refusal=lane.refusal.add("".join([delta.refusal for delta in deltas])),
        tools=lane.tools.add("".join([delta.tool for delta in deltas])),
    )


def _ended(lane: Waiting | Streaming, event: LaneEnded) -> Done | Failed | Cancelled:
    kinds = {"complete": Done, "cancelled": Cancelled, "failed": Failed, "truncated": Failed}
    streamed = lane if isinstance(lane, Streaming) else None
    return kinds[event.response.state](
        response=event.response,
        at=event.at,
        content=_completed(lane.content, event.response.content),
        reasoning=_completed(lane.reasoning, event.response.reasoning or ""),
        refusal=_completed(streamed.refusal if streamed else Rope(), event.response.refusal or ""),
        tools=_completed(streamed.tools if streamed else Rope(), event.response.tool_words),
    )


def condensed(lane: Lane) -> Lane:
    """The lane with its texts in memory once, where it has ended: those of its response."""
    if not isinstance(lane, Ended):
        return lane
    said = lane.response
    content, reasoning, refusal = (
        Rope().add(text or "") for text in (said.content, said.reasoning, said.refusal)
    )
    return replace(lane, content=content, reasoning=reasoning, refusal=refusal)


def _completed(streamed: Rope, whole: str) -> Rope:
    """The streamed text, its tail added when the response knows more; the response wins a conflict."""
    if streamed.length == len(whole):
        return streamed
    text = str(streamed)
    return streamed.add(whole[len(text) :]) if whole.startswith(text) else Rope().add(whole)


def recorded(preset: Preset, lane: Lane, *, round: int = 1) -> Response:  # noqa: A002 - the field's own name
    """A lane's response: the verdict where there is one, else what came so far, as of a stopped call."""
    if isinstance(lane, Ended):
        return lane.response
    streamed = lane if isinstance(lane, Streaming) else None
    is_between = isinstance(lane, Waiting) and lane.last_error is not None
    return Response(
        name=preset.name,
        provider=preset.provider.name,
        model=preset.model,
        state="cancelled",
        round=round,
        attempt=lane.attempt + 1 if is_between else lane.attempt,
        content=str(lane.content),
        reasoning=str(lane.reasoning) or None,
        refusal=(str(streamed.refusal) or None) if streamed else None,
        timing=_timing(streamed) if streamed else Timing(),
    )


def _timing(lane: Streaming) -> Timing:
    answer_at = lane.answer_at
    return Timing(
        ttft_ms=(lane.first_at - lane.sent_at) / _NS_PER_MS,
        ttfa_ms=None if answer_at is None else (answer_at - lane.sent_at) / _NS_PER_MS,
        e2e_ms=(lane.last_at - lane.sent_at) / _NS_PER_MS,
        bursts=lane.bursts,
    )
