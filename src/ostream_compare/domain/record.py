"""A run as it is saved."""

import secrets
from datetime import UTC

from ostream_compare import __version__
from ostream_compare.domain.comparison import (
    DEFINITIONS_VERSION,
    SCHEMA_VERSION,
    Comparison,
    Response,
    SavedConfig,
    SavedPrompt,
    SavedTurn,
)
from ostream_compare.domain.lane import Waiting, recorded
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.run import Run
from ostream_compare.domain.spelling import whole
from ostream_compare.domain.summary import money_text, pairs, summary

LISTED = "genai-prices"
"""Where a cost comes from whose price is the public list's."""


def new_seed() -> int:
    """A seed for the launch orders of a run; short enough to be typed again."""
    return secrets.randbelow(1_000_000_000)


def comparison(
    run: Run, config: Config, *, compared: bool = True, program_version: str = __version__
) -> Comparison:
    """`run` as it is saved; a lane that has not ended is recorded as cancelled, with what there is.

    Args:
        run: What there is.
        config: What it was made from.
        compared: Whether models are compared with each other: half a second for hundreds of rounds.
        program_version: Of the program that measured.
    """
    responses = responses_of(run)
    saved = Comparison(
        version=SCHEMA_VERSION,
        id=run.id,
        started_at=run.started_at.astimezone(UTC),
        program_version=program_version,
        demo=run.is_demo,
        config=SavedConfig(path=config.path, sha256=config.sha256),
        prompts=[saved_prompt(run.prompt)],
        rounds=run.rounds,
        responses=responses,
        votes=list(run.votes),
        summary=summary(responses),
        definitions=DEFINITIONS_VERSION,
        warmup=run.warmup,
        seed=run.seed,
        launch_order=[_launched(run, number) for number in range(1, run.round + 1)],
        pairs=pairs(responses) if compared else [],
        max_cost_usd=None if run.max_cost_usd is None else money_text(run.max_cost_usd),
        over_budget=run.over_budget,
        discarded=list(run.paid_apart),
        price_list=price_list() if has_listed_price(run) else None,
    )
    return whole(saved)


def has_listed_price(run: Run) -> bool:
    """Whether a price came from the public list."""
    return any(cost.source == LISTED for cost in run.costs)


def price_list() -> str:
    """The public list that prices come from; the list has a version and no date of its own."""
    from importlib.metadata import version  # noqa: PLC0415 - only where there is a price of it

    return f"{LISTED} {version(LISTED)}"


def responses_of(run: Run) -> list[Response]:
    """By prompt, round, attempt and the models' own order. Of a warm-up, that nobody was asked."""
    if run.is_warmup:
        current = [recorded(preset, Waiting()) for preset in run.presets]
    else:
        current = [run.so_far(lane) for lane in range(len(run.lanes))]
    places = {preset.name: place for place, preset in enumerate(run.presets)}
    return sorted((*run.past, *current), key=lambda r: (r.prompt, r.round, r.attempt, places[r.name]))


def _launched(run: Run, number: int) -> list[str]:
    return [run.presets[lane].name for lane in run.order_of(number)]


def saved_prompt(prompt: Prompt) -> SavedPrompt:
    """A prompt as it is saved."""
    return SavedPrompt(
        name=prompt.name,
        system=prompt.system,
        user=prompt.user,
        variables=dict(prompt.variables),
        follows=prompt.follows,
        turns=[
            SavedTurn(run=turn.run, user=turn.user, answers=dict(turn.answers), left_out=dict(turn.left_out))
            for turn in prompt.turns
        ],
    )
