"""What an endpoint's list of models says; no input or output."""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, cast

ListState = Literal[
    "listed",
    "no_list",
    "not_an_api",
    "auth",
    "server",
    "redirect",
    "connect",
    "dns",
    "tls",
    "proxy",
    "protocol",
    "timeout",
]

_ANSWERING: frozenset[ListState] = frozenset({"listed", "no_list"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIds:
    """The body of a list, read."""

    ids: tuple[str, ...]
    """As the server spells them, each once; not cleaned."""
    is_whole: bool = True
    """Whether the server keeps no further page back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What asking one endpoint for its models came to."""

    state: ListState
    """`no_list`: it answers, and there is nothing to learn from it; no reason against a call."""
    message: str
    """For a person; nothing in it was written by the server."""
    models: ModelIds | None = None
    """With `listed` only."""

    @property
    def is_reachable(self) -> bool:
        """Whether nothing that was seen speaks against a call."""
        return self.state in _ANSWERING


def read_ids(body: bytes, *, strict: bool) -> ModelIds | None:
    """The ids in a list of models, or `None` if it is none.

    Args:
        body: Of the answer.
        strict: Only OpenAI's own shape, `{"data": [{"id": "..."}, ...]}`; otherwise a bare array is taken
            too, which some hosts send, and entries without an id are passed over.
    """
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    table = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    entries: object = table.get("data") if table or strict else cast("object", document)
    if not isinstance(entries, list):
        return None
    items = cast("list[object]", entries)
    ids = [entry_id for item in items if (entry_id := _id(item)) is not None]
    if items and (not ids or (strict and len(ids) != len(items))):
        return None
    return ModelIds(ids=tuple(dict.fromkeys(ids)), is_whole=table.get("has_more") is not True)


def _id(item: object) -> str | None:
    found = cast("dict[str, object]", item).get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) and found.strip() else None


def is_listed(model: str, models: ModelIds) -> bool:
    """Whether `model` is among them, by the ways in which well-known servers shorten ids.

    Ollama takes a name without `:latest`, Google lists `models/NAME`, OpenRouter takes `ID:VARIANT`. Where
    there are further pages, nothing can be said against it.
    """
    spellings = {model, f"models/{model}", f"{model}:latest", model.rpartition(":")[0]}
    return not models.is_whole or not spellings.isdisjoint(models.ids)


def nearest_id(model: str, models: ModelIds) -> str | None:
    """The listed id that is most like `model`."""
    folded = {listed.casefold(): listed for listed in models.ids}
    near = get_close_matches(model.casefold(), folded, n=1)
    return folded[near[0]] if near else None
