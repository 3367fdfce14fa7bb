"""One of two answers in a blind vote: a pane that says nothing of its lane before it may."""

from collections.abc import Mapping

from rich.segment import Segment

from ostream_compare.domain.rope import Rope
from ostream_compare.tui.rows import Part
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.frame import HEAVY, LIGHT, Frame
from ostream_compare.tui.widgets.painting import edge_segments
from ostream_compare.tui.widgets.pane import Pane

_MORE = "▼ more"


class BlindSide(Pane, can_focus=False, inherit_bindings=False):
    """Text alone; the frame has a letter, and after the vote a name and figures."""

    def __init__(self, letter: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(_view({}), id=id)
        self._letter = letter
        self._caption = letter
        self._figures: tuple[str, ...] = ()
        self.marked = False
        """Whether the keys are about this side alone."""

    def put(self, parts: Mapping[Part, Rope | str]) -> None:
        """Show another answer, from its beginning, and not whose it is."""
        self.hide()
        self._viewport.following = False
        self._viewport.top = 0
        self._search = None
        self.show(_view(parts))
        self.repaint()

    def hide(self) -> None:
        """Say no more than the letter."""
        self._caption, self._figures = self._letter, ()
        self.repaint()

    def reveal(self, name: str, figures: tuple[str, ...]) -> None:
        """Say whose answer it is, and how it was."""
        self._caption, self._figures = f"{self._letter} · {name}", figures
        self.repaint()

    def mark(self, marked: bool) -> None:  # noqa: FBT001 - a state to take over
        """Draw the heavy frame, or the light one."""
        self.marked = marked
        self.repaint()

    def _segments(self, index: int, *, thumb: bool, mark: str = "") -> list[Segment]:
        return super()._segments(index, thumb=thumb, mark=_MORE if mark else "")

    def _edge(self, y: int) -> list[Segment]:
        width, frame = self._box.width, self._frame
        if y == 0:
            pieces, style = frame.upper(width, self._caption), "pane--title"
        elif self._figures:
            pieces, style = frame.lower(width, self._figures), "pane--figures"
        else:
            line = frame.line * max(0, width - 2)
            pieces, style = (f"{frame.lower_left}{line}{frame.lower_right}", "", ""), "pane--figures"
        return edge_segments(pieces, width, self._palette(self._frame_style), self._palette(style))

    @property
    def _frame(self) -> Frame:
        return HEAVY if self.marked else LIGHT

    @property
    def _frame_style(self) -> str:
        return "pane--frame-focus" if self.marked else "pane--frame"


def _view(parts: Mapping[Part, Rope | str]) -> LaneView:
    """A lane's view with nothing of the lane in it; the same for every answer but for the text."""
    return LaneView(lane=0, name="", phase="complete", state="", brief="", figures=(), parts=parts, cells=())
