"""`[defaults]` and `[[models]]` into presets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ostream.limits import Limits
from ostream_compare.config.checks import price_flaws
from ostream_compare.config.flaws import Flaw, KeyPath, dotted, nearest, parsed, shown
from ostream_compare.config.key_lines import KeyLines
from ostream_compare.config.model import DefaultsTable, ModelTable, RequestTable, Table
from ostream_compare.config.providers import Endpoint, provider_name_flaws
from ostream_compare.domain.preset import Preset, Price

DEFAULT_TIMEOUT: Mapping[str, float] = {
    "connect": 5.0,
    "first_token": 30.0,
    "idle": 20.0,
    "grace": 2.0,
    "total": 120.0,
}
"""Seconds, for what neither a model nor `[defaults]` says."""

_MERGED = ("timeout", "extra_body", "extra_headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The part of `[defaults]` that is right, and which keys are not."""

    table: DefaultsTable
    broken: frozenset[KeyPath]
    """A model that does not set such a key itself is wrong too."""
    given: frozenset[str]
    """Keys that the file has there, right or wrong."""


@dataclass(slots=True)
class Models:
    """What came of `[[models]]`."""

    presets: list[Preset] = field(default_factory=list[Preset])
    wrong: list[str] = field(default_factory=list[str])
    """Names of the models that cannot be run, in the file's order."""


def read_defaults(
    table: Mapping[str, Any],
    endpoints: Mapping[str, Endpoint | None],
    flaws: list[Flaw],
) -> Defaults:
    """What `[defaults]` says, without its wrong keys."""
    path: KeyPath = ("defaults",)
    found: list[Flaw] = []
    own = {key: value for key, value in table.items() if key != "name"}
    if len(own) != len(table):
        flaws.append(Flaw(path=(*path, "name"), message="has no default", hint="name each of [[models]]"))
    defaults, found = parsed(DefaultsTable, own, path)
    found += price_flaws(own.get("price"), (*path, "price"))
    found += provider_name_flaws(own.get("provider"), (*path, "provider"), endpoints)
    flaws += found
    if defaults is None or found:
        heads = {flaw.path[1] for flaw in found}
        defaults = DefaultsTable.model_validate(
            {key: value for key, value in own.items() if key not in heads}
        )
    broken = frozenset(key for flaw in found if (key := _meant(flaw.path[1:])))
    return Defaults(table=defaults, broken=broken, given=frozenset(own))


def _meant(key: KeyPath) -> KeyPath:
    """The key that models take from `[defaults]`: a misspelt one is the one it is like, or none."""
    head = str(key[0])
    if head in DefaultsTable.model_fields:
        return key
    name = nearest(head, DefaultsTable.model_fields)
    return (name,) if name else ()


def read_models(
    tables: list[tuple[int, dict[str, Any]]],
    defaults: Defaults,
    endpoints: Mapping[str, Endpoint | None],
    lines: KeyLines,
    flaws: list[Flaw],
) -> Models:
    """Every model that is right as a preset; the flaws of the others go to `flaws`."""
    out = Models()
    taken: dict[str, int] = {}
    for index, table in tables:
        path: KeyPath = ("models", index)
        model, found = parsed(ModelTable, table, path)
        found += price_flaws(table.get("price"), (*path, "price"))
        found += provider_name_flaws(table.get("provider"), (*path, "provider"), endpoints)
        found += _missing(table, defaults, path)
        found += _taken_name(table.get("name"), index, taken, lines)
        flaws += found
        endpoint = None
        if model and not found and not _needs_broken(table, defaults):
            endpoint = endpoints[model.provider or defaults.table.provider or ""]
        if model and endpoint:
            out.presets.append(_preset(model, defaults.table, endpoint))
        else:
            name = table.get("name")
            out.wrong.append(name if isinstance(name, str) and name.strip() else dotted(path))
    return out


def _missing(table: Mapping[str, Any], defaults: Defaults, path: KeyPath) -> Iterator[Flaw]:
    for key in ("provider", "model"):
        if key not in table and key not in defaults.given:
            yield Flaw(path=(*path, key), message="is missing here and in [defaults]")


def _taken_name(name: object, index: int, taken: dict[str, int], lines: KeyLines) -> Iterator[Flaw]:
    if not isinstance(name, str) or not name.strip():
        return
    first = taken.setdefault(name.strip().casefold(), index)
    if first != index:
        line = lines.of(("models", first, "name"))
        message = f"{shown(name.strip())} is the name of models[{first}] already, in line {line}"
        yield Flaw(path=("models", index, "name"), message=message, hint="names differ by more than case")


def _needs_broken(table: Mapping[str, Any], defaults: Defaults) -> bool:
    return any(not _has(table, key) for key in defaults.broken)


def _has(table: Mapping[str, Any], key: KeyPath) -> bool:
    """Whether the model sets what is wrong in `[defaults]` itself; tables that merge, down to the key."""
    head, *rest = key
    if head not in table:
        return False
    inner = table[str(head)]
    if head not in _MERGED or not rest or not isinstance(inner, dict):
        return head not in _MERGED
    return rest[0] in cast("dict[str | int, object]", inner)


def _preset(model: ModelTable, defaults: DefaultsTable, endpoint: Endpoint) -> Preset:
    options = {**_given(defaults), **_given(model)}
    provider = endpoint.provider
    params = {name: options[name] for name in RequestTable.model_fields if name in options}
    if "max_tokens" in params:
        params[provider.token_param] = params.pop("max_tokens")
    if body := {**(defaults.extra_body or {}), **(model.extra_body or {})}:
        params["extra_body"] = body
    if headers := _headers(endpoint.headers, defaults.extra_headers or {}, model.extra_headers or {}):
        params["extra_headers"] = headers
    price = options.get("price")
    return Preset(
        name=model.name,
        provider=provider,
        model=options["model"],
        enabled=options.get("enabled", True),
        system=options.get("system"),
        params=params,
        timeout=Limits(**{**DEFAULT_TIMEOUT, **_given(defaults.timeout), **_given(model.timeout)}),
        retries=options.get("retries", 0),
        price=Price(**_given(price)) if price else None,
    )


def _given(table: Table | None) -> dict[str, Any]:
    """The keys that the file has in `table`."""
    return {name: getattr(table, name) for name in table.model_fields_set} if table else {}


def _headers(*layers: Mapping[str, str]) -> dict[str, str]:
    """Later layers win; a header's name is the same in any case."""
    by_folded = {name.casefold(): (name, text) for layer in layers for name, text in layer.items()}
    return dict(by_folded.values())
