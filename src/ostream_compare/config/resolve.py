"""The tables of a file, each checked by itself, into what the program works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from ostream_compare.config.flaws import MOST, Flaw, KeyPath, left_out, parsed, shown, unknown_key
from ostream_compare.config.key_lines import KeyLines
from ostream_compare.config.model import ConfigFile, HistoryTable, PromptTable, UiTable
from ostream_compare.config.models import Models, read_defaults, read_models
from ostream_compare.config.providers import read_provider
from ostream_compare.config.templates import count_flaws, prompt_flaws, prompts_of, template_of
from ostream_compare.domain.preset import Prompt, PromptTemplate, Retention

NO_MODEL = "there is no model in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What is right in a file, and what is not."""

    models: Models
    prompts: tuple[Prompt, ...]
    templates: tuple[PromptTemplate, ...]
    max_cost_usd: Decimal | None
    keymap: Mapping[str, str]
    history: Retention
    flaws: tuple[Flaw, ...]
    """By line."""


def resolve(raw: Mapping[str, Any], lines: KeyLines) -> Resolved:
    """Everything that is right in the file `raw`, and every flaw in it."""
    unknown = [key for key in raw if key not in ConfigFile.model_fields]
    flaws = [unknown_key((key,), ConfigFile.model_fields) for key in unknown[:MOST]]
    flaws += left_out(len(unknown), ())
    _check_version(raw, flaws)
    endpoints = {
        name: read_provider(name, value, flaws) for name, value in _table(raw, "providers", flaws).items()
    }
    defaults = read_defaults(_table(raw, "defaults", flaws), endpoints, flaws)
    models = read_models(_tables(raw, "models", flaws), defaults, endpoints, lines, flaws)
    if not raw.get("models"):
        flaws.append(Flaw(path=(), message=NO_MODEL, hint="add a [[models]] table"))
    templates = [
        template
        for index, table in _tables(raw, "prompts", flaws)
        for template in _templates(table, ("prompts", index), flaws)
    ]
    keymap = _keymap(_table(raw, "ui", flaws), flaws)
    history = _history(_table(raw, "history", flaws), flaws)
    return Resolved(
        models=models,
        prompts=tuple(prompt for template in templates for prompt in prompts_of(template)),
        templates=tuple(templates),
        max_cost_usd=defaults.table.max_cost_usd,
        keymap=keymap,
        history=history,
        flaws=tuple(sorted(flaws, key=lambda flaw: lines.of(flaw.path) or 0)),
    )


def _check_version(raw: Mapping[str, Any], flaws: list[Flaw]) -> None:
    version = raw.get("version", 1)
    if isinstance(version, int) and not isinstance(version, bool) and version == 1:
        return
    is_newer = isinstance(version, int) and version > 1
    hint = "the file is for a newer version of this program" if is_newer else None
    flaws.append(Flaw(path=("version",), message=f"must be 1, not {shown(version)}", hint=hint))


def _table(raw: Mapping[str, Any], key: str, flaws: list[Flaw]) -> dict[str, Any]:
    value = raw.get(key, {})
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    head = "[providers.NAME]" if key == "providers" else f"[{key}]"
    flaws.append(Flaw(path=(key,), message=f"must be a table, not {shown(value)}", hint=f"write {head}"))
    return {}


def _tables(raw: Mapping[str, Any], key: str, flaws: list[Flaw]) -> list[tuple[int, dict[str, Any]]]:
    """The tables of an array with their places in it; anything else in it is a flaw."""
    value = raw.get(key, [])
    if not isinstance(value, list):
        hint = f"write [[{key}]], with two brackets"
        flaws.append(Flaw(path=(key,), message=f"must be a list of tables, not {shown(value)}", hint=hint))
        return []
    tables: list[tuple[int, dict[str, Any]]] = []
    for index, item in enumerate(cast("list[object]", value)):
        if isinstance(item, dict):
            tables.append((index, cast("dict[str, Any]", item)))
        else:
            flaws.append(Flaw(path=(key, index), message=f"must be a table, not {shown(item)}"))
    return tables


def _templates(table: Mapping[str, Any], path: KeyPath, flaws: list[Flaw]) -> list[PromptTemplate]:
    """The one that is right, or none."""
    prompt, found = parsed(PromptTable, table, path)
    found += prompt_flaws(table, path)
    if prompt is not None:
        found += count_flaws(prompt, path)
    flaws += found
    return [template_of(prompt)] if prompt is not None and not found else []


def _history(table: Mapping[str, Any], flaws: list[Flaw]) -> Retention:
    """What is kept; with a mistake in it, everything is."""
    history, found = parsed(HistoryTable, table, ("history",))
    flaws += found
    return Retention() if history is None else Retention(days=history.keep_days, runs=history.keep_runs)


def _keymap(table: Mapping[str, Any], flaws: list[Flaw]) -> dict[str, str]:
    """The bindings that are right; a wrong one leaves the others as they are."""
    ui, found = parsed(UiTable, table, ("ui",))
    flaws += found
    if ui is None:
        wrong = {flaw.path[2] for flaw in found if len(flaw.path) > 2}  # noqa: PLR2004 - ui.keymap.ACTION
        keymap = table.get("keymap")
        bindings = cast("dict[str, object]", keymap) if isinstance(keymap, dict) else {}
        right = {action: keys for action, keys in bindings.items() if action not in wrong}
        ui = UiTable.model_validate({"keymap": right})
    return dict(ui.keymap or {})
