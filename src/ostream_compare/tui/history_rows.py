"""Earlier runs as rows of a table: which columns fit, and what stands in them. Pure."""

from collections.abc import Container, Sequence
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


def head(cells: int, runs: Sequence[PastRun] = ()) -> tuple[tuple[str, int], ...]:
    """Titles and widths of the columns in a table of `cells` cells.

    Args:
        cells: Of the table.
        runs: What is shown first; what it leaves of a column, prompts and names of models have.
    """
    names = ["When", "Prompt", "State", "Cost"]
    widths = dict(_WIDTHS)
    if cells >= _NARROW:
        names.append("Models")
    if cells >= _WIDE:
        names.insert(3, "Done")
        widths["When"] = len("2026-11-22 07:30")
    states, costs = (_state(run, names) for run in runs), (cost_words(run) for run in runs)
    for name, words in (("State", states), ("Cost", costs)):
        if runs:
            widths[name] = min(widths[name], max(len(name), *map(width, words)))
    taken = sum(widths.get(name, 0) for name in names) + _PADDING * len(names) + _BAR
    left = max(_LEAST, cells - taken)
    wanted = max((width(_names(run.models, left)) for run in runs), default=left)
    widths["Models"] = max(len("Models"), min(wanted, left // 2)) if "Models" in names else 0
    widths["Prompt"] = left - widths["Models"]
    return tuple((name, widths[name]) for name in names)


def row(run: PastRun, columns: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """A run's cells, each as wide as its column; text that is cut says so."""
    when = datetime.fromisoformat(run.started_at).astimezone()
    wide = dict(columns)
    texts = {
        "When": f"{when:%Y-%m-%d %H:%M}" if wide["When"] > _WIDTHS["When"] else f"{when:%m-%d %H:%M}",
        "Prompt": clean_line(run.title) + (f" (+{run.prompts - 1})" if run.prompts > 1 else ""),
        "State": _state(run, wide),
        "Done": done_words(run),
        "Cost": cost_words(run),
        "Models": _names(run.models, wide.get("Models", 0)),
    }
    return tuple(fitted(texts[name], cells) for name, cells in columns)


def _state(run: PastRun, columns: Container[str]) -> str:
    """With the number of answers, unless that has a column of its own."""
    return state_words(run, counted="Done" not in columns)


def _names(models: Sequence[str], cells: int) -> str:
    """As many whole names as there is room for, and how many more there are: `Swift, Careful +2`."""
    shown = [clean_line(name) for name in models]
    for count in range(len(shown), 1, -1):
        more = f" +{len(shown) - count}" if count < len(shown) else ""
        if width(text := ", ".join(shown[:count]) + more) <= cells:
            return text
    more = f" +{len(shown) - 1}" if len(shown) > 1 else ""
    return fitted(shown[0], min(width(shown[0]), max(0, cells - len(more)))) + more if shown else ""


def fitted(text: str, cells: int) -> str:
    """`text` in exactly so many cells."""
    if width(text) <= cells:
        return set_cell_size(text, cells)
    return set_cell_size(text, max(0, cells - 1)) + "…"
