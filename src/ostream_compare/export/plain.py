"""A run as plain lines for screen readers and logs: no tables, no signs that are not read aloud. Pure."""

from collections.abc import Iterator

from ostream_compare.domain import baseline_rows, figures
from ostream_compare.domain.comparison import Baseline, Comparison, Response
from ostream_compare.domain.digest import Digest
from ostream_compare.domain.events import AttemptFailed
from ostream_compare.domain.plain_words import ending_words, error_words
from ostream_compare.domain.rows import (
    certainty,
    differences,
    headline,
    is_repeated,
    remarks,
    table,
    total_cost,
)
from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.export.answer_text import answer_text
from ostream_compare.export.turns import turn_lines

_SAID = (
    ("~", "about "),
    ("≥", "at least "),
    ("⚠", ", the clock was late"),
    ("*", ", of the answer without its reasoning"),
    (" · ", ", "),
)
"""Signs beside figures, as words."""
_NAMES = {
    "State": "state",
    "Failed": "failed or cut",
    "TTFT": "time to first token",
    "Total": "total time",
    "tok/s": "tokens a second",
    "In": "input tokens",
    "Out": "output tokens",
    "Cost": "cost",
    "n": "whole answers",
}
"""Columns of the table, spelled out."""


def starts(name: str, place: str) -> str:
    """A model is asked."""
    return f"{_who(name, place)} starts.\n"


def first_token(name: str, place: str, after_ms: float) -> str:
    """An answer begins."""
    return f"{_who(name, place)}: first token after {figures.seconds(after_ms)}.\n"


def tried_again(name: str, place: str, event: AttemptFailed) -> str:
    """An attempt failed, and another one follows."""
    why = error_words(event.error)
    return f"{_who(name, place)}: attempt {event.attempt} failed: {why}. Trying again.\n"


def ended(response: Response, place: str) -> str:
    """An answer as a whole, and how it ended."""
    who = _who(response.name, place)
    reason = figures.explain(response, key_of=None) or ending_words(response)
    state = f"{figures.word(response)}: {reason}" if reason else figures.word(response)
    if response.timing.e2e_ms is not None:
        state += f", after {figures.seconds(response.timing.e2e_ms)}"
    text = clean(answer_text(response)).strip("\n")
    if not text:
        return f"{who}: {state}. No text came.\n"
    return f"{who}: {state}. The answer:\n{text}\nEnd of the answer of {clean_line(response.name)}.\n"


def conclusion(comparison: Comparison, digest: Digest | None = None) -> str:
    """All figures, one a line: `Swift, total time: 1.90s`; `digest` as in `to_text`."""
    digest = digest or Digest.of(comparison)
    lines = [_spoken(headline(comparison, digest))]
    lines += _figures(comparison)
    if is_repeated(comparison):
        lines += map(_spoken, (*certainty(comparison), *differences(comparison.pairs)))
    lines += [*turn_lines(comparison), *remarks(comparison, digest)]
    lines.append(f"Cost of the run: {_spoken(total_cost(comparison, digest))}")
    if comparison.baseline is not None:
        lines += _against(comparison.baseline)
    return "\n".join(lines) + "\n"


def _figures(comparison: Comparison) -> Iterator[str]:
    head, *rows = table(comparison)
    for name, *cells in rows:
        for column, cell in zip(head[1:], cells, strict=True):
            yield f"{name}, {_NAMES.get(column, column)}: {_spoken(cell)}"


def _against(baseline: Baseline) -> Iterator[str]:
    """What changed since an earlier run: `Swift, total time: 1.90s, was 2.10s: no clear difference (n=1)`."""
    yield _spoken(baseline_rows.headline(baseline))
    for name, figure, now, before, change in baseline_rows.table(baseline)[1:]:
        line = f"{name}, {_NAMES.get(figure, figure.lower())}: {_spoken(now)}, was {_spoken(before)}"
        yield f"{line}: {change}" if change else line
    yield from baseline_rows.remarks(baseline)


def _spoken(cell: str) -> str:
    """A cell without glyphs: what is not known says so."""
    text = cell.strip()
    if text == figures.UNKNOWN:
        return "unknown"
    for glyph in "✓✗■○▶":
        text = text.removeprefix(f"{glyph} ")
    for sign, words in _SAID:
        text = text.replace(sign, words)
    return text


def _who(name: str, place: str) -> str:
    """The model, and where in the run: `Swift, round 2/5`."""
    return f"{clean_line(name)}, {place}" if place else clean_line(name)
