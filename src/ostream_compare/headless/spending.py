"""What a limit of the cost can do for a run, said before anything is sent."""

from collections.abc import Sequence

from ostream_compare.domain.comparison import SavedCost
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.figures import known_amount
from ostream_compare.domain.preset import Config, Preset
from ostream_compare.domain.safe_text import clean_line


def refuse_without_money(config: Config) -> None:
    """Refuse a run that may cost nothing.

    Raises:
        UserError: It may not.
    """
    if config.max_cost_usd is not None and not config.max_cost_usd:
        problem = Problem(key="--max-cost", message="the run may cost $0: nothing was sent")
        raise UserError("Over budget", problem, exit_code=4)


def unbounded_words(config: Config) -> str:
    """Whose calls the limit cannot bound; "" where there is no limit, or all have a price."""
    if config.max_cost_usd is None:
        return ""
    without = _without_price(config.enabled)
    if not without:
        return ""
    names = ", ".join(clean_line(preset.name) for preset in without)
    return (
        f"the limit of ${config.max_cost_usd:f} does not bound the calls of {names}: no price is known "
        "(set price); only a cost that the server itself reports counts"
    )


def _without_price(presets: Sequence[Preset]) -> list[Preset]:
    from ostream_compare.domain.prices import quote  # noqa: PLC0415 - the price list is for runs with a limit alone

    found: list[Preset] = []
    for preset in presets:
        price = quote(preset)
        total = None if price.input is None or price.output is None else f"{price.input + price.output:f}"
        if known_amount(SavedCost(total_usd=total, source=price.source)) is None:
            found.append(preset)
    return found
