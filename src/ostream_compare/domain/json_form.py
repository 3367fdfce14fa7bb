"""JSON texts in one spelling, so that what means the same reads the same. Pure."""

import json
import re
from typing import Any

_FENCED = re.compile(r"\s*```(?:json|JSON)?[ \t]*\n(.*?)\n?\s*```\s*", re.DOTALL)
_LONGEST = 1_000_000
"""Characters; longer texts are compared as they are."""


def canonical_json(text: str) -> str | None:
    """An object or a list with sorted keys, a value a line; `None` if `text` is neither.

    One code fence around it is not part of it. An object that names a key twice is none: a spelling of it
    would lose something.
    """
    fenced = _FENCED.fullmatch(text)
    body = fenced.group(1) if fenced else text
    if len(body) > _LONGEST or not body.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(body, object_pairs_hook=_object, parse_constant=_refused)
        return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key twice")
    return members


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
