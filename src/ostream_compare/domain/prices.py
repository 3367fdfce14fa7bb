"""What a preset's tokens cost, before and after they are spent: its own price, or the public list's."""

from dataclasses import dataclass
from decimal import Decimal

from ostream.pricing import Cost, CostSource, PriceKey, cost_of
from ostream.pricing import Price as Rates
from ostream.usage import Usage
from ostream_compare.domain.preset import Preset

_SAMPLE = 1_000
"""Tokens each way; few enough for the lowest tier of a price that grows with the prompt."""
_PER_MILLION = 1_000_000 // _SAMPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price; USD per million tokens, `None` where it is unknown."""

    input: Decimal | None = None
    output: Decimal | None = None
    source: CostSource = "none"
    reason: str | None = None
    """Why it is unknown."""


def quote(preset: Preset) -> Quote:
    """The price of `preset`, as its calls will be priced; the price list takes half a second to load."""
    sample = Usage(input_tokens=_SAMPLE, output_tokens=_SAMPLE)
    cost = priced(sample, preset)
    if cost.input is None or cost.output is None:
        return Quote(reason=cost.reason)
    return Quote(input=cost.input * _PER_MILLION, output=cost.output * _PER_MILLION, source=cost.source)


def priced(usage: Usage, preset: Preset, *, base_url: str | None = None) -> Cost:
    """What `usage` of `preset` costs: by the server's own word, the preset's price, or the public list's.

    Args:
        usage: Counts of a call.
        preset: Who was asked, or would be.
        base_url: Where, if that is not the provider's own (the demo server's is known once it runs).
    """
    price, provider = preset.price, preset.provider
    key = PriceKey(
        model=preset.model,
        provider_id=provider.price_provider,
        provider_url=provider.base_url if base_url is None else base_url,
    )
    if price is None:
        return cost_of(usage, key=key, free=preset.is_demo)
    if price.input is not None and price.output is not None:
        rates = Rates(
            input=price.input,
            output=price.output,
            cached_input=price.cached_input,
            cache_write=price.cache_write,
        )
        return cost_of(usage, price=rates)
    if price.model is not None and price.provider is not None:
        key = PriceKey(model=price.model, provider_id=price.provider)
    return cost_of(usage, key=key, free=price.free)
