"""The first line: what is compared, and how far it is."""

import re
from collections.abc import Iterator
from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.tui.run_view import RunView

_GAP = "   "
"""Between two parts of the progress, where there is room."""
_UNPRICED = re.compile(r" \+ \d+ unpriced")
_LEAST_ASKED = 26
"""Cells from which there is room for what was asked."""


class Header(Widget):
    """Program, file and DEMO badge on the left; run, progress, elapsed time and cost on the right."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Header {
        height: 1;
        background: $panel;
        color: $foreground;
    }
    """

    line: reactive[tuple[str, str, bool, str]] = reactive(("", "", False, ""))
    """File, progress, demo, what was asked if it is not what the box has; another value is painted."""

    def __init__(self, program: str, file: str, *, demo: bool, replay: bool = False) -> None:
        super().__init__()
        self._replay = replay
        self._program = program
        self.set_reactive(Header.line, (file, "ready", demo, ""))

    def show(self, run: RunView) -> None:
        """Take a run's progress."""
        done = f"{run.ended}/{len(run.lanes)} done"
        budget = "over budget" if run.over_budget else ""
        parts = (f"run {run.number}", run.turn, run.round, budget, done, run.elapsed, run.cost)
        self.line = (self.line[0], _GAP.join(part for part in parts if part), run.demo, self.line[3])

    def tell_asked(self, prompt: str) -> None:
        """Say what the run was asked; nothing where the prompt box has the same."""
        self.line = (*self.line[:3], prompt)

    def render(self) -> Content:
        """The line at this width; where there is no room the file's name goes first, then blanks."""
        file, progress, demo, asked = self.line
        width = self.size.width
        badges = [" DEMO "] * demo + [" REPLAY "] * self._replay
        badge = Content.assemble(
            *(Content.assemble(" ", Content.styled(text, "$text-warning bold reverse")) for text in badges)
        )
        rights = [Content(f"{text} ") for text in _ever_shorter(progress)]
        right = rights[0]
        lefts = (
            Content.assemble(" ", Content.styled(self._program, "bold"), "  ", Content(file), " ", badge),
            Content.assemble(" ", Content.styled(self._program, "bold"), " ", badge),
            Content.assemble(badge, " "),
        )
        gaps = [(left, width - left.cell_length - right.cell_length) for left in lefts]
        for left, gap in gaps:
            if asked and gap >= _LEAST_ASKED:
                said = Content.styled(f'answers to "{asked}"', "$text-muted")
                middle = Content.assemble(" ", said.truncate(gap - 2, ellipsis=True))
                return Content.assemble(left, middle, " " * (gap - middle.cell_length), right)
        shorter = [(left, text) for left in lefts[1:] for text in rights[1:]]
        for left, text in [*((left, right) for left in lefts[:2]), *shorter]:
            if (gap := width - left.cell_length - text.cell_length) >= 1:
                return Content.assemble(left, " " * gap, text)
        return rights[-1]


def _ever_shorter(progress: str) -> Iterator[str]:
    """With fewer blanks, with `+ ?` for costs that are not known, and without the run's number."""
    yield progress
    yield progress.replace(_GAP, "  ")
    short = _UNPRICED.sub(" + ?", progress)
    yield short.replace(_GAP, "  ")
    yield short.partition(_GAP)[2].replace(_GAP, " ") or short
