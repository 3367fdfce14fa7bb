"""How the sub-commands print: rows in columns for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence

from ostream_compare.domain.rows import padded, width


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line a row, every column as wide as its longest cell; nothing trails."""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return [
        "  ".join(padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def json_text(document: Mapping[str, object]) -> str:
    """`document` as JSON in visible ASCII, which steers no terminal."""
    return json.dumps(document, indent=2, allow_nan=False).replace("\x7f", "\\u007f") + "\n"
