"""A comparison as CSV: one row a response, safe to open in a spreadsheet."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from ostream_compare.domain.comparison import (
    Comparison,
    Estimate,
    Response,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedUsage,
    Timing,
)
from ostream_compare.domain.safe_text import clean
from ostream_compare.domain.spelling import whole

_RUN = ("id", "started_at", "demo", "rounds", "seed", "definitions", "launched")
"""The same in every row, but for the last: the model's place in its round's launch order."""
_PLAIN = (
    "name",
    "prompt",
    "provider",
    "model",
    "served_model",
    "round",
    "attempt",
    "state",
    "finish_reason",
)
_TEXTS = ("content", "reasoning", "refusal")
_LISTS = ("warnings", "tool_calls")
"""Each as JSON in one cell, empty where there is none."""
_PROMPT = ("prompt_system", "prompt_name", "prompt_text")
_GROUPS = tuple(
    (group, field)
    for group, model in (
        ("error", SavedError),
        ("timing", Timing),
        ("usage", SavedUsage),
        ("estimate", Estimate),
        ("cost", SavedCost),
    )
    for field in model.model_fields
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(comparison: Comparison, *, prompts: Sequence[SavedPrompt] | None = None) -> str:
    """`comparison` with a header row; unknown is an empty cell, groups are dotted (`timing.ttft_ms`).

    Args:
        comparison: What to write.
        prompts: Those of the run, where the comparison is a part of one and has none.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*_RUN, *_PLAIN, *(".".join(names) for names in _GROUPS), *_TEXTS, *_LISTS, *_PROMPT])
    saved = whole(comparison)
    asked = saved.prompts if prompts is None else prompts
    run = [saved.id, saved.started_at.isoformat(), saved.demo, saved.rounds, saved.seed, saved.definitions]
    writer.writerows(
        [
            safe_cell(value)
            for value in (
                *run,
                _launched(saved, response),
                *_values(response),
                *_prompt(asked, response.prompt),
            )
        ]
        for response in saved.responses
    )
    return file.getvalue()


def _launched(comparison: Comparison, response: Response) -> int | None:
    orders = comparison.launch_order
    order = orders[response.round - 1] if 0 < response.round <= len(orders) else []
    return order.index(response.name) + 1 if response.name in order else None


def _prompt(prompts: Sequence[SavedPrompt], number: int) -> tuple[str | None, ...]:
    prompt = prompts[number] if 0 <= number < len(prompts) else None
    return (None,) * len(_PROMPT) if prompt is None else (prompt.system, prompt.name, prompt.user)


def _values(response: Response) -> list[Any]:
    data = response.model_dump()
    groups: dict[str, dict[str, Any]] = {group: data[group] or {} for group, _ in _GROUPS}
    grouped = [groups[group].get(field) for group, field in _GROUPS]
    lists = [json.dumps(data[name], ensure_ascii=False) if data[name] else None for name in _LISTS]
    return [*(data[name] for name in _PLAIN), *grouped, *(data[name] for name in _TEXTS), *lists]


def safe_cell(value: Any) -> Any:
    """A value as no spreadsheet takes it for a formula: a text is cleaned, and quoted if it looks so."""
    if not isinstance(value, str):
        return value
    shown = clean(value)
    return f"'{shown}" if value.lstrip(" ").startswith(_FORMULA_STARTS) else shown
