"""Which columns of the results fit, and how wide each is. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ostream_compare.domain.columns import BY_NAME, COLUMNS
from ostream_compare.domain.definitions import meaning_of
from ostream_compare.domain.figures import aligned
from ostream_compare.domain.run import Run, round_words
from ostream_compare.tui.result_rows import DELTA, MODEL, NUMBER, STATE, TREND, ResultRow

_LEFT = frozenset({MODEL, STATE, TREND})
_FIXED = (NUMBER, MODEL, STATE)
_FIRST = ("Total", "TTFT", "tok/s", "Cost", "Out", DELTA, TREND, "In")
"""What is shown before anything else, the most wanted first."""
_RANGES = ("Total", "TTFT", "tok/s", "Cost")
"""What is shown with its range over the rounds before further columns are."""
_ORDER = (
    *_FIXED,
    *(column.name for column in COLUMNS[:6]),
    DELTA,
    TREND,
    *(column.name for column in COLUMNS[6:]),
)
_MOST_NAME = 28
"""Cells of the longest name that further columns leave room for."""
_LEAST_NAME = 7
_LEAST = {NUMBER: 2, STATE: 6, DELTA: 6, TREND: 5, "TTFT": 5, "Total": 5, "tok/s": 5, "Cost": 7}
"""Cells that a column has from the start, so that it does not jump while figures come in."""
_ROOMY = 100
"""From so many cells on, columns stand two blanks apart."""
_BETWEEN = "   "
_ABOUT = {
    NUMBER: "the place in the file",
    MODEL: "the preset's name; enter leads to its pane",
    STATE: "how it stands; over rounds, how many gave a whole answer",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A column on the screen."""

    name: str
    width: int
    left: bool
    """Flush left; figures are flush right."""
    wide: bool
    """With the range over the rounds."""
    gap: int = 1
    """Blanks before it."""


_SIGNS = (
    ("*", "* speed of the answer alone"),
    ("⚠", "⚠ clock was late"),
    ("~", "~ estimated"),
    ("≥", "≥ at least"),
    ("—", "— unknown"),
)
_ALWAYS = "~≥—"
"""Signs that are explained even where none is in sight, if there is room."""


def legend(texts: Iterable[str], room: int, first: str = "") -> str:
    """What the signs in `texts` mean, in at most `room` cells; those that occur have the right of way.

    Args:
        texts: What is shown.
        room: Cells.
        first: What is said before everything else.
    """
    seen = "".join(texts)
    parts = [first] if first else []
    wanted = [said for sign, said in _SIGNS if sign in seen]
    for part in (*wanted, *(said for sign, said in _SIGNS if sign in _ALWAYS and sign not in seen)):
        if cell_len(_BETWEEN.join([*parts, part])) <= room:
            parts.append(part)
    return _BETWEEN.join(parts)


def scope_words(run: Run, *, alone: bool) -> str:
    """Over which rounds figures are: `all 5 rounds`; nothing where there is but one.

    Args:
        run: As it stands, or as it was in the round that is looked at.
        alone: Only that round is told of.
    """
    if run.is_warmup or run.rounds <= 1 or alone or run.round == 1:
        return round_words(run).replace("/", " of ")
    if run.is_over and run.round == run.rounds:
        return f"all {run.rounds} rounds"
    return f"rounds 1 to {run.round} of {run.rounds}"


def title(left: Sequence[str], right: Sequence[str], room: int) -> str:
    """A title in `room` cells: what it is about on the left, how it is shown on the right.

    Where there is no room for all, the last of the left go, but two, and then the first of the right.
    """
    for rights in (right, right[-1:]):
        shown = _BETWEEN.join(rights)
        for count in range(len(left), 0, -1):
            words = " · ".join(left[:count])
            space = room - cell_len(words) - cell_len(shown)
            if space >= 1 and (count > 1 or rights is not right or len(left) == 1):
                return words + " " * space + shown
    return left[0]


def about(name: str) -> str:
    """What a column means."""
    return f"{name}: {_ABOUT[name] if name in _ABOUT else meaning_of(name)}"


def placed(
    rows: Sequence[ResultRow], extras: Mapping[str, Mapping[int, str]], room: int, sort: str
) -> tuple[Placed, ...]:
    """The columns that fit into `room` cells.

    Args:
        rows: What is shown.
        extras: The texts of `DELTA` and `TREND` by lane; an absent column is not shown.
        room: Cells.
        sort: Name of the column that the rows are ordered by; it is there in any case.
    """
    narrow, broad = _widths(rows, extras)
    gap = 2 if room >= _ROOMY else 1
    widest_name = min(max(narrow[MODEL], _LEAST_NAME), _MOST_NAME)
    chosen = {MODEL: _LEAST_NAME, **{name: narrow[name] for name in (NUMBER, STATE, sort) if name != MODEL}}
    left = room - sum(width + gap for width in chosen.values())

    def widen(name: str, width: int) -> None:
        nonlocal left
        cost = width - chosen[name] if name in chosen else width + gap
        if cost <= left:
            chosen[name] = width
            left -= cost

    for name in (name for name in _FIRST if name in narrow):
        widen(name, narrow[name])
    widen(MODEL, min(widest_name, _LEAST_NAME + max(0, left)))
    for name in (name for name in _RANGES if name in chosen):
        widen(name, broad[name])
    for name in (name for name in _ORDER if name in narrow and name not in chosen):
        widen(name, narrow[name])
    widen(MODEL, max(chosen[MODEL], min(narrow[MODEL], chosen[MODEL] + left)))
    return tuple(
        Placed(name, chosen[name], name in _LEFT, chosen[name] == broad.get(name), gap)
        for name in _ORDER
        if name in chosen
    )


def _widths(
    rows: Sequence[ResultRow], extras: Mapping[str, Mapping[int, str]]
) -> tuple[dict[str, int], dict[str, int]]:
    """Cells that each column needs, and those that figures need with their ranges."""
    narrow = {
        NUMBER: _width(NUMBER, (str(row.lane + 1) for row in rows)),
        MODEL: _width(MODEL, (row.name for row in rows)),
        STATE: _width(STATE, (row.state for row in rows)),
        **{name: _width(name, of.values()) for name, of in extras.items()},
        **{name: _width(name, aligned([row.cells[name].text for row in rows])) for name in BY_NAME},
    }
    return narrow, {name: _width(name, aligned([row.cells[name].wide for row in rows])) for name in BY_NAME}


def _width(name: str, texts: Iterable[str]) -> int:
    return max([cell_len(name), _LEAST.get(name, 0), *map(cell_len, texts)])
