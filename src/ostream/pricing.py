"""What a call cost: `Usage` and a price make a `Cost`. Money is `Decimal` USD; no input or output.

Prices come, in this order, from the provider's own word, from the caller, and from genai-prices'
offline snapshot. What is not known is `None` with a reason, never $0.
"""

import warnings
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from ostream.usage import Usage

if TYPE_CHECKING:
    import genai_prices
    from genai_prices.types import PriceCalculation

CostSource = Literal["provider", "preset", "genai-prices", "none"]

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per million tokens."""

    input: Decimal
    """Of the prompt."""
    output: Decimal
    """Of the answer; covers reasoning."""
    cached_input: Decimal | None = None
    """Billed at `input` when left out."""
    cache_write: Decimal | None = None
    """Billed at `input` when left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """USD of one call."""

    total: Decimal | None = None
    """`None` is unknown."""
    input: Decimal | None = None
    """The prompt's part; `None` where only the total is known."""
    output: Decimal | None = None
    """The answer's part; `None` where only the total is known."""
    source: CostSource = "none"
    """Where the price comes from."""
    reason: str | None = None
    """Why `total` is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceKey:
    """How genai-prices is asked: by provider id or by the URL, never by neither."""

    model: str
    """As it is asked for."""
    provider_id: str | None = None
    """As genai-prices names it; where it does not know the name, the URL is tried."""
    provider_url: str | None = None
    """The endpoint's base URL."""


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
        return Cost(reason=f"tokens of the reported total are not accounted for: {usage.unattributed}")
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

    prompt, output = usage.input_tokens or 0, usage.output_tokens or 0
    cached = min(usage.cached_tokens or 0, prompt)
    spoken_in = min(usage.input_audio_tokens or 0, prompt - cached)
    spoken_out = min(usage.output_audio_tokens or 0, output)
    counts = genai_prices.Usage(
        input_tokens=prompt,
        output_tokens=output,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.cache_write_tokens or 0, prompt - cached),
        input_audio_tokens=spoken_in,
        output_audio_tokens=spoken_out,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of price keys that a newer snapshot may know
            found = _found(counts, key)
    except (LookupError, ValueError) as error:
        return Cost(reason=_unknown(error, key))
    if found is None:
        return Cost(reason="neither provider nor URL is known")  # without either, genai-prices guesses
    rates = found.model_price
    if rates.input_mtok is None or rates.output_mtok is None:
        return Cost(reason=f"the price list has no price for {key.model}")
    if (spoken_in and rates.input_audio_mtok is None) or (spoken_out and rates.output_audio_mtok is None):
        return Cost(reason=f"the price list has no price for the audio of {key.model}")
    if found.total_price == 0 and prompt + output > 0:
        return Cost(reason=f"the price list has an empty price for {key.model}")
    return Cost(
        total=found.total_price, input=found.input_price, output=found.output_price, source="genai-prices"
    )


def _unknown(error: LookupError | ValueError, key: PriceKey) -> str:
    if isinstance(error, ValueError):
        return str(error)
    return f"the price list has no {key.model} of {key.provider_id or key.provider_url}"


def _found(counts: "genai_prices.Usage", key: PriceKey) -> "PriceCalculation | None":
    """By the provider's id where the list knows it, else by the URL; genai-prices itself stops at the id."""
    import genai_prices  # noqa: PLC0415 - half a second to import
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - half a second to import

    if key.provider_id is not None:
        try:
            get_snapshot().find_provider(None, key.provider_id, None)
        except LookupError:
            if key.provider_url is None:
                raise
        else:
            return genai_prices.calc_price(counts, key.model, provider_id=key.provider_id)
    if key.provider_url is None:
        return None
    return genai_prices.calc_price(counts, key.model, provider_api_url=key.provider_url)


def load_prices() -> None:
    """Import and unpack the price list now, so that no later call waits for it."""
    _by_snapshot(Usage(input_tokens=1, output_tokens=1), PriceKey(model="gpt-4o-mini", provider_id="openai"))
