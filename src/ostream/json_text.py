"""JSON as servers really send it: jiter first, more patient readers after it."""

import json
import math
import re
from operator import is_
from typing import Any, TypeGuard

import jiter

_MAX_DEPTH = 200
"""Of values in values; jiter's own limit."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a parsed value is a JSON object; its keys are then strings."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether a parsed value is a JSON array."""
    return isinstance(value, list)


class BadJSONError(ValueError):
    """The text is not JSON for the most patient reader either."""


def parse(data: bytes) -> tuple[Any, tuple[str, ...]]:
    """`data` as a value, and the warnings that reading it gave rise to. Strings may hold lone surrogates.

    Raises:
        BadJSONError: It is not JSON.
    """
    try:
        return jiter.from_json(data, cache_mode="keys"), ()
    except ValueError:
        pass
    warnings: tuple[str, ...] = ()
    text = data.decode("utf-8", "replace")
    if text.encode() != data:
        warnings = ("bad_unicode",)
    for strict in (True, False):
        try:
            value = json.loads(text, strict=strict)
        except (ValueError, RecursionError):
            continue
        if _is_too_deep(value):
            break
        return value, warnings if strict else (*warnings, "lenient_json")
    raise BadJSONError(text)


def _is_too_deep(value: Any) -> bool:
    level: list[Any] = [value]
    for _ in range(_MAX_DEPTH):
        inner: list[Any] = []
        for item in level:
            if is_object(item):
                inner += item.values()
            elif is_array(item):
                inner += item
        if not inner:
            return False
        level = inner
    return True


def finite(value: Any) -> Any:
    """`value` with NaN and infinities turned to null and lone surrogates replaced, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return repaired(value)
    if is_object(value):
        return {repaired(str(key)): finite(item) for key, item in value.items()}
    if is_array(value):
        return [finite(item) for item in value]
    return value


def sparing(value: Any) -> Any:
    """What `finite` gives, with the parts that need no change shared and not copied."""
    if is_object(value):
        clean = {repaired(str(key)): sparing(item) for key, item in value.items()}
        return value if all(key in clean and clean[key] is item for key, item in value.items()) else clean
    if is_array(value):
        cleaned = [sparing(item) for item in value]
        return value if all(map(is_, cleaned, value)) else cleaned
    return finite(value)


def repaired(text: str) -> str:
    """`text` with surrogate pairs joined and lone ones replaced by U+FFFD."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
