"""A run as it is saved."""

import math
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median, median_low

from ostream_compare import __version__
from ostream_compare.domain.comparison import (
    SCHEMA_VERSION,
    Comparison,
    Response,
    SavedConfig,
    SavedPrompt,
    Summary,
    Timing,
)
from ostream_compare.domain.figures import known_amount
from ostream_compare.domain.lane import Ended, Lane, Streaming
from ostream_compare.domain.preset import Config, Preset, Prompt
from ostream_compare.domain.run import Run
from ostream_compare.domain.spelling import whole

_NS_PER_MS = 1_000_000


def new_run_id(now: datetime) -> str:
    """An id that sorts by time: `20261122-073012-4f2a`."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def comparison(run: Run, config: Config, *, program_version: str = __version__) -> Comparison:
    """`run` as it is saved; a lane that has not ended is recorded as cancelled, with what there is."""
    pairs = zip(run.presets, run.lanes, strict=True)
    responses = [recorded(preset, lane) for preset, lane in pairs]
    responses.sort(key=lambda response: (response.prompt, response.round, response.attempt))
    saved = Comparison(
        version=SCHEMA_VERSION,
        id=run.id,
        started_at=run.started_at.astimezone(UTC),
        program_version=program_version,
        demo=run.is_demo,
        config=SavedConfig(path=config.path, sha256=config.sha256),
        prompts=[saved_prompt(run.prompt)],
        responses=responses,
        summary=summary(responses),
    )
    return whole(saved)


def saved_prompt(prompt: Prompt) -> SavedPrompt:
    """A prompt as it is saved."""
    return SavedPrompt(
        name=prompt.name, system=prompt.system, user=prompt.user, variables=dict(prompt.variables)
    )


def recorded(preset: Preset, lane: Lane) -> Response:
    """A lane's response: the verdict where there is one, else what came so far."""
    if isinstance(lane, Ended):
        return lane.response
    streamed = lane if isinstance(lane, Streaming) else None
    return Response(
        name=preset.name,
        provider=preset.provider.name,
        model=preset.model,
        state="cancelled",
        attempt=lane.attempt,
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


def summary(responses: Iterable[Response]) -> list[Summary]:
    """One row a model, in the order of their first response.

    Only the last attempt at each prompt and round counts. Medians are of whole answers; what is
    failed or truncated stays in `n`.
    """
    last: dict[str, dict[tuple[int, int], Response]] = {}
    for response in responses:
        last.setdefault(response.name, {})[response.prompt, response.round] = response
    return [_summary(name, list(of.values())) for name, of in last.items()]


def _summary(name: str, responses: list[Response]) -> Summary:
    complete = [response for response in responses if response.state == "complete"]
    amounts = [amount for response in complete if (amount := known_amount(response.cost)) is not None]
    return Summary(
        name=name,
        n=len(responses),
        failures=sum(response.state in {"failed", "truncated"} for response in responses),
        ttft_ms=_median(response.timing.ttft_ms for response in complete),
        e2e_ms=_median(response.timing.e2e_ms for response in complete),
        tokens_per_second=_median(response.timing.tokens_per_second for response in complete),
        input_tokens=_median_count(response.usage.input_tokens for response in complete),
        output_tokens=_median_count(response.usage.output_tokens for response in complete),
        cost_usd=money_text(median(amounts)) if amounts else None,
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return median(known) if known else None


def _median_count(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return median_low(known) if known else None


def money_text(amount: Decimal) -> str:
    """An amount as it is saved: all of its digits, no exponent."""
    return f"{amount:f}"
