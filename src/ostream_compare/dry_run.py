"""What a run can cost at most, told before anything is sent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, cast

from ostream.usage import Usage
from ostream_compare.domain.preset import Config, Preset, Prompt, sent_texts
from ostream_compare.domain.prices import priced
from ostream_compare.domain.rows import padded, width
from ostream_compare.domain.run import Repeats
from ostream_compare.domain.safe_text import clean_line

_PER_MESSAGE = 16
"""Tokens around each message, at most."""
_IN_THE_PROMPT = ("response_format", "extra_body")
"""Parameters that a server may count as prompt."""
_BILLED_APART = ("web_search_options", "prediction")
"""Parameters whose price no count of tokens tells."""
_LIMITS = ("max_tokens", "max_completion_tokens")
_COLUMNS = ("Model", "Calls", "In", "Out", "A call", "The run")
_UNKNOWN = "—"
_NO_PRICE = "no bound: no price is known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What one model can cost at most."""

    name: str
    calls: int
    """Rounds and warm-ups, each with all its retries."""
    input_tokens: int
    """Of one call: a token is a byte at least."""
    output_tokens: int | None
    """Of one call; `None` is no limit."""
    call_usd: Decimal | None
    """Of one call; `None` is no bound."""
    reason: str | None = None
    """Why there is none, and the remedy."""

    @property
    def usd(self) -> Decimal | None:
        """Of all calls."""
        return None if self.call_usd is None else self.call_usd * self.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a run can cost at most."""

    models: tuple[Bound, ...]
    max_cost_usd: Decimal | None

    @property
    def known_usd(self) -> Decimal:
        """Of the models that have a bound."""
        return sum((bound.usd for bound in self.models if bound.usd is not None), Decimal(0))

    @property
    def exit_code(self) -> int:
        """4 if what is known is more than the run may cost."""
        return 4 if self.max_cost_usd is not None and self.known_usd > self.max_cost_usd else 0


def bounds(config: Config, prompts: Sequence[Prompt], repeats: Repeats) -> Bounds:
    """The bounds of a run of `prompts` on the enabled models; it may load the price list.

    Of a set, each call is reckoned as that of the longest prompt.
    """
    calls = (repeats.rounds + repeats.warmup) * len(prompts)
    models = tuple(
        _bound(preset, _longest(prompts, preset), calls * (1 + preset.retries)) for preset in config.enabled
    )
    return Bounds(models=models, max_cost_usd=config.max_cost_usd)


def _longest(prompts: Sequence[Prompt], preset: Preset) -> Prompt:
    return max(prompts, key=lambda prompt: sum(map(_bytes, sent_texts(prompt, preset))))


def _bound(preset: Preset, prompt: Prompt, calls: int) -> Bound:
    params = _sent(preset.params)
    texts = sent_texts(prompt, preset)
    extras = {name: params[name] for name in _IN_THE_PROMPT if params.get(name)}
    beside = _bytes(json.dumps(extras, ensure_ascii=False)) if extras else 0
    prompt_tokens = sum(_bytes(text) + _PER_MESSAGE for text in texts) + beside
    limit = _limit(params)
    usd, reason = _worst(preset, prompt_tokens, limit)
    apart = next((name for name in _BILLED_APART if params.get(name)), None)
    if apart is not None and usd != 0:
        usd, reason = None, f"no bound: {apart} is billed apart"
    return Bound(
        name=preset.name,
        calls=calls,
        input_tokens=prompt_tokens,
        output_tokens=limit,
        call_usd=usd,
        reason=reason,
    )


def _sent(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, and what `extra_body` puts in their place."""
    body = params.get("extra_body")
    return {**params, **cast("Mapping[str, Any]", body or {})}


def _limit(params: Mapping[str, Any]) -> int | None:
    """Tokens that all choices together may have."""
    limits = [limit for name in _LIMITS if (limit := _count(params, name))]
    return max(limits) * (_count(params, "n") or 1) if limits else None


def _count(params: Mapping[str, Any], name: str) -> int:
    """A number above 0; anything else is none."""
    value = params.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _worst(preset: Preset, prompt: int, limit: int | None) -> tuple[Decimal | None, str | None]:
    """The cost of a call whose prompt is all written to the cache, or not at all, whichever is more."""
    costs: list[Decimal] = []
    for written in (0, prompt):
        counts = [
            Usage(input_tokens=prompt, output_tokens=output, cache_write_tokens=written)
            for output in ((limit,) if limit is not None else (1, 1_000))
        ]
        found = [priced(usage, preset) for usage in counts]
        totals = [cost.total for cost in found if cost.total is not None]
        if len(totals) < len(found):
            return None, f"{_NO_PRICE} ({found[0].reason}); set price"
        if len(set(totals)) > 1:
            return None, "no bound: set max_tokens"
        costs.append(totals[0])
    return max(costs), None


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def table(run: Bounds) -> str:
    """The bounds as a table, for people."""
    rows = [_COLUMNS, *(_cells(bound) for bound in run.models)]
    widths = [max(width(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [_line(row, widths) for row in rows]
    reasons = [
        f"{clean_line(bound.name)}: {clean_line(bound.reason)}" for bound in run.models if bound.reason
    ]
    lines += ["", *reasons] if reasons else []
    lines += ["", _total(run.models, run.known_usd)]
    if run.exit_code:
        lines.append(f"Over budget: the run may cost {_dollars(run.max_cost_usd)}")
    lines.append("Nothing was sent.")
    return "\n".join(lines) + "\n"


def _cells(bound: Bound) -> tuple[str, ...]:
    output = _UNKNOWN if bound.output_tokens is None else f"≤{bound.output_tokens}"
    costs = (_dollars(bound.call_usd, "≤"), _dollars(bound.usd, "≤"))
    return (clean_line(bound.name), str(bound.calls), f"≤{bound.input_tokens}", output, *costs)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = enumerate(zip(row, widths, strict=True))
    return "  ".join(padded(cell, wide, right=column > 0) for column, (cell, wide) in cells)


def _total(models: Iterable[Bound], known: Decimal) -> str:
    every = tuple(models)
    open_calls = sum(bound.calls for bound in every if bound.usd is None)
    if not open_calls:
        return f"Total: at most {_dollars(known)}"
    calls = sum(bound.calls for bound in every)
    lack = "no price" if _all_unpriced(every) else "none"
    said = f"Total: no bound: {open_calls} of {calls} calls have {lack}"
    return said + (f"; the others cost at most {_dollars(known)}" if open_calls < calls else "")


def _all_unpriced(models: Iterable[Bound]) -> bool:
    """Whether what has no bound lacks a price, and not a limit of tokens."""
    return all((bound.reason or "").startswith(_NO_PRICE) for bound in models if bound.usd is None)


def _dollars(amount: Decimal | None, sign: str = "") -> str:
    """All digits, up to a millionth of a cent; a bound is rounded up."""
    if amount is None:
        return _UNKNOWN
    if not amount:
        return "$0"
    return f"{sign}${amount.quantize(Decimal('1e-8'), ROUND_CEILING).normalize():f}"
