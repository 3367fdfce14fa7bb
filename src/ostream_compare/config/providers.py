"""`[providers.NAME]` tables into endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ostream_compare.config.checks import PROVIDER_ALIASES, provider_flaws, renamed_aliases
from ostream_compare.config.flaws import Flaw, KeyPath, did_you_mean, parsed, shorten, shown
from ostream_compare.config.model import ProviderTable
from ostream_compare.domain.preset import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A provider and what the file adds to each of its requests."""

    provider: Provider
    headers: Mapping[str, str]
    """Sent with every request to it."""


def read_provider(name: str, value: object, flaws: list[Flaw]) -> Endpoint | None:
    """The endpoint of one table; `None` when it is wrong, and what is wrong goes to `flaws`."""
    path: KeyPath = ("providers", name)
    if not isinstance(value, dict):
        hint = "write [providers.NAME] and its keys below"
        flaws.append(Flaw(path=path, message="must be a table", hint=hint))
        return None
    table, written, found = renamed_aliases(cast("dict[str, Any]", value), path)
    if not name.strip() or not name.isprintable():
        found.append(Flaw(path=path, message="a provider's name must be one line and not empty"))
    provider, more = parsed(ProviderTable, table, path, extra_names=PROVIDER_ALIASES)
    found += [_as_written(flaw, written) for flaw in more]
    found += provider_flaws(table, path, written)
    flaws += found
    if provider is None or found:
        return None
    fields = provider.model_dump(exclude={"headers"})
    return Endpoint(provider=Provider(name=name, **fields), headers=provider.headers or {})


def _as_written(flaw: Flaw, written: Mapping[str, str]) -> Flaw:
    section, name, key, *rest = flaw.path
    return Flaw(path=(section, name, written.get(str(key), key), *rest), message=flaw.message, hint=flaw.hint)


def provider_name_flaws(name: object, path: KeyPath, known: Mapping[str, object]) -> list[Flaw]:
    """The flaw of a provider that the file does not have; a name of a wrong type is another's to report."""
    if not isinstance(name, str) or not name.strip() or name.strip() in known:
        return []
    fallback = "no provider is defined" if not known else f"defined: {shorten(', '.join(known))}"
    hint = did_you_mean(name, known) or fallback
    return [Flaw(path=path, message=f"there is no provider {shown(name)}", hint=hint)]
