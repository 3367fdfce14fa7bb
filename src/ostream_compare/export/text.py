"""The comparison table as plain text: what stdout gets when there is no screen."""

from collections.abc import Iterable

from ostream_compare.domain import baseline_rows
from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.digest import Digest
from ostream_compare.domain.figures import aligned
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
from ostream_compare.export.answer_text import answer_text
from ostream_compare.export.turns import turn_lines

_WORD_COLUMNS = 2
"""Columns from the left that hold words and not figures."""


def to_text(comparison: Comparison, *, answers: bool = False, digest: Digest | None = None) -> str:
    """Head, table, which differences are clear, what is not whole, and the total cost.

    Args:
        comparison: What to show.
        answers: Whether the answers follow the table.
        digest: Of the responses, where they are not in `comparison`.
    """
    digest = digest or Digest.of(comparison)
    lines = [headline(comparison, digest), "", *_lines(table(comparison), words=_WORD_COLUMNS)]
    legend = [RANGES] if is_repeated(comparison) else []
    remarked = remarks(comparison, digest)
    turns = turn_lines(comparison)
    for paragraph in (legend, certainty(comparison), differences(comparison.pairs), turns, remarked):
        lines += ["", *paragraph] if paragraph else []
    lines += ["", f"Cost: {total_cost(comparison, digest)}", *_against(comparison)]
    table_and_more = "\n".join(lines) + "\n"
    return table_and_more + (answers_text(comparison.responses, comparison) if answers else "")


def _lines(rows: list[tuple[str, ...]], *, words: int) -> list[str]:
    """A line a row; all columns but the first `words` are flush right."""
    if len(rows) > 1:
        head, *body = rows
        columns = [
            column if at < words else aligned(column) for at, column in enumerate(zip(*body, strict=True))
        ]
        rows = [head, *zip(*columns, strict=True)]
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return [
        "  ".join(
            padded(cell, wide, right=column >= words)
            for column, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _against(comparison: Comparison) -> list[str]:
    """The same against an earlier run, where that was asked for."""
    baseline = comparison.baseline
    if baseline is None:
        return []
    rows = baseline_rows.table(baseline)
    lines = ["", baseline_rows.headline(baseline)]
    for paragraph in (
        [line.rstrip() for line in _lines(rows, words=len(baseline_rows.COLUMNS))],
        [baseline_rows.MEANING] if rows else [],
        baseline_rows.remarks(baseline),
    ):
        lines += ["", *paragraph] if paragraph else []
    return lines


def answers_text(responses: Iterable[Response], comparison: Comparison) -> str:
    """Some answers of `comparison`, each below its model's name."""
    lines: list[str] = []
    for response in responses:
        place = f", prompt {response.prompt + 1}" if len(comparison.prompts) > 1 else ""
        place += f", round {response.round}" if comparison.rounds > 1 else ""
        place += f", attempt {response.attempt}" if response.attempt > 1 else ""
        lines += ["", f"--- {clean_line(response.name)}{place}", clean(answer_text(response)) or "(no text)"]
    return "\n".join(lines) + "\n" if lines else ""
