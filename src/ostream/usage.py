"""Every provider's usage record as one `Usage`. Pure; counts are tokens, `None` is unknown and never 0."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from ostream.json_text import is_object

UsageSource = Literal["api", "api+reconciled", "server_timings", "none"]

_ABSURD = 10**12
"""No count is this large."""
_CHEAPEST, _DEAREST = Decimal("1e-15"), Decimal(10**6)
"""US dollars of a call."""
_MOST_PLACES = 30
"""Of an amount, before its point or after it."""

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens")

_BESIDE = ("cache_read_input_tokens", "cache_creation_input_tokens")
"""Anthropic's names of what was read from a cache and written to one."""


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
    unnamed_tokens: int | None = field(default=None, compare=False)
    """The part of `output_tokens` that only the total shows: reasoning, though nothing says so."""
    provider_cost: Decimal | None = None
    """USD, where the provider itself names the price of the call."""
    warnings: tuple[str, ...] = ()
    """`usage_zero`: an answer or what was sent counts 0 tokens. `usage_odd`: a count, or a part of one,
    cannot be.

    Such counts are left out; the others stand, but may be wrong with them, so that no price of them is exact.
    """


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
    three = _three(raw, _Counter())
    if three is None:
        return filled
    prompt, output, total = three
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
    usage = _from_api(raw, has_output=has_output)
    if fallback is None or (usage.input_tokens is not None and usage.output_tokens is not None):
        return usage
    if usage.source != "none" and (fallback.input_tokens is None or fallback.output_tokens is None):
        return usage
    return replace(fallback, warnings=usage.warnings, provider_cost=usage.provider_cost)


class _Counter:
    """Reads counts; one that cannot be one is unknown."""

    def __init__(self) -> None:
        self.is_odd = False
        """Whether there was such a one."""

    def read(self, record: Any, *names: str) -> int | None:
        """The first of `names` that `record` has a count of."""
        if not is_object(record):
            return None
        for name in names:
            value = record.get(name)
            if value is None:
                continue
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and 0 <= value < _ABSURD and int(value) == value:
                return int(value)
            self.is_odd = True
        return None

    def within(self, whole: int | None, *parts: int | None) -> tuple[int | None, ...]:
        """`parts` as far as `whole` can hold them: one that is more cannot be in it.

        Where each could be in it and all cannot, nobody knows which of them is wrong.
        """
        if whole is None:
            return parts
        fitting = tuple(part if part is None or part <= whole else None for part in parts)
        if sum(part or 0 for part in fitting) > whole:
            fitting = (None,) * len(parts)
        self.is_odd |= fitting != parts
        return fitting


def _three(raw: Mapping[str, Any], counter: _Counter) -> tuple[int | None, int | None, int | None] | None:
    """Prompt, output and total; `None` where the prompt's or the output's count cannot be one."""
    own = _Counter()
    prompt = own.read(raw, "prompt_tokens", "input_tokens")
    output = own.read(raw, "completion_tokens", "output_tokens")
    if own.is_odd:
        return None
    total = own.read(raw, "total_tokens")
    if own.is_odd:  # nothing is worked out from what is wrong
        counter.is_odd = True
        return prompt, output, None
    if total is not None and total > 0:
        if output is None and prompt is not None and prompt <= total:
            output = total - prompt
        elif prompt is None and output is not None and output < total:  # no prompt has 0 tokens
            prompt = total - output
    elif total is None and prompt is not None and output is not None:
        total = prompt + output
    return prompt, output, total


def _parts_of(
    raw: Mapping[str, Any], counter: _Counter, reasoning: int | None, caches: tuple[int | None, int | None]
) -> "_Parts | None":
    """Prompt and output, with what stands beside them and belongs to them; `None` as of `_three`."""
    three = _three(raw, counter)
    if three is None:
        return None
    prompt, output, total = three
    parts = _Parts(prompt, output)
    cache = sum(count or 0 for count in caches)
    if caches == tuple(counter.read(raw, name) for name in _BESIDE):
        reported = counter.read(raw, "total_tokens") or None
        is_native = raw.get("prompt_tokens") is None and not raw.get("input_tokens_details")
        parts = parts.with_cache(cache, reported, is_native=is_native)
        counter.is_odd |= parts.reconciled and parts.exceeds(reported)
    return parts.with_gap(total, reasoning, cache, is_sure=not counter.is_odd)


def _from_api(raw: Mapping[str, Any], *, has_output: bool) -> Usage:
    counter = _Counter()
    inputs = raw.get("prompt_tokens_details") or raw.get("input_tokens_details")
    outputs = raw.get("completion_tokens_details") or raw.get("output_tokens_details")
    reasoning = _first(counter.read(outputs, "reasoning_tokens"), counter.read(raw, "reasoning_tokens"))
    cached = _first(
        counter.read(inputs, "cached_tokens"),
        counter.read(raw, "prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens"),
    )
    written = _first(
        counter.read(inputs, "cache_write_tokens", "cache_creation_tokens"),
        counter.read(raw, "cache_creation_input_tokens"),
    )
    audio_in, audio_out = counter.read(inputs, "audio_tokens"), counter.read(outputs, "audio_tokens")
    parts = _parts_of(raw, counter, reasoning, (cached, written))
    if parts is None:
        return Usage(warnings=("usage_odd",), provider_cost=_cost(raw))
    if parts.unattributed is None:  # else nobody knows of which part the tokens are that are left over
        cached, written = counter.within(parts.prompt, cached, written)
        (audio_in,) = counter.within(parts.prompt, audio_in)
        (reasoning,) = counter.within(parts.output or None, reasoning)  # an output of 0 is no count
        (audio_out,) = counter.within(parts.output or None, audio_out)
    accepted = counter.read(outputs, "accepted_prediction_tokens")
    rejected = counter.read(outputs, "rejected_prediction_tokens")
    warnings = ("usage_odd",) if counter.is_odd else ()
    if has_output and parts.output == 0:
        warnings = (*warnings, "usage_zero")
        if not parts.prompt:
            return Usage(warnings=warnings, provider_cost=_cost(raw))
        parts = replace(parts, output=None)
    if parts.prompt == 0 and (has_output or parts.output):  # something was sent
        warnings = (*warnings, "usage_zero")
        parts = replace(parts, prompt=None)
    return Usage(
        input_tokens=parts.prompt,
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=parts.output,
        reasoning_tokens=reasoning,
        input_audio_tokens=audio_in,
        output_audio_tokens=audio_out,
        accepted_prediction_tokens=accepted,
        rejected_prediction_tokens=rejected,
        source=parts.source,
        unattributed=parts.unattributed,
        unnamed_tokens=parts.unnamed,
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
    unnamed: int | None = None
    """Of the output, what was given to it without anyone's word."""

    @property
    def source(self) -> UsageSource:
        if self.prompt is None and self.output is None:
            return "none"
        return "api+reconciled" if self.reconciled else "api"

    def exceeds(self, total: int | None) -> bool:
        """Whether they are more than `total`."""
        return total is not None and (self.prompt or 0) + (self.output or 0) > total

    def with_cache(self, cache: int, total: int | None, *, is_native: bool) -> "_Parts":
        """Anthropic's counts of its cache given to the prompt, where they stand beside it and not in it.

        What is more than the prompt cannot be in it. What is less is beside it where the prompt, too, goes by
        Anthropic's name (`is_native`), unless the total has no room for it.
        """
        if self.prompt is None or not cache:
            return self
        apart = replace(self, prompt=self.prompt + cache, reconciled=True)
        if cache > self.prompt:
            return apart
        return apart if is_native and not apart.exceeds(total) else self

    def with_gap(self, total: int | None, reasoning: int | None, cache: int, *, is_sure: bool) -> "_Parts":
        """What the total has more than its parts, given to the part that left it out.

        Without `is_sure` what is not named may have been named wrongly.
        """
        if self.prompt is None or self.output is None or total is None or total <= self.prompt + self.output:
            return self
        gap = total - self.prompt - self.output
        if not self.prompt and self.output and gap != reasoning:  # no prompt has 0 tokens
            return _Parts(gap, self.output, reconciled=True)
        if gap == cache and reasoning != gap and not self.reconciled:  # a prompt without its cached part
            return _Parts(self.prompt + gap, self.output, reconciled=True)
        if gap == reasoning or (reasoning is None and is_sure):
            unnamed = gap if reasoning is None and self.output else None  # of 0, it is the text's count, too
            return _Parts(self.prompt, self.output + gap, reconciled=True, unnamed=unnamed)
        return replace(self, unattributed=gap)


def _first(*counts: int | None) -> int | None:
    """The first that is known."""
    return next((count for count in counts if count is not None), None)


def _from_timings(timings: Mapping[str, Any] | None) -> Usage | None:
    """llama.cpp: `prompt_n` counts what was computed, `cache_n` what was reused."""
    counter = _Counter()
    computed, cached = counter.read(timings, "prompt_n"), counter.read(timings, "cache_n")
    predicted = counter.read(timings, "predicted_n")
    if counter.is_odd or (computed is None and predicted is None):
        return None
    prompt = None if computed is None else computed + (cached or 0) or None
    return Usage(input_tokens=prompt, cached_tokens=cached, output_tokens=predicted, source="server_timings")


def _cost(raw: Mapping[str, Any]) -> Decimal | None:
    """OpenRouter's `cost` (with the upstream's part when the user's own key was billed), xAI's ticks.

    One that no call can have is none.
    """
    cost = _told_cost(raw)
    return cost if cost is not None and (not cost or _CHEAPEST <= cost <= _DEAREST) else None


def _told_cost(raw: Mapping[str, Any]) -> Decimal | None:
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
    return amount if amount.is_finite() and amount >= 0 and abs(amount.adjusted()) <= _MOST_PLACES else None
