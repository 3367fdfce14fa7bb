"""JSON Schema of the file, for editors; `configs/models.schema.json` is its printed form."""

import json
from typing import Any, cast

from ostream_compare.config.checks import PROVIDER_ALIASES
from ostream_compare.config.model import ConfigFile


def schema() -> dict[str, Any]:
    """The schema of a file of presets, draft 2020-12."""
    tables = cast("dict[str, Any]", _without_null(ConfigFile.model_json_schema()))
    properties = tables["$defs"]["ProviderTable"]["properties"]
    for alias, name in PROVIDER_ALIASES.items():
        properties[alias] = {**properties[name], "description": f"Another name of {name}."}
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ostream-compare presets"}
    return {**tables, **title}


def schema_text() -> str:
    """The schema as `configs/models.schema.json` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _without_null(node: object) -> object:
    """`node` without the null that Pydantic adds for a key left out: TOML has none."""
    if isinstance(node, list):
        return [_without_null(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    table = {key: _without_null(value) for key, value in cast("dict[str, object]", node).items()}
    if table.get("default", 0) is None:
        del table["default"]
    choices = [
        choice for choice in cast("list[object]", table.get("anyOf", [])) if choice != {"type": "null"}
    ]
    if len(choices) == 1 and isinstance(choices[0], dict):
        del table["anyOf"]
        return {**cast("dict[str, object]", choices[0]), **table}
    return {**table, "anyOf": choices} if choices else table
