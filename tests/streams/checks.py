"""What must hold for a stream of odd bytes."""

import gc
import json
from decimal import Decimal
from typing import Any

from ostream import OStreamError
from ostream.errors import make_error
from streams.odd import OddStreams
from streams.offline import Played, play

EVERY = 50
"""Of so many inputs one is also read through the SDK's classes, which take most of the time."""

KINDS = {"stream_error", "bad_json", "too_large", "not_a_stream", "empty", "connection_lost"}
MARKERS = (b"[DONE]", b"finish_reason")
HELD = len("<think\ufffd")
"""Characters that may be held back, because they may become a tag or a surrogate pair."""

_STRICT = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def storable(value: Any) -> None:
    """Fails for lone surrogates, NaN and infinities at any depth."""
    _STRICT.encode(value).encode()


def check(seed: int) -> None:
    """Read one odd stream and look at all that came of it."""
    odd = OddStreams(seed)
    data = odd.stream()
    broken = make_error("connection_lost", "the connection broke") if odd.random.random() < 0.2 else None
    played = play(odd.pieces(data), error=broken)
    _check_verdict(played, data, broken)
    _check_answer(played)
    if seed % EVERY == 0:
        _check_sdk_views(played)


def _check_verdict(played: Played, data: bytes, broken: OStreamError | None) -> None:
    session = played.session
    assert session.state in {"complete", "truncated", "failed"}
    assert (session.error is not None) == (session.state == "failed")
    if session.error is not None:
        assert isinstance(session.error, OStreamError)
        assert session.error.kind in KINDS
        storable([session.error.message, session.error.code, session.error.hint, session.error.retry_after])
    if not any(marker in data for marker in MARKERS):
        assert session.state != "complete"
        assert broken is None or session.state == "failed"
    if not played.chunks:
        assert session.state == "failed"


def _check_answer(played: Played) -> None:
    answer = played.answer
    counts = answer.counts
    for count in (counts.input_tokens, counts.cached_tokens, counts.output_tokens, counts.reasoning_tokens):
        assert count is None or (type(count) is int and count >= 0)
    assert counts.provider_cost is None or counts.provider_cost.is_finite()
    _check_text(played)
    storable(
        [
            played.session.reading.completion("m"),
            [answer.content, answer.reasoning, answer.refusal, answer.id, answer.model, answer.audio_id],
            [answer.finish_reasons, answer.warnings, answer.message_param],
            [
                [tool.tool_call and tool.tool_call.model_dump(), tool.args, str(tool.error)]
                for tool in answer.tools
            ],
            [[c.content, c.reasoning, c.refusal, c.audio_transcript] for c in played.chunks],
        ]
    )


def _check_text(played: Played) -> None:
    """The chunks' contents are the answer's, but for what was held back to the end."""
    primary = played.session.reading.primary
    shown = "".join(chunk.content for chunk in played.chunks)
    text = "" if primary is None else "".join(primary.content)
    assert text.startswith(shown)
    rest = text[len(shown) :]
    assert len(rest) <= HELD or not rest.strip()


def _check_sdk_views(played: Played) -> None:
    answer = played.answer
    response = answer.response
    storable(_dumped(response.response))
    assert response.cost == answer.cost
    assert answer.cost is None or (isinstance(answer.cost, Decimal) and answer.cost.is_finite())
    storable(_dumped(answer.usage))
    for chunk in played.chunks:
        storable(_dumped(chunk.chunk))
        storable([chunk.id, chunk.model, chunk.finish_reasons, _dumped(chunk.usage)])


def _dumped(model: Any) -> Any:
    return None if model is None else model.model_dump(warnings=False)


def run_batch(first: int, count: int) -> list[str]:
    """What went wrong in `count` streams."""
    wrong: list[str] = []
    gc.disable()  # nothing of one input is needed for the next, and little of it is circular
    for seed in range(first, first + count):
        try:
            check(seed)
        except Exception as error:  # noqa: BLE001 - whatever comes out is the finding
            wrong.append(f"FUZZ_SEED={seed}: {type(error).__name__}: {str(error)[:300]}")
    gc.enable()
    return wrong
