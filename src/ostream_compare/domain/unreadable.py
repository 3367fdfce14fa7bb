"""Why a file is no saved comparison, in words and with what to give instead. Pure."""

from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ostream_compare.domain.errors import Problem, UserError

INSTEAD = "give what -o or s wrote as TOML or JSON, a run's id, or last"
_MOST_FLAWS = 5
_OUGHT_TO_BE = {
    "missing": "is missing",
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "datetime_type": "must be a time, such as 2026-11-22T07:30:00Z",
    "datetime_parsing": "must be a time, such as 2026-11-22T07:30:00Z",
    "datetime_from_date_parsing": "must be a time, such as 2026-11-22T07:30:00Z",
}


def no_document(error: Exception, kind: str, path: str | None) -> UserError:
    """What was read is no TOML, or no JSON."""
    why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    problem = Problem(message=f"not {kind}: {why}", path=path, hint=INSTEAD)
    return UserError(f"Not {kind}", problem)


def no_comparison(data: object, error: ValidationError, path: str | None) -> UserError:
    """What was read is something else, or a comparison with mistakes in it."""
    title = "Not a saved comparison"
    keys = cast("dict[str, Any]", data).keys() if isinstance(data, dict) else set[str]()
    if "responses" not in keys:
        message = "this is no saved comparison"
        if not keys and isinstance(data, dict):
            message = "this file is empty"
        elif not keys.isdisjoint({"models", "providers", "defaults"}):
            message = "this is a configuration, and no saved comparison"
        return UserError(title, Problem(message=message, path=path, hint=INSTEAD))
    flaws = error.errors(include_url=False, include_input=False)
    problems = [
        Problem(message=_in_words(flaw), path=path, key=_key(flaw["loc"])) for flaw in flaws[:_MOST_FLAWS]
    ]
    if (more := len(flaws) - _MOST_FLAWS) > 0:
        problems.append(Problem(message=f"and {more} more of this kind", path=path))
    return UserError(title, *problems)


def _in_words(flaw: ErrorDetails) -> str:
    return _OUGHT_TO_BE.get(flaw["type"], flaw["msg"].replace("Input should be", "must be"))


def _key(loc: tuple[int | str, ...]) -> str:
    """`responses[2].name`, with a list's items counted from 0 as the file's readers do."""
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return key.removeprefix(".")
