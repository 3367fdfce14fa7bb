"""A comparison's two spellings, TOML and JSON, each read back to the identical comparison. Pure."""

import json
import math
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn, cast

import tomli_w
from pydantic import ValidationError

from ostream_compare.domain.comparison import SCHEMA_VERSION, Comparison, Response
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import escape, repair
from ostream_compare.domain.unreadable import no_comparison, no_document


def to_toml(comparison: Comparison) -> str:
    """`comparison` as TOML; unknown values are left out."""
    data = _fit(comparison.model_dump(mode="python"), unknown=False)
    # A multi-line string would turn CRLF into LF.
    lines_can_break = not _has_crlf(data)
    return escape(tomli_w.dumps(data, multiline_strings=lines_can_break), _toml_escape)


def to_json(comparison: Comparison) -> str:
    """`comparison` as strict JSON; unknown values are null."""
    # Pydantic's own JSON would repair keys in another way than values.
    data = _fit(comparison.model_dump(mode="python"), unknown=True)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2, default=_json_time)
    return escape(text, json_escape) + "\n"


def from_toml(text: str, *, path: str | None = None) -> Comparison:
    """What `to_toml` wrote.

    Raises:
        UserError: It is not TOML, or not a comparison.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise no_document(error, "TOML", path) from None
    return _comparison_of(data, path)


def from_json(text: str, *, path: str | None = None) -> Comparison:
    """What `to_json` wrote.

    Raises:
        UserError: It is not strict JSON, or not a comparison.
    """
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise no_document(error, "JSON", path) from None
    return _comparison_of(data, path)


def whole(comparison: Comparison) -> Comparison:
    """`comparison` as any spelling keeps it: lone surrogates replaced, numbers that are none unknown."""
    return Comparison.model_validate(_fit(comparison.model_dump(mode="python"), unknown=True))


def whole_response(response: Response) -> Response:
    """The same of one response."""
    return Response.model_validate(_fit(response.model_dump(mode="python"), unknown=True))


def _fit(value: Any, *, unknown: bool) -> Any:
    """`value` with texts that UTF-8 can hold and finite numbers; `unknown` keeps keys of value `None`."""
    if isinstance(value, str):
        return repair(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        pairs = cast(Mapping[str, Any], value).items()
        fitted = {repair(key): _fit(of, unknown=unknown) for key, of in pairs}
        return fitted if unknown else {key: of for key, of in fitted.items() if of is not None}
    if isinstance(value, list):
        return [_fit(item, unknown=unknown) for item in cast(list[Any], value)]
    return value


def _has_crlf(value: Any) -> bool:
    if isinstance(value, str):
        return "\r\n" in value
    if isinstance(value, Mapping):
        return any(_has_crlf(of) for of in cast(Mapping[str, Any], value).values())
    return isinstance(value, list) and any(_has_crlf(item) for item in cast(list[Any], value))


def _toml_escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the basic plane


def _json_time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a comparison")
    return value.isoformat().replace("+00:00", "Z")


def json_escape(code: int) -> str:
    """A character by its number, as JSON spells it."""
    return json.dumps(chr(code))[1:-1]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _comparison_of(data: Any, path: str | None) -> Comparison:
    version = cast(dict[str, Any], data).get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        message = (
            f"written by a newer version of the program: format {version}, this one reads {SCHEMA_VERSION}"
        )
        raise UserError("Cannot read the comparison", Problem(message=message, path=path, key="version"))
    try:
        return Comparison.model_validate(data)
    except ValidationError as error:
        raise no_comparison(cast("object", data), error, path) from None
