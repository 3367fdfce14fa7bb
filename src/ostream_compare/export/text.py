"""The comparison table as plain text: what stdout gets when there is no screen."""

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.rows import (
    RANGES,
    certainty,
    differences,
    headline,
    is_repeated,
    padded,
    remarks,
    table,
    total_cost,
    width,
)
from ostream_compare.domain.safe_text import clean, clean_line

_WORD_COLUMNS = 2
"""Columns from the left that hold words and not figures."""


def to_text(comparison: Comparison, *, answers: bool = False) -> str:
    """Head, table, which differences are clear, what is not whole, and the total cost.

    Args:
        comparison: What to show.
        answers: Whether the answers follow the table.
    """
    rows = table(comparison)
    widths = [max(width(line[column]) for line in rows) for column in range(len(rows[0]))]
    lines = [headline(comparison), ""]
    lines += [_line(cells, widths) for cells in rows]
    legend = [RANGES] if is_repeated(comparison) else []
    for paragraph in (legend, certainty(comparison), differences(comparison.pairs), remarks(comparison)):
        lines += ["", *paragraph] if paragraph else []
    lines += ["", f"Cost: {total_cost(comparison)}"]
    if answers:
        lines += _answers(comparison)
    return "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    columns = enumerate(zip(cells, widths, strict=True))
    return "  ".join(padded(cell, cells_wide, right=i >= _WORD_COLUMNS) for i, (cell, cells_wide) in columns)


def _answers(comparison: Comparison) -> list[str]:
    lines: list[str] = []
    for response in comparison.responses:
        place = f", round {response.round}" if comparison.rounds > 1 else ""
        lines += ["", f"--- {clean_line(response.name)}{place}", clean(response.content)]
    return lines
