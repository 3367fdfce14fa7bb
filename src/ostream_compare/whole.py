"""Flags that take whole numbers: 1.5 is refused, where the command line's parser would round it."""

import re
from typing import TYPE_CHECKING

from cyclopts import Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import Token

_WHOLE = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 1000
"""Of one more Python would say so in words of its own."""


def _whole_number(_: object, tokens: "Sequence[Token]") -> int:
    """The number that was given.

    Raises:
        ValueError: It is none, or not a whole one; the parser names the flag or the variable.
    """
    text = tokens[0].value.strip()
    if len(text) > _MOST_DIGITS or not _WHOLE.fullmatch(text):
        message = f'"{text[:_MOST_DIGITS]}" is no whole number.'
        raise ValueError(message)
    return int(text)


WHOLE = Parameter(converter=_whole_number)
"""For the annotation of a parameter, before what names it."""
