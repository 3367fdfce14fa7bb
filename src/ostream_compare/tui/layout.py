"""Which panes are on the screen, and what else fits: terminal size and number of lanes to a plan. Pure."""

from dataclasses import dataclass
from typing import Literal

PANE_WIDTH = 38
PANE_HEIGHT = 8
"""The smallest pane in which an answer can be read."""
COMFORTABLE_HEIGHT = 12
"""A table, or a second pane in the same column, must leave the panes this high."""
CHROME_HEIGHT = 4
"""Header, strip, one row of prompt, footer."""
SMALLEST_WIDTH = 30
SMALLEST_HEIGHT = 8

Kind = Literal["grid", "carousel", "single", "too_small"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the main screen shows."""

    kind: Kind
    """`carousel` and `single` show some of the panes, the focused one among them."""
    columns: int = 1
    rows: int = 1
    table: bool = False
    """Whether the comparison table fits below the panes; the race is as high, and can stand in its place."""
    race: bool = False
    """Whether both fit."""

    @property
    def visible(self) -> int:
        """Panes on the screen at once."""
        return 0 if self.kind == "too_small" else self.columns * self.rows


def plan(width: int, height: int, lanes: int, *, zoomed: bool = False) -> Plan:
    """The plan for a terminal of `width` x `height` cells and so many lanes."""
    if width < SMALLEST_WIDTH or height < SMALLEST_HEIGHT:
        return Plan(kind="too_small")
    room = height - CHROME_HEIGHT
    if zoomed or lanes <= 1:
        return _plan("single", room, lanes)
    most_columns = max(1, width // PANE_WIDTH)
    needed_rows = -(-lanes // most_columns)
    least = PANE_HEIGHT if most_columns > 1 else COMFORTABLE_HEIGHT
    if needed_rows * least <= room:
        columns = -(-lanes // needed_rows)
        return _plan("grid", room, lanes, columns=columns, rows=needed_rows)
    if most_columns == 1:
        return _plan("single", room, lanes)
    return _plan("carousel", room, lanes, columns=most_columns)


def _plan(kind: Kind, room: int, lanes: int, *, columns: int = 1, rows: int = 1) -> Plan:
    """With the table, and then the race, if they leave the panes comfortable."""
    left = room - rows * COMFORTABLE_HEIGHT if lanes > 1 else 0
    table, both = (0 < high <= left for high in (lanes + 1, 2 * (lanes + 1)))
    return Plan(kind=kind, columns=columns, rows=rows, table=table, race=both)


def window(plan: Plan, lanes: int, current: int, first: int) -> range:
    """The lanes on the screen: `current` is among them, and `first` stays where it was if it can."""
    if plan.kind == "grid":
        return range(lanes)
    size = min(plan.visible, lanes)
    first = min(max(first, current - size + 1, 0), current, max(0, lanes - size))
    return range(first, first + size)


def spans(plan: Plan, shown: int) -> tuple[int, ...]:
    """How many columns each shown pane takes: the last row has no hole, its last pane fills it."""
    if not shown:
        return ()
    hole = -shown % plan.columns
    return (*([1] * (shown - 1)), 1 + hole)


def neighbour(plan: Plan, lanes: int, current: int, direction: Literal["left", "right", "up", "down"]) -> int:
    """The lane beside `current`, or `current` at an edge."""
    columns = plan.columns if plan.kind == "grid" else 1
    step = {"left": -1, "right": 1, "up": -columns, "down": columns}[direction]
    target = current + step
    if direction == "down" and target >= lanes and current // columns < (lanes - 1) // columns:
        return lanes - 1
    if direction in {"left", "right"} and plan.kind == "grid" and target // columns != current // columns:
        return current
    return target if 0 <= target < lanes else current
