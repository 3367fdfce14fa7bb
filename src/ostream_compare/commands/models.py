"""`models`: the presets of a file, and whether each can run."""

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal

from cyclopts import Parameter

from ostream_compare.collector.keys import command_of
from ostream_compare.commands.layout import columns, json_text
from ostream_compare.commands.readiness import Readiness, examine
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.launch import find_config
from ostream_compare.terminal import print_data

_CURE = "add price = { input = ..., output = ... } in USD per million tokens, or price = { free = true }"
_HEAD = ("Model", "Provider", "Id", "On", "Key", "USD/M in", "out", "Price from", "Endpoint")


def models(
    config: str | None = None,
    /,
    *,
    output: Annotated[Literal["text", "json"], Parameter(name="--format")] = "text",
) -> int:
    """List the models of a file: key present, price known, endpoint reachable.

    Args:
        config: The file; by default the one that a run would use.
        output: For people, or for programs.
    """
    loaded = find_config(config, os.environ)
    if loaded.problems:
        raise UserError("The file has mistakes", *loaded.problems)
    rows = examine(loaded.config.presets, os.environ, trusted=loaded.config.trusted)
    print_data(_as_json(rows, loaded.config.path) if output == "json" else _as_text(rows))
    return 0 if _all_enabled_run(rows) else 1


def _all_enabled_run(rows: Sequence[Readiness]) -> bool:
    return all(row.can_run for row in rows if row.preset.enabled)


def _as_text(rows: Sequence[Readiness]) -> str:
    enabled = [row for row in rows if row.preset.enabled]
    ready = sum(row.can_run for row in enabled)
    lines = columns([_HEAD, *(_cells(row) for row in rows)])
    remarks = [f"{clean_line(row.preset.name)}: {remark}" for row in rows for remark in _remarks(row)]
    summary = f"{ready} of {len(enabled)} enabled models can run"
    return "\n".join([*lines, *([""] if remarks else []), *remarks, "", summary]) + "\n"


def _cells(row: Readiness) -> tuple[str, ...]:
    preset, price = row.preset, row.price
    return (
        clean_line(preset.name),
        clean_line(preset.provider.name),
        clean_line(preset.model),
        "on" if preset.enabled else "off",
        _key_word(row),
        _usd(price.input),
        _usd(price.output),
        "unknown" if price.source == "none" else price.source,
        row.endpoint.word,
    )


def _key_word(row: Readiness) -> str:
    name = row.preset.provider.api_key_env or ""
    if row.key == "missing":
        return f"missing {name}".rstrip()
    return "not needed" if row.key == "not_needed" else row.key


def _usd(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount.normalize():f}"


def _remarks(row: Readiness) -> list[str]:
    command = command_of(row.preset.provider)
    remarks = [f"its key comes from `{command}`"] if command is not None else []
    remarks += [text for text in (row.key_message, row.endpoint.message) if text]
    if row.price.reason is not None:
        remarks.append(f"no price ({clean_line(row.price.reason)}): {_CURE}")
    return remarks


def _as_json(rows: Sequence[Readiness], path: str | None) -> str:
    document = {
        "version": 1,
        "path": path,
        "ok": _all_enabled_run(rows),
        "models": [_record(row) for row in rows],
    }
    return json_text(document)


def _record(row: Readiness) -> dict[str, object]:
    preset, price, endpoint = row.preset, row.price, row.endpoint
    return {
        "name": preset.name,
        "provider": preset.provider.name,
        "model": preset.model,
        "enabled": preset.enabled,
        "can_run": row.can_run,
        "key": {
            "state": row.key,
            "variable": preset.provider.api_key_env,
            "command": command_of(preset.provider),
            "message": row.key_message,
        },
        "price": {
            "input_usd": None if price.input is None else f"{price.input.normalize():f}",
            "output_usd": None if price.output is None else f"{price.output.normalize():f}",
            "source": price.source,
            "reason": None if price.reason is None else clean_line(price.reason),
        },
        "endpoint": {"state": endpoint.state, "word": endpoint.word, "message": endpoint.message},
    }
