"""The comparison table as plain text: what stdout gets when there is no screen."""

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.rows import COLUMNS, headline, padded, row, total_cost, width
from ostream_compare.domain.safe_text import clean, clean_line

_WORD_COLUMNS = 2
"""Columns from the left that hold words and not figures."""


def to_text(comparison: Comparison, *, answers: bool = False) -> str:
    """Head, table, a line for each response that is not whole, and the total cost.

    Args:
        comparison: What to show.
        answers: Whether the answers follow the table.
    """
    rows = [COLUMNS, *(row(response) for response in comparison.responses)]
    widths = [max(width(line[column]) for line in rows) for column in range(len(COLUMNS))]
    lines = [headline(comparison), ""]
    lines += [_line(cells, widths) for cells in rows]
    lines += _remarks(comparison)
    lines += ["", f"Cost: {total_cost(comparison)}"]
    if answers:
        lines += _answers(comparison)
    return "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    columns = enumerate(zip(cells, widths, strict=True))
    return "  ".join(padded(cell, cells_wide, right=i >= _WORD_COLUMNS) for i, (cell, cells_wide) in columns)


def _remarks(comparison: Comparison) -> list[str]:
    remarks: list[str] = []
    for response in comparison.responses:
        if reason := figures.explain(response, keys=False):
            remarks.append(f"{clean_line(response.name)}: {reason}")
        remarks += [f"{clean_line(response.name)}: {clean_line(warning)}" for warning in response.warnings]
    return ["", *remarks] if remarks else []


def _answers(comparison: Comparison) -> list[str]:
    lines: list[str] = []
    for response in comparison.responses:
        lines += ["", f"--- {clean_line(response.name)}", clean(response.content)]
    return lines
