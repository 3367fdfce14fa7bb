"""What is wrong with a table, in the user's words: Pydantic's errors and our own become flaws."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ostream_compare.config.model import (
    DefaultsTable,
    ModelTable,
    PriceTable,
    PromptTable,
    ProviderTable,
    Table,
    TimeoutTable,
)
from ostream_compare.domain.safe_text import clean_line

KeyPath = tuple[str | int, ...]
TableT = TypeVar("TableT", bound=Table)

MOST = 100
"""Flaws of one table that are named each."""

_GLANCE = 40
_PRINTABLE_BITS = 128
_NOUNS = ((dict, "a table"), (list, "a list"), ((date, time), "a date or time"))
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_NESTED: dict[str | int, type[Table]] = {"timeout": TimeoutTable, "price": PriceTable}
_SECRET_FIELDS = frozenset(
    {"api_key_env", "api_key_cmd", "base_url", "headers", "extra_headers", "extra_body"}
)
_KEY_WORDS = frozenset(
    {"apikey", "key", "apitoken", "token", "secret", "bearer", "password", "authorization"}
)
_NO_LITERAL_KEY = (
    "a key does not belong in a file",
    "name the environment variable that holds it: api_key_env in [providers.NAME]",
)
_ADVICE = {
    "n": ("is refused: there is one answer a pane", "name the model twice, under two names"),
    "stream": ("is refused: every answer is streamed", "leave it out"),
    "stream_options": ("is refused", "see include_usage in [providers.NAME]"),
    "messages": ("is refused: the prompt is sent as messages", "use system here, or [[prompts]]"),
    "max_completion_tokens": (
        "unknown key",
        'use max_tokens; token_param = "max_completion_tokens" in the provider',
    ),
    "max_output_tokens": ("unknown key", "use max_tokens"),
    "theme": ("unknown key", "choose it with --theme, or in the app, which remembers it"),
    "tools": ("is refused: tools are not compared", "extra_body can carry them"),
    "tool_choice": ("is refused: tools are not compared", "extra_body can carry it"),
    **dict.fromkeys(
        (
            "top_k",
            "min_p",
            "repetition_penalty",
            "num_ctx",
            "chat_template_kwargs",
            "thinking",
            "enable_thinking",
        ),
        ("unknown key: it is no parameter of OpenAI's", "put it into extra_body"),
    ),
}
_HOMES: tuple[tuple[str, type[Table]], ...] = (
    ("[providers.NAME]", ProviderTable),
    ("[[models]] or [defaults]", ModelTable),
    ("[defaults]", DefaultsTable),
    ("[[prompts]]", PromptTable),
    ("timeout", TimeoutTable),
)
_TYPES = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "float_type": "must be a number",
    "decimal_type": "must be a number",
    "is_instance_of": "must be a number",
    "bool_type": "must be true or false",
    "finite_number": "must be a finite number",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "decimal_max_places": "must have 12 decimal places at most",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "must be {} or more"),
    "less_than_equal": ("le", "must be {} or less"),
    "greater_than": ("gt", "must be more than {}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong, by its place in the file's tables."""

    path: KeyPath
    """From the file's root, with the keys as they are written."""
    message: str
    """What is wrong."""
    hint: str | None = None
    """The nearest known name, or the remedy."""


def dotted(path: KeyPath) -> str:
    """`path` as a person writes it: `models[2].timeout.idle`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else clean_line(json.dumps(part, ensure_ascii=False))
            text += f".{name}" if text else name
    return text


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, if any is like `name`."""
    by_folded = {other.casefold(): other for other in known}
    folded = name.casefold()
    for spelling in (folded, folded.replace("-", "_")):
        if matches := get_close_matches(spelling, by_folded, n=1):
            return by_folded[matches[0]]
    return None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint at the name that was probably meant, if any is like `name`."""
    meant = nearest(name, known)
    return f"did you mean {shorten(meant)}?" if meant else None


def shown(value: object) -> str:
    """A wrong value as the file has it, short and on one line."""
    for kind, noun in _NOUNS:
        if isinstance(value, kind):
            return noun
    if isinstance(value, str):
        return f'"{shorten(value)}"'
    if isinstance(value, int) and value.bit_length() > _PRINTABLE_BITS:
        return "a huge number"
    return shorten(str(value).lower().replace("infinity", "inf"))


def shorten(text: str) -> str:
    """`text` on one line that is safe to show, or its beginning when it is more than a glance."""
    text = clean_line(text)
    return text if len(text) <= _GLANCE else f"{text[: _GLANCE - 1]}…"


def unknown_key(path: KeyPath, known: Iterable[str]) -> Flaw:
    """The flaw of a key that its table does not have; advice where we know what was meant."""
    key = str(path[-1])
    known = set(known)
    plain = key.casefold().replace("-", "").replace("_", "")
    if plain in _KEY_WORDS:
        return Flaw(path=path, message=f"is refused: {_NO_LITERAL_KEY[0]}", hint=_NO_LITERAL_KEY[1])
    if key in _ADVICE:
        message, hint = _ADVICE[key]
        return Flaw(path=path, message=message, hint=hint)
    homes = (place for place, table in _HOMES if key in table.model_fields)
    if place := next(homes, None):
        return Flaw(path=path, message="unknown key here", hint=f"it belongs in {place}")
    hint = did_you_mean(key, known) or _elsewhere(key)
    if hint is None and (advised := nearest(key, _ADVICE)):
        hint = f"if you mean {advised}: {_ADVICE[advised][1]}"
    return Flaw(path=path, message="unknown key", hint=hint)


def _elsewhere(key: str) -> str | None:
    """A hint at a key that is like this one and belongs in another table."""
    for place, table in _HOMES:
        if name := nearest(key, table.model_fields):
            return f"did you mean {name} in {place}?"
    return None


def parsed(
    model: type[TableT],
    table: Mapping[str, Any],
    path: KeyPath,
    *,
    extra_names: Iterable[str] = (),
) -> tuple[TableT | None, list[Flaw]]:
    """`table` as `model`, or everything that is wrong with it.

    Args:
        model: What the table should be.
        table: As tomllib read it, aliases already renamed.
        path: Where it stands in the file.
        extra_names: Further keys that may be suggested, such as aliases.
    """
    try:
        return model.model_validate(table), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        found = [flaw for detail in details[:MOST] for flaw in _flaws_of(detail, model, path, extra_names)]
        return None, found + left_out(len(details), path)


def left_out(count: int, path: KeyPath) -> list[Flaw]:
    """What is said of the flaws of one table beyond `MOST`, which nobody reads one by one."""
    return [Flaw(path=path, message=f"{count - MOST} more keys are wrong here")] if count > MOST else []


def _flaws_of(
    detail: ErrorDetails,
    model: type[Table],
    path: KeyPath,
    extra_names: Iterable[str],
) -> list[Flaw]:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context = detail["type"], detail.get("ctx", {})
    here = (*path, *loc)
    if kind == "extra_forbidden":
        owner = model if len(loc) == 1 else _NESTED[loc[0]]
        return [unknown_key(here, {*owner.model_fields, *(extra_names if owner is model else ())})]
    if kind == "flaws":
        return [Flaw(path=(*here, *at), message=text, hint=hint) for at, text, hint in context["flaws"]]
    given = (
        "" if kind == "missing" or (loc and loc[0] in _SECRET_FIELDS) else f", not {shown(detail['input'])}"
    )
    if kind in _BOUNDS:
        bound, text = _BOUNDS[kind]
        return [Flaw(path=here, message=text.format(_plain(context[bound])) + given)]
    if kind == "literal_error":
        return [_literal(here, context["expected"], detail["input"], given)]
    return [Flaw(path=here, message=_TYPES.get(kind, detail["msg"]) + given)]


def _plain(bound: float | Decimal) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:.15g}"


def _literal(path: KeyPath, expected: str, given_value: object, given: str) -> Flaw:
    names = re.findall(r"'([^']*)'", expected)
    listed = " or ".join(f'"{name}"' for name in names)
    hint = did_you_mean(given_value, names) if isinstance(given_value, str) else None
    return Flaw(path=path, message=f"must be {listed}{given}", hint=hint)
