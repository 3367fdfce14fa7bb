"""The kinds of values that the file holds, each with its check; messages are written for the user."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, TypeAlias, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "api-key", "x-api-key", "cookie"})
_OWN_BODY_KEYS = {
    "messages": "the prompt is sent as messages",
    "model": "the key model names it",
    "n": "there is one answer a pane",
    "stream": "every answer is streamed",
    "stream_options": "see include_usage of the provider",
}
_JSON_BITS = 64
_KEY_LENGTH = 20
_MOST_NESTED = 64
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)


Place = tuple[str | int, ...]
Complaint = tuple[Place, str, str | None]


def flaws(complaints: Iterable[Complaint]) -> PydanticCustomError:
    """A validator's complaints: the way from the field to each wrong value, what is wrong, a hint."""
    return PydanticCustomError("flaws", "{flaws}", {"flaws": list(complaints)})


def flaw(text: str, hint: str | None = None) -> PydanticCustomError:
    """A validator's one complaint about the whole field."""
    return flaws([((), text, hint)])


def _not_blank(text: str) -> str:
    if not text.strip():
        raise flaw("must not be empty")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise flaw("must be one line without control characters")
    return text


def _whole_decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _json_complaints(value: object, at: Place = ()) -> Iterator[Complaint]:
    """What JSON has no word for."""
    match value:
        case dict() | list() if len(at) > _MOST_NESTED:
            yield at[:1], "is nested too deeply", None
        case dict():
            for key, item in cast("dict[str, object]", value).items():
                yield from _json_complaints(item, (*at, key))
        case list():
            for index, item in enumerate(cast("list[object]", value)):
                yield from _json_complaints(item, (*at, index))
        case Decimal() if not isfinite(float(value)):
            yield at, "must be a finite number", None
        case int() if value.bit_length() > _JSON_BITS:
            yield at, "must be a smaller number", None
        case date() | time():
            yield at, "is a date or time, which a request cannot carry", "write it in quotes"
        case _:
            return


def _as_json(value: Any) -> Any:
    """`value` with its exact decimals as floats, which is what JSON's readers make of them."""
    match value:
        case dict():
            return {key: _as_json(item) for key, item in cast("dict[str, object]", value).items()}
        case list():
            return [_as_json(item) for item in cast("list[object]", value)]
        case Decimal():
            return float(value)
        case _:
            return value


def _json_table(value: dict[str, Any]) -> dict[str, Any]:
    if complaints := list(_json_complaints(value)):
        raise flaws(complaints)
    return _as_json(value)


def _body(value: dict[str, Any]) -> dict[str, Any]:
    refused: list[Complaint] = [
        ((key,), f"is refused: {reason}", None) for key, reason in _OWN_BODY_KEYS.items() if key in value
    ]
    if complaints := [*refused, *_json_complaints(value)]:
        raise flaws(complaints)
    return _as_json(value)


def _headers(value: dict[str, str]) -> dict[str, str]:
    complaints: list[Complaint] = []
    for name, text in value.items():
        if name.casefold() in _SECRET_HEADERS:
            reason = "is refused: a key does not belong in a file"
            complaints.append(((name,), reason, "name the variable that holds it with api_key_env"))
        elif not _HEADER_NAME.fullmatch(name) or not (text.isascii() and text.isprintable()):
            complaints.append(((name,), "is not a header that HTTP can carry", None))
    if complaints:
        raise flaws(complaints)
    return value


def _stop(value: object) -> object:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise flaw("must be text or a list of texts, none of them empty")
    return cast("object", value)


def _include_usage(value: object) -> object:
    if value == "auto" or isinstance(value, bool):
        return value
    raise flaw('must be "auto", true or false')


def _variable(name: str) -> str:
    looks_like_a_key = len(name) >= _KEY_LENGTH and re.search("[a-z]", name) and re.search("[0-9]", name)
    if not _VARIABLE.fullmatch(name) or looks_like_a_key:
        raise flaw(
            "must be the name of an environment variable, not the key itself", "such as OPENAI_API_KEY"
        )
    return name


def _command(value: object) -> object:
    if isinstance(value, str):
        raise flaw("must be a list of words", 'such as ["pass", "show", "openai"]')
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(word, str) for word in cast("list[object]", value))
    ):
        raise flaw("must be a list of words, the program first")
    words = cast("list[str]", value)
    if not words[0].strip() or any("\0" in word for word in words):
        raise flaw("must begin with the name of a program")
    return tuple(words)


def _base_url(text: str) -> str:
    url = text.strip()
    example = "such as https://api.openai.com/v1"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise flaw("is not a URL", example) from None
    if parts.scheme not in ("http", "https") or not host:
        raise flaw("must begin with http:// or https:// and name a host", example)
    if not url.isprintable() or " " in url:
        raise flaw("must not hold spaces or control characters", example)
    if "@" in parts.netloc:
        raise flaw("must not hold a user name or a password", "use api_key_env")
    if parts.query or parts.fragment:
        raise flaw("must not hold ? or #", example)
    if parts.path.rstrip("/").endswith("/chat/completions"):
        raise flaw("must end before /chat/completions", "the program appends it")
    return url.rstrip("/")


def _variable_values(value: object) -> object:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if not items:
        raise flaw("has no values", 'give a list such as ["beginner", "expert"]')
    complaints: list[Complaint] = [
        ((index,) if isinstance(value, list) else (), "must be text or a number", None)
        for index, item in enumerate(items)
        if isinstance(item, bool) or not isinstance(item, str | int | Decimal)
    ]
    if complaints:
        raise flaws(complaints)
    return tuple(str(item) for item in items)


Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Positive: TypeAlias = Annotated[float, Field(allow_inf_nan=False, gt=0, le=86_400)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000_000)]
Text: TypeAlias = Annotated[str, AfterValidator(_not_blank)]
Line: TypeAlias = Annotated[
    str, AfterValidator(str.strip), AfterValidator(_not_blank), AfterValidator(_one_line)
]
Money: TypeAlias = Annotated[
    Decimal,
    BeforeValidator(_whole_decimal),
    Field(ge=0, le=1_000_000, decimal_places=12),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
JsonTable: TypeAlias = Annotated[dict[str, Any], AfterValidator(_json_table)]
Body: TypeAlias = Annotated[dict[str, Any], AfterValidator(_body)]
Headers: TypeAlias = Annotated[dict[str, str], AfterValidator(_headers)]
BaseUrl: TypeAlias = Annotated[str, AfterValidator(_base_url)]
EnvironmentVariable: TypeAlias = Annotated[str, AfterValidator(_variable)]
_TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
Stop: TypeAlias = Annotated[
    Any,
    BeforeValidator(_stop),
    WithJsonSchema({"anyOf": [{"type": "string"}, _TEXTS]}),
]
IncludeUsage: TypeAlias = Annotated[
    Any,
    BeforeValidator(_include_usage),
    WithJsonSchema({"enum": ["auto", True, False]}),
]
Command: TypeAlias = Annotated[Any, BeforeValidator(_command), WithJsonSchema(_TEXTS)]
_VALUE = {"type": ["string", "number"]}
VariableValues: TypeAlias = Annotated[
    Any,
    BeforeValidator(_variable_values),
    WithJsonSchema({"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]}),
]
