"""What a call cost: `Usage` and a price make a `Cost`. Money is `Decimal` USD; no input or output.

Prices come, in this order, from the provider's own word, from the caller, and from genai-prices'
offline snapshot. What is not known is `None` with a reason, never $0.
"""

import warnings
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ostream.usage import Usage

CostSource = Literal["provider", "preset", "genai-prices", "none"]

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per million tokens."""

    input: Decimal
    output: Decimal
    """Covers reasoning."""
    cached_input: Decimal | None = None
    """Billed at `input` when left out."""
    cache_write: Decimal | None = None
    """Billed at `input` when left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """USD of one call."""

    total: Decimal | None = None
    input: Decimal | None = None
    output: Decimal | None = None
    source: CostSource = "none"
    reason: str | None = None
    """Why `total` is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceKey:
    """How genai-prices is asked: by provider id or by the URL, never by neither."""

    model: str
    provider_id: str | None = None
    provider_url: str | None = None


def cost_of(
    usage: Usage, *, key: PriceKey | None = None, price: Price | None = None, free: bool = False
) -> Cost:
    """The cost of `usage`.

    Args:
        usage: Normalised counts.
        key: Where genai-prices looks.
        price: The caller's own price; wins over genai-prices.
        free: The caller says that it costs nothing.
    """
    if usage.provider_cost is not None:
        return Cost(total=usage.provider_cost, source="provider")
    if free:
        return Cost(total=Decimal(0), input=Decimal(0), output=Decimal(0), source="preset")
    if usage.input_tokens is None or usage.output_tokens is None:
        return Cost(reason="the server reported no usable token counts")
    if usage.unattributed:
        return Cost(reason=f"{usage.unattributed} tokens of the reported total are not accounted for")
    if price is not None:
        return _by_price(usage, price)
    return Cost(reason="no price is known") if key is None else _by_snapshot(usage, key)


def _by_price(usage: Usage, price: Price) -> Cost:
    prompt = usage.input_tokens or 0
    cached = min(usage.cached_tokens or 0, prompt)
    written = min(usage.cache_write_tokens or 0, prompt - cached)
    cached_rate = price.input if price.cached_input is None else price.cached_input
    write_rate = price.input if price.cache_write is None else price.cache_write
    cost_in = (
        (prompt - cached - written) * price.input + cached * cached_rate + written * write_rate
    ) / _MILLION
    cost_out = (usage.output_tokens or 0) * price.output / _MILLION
    return Cost(total=cost_in + cost_out, input=cost_in, output=cost_out, source="preset")


def _by_snapshot(usage: Usage, key: PriceKey) -> Cost:
    import genai_prices  # noqa: PLC0415 - half a second to import

    prompt = usage.input_tokens or 0
    cached = min(usage.cached_tokens or 0, prompt)
    counts = genai_prices.Usage(
        input_tokens=prompt,
        output_tokens=usage.output_tokens,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.cache_write_tokens or 0, prompt - cached),
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of price keys that a newer snapshot may know
            if key.provider_id is not None:
                found = genai_prices.calc_price(counts, key.model, provider_id=key.provider_id)
            elif key.provider_url is not None:
                found = genai_prices.calc_price(counts, key.model, provider_api_url=key.provider_url)
            else:
                return Cost(
                    reason="neither provider nor URL is known"
                )  # without either, genai-prices guesses
    except (LookupError, ValueError) as error:
        return Cost(reason=str(error))
    rates = found.model_price
    if rates.input_mtok is None or rates.output_mtok is None:
        return Cost(reason=f"the price list has no price for {key.model}")
    if found.total_price == 0 and prompt + (usage.output_tokens or 0) > 0:
        return Cost(reason=f"the price list has an empty price for {key.model}")
    return Cost(
        total=found.total_price, input=found.input_price, output=found.output_price, source="genai-prices"
    )


def load_prices() -> None:
    """Import and unpack the price list now, so that no later call waits for it."""
    _by_snapshot(Usage(input_tokens=1, output_tokens=1), PriceKey(model="gpt-4o-mini", provider_id="openai"))
