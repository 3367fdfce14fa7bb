"""Every provider's usage record as one `Usage`. Pure; counts are tokens, `None` is unknown and never 0."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from ostream.json_text import is_object

UsageSource = Literal["api", "api+reconciled", "server_timings", "none"]

_ABSURD = 10**12
"""No count is this large."""

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts of one call, normalised."""

    input_tokens: int | None = None
    """Prompt tokens, cached ones included."""
    cached_tokens: int | None = None
    """The part of `input_tokens` that was read from a cache."""
    cache_write_tokens: int | None = None
    """The part of `input_tokens` that was written to a cache."""
    output_tokens: int | None = None
    """Completion tokens, reasoning included."""
    reasoning_tokens: int | None = None
    """The part of `output_tokens` that was reasoning."""
    input_audio_tokens: int | None = None
    """The part of `input_tokens` that was audio."""
    output_audio_tokens: int | None = None
    """The part of `output_tokens` that was audio."""
    accepted_prediction_tokens: int | None = None
    """Tokens of the request's `prediction` that the answer has."""
    rejected_prediction_tokens: int | None = None
    """Tokens of the request's `prediction` that it has not; they are billed as output."""
    source: UsageSource = "none"
    """Where the counts come from; `api+reconciled`: the total showed tokens that the parts left out."""
    unattributed: int | None = None
    """Tokens of the total that neither part accounts for."""
    provider_cost: Decimal | None = None
    """USD, where the provider itself names the price of the call."""
    warnings: tuple[str, ...] = ()
    """`usage_zero`, `usage_odd`."""


def merge_usage(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """The last non-null value of each field; counts are cumulative and so never added up.

    A record whose counts are all 0 never replaces one that has counts.
    """
    if old is None:
        return dict(new)
    if _has_counts(old) and not _has_counts(new):
        new = {key: value for key, value in new.items() if key not in _COUNTS and not _is_zero(value)}
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if is_object(value) and is_object(before):
            merged[key] = merge_usage(before, value)
        elif value is not None:
            merged[key] = value
    return merged


def _has_counts(record: Mapping[str, Any]) -> bool:
    return any(isinstance(record.get(key), int | float) and record[key] != 0 for key in _COUNTS)


def _is_zero(value: Any) -> bool:
    if is_object(value):
        return all(_is_zero(item) for item in value.values())
    return value == 0


def filled_usage(raw: Mapping[str, Any]) -> dict[str, Any]:
    """`raw` with one missing one of prompt, completion and total worked out from the other two."""
    filled = dict(raw)
    try:
        prompt, output, total = _three(raw)
    except _OddError:
        return filled
    for key, value in (("prompt_tokens", prompt), ("completion_tokens", output), ("total_tokens", total)):
        if value is not None and filled.get(key) is None:
            filled[key] = value
    return filled


def normalize(
    raw: Mapping[str, Any] | None, *, has_output: bool, timings: Mapping[str, Any] | None = None
) -> Usage:
    """One `Usage` from a raw record.

    Args:
        raw: The merged `usage` object, or `None` if the server sent none.
        has_output: Whether text came; counts of 0 are then no counts.
        timings: llama.cpp's `timings`, the second source.
    """
    fallback = _from_timings(timings)
    if raw is None:
        return fallback or Usage()
    try:
        usage = _from_api(raw, has_output=has_output)
    except _OddError:
        usage = Usage(warnings=("usage_odd",), provider_cost=_cost(raw))
    if fallback is None or usage.input_tokens is not None or usage.output_tokens is not None:
        return usage
    return replace(fallback, warnings=usage.warnings, provider_cost=usage.provider_cost)


class _OddError(ValueError):
    """A count that cannot be one."""


def _count(record: Any, *names: str) -> int | None:
    if not is_object(record):
        return None
    for name in names:
        value = record.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _OddError(name)
        if not 0 <= value < _ABSURD or int(value) != value:
            raise _OddError(name)
        return int(value)
    return None


def _three(raw: Mapping[str, Any]) -> tuple[int | None, int | None, int | None]:
    prompt = _count(raw, "prompt_tokens", "input_tokens")
    output = _count(raw, "completion_tokens", "output_tokens")
    total = _count(raw, "total_tokens")
    if total is not None and total > 0:
        if output is None and prompt is not None and prompt <= total:
            output = total - prompt
        elif prompt is None and output is not None and output <= total:
            prompt = total - output
    elif total is None and prompt is not None and output is not None:
        total = prompt + output
    return prompt, output, total


def _from_api(raw: Mapping[str, Any], *, has_output: bool) -> Usage:
    prompt, output, total = _three(raw)
    inputs = raw.get("prompt_tokens_details") or raw.get("input_tokens_details")
    outputs = raw.get("completion_tokens_details") or raw.get("output_tokens_details")
    reasoning = _first(_count(outputs, "reasoning_tokens"), _count(raw, "reasoning_tokens"))
    cached = _first(
        _count(inputs, "cached_tokens"),
        _count(raw, "prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens"),
    )
    written = _first(
        _count(inputs, "cache_write_tokens", "cache_creation_tokens"),
        _count(raw, "cache_creation_input_tokens"),
    )
    audio_in, audio_out = _count(inputs, "audio_tokens"), _count(outputs, "audio_tokens")
    parts = _Parts(prompt, output).with_gap(total, reasoning, (cached or 0) + (written or 0))
    parts.check((cached or 0) + (written or 0), audio_in or 0, reasoning or 0, audio_out or 0)
    warnings: tuple[str, ...] = ()
    if has_output and parts.output == 0:
        warnings = ("usage_zero",)
        if not parts.prompt:
            return Usage(warnings=warnings, provider_cost=_cost(raw))
        parts = replace(parts, output=None)
    return Usage(
        input_tokens=parts.prompt,
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=parts.output,
        reasoning_tokens=reasoning,
        input_audio_tokens=audio_in,
        output_audio_tokens=audio_out,
        accepted_prediction_tokens=_count(outputs, "accepted_prediction_tokens"),
        rejected_prediction_tokens=_count(outputs, "rejected_prediction_tokens"),
        source=parts.source,
        unattributed=parts.unattributed,
        provider_cost=_cost(raw),
        warnings=warnings,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The two parts of a total."""

    prompt: int | None
    output: int | None
    unattributed: int | None = None
    reconciled: bool = False

    @property
    def source(self) -> UsageSource:
        if self.prompt is None and self.output is None:
            return "none"
        return "api+reconciled" if self.reconciled else "api"

    def with_gap(self, total: int | None, reasoning: int | None, cache: int) -> "_Parts":
        """What the total has more than its parts, given to the part that left it out."""
        if self.prompt is None or self.output is None or total is None or total <= self.prompt + self.output:
            return self
        gap = total - self.prompt - self.output
        if gap == cache and reasoning != gap:  # a prompt's count that leaves its cached part out
            return _Parts(self.prompt + gap, self.output, reconciled=True)
        if reasoning is None or gap == reasoning:
            return _Parts(self.prompt, self.output + gap, reconciled=True)
        return replace(self, unattributed=gap)

    def check(self, cache: int, audio_in: int, reasoning: int, audio_out: int) -> None:
        """Raise `_OddError` where something is larger than what it is a part of.

        Where tokens of the total are left over, nobody knows of which they are. An output of 0 is no count.
        """
        if self.unattributed is not None:
            return
        if self.prompt is not None and max(cache, audio_in) > self.prompt:
            raise _OddError("prompt")
        if self.output and max(reasoning, audio_out) > self.output:
            raise _OddError("output")


def _first(*counts: int | None) -> int | None:
    """The first that is known."""
    return next((count for count in counts if count is not None), None)


def _from_timings(timings: Mapping[str, Any] | None) -> Usage | None:
    """llama.cpp: `prompt_n` counts what was computed, `cache_n` what was reused."""
    try:
        computed = _count(timings, "prompt_n")
        cached = _count(timings, "cache_n")
        predicted = _count(timings, "predicted_n")
    except _OddError:
        return None
    if computed is None and predicted is None:
        return None
    prompt = None if computed is None else computed + (cached or 0)
    return Usage(input_tokens=prompt, cached_tokens=cached, output_tokens=predicted, source="server_timings")


def _cost(raw: Mapping[str, Any]) -> Decimal | None:
    """OpenRouter's `cost` (with the upstream's part when the user's own key was billed), xAI's ticks."""
    ticks = _money(raw.get("cost_in_usd_ticks"))
    if ticks is not None:
        return ticks / Decimal(10**10)
    cost = _money(raw.get("cost"))
    if cost is not None and raw.get("is_byok") is True:
        details = raw.get("cost_details")
        upstream = _money(details.get("upstream_inference_cost")) if is_object(details) else None
        return cost + upstream if upstream is not None else None
    return cost


def _money(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
