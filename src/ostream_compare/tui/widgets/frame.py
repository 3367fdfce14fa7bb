"""A pane's frame: title in its upper edge, figures at the right of its lower one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

_CORNERS = 5
"""Cells of an edge that are neither text nor line: two corners, one piece of line, two blanks."""

_LEAST_TITLE = 6
"""Cells of a name that stay, whatever is said about it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The glyphs of one weight."""

    upper_left: str
    line: str
    upper_right: str
    side: str
    lower_left: str
    lower_right: str

    def upper(self, width: int, title: str, *about: str) -> tuple[str, str, str]:
        """The upper edge: what is left of the title, the title (cropped), what is right of it.

        Args:
            width: Cells.
            title: A name; it makes room for what is said about it.
            about: Said behind it.
        """
        room = max(0, width - _CORNERS)
        behind = "".join(f" · {said}" for said in about)
        least = min(_LEAST_TITLE, cell_len(title))
        shown = cropped(cropped(title, max(least, room - 1 - cell_len(behind))) + behind, room - 1)
        rest = self.line * (room - cell_len(shown))
        return f"{self.upper_left}{self.line} ", shown, f" {rest}{self.upper_right}"

    def lower(self, width: int, figures: Sequence[str]) -> tuple[str, str, str]:
        """The lower edge with the first of `figures` that fits."""
        room = max(0, width - _CORNERS)
        shown = next((text for text in figures if cell_len(text) < room), "")
        rest = self.line * (room - cell_len(shown))
        return f"{self.lower_left}{rest} ", shown, f" {self.line}{self.lower_right}"


LIGHT = Frame("╭", "─", "╮", "│", "╰", "╯")
HEAVY = Frame("┏", "━", "┓", "┃", "┗", "┛")


def cropped(text: str, cells: int) -> str:
    """`text`, or as much of it as fits, with an ellipsis."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "…" if cells > 0 else ""
