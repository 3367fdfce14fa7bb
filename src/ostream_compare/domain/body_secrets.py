"""What the `extra_body` of a request calls a secret: found, left out of what is recorded, put back. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from ostream.errors import header_secrets

MASK = "[key]"
"""Stands where a secret stood."""
SHORTEST = 8
"""Characters of a secret that is looked for in texts; shorter ones are words."""
_SHORTEST_WORD = 12
"""The same of one that is all letters, and so may be a word of any text."""
_SCHEMAS = frozenset(
    {"properties", "patternProperties", "dependentRequired", "$defs", "definitions", "response_format"}
)
"""What stands below describes values, and names of secrets there are names of fields."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME = re.compile(
    r"(api|access|auth|secret|private|session|signing|encryption|subscription|account)[-_ ]?(key|token)"
    r"|authorization|bearer|passw|passphrase|credential|^secret[-_ ]|secrets?$|(^|[-_ ])(pwd|pass|cookie)$"
    r"|[-_ ]token$"
)
"""What a secret is called inside a request; a mere `token` or `key` there is a word of the models' own."""
_NO_NAME = re.compile(
    r"(^|[-_ ])(additional|audio|begin|bos|cls|end|eom|eos|eot|forced|image|mask|pad|reasoning|sep"
    r"|special|start|stop|think|thinking|thought|unk|video|vision)([-_ ](begin|start|end|pad))?[-_ ]token$"
    r"|[-_ ](algorithm|env|field|format|length|mode|name|policy|source|type)$"
)
"""Tokens of a model's own, and what is said about a secret."""
_BELOW = re.compile(r"key|token|value")
"""What may be one, too, inside a table that goes by a secret's name."""
_SCHEME = re.compile(r"(?:bearer|basic|token) +(\S+)", re.IGNORECASE)
_SPECIAL = re.compile(r"<.*>")


def secrets_of(params: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a preset's parameters is not told in any text: in headers and in the body."""
    found: list[str] = []

    def find(value: str) -> str:
        scheme = _SCHEME.fullmatch(value)
        found.extend((value, scheme[1]) if scheme else (value,))
        return value

    _told(params.get("extra_body"), find)
    headers = header_secrets(params.get("extra_headers"))
    told = (value if _stands_out(value) else f'"{value}"' for value in found if _can_be_found(value))
    return headers + tuple(dict.fromkeys(told))


def without_secrets(body: object) -> object:
    """`body` with a mask in the place of each secret, of any length."""
    return _told(body, lambda value: MASK if value else value)


def with_secrets(body: object, known: object) -> object:
    """`body` with what `known` has in the places of masks; a mask without such a text is left out."""
    if isinstance(body, dict):
        table = cast("dict[str, object]", known) if isinstance(known, dict) else {}
        filled = {
            name: with_secrets(inner, table.get(name))
            for name, inner in cast("dict[str, object]", body).items()
        }
        return {name: inner for name, inner in filled.items() if inner is not None or body[name] is None}
    if isinstance(body, list):
        row = cast("list[object]", known) if isinstance(known, list) else []
        items = cast("list[object]", body)
        filled_row = [
            with_secrets(inner, row[place] if place < len(row) else None) for place, inner in enumerate(items)
        ]
        return [new for new, old in zip(filled_row, items, strict=True) if new is not None or old is None]
    if body == MASK:
        return known if isinstance(known, str) else None
    return body


def _told(value: object, tell: Callable[[str], str], *, below: bool = False) -> object:
    """`value` with `tell` of each text that stands right under a secret's name."""
    if isinstance(value, list):
        return [_told(inner, tell, below=below) for inner in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    told: dict[str, object] = {}
    for name, inner in cast("dict[str, object]", value).items():
        if name in _SCHEMAS:
            told[name] = inner
            continue
        is_one = _is_secret(name, below=below)
        if is_one and isinstance(inner, str):
            told[name] = tell(inner)
        elif is_one and isinstance(inner, list):
            told[name] = [
                tell(each) if isinstance(each, str) else _told(each, tell, below=True)
                for each in cast("list[object]", inner)
            ]
        else:
            told[name] = _told(inner, tell, below=below or is_one)
    return told


def _is_secret(name: str, *, below: bool) -> bool:
    plain = _HUMP.sub("_", name).lower()
    if below and _BELOW.fullmatch(plain):
        return True
    return _NAME.search(plain) is not None and _NO_NAME.search(plain) is None


def _can_be_found(value: str) -> bool:
    return len(value) >= SHORTEST and _SPECIAL.fullmatch(value) is None


def _stands_out(value: str) -> bool:
    """Whether a text can hardly have it by chance; else it is looked for in quotes alone."""
    return len(value) >= _SHORTEST_WORD or not value.isalpha()
