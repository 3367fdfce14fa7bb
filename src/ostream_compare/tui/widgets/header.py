"""The first line: what is compared, and how far it is."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ostream_compare.tui.views import RunView


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
    """File, progress, demo, prompt of the run; another value is painted."""

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
        self.line = (self.line[0], "   ".join(part for part in parts if part), run.demo, run.prompt)

    def render(self) -> Content:
        """The line at this width; the file's name goes first when there is no room, then the program's."""
        file, progress, demo, _ = self.line
        width = self.size.width
        badges = [" DEMO "] * demo + [" REPLAY "] * self._replay
        badge = Content.assemble(
            *(Content.assemble(" ", Content.styled(text, "$text-warning bold reverse")) for text in badges)
        )
        right = Content(f"{progress} ")
        for left in (
            Content.assemble(" ", Content.styled(self._program, "bold"), "  ", Content(file), " ", badge),
            Content.assemble(" ", Content.styled(self._program, "bold"), " ", badge),
            Content.assemble(badge, " "),
        ):
            gap = width - left.cell_length - cell_len(right.plain)
            if gap >= 1:
                return Content.assemble(left, " " * gap, right)
        return right
