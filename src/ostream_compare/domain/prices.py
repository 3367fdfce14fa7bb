"""What a preset's tokens cost, before any is spent: its own price, or the public list's."""

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
    cost = _priced(sample, preset)
    if cost.input is None or cost.output is None:
        return Quote(reason=cost.reason)
    return Quote(input=cost.input * _PER_MILLION, output=cost.output * _PER_MILLION, source=cost.source)


def _priced(usage: Usage, preset: Preset) -> Cost:
    price, provider = preset.price, preset.provider
    if preset.is_demo or (price is not None and price.free):
        return cost_of(usage, free=True)
    if price is not None and price.input is not None and price.output is not None:
        rates = Rates(
            input=price.input,
            output=price.output,
            cached_input=price.cached_input,
            cache_write=price.cache_write,
        )
        return cost_of(usage, price=rates)
    if price is not None and price.model is not None and price.provider is not None:
        return cost_of(usage, key=PriceKey(model=price.model, provider_id=price.provider))
    if provider.price_provider is not None:
        return cost_of(usage, key=PriceKey(model=preset.model, provider_id=provider.price_provider))
    return cost_of(usage, key=PriceKey(model=preset.model, provider_url=provider.base_url))
