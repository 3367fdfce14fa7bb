"""What a call came to: the stream's figures by the names of a saved comparison."""

from dataclasses import dataclass, replace

from ostream import OpenAIStream, OStreamError
from ostream.errors import ErrorKind
from ostream.json_text import repaired
from ostream.state import StreamState
from ostream.timeline import Timeline
from ostream.usage import Usage
from ostream_compare.domain.comparison import (
    Response,
    SavedError,
    SavedToolCall,
    SavedUsage,
    State,
    Timing,
)
from ostream_compare.domain.preset import Preset
from ostream_compare.domain.reckoning import estimated, reckoned_cost

_STATES: dict[StreamState, State] = {
    StreamState.COMPLETE: "complete",
    StreamState.TRUNCATED: "truncated",
    StreamState.FAILED: "failed",
}
"""Any other state at the end is a call that was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the stream itself does not know."""

    preset: Preset
    base_url: str | None
    due: int
    """Stamp at which the first attempt was due, before any queue; a later one is when its wait is over."""
    prompt_text: str
    """All that was sent, for the estimate."""
    lag_p99_ms: float | None
    cold_connect_ms: float | None = None


def response_of(stream: OpenAIStream, about: Circumstances) -> Response:
    """The record of a stream that is over."""
    built = stream.construct_call_response(partial=True)
    counts = built.counts
    calls = tool_calls_of(stream)
    called = "\n".join(f"{call.name} {call.arguments}" for call in calls)
    came = "\n".join(text for text in (built.content, built.reasoning, built.refusal, called) if text)
    estimate = estimated(came, about.prompt_text, counts)
    state = _STATES.get(stream.state, "cancelled")
    reasons = built.finish_reasons
    timeline = built.timeline
    if stream.attempts <= 1:
        timeline = replace(timeline, launched=about.due)
    return Response(
        name=about.preset.name,
        provider=about.preset.provider.name,
        model=about.preset.model,
        served_model=repaired(built.served_model) if built.served_model else None,
        attempt=max(1, stream.attempts),
        state=state,
        finish_reason=reasons[0] if reasons else None,
        error=saved_error(stream.error) if stream.error is not None else None,
        warnings=list(stream.warnings),
        content=built.content,
        reasoning=built.reasoning,
        refusal=built.refusal,
        tool_calls=calls,
        timing=_timing(timeline, counts, about, streamed_reasoning=built.reasoning is not None),
        usage=SavedUsage(
            input_tokens=counts.input_tokens,
            cached_tokens=counts.cached_tokens,
            output_tokens=counts.output_tokens,
            reasoning_tokens=counts.reasoning_tokens,
            source=counts.source,
        ),
        estimate=estimate,
        cost=reckoned_cost(
            counts, estimate, about.preset, base_url=about.base_url, whole=state == "complete"
        ),
    )


def refused(preset: Preset, kind: ErrorKind, message: str) -> Response:
    """The record of a call that was never made."""
    return Response(
        name=preset.name,
        provider=preset.provider.name,
        model=preset.model,
        state="failed",
        error=SavedError(kind=kind, message=message),
    )


def never_sent(preset: Preset) -> Response:
    """The record of a call that was stopped while it waited for its turn."""
    return Response(name=preset.name, provider=preset.provider.name, model=preset.model, state="cancelled")


def saved_error(error: OStreamError) -> SavedError:
    """An error by the names of a saved comparison."""
    return SavedError(
        kind=error.kind,
        message=repaired(error.message),
        status=error.status,
        code=error.code,
        hint=error.hint,
        retry_after=error.retry_after,
    )


def tool_calls_of(stream: OpenAIStream) -> list[SavedToolCall]:
    """The tool calls as the model made them, old-style function calls among them."""
    message = stream.message_param
    calls = [
        SavedToolCall(id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
        if call["type"] == "function"
    ]
    legacy = message.get("function_call")
    if legacy is not None:
        calls.append(SavedToolCall(id="", name=legacy["name"], arguments=legacy["arguments"]))
    return calls


def _timing(timeline: Timeline, counts: Usage, about: Circumstances, *, streamed_reasoning: bool) -> Timing:
    hidden = 0 if streamed_reasoning else counts.reasoning_tokens or counts.unnamed_tokens or 0
    gaps = timeline.icl_ns()
    output = counts.output_tokens
    return Timing(
        queue_ms=in_ms(timeline.queue_ns),
        connect_ms=in_ms(timeline.connect_ns),
        cold_connect_ms=about.cold_connect_ms,
        ttfb_ms=in_ms(timeline.ttfb_ns),
        ttft_ms=in_ms(timeline.ttft_ns),
        ttfa_ms=in_ms(timeline.ttfa_ns),
        e2e_ms=in_ms(timeline.e2e_ns),
        tpot_ms=in_ms(timeline.tpot_ns(output, hidden_reasoning_tokens=hidden)),
        tokens_per_second=timeline.tokens_per_second(output, hidden_reasoning_tokens=hidden),
        icl_p50_ms=in_ms(gaps.p50) if gaps else None,
        icl_p99_ms=in_ms(gaps.p99) if gaps else None,
        icl_max_ms=in_ms(gaps.max) if gaps else None,
        bursts=len(timeline.bursts) if timeline.sent is not None else None,
        clock_lag_p99_ms=about.lag_p99_ms,
        hidden_reasoning=True if hidden else None,
    )


def in_ms(nanoseconds: float | None) -> float | None:
    """A duration as it is saved."""
    return None if nanoseconds is None else nanoseconds / 1e6
