"""Rules between the keys of one table; they read the table as written, so all flaws show at once."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ostream_compare.config.flaws import Flaw, KeyPath

PROVIDER_ALIASES = {"api_base": "base_url", "env_key": "api_key_env"}

_FIGURES = ("input", "cached_input", "cache_write", "output")
_REFERENCE = ("provider", "model")


def price_flaws(value: object, path: KeyPath) -> Iterator[Flaw]:
    """A price is figures, or another model's, or free; and half a price is none."""
    if not isinstance(value, dict):
        return
    price = cast("dict[str, object]", value)
    figures = [key for key in _FIGURES if key in price]
    reference = [key for key in _REFERENCE if key in price]
    is_free = price.get("free") is True
    if sum((bool(figures), bool(reference), is_free)) > 1:
        yield Flaw(
            path=path,
            message="says more than one thing",
            hint="give input and output, or provider and model, or free = true",
        )
        return
    if not price or (price.get("free") is False and not figures and not reference):
        message = "is not free, and has no figures" if price else "is empty"
        yield Flaw(path=path, message=message, hint="give input and output, or leave price out")
    for names, given in ((("input", "output"), figures), (_REFERENCE, reference)):
        for name in names:
            if given and name not in given:
                yield Flaw(path=path, message=f"{name} is missing: {names[0]} and {names[1]} go together")


def provider_flaws(table: Mapping[str, Any], path: KeyPath, written: Mapping[str, str]) -> Iterator[Flaw]:
    """The embedded server needs no address and no key; any other needs an address and at most one key.

    Args:
        table: With aliases renamed.
        path: Of the table.
        written: Name of a key to the alias that the file uses for it.
    """

    def at(key: str) -> KeyPath:
        return (*path, written.get(key, key))

    keys = [key for key in ("api_key_env", "api_key_cmd") if key in table]
    if table.get("kind") == "demo":
        for key in ("base_url", *keys):
            if key in table:
                yield Flaw(path=at(key), message='has no meaning with kind = "demo"', hint="leave it out")
        return
    if "base_url" not in table and table.get("kind", "openai") == "openai":
        yield Flaw(path=at("base_url"), message="is missing", hint="such as https://api.openai.com/v1")
    if len(keys) > 1:
        yield Flaw(path=at(keys[1]), message="is one too many: api_key_env names the key already")


def renamed_aliases(
    table: Mapping[str, Any], path: KeyPath
) -> tuple[dict[str, Any], dict[str, str], list[Flaw]]:
    """The table with its proper key names, which alias each came from, and keys given under two names."""
    result, written, flaws = dict(table), dict[str, str](), list[Flaw]()
    for alias, name in PROVIDER_ALIASES.items():
        if alias not in result:
            continue
        if name in result:
            flaws.append(Flaw(path=(*path, alias), message=f"is another name of {name}, which is given too"))
            del result[alias]
        else:
            result[name] = result.pop(alias)
            written[name] = alias
    return result, written, flaws
