"""A count with its noun: one of a thing is no plural. Pure."""

_MARKS = "≥~"
"""Before a count that is a lower bound, or an estimate."""


def counted(count: int | str, noun: str) -> str:
    """`1 token`, `~1 token`, `≥~297 tokens`, `1,024 characters`; a text is a count as it is shown."""
    text = count if isinstance(count, str) else f"{count:,}"
    return f"{text} {noun if text.lstrip(_MARKS) == '1' else noun + 's'}"
