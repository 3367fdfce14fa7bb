"""Earlier runs as rows of a table: which columns fit, and what stands in them. Pure."""

from datetime import datetime

from rich.cells import set_cell_size

from ostream_compare.domain.past_run import PastRun, cost_words, done_words, state_words
from ostream_compare.domain.rows import width
from ostream_compare.domain.safe_text import clean_line

_GAP = 2
"""Cells round a column's text."""
_WIDE = 100
"""From here on there is room for the models and the whole date."""
_MIDDLE = 76


def head(cells: int) -> tuple[tuple[str, int], ...]:
    """Titles and widths of the columns in a table of `cells` cells."""
    when, state, done, cost = 11, 11, 6, 10
    if cells >= _WIDE:
        when = 16
        left = cells - 2 - (when + state + 3 + done + cost) - 6 * _GAP
        prompt = left * 3 // 5
        columns = (
            ("When", when),
            ("Prompt", prompt),
            ("State", state + 3),
            ("Done", done),
            ("Cost", cost),
            ("Models", left - prompt),
        )
    elif cells >= _MIDDLE:
        left = cells - 2 - (when + state + done + cost) - 6 * _GAP
        prompt = left * 3 // 5
        columns = (
            ("When", when),
            ("Prompt", prompt),
            ("State", state),
            ("Done", done),
            ("Cost", cost),
            ("Models", left - prompt),
        )
    else:
        left = max(12, cells - 2 - (when + state + cost) - 4 * _GAP)
        columns = (("When", when), ("Prompt", left), ("State", state), ("Cost", cost))
    return columns


def row(run: PastRun, columns: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """A run's cells, each as wide as its column; text that is cut says so."""
    when = datetime.fromisoformat(run.started_at).astimezone()
    wide = dict(columns)
    texts = {
        "When": f"{when:%Y-%m-%d %H:%M}" if wide["When"] > len("11-22 07:30") else f"{when:%m-%d %H:%M}",
        "Prompt": clean_line(run.title) + (f" (+{run.prompts - 1})" if run.prompts > 1 else ""),
        "State": state_words(run),
        "Done": done_words(run),
        "Cost": cost_words(run),
        "Models": clean_line(", ".join(run.models)),
    }
    return tuple(fitted(texts[name], cells) for name, cells in columns)


def fitted(text: str, cells: int) -> str:
    """`text` in exactly so many cells."""
    if width(text) <= cells:
        return set_cell_size(text, cells)
    return set_cell_size(text, max(0, cells - 1)) + "…"
