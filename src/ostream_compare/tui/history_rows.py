"""Earlier runs as rows of a table: which columns fit, and what stands in them. Pure."""

from datetime import datetime

from rich.cells import set_cell_size

from ostream_compare.domain.past_run import PastRun, cost_words, done_words, state_words
from ostream_compare.domain.rows import width
from ostream_compare.domain.safe_text import clean_line

_PADDING = 2
"""Cells round a column's text."""
_BAR = 2
"""Cells of the scroll bar."""
_WIDTHS = {"When": 11, "State": 17, "Done": 7, "Cost": 9}
_WIDE = 100
"""From here on there is room for the answers' number and the whole date."""
_NARROW = 76
"""Up to here there is none for the models."""
_LEAST = 10


def head(cells: int) -> tuple[tuple[str, int], ...]:
    """Titles and widths of the columns in a table of `cells` cells."""
    names = ["When", "Prompt", "State", "Cost"]
    widths = dict(_WIDTHS)
    if cells >= _NARROW:
        names.append("Models")
    if cells >= _WIDE:
        names.insert(3, "Done")
        widths["When"] = len("2026-11-22 07:30")
    taken = sum(widths.get(name, 0) for name in names) + _PADDING * len(names) + _BAR
    left = max(_LEAST, cells - taken)
    widths["Prompt"] = left * 3 // 5 if "Models" in names else left
    widths["Models"] = left - widths["Prompt"]
    return tuple((name, widths[name]) for name in names)


def row(run: PastRun, columns: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """A run's cells, each as wide as its column; text that is cut says so."""
    when = datetime.fromisoformat(run.started_at).astimezone()
    wide = dict(columns)
    texts = {
        "When": f"{when:%Y-%m-%d %H:%M}" if wide["When"] > _WIDTHS["When"] else f"{when:%m-%d %H:%M}",
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
