"""The diff of two answers, as they are now: by words, by lines, or side by side."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from ostream_compare.domain import figures
from ostream_compare.domain.lane import Ended, Lane, Streaming
from ostream_compare.domain.safe_text import clean
from ostream_compare.domain.text_diff import TextDiff, compare
from ostream_compare.tui.background import in_background
from ostream_compare.tui.diff_layout import MODES, Mode, Row, Stretch, beside_at, laid_out
from ostream_compare.tui.screens.dialog import HELP, Dialog
from ostream_compare.tui.session import Session
from ostream_compare.tui.views import LaneView
from ostream_compare.tui.widgets.diff_body import DiffBody
from ostream_compare.tui.widgets.key_bar import KeyBar

_LOOK = 0.5
"""Seconds between two looks at answers that still grow."""
_GAP = "     "
_JSON = ("JSON: compared with sorted keys, one value a line", "JSON with sorted keys", "JSON, sorted", "JSON")
"""What is said of two answers that both parse; the first that fits."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """What was compared last, and what of it is shown."""

    texts: tuple[str, str]
    diff: TextDiff
    layout: tuple[Mode, int]


def answer_of(lane: Lane) -> str:
    """What a model has said so far; where it gave no answer, its refusal or its tool calls."""
    if not isinstance(lane, Streaming | Ended):
        return ""
    return clean(str(lane.content) or str(lane.refusal) or str(lane.tools))


class DiffScreen(Dialog[None]):
    """One lane's answer against another's."""

    NAME = "the diff"
    CSS_PATH = "diff.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,d,q", "close", "Back", id="close_diff", key_display="esc", tooltip="Back to the panes"
        ),
        Binding("w", "mode('words')", "Words", id="diff_words", tooltip="Compare by words"),
        Binding("l", "mode('lines')", "Lines", id="diff_lines", tooltip="Compare by lines"),
        Binding("s", "mode('side by side')", "Side by side", id="diff_beside", tooltip="Lines side by side"),
        Binding(
            "right_square_bracket,right",
            "partner(1)",
            "Next",
            id="diff_next",
            key_display="]",
            tooltip="Against the next model",
        ),
        Binding(
            "left_square_bracket,left",
            "partner(-1)",
            "Previous",
            show=False,
            id="diff_previous",
            key_display="[",
            tooltip="Against the model before",
        ),
        Binding("tab", "swap", "Swap", show=False, id="diff_swap", tooltip="Left becomes right"),
        *(
            Binding(
                str(number),
                f"choose({number})",
                f"Against {number}",
                show=False,
                id=f"diff_with_{number}",
                tooltip=f"Against model {number}",
            )
            for number in range(1, 10)
        ),
        Binding("up", "scroll(-1)", "Up", show=False, id="diff_up", tooltip="One row up"),
        Binding("down", "scroll(1)", "Down", show=False, id="diff_down", tooltip="One row down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="diff_page_up", tooltip="One page up"),
        Binding(
            "pagedown,space", "page(1)", "Page down", show=False, id="diff_page_down", tooltip="One page down"
        ),
        Binding("g,home", "top", "Top", show=False, id="diff_top", tooltip="To the first row"),
        Binding("G,end", "bottom", "End", show=False, id="diff_bottom", tooltip="To the last row"),
        HELP,
    ]

    def __init__(self, session: Session, left: int, right: int) -> None:
        super().__init__()
        self._session = session
        self._sides = left, right
        self._mode: Mode = "words"
        self._compared: _Compared | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Who against whom and how alike they are, what state both are in, the diff, the keys."""
        yield Static("", id="diff-title", markup=False)
        yield Static("", id="diff-states", markup=False)
        yield DiffBody()
        yield KeyBar()

    def on_mount(self) -> None:
        """Compare, and again while an answer grows."""
        self._body = self.query_one(DiffBody)
        self._body.focus()
        self._ticker = self.set_interval(_LOOK, self.look)

    # What is compared

    @property
    def sides(self) -> tuple[int, int]:
        """The lanes on the left and on the right."""
        return self._sides

    @property
    def diff(self) -> TextDiff | None:
        """What came out last."""
        return self._compared.diff if self._compared is not None else None

    @on(DiffBody.Resized)
    def look(self) -> None:
        """Compare what has changed since the last look; one comparison at a time."""
        if self._busy:
            return
        texts = self._texts()
        done = self._compared
        layout = self._mode, self._body_width
        if done is None or done.texts != texts or done.layout != layout:
            self._busy = True
            self._compare(texts, layout)
        else:
            self._tell()

    @property
    def _body_width(self) -> int:
        return self._body.scrollable_content_region.width

    def _texts(self) -> tuple[str, str]:
        run = self._session.shown
        if run is None:
            return "", ""
        left, right = (answer_of(run.lanes[lane]) for lane in self._sides)
        return left, right

    @work(exit_on_error=False, group="diff")
    async def _compare(self, texts: tuple[str, str], layout: tuple[Mode, int]) -> None:
        """Off the event loop, because long answers take a while."""
        done = self._compared
        known = done.diff if done is not None and done.texts == texts else None

        def compared() -> tuple[TextDiff, list[Row]]:
            diff = known or compare(*texts)
            return diff, laid_out(diff, *layout)

        diff, rows = await in_background(compared)
        self._busy = False
        self._compared = _Compared(texts, diff, layout)
        self._body.show([*self._notes(texts, diff), *rows])
        self._tell()
        if texts != self._texts() or layout[0] != self._mode:
            self.look()

    def failed(self, reason: str) -> None:
        """The comparison ended by a mistake of its own; another pair may do."""
        self._busy = False
        super().failed(reason)

    # What is said

    def _views(self) -> tuple[LaneView, LaneView]:
        left, right = self._sides
        return self._session.lane_view(left), self._session.lane_view(right)

    def _notes(self, texts: tuple[str, str], diff: TextDiff) -> list[Row]:
        """What a diff alone does not tell."""
        notes = [
            f"{view.title} has no answer: {view.parts['note'] or view.state}"
            for view, text in zip(self._views(), texts, strict=True)
            if not text
        ]
        if texts[0] == texts[1] and texts[0]:
            notes.append("Both answers are the same, character by character.")
        elif diff.similarity == 1:
            notes.append("Both have the same words; only spaces and line ends differ.")
        if diff.is_cut:
            notes.append("Too long: only the beginning is compared (20,000 words, 10,000 lines of each).")
        return [(Stretch(clean(note).replace("\n", " "), "muted"),) for note in notes]

    def _tell(self) -> None:
        left, right = self._views()
        self.query_one("#diff-title", Static).update(self._title(left, right))
        first, second = f"[-{left.title}-] {left.state}", f"{{+{right.title}+}} {right.state}"
        if self._mode == "side by side":
            first = set_cell_size(first, max(cell_len(first), beside_at(self._body_width) - len(_GAP)))
        states = f"{first}{_GAP}{second}"
        if left.round:
            states += f"{_GAP}{left.round}"
        if self.diff is not None and self.diff.is_json:
            longer = (f"{states}{_GAP}{words}" for words in _JSON)
            states = next((text for text in longer if cell_len(text) <= self.size.width - 2), states)
        self.query_one("#diff-states", Static).update(Content(states))

    def _title(self, left: LaneView, right: LaneView) -> Content:
        """As much of it as fits: the figures go last."""
        who = f"Diff  {left.title} ↔ {right.title}"
        modes = Content(" | ").join(
            Content.styled(mode, "bold underline") if mode == self._mode else Content(mode) for mode in MODES
        )
        figures_said = self._figures()
        room = self.size.width - 2
        for gap in (_GAP, "  "):
            if cell_len(who) + modes.cell_length + cell_len(figures_said) + 2 * len(gap) <= room:
                return Content.assemble(Content.styled(who, "bold"), gap, modes, gap, figures_said)
        name = Content.styled(who, "bold")
        short = Content.assemble(Content.styled(self._mode, "bold underline"), "  ", figures_said)
        return Content.assemble(
            name.truncate(max(0, room - short.cell_length - 2), ellipsis=True), "  ", short
        )

    def _figures(self) -> str:
        diff = self.diff
        if diff is None:
            return "comparing …"
        words = self._mode == "words"
        added, removed = (
            (diff.words_added, diff.words_removed) if words else (diff.lines_added, diff.lines_removed)
        )
        alike = figures.UNKNOWN if diff.similarity is None else f"{_floored(diff.similarity):.2f}"
        return f"+{added} −{removed}  sim {alike}"  # noqa: RUF001 - a minus sign

    # Keys

    def action_mode(self, mode: Mode) -> None:
        """Another view of the same diff."""
        self._mode = mode
        self.look()

    def action_partner(self, by: int) -> None:
        """Against the next model; never against itself."""
        left, right = self._sides
        count = len(self._session.presets)
        others = [lane for lane in range(count) if lane != left]
        self._take(left, others[(others.index(right) + by) % len(others)])

    def action_choose(self, number: int) -> None:
        """Against model `number`, from 1."""
        left = self._sides[0]
        if number - 1 != left and number <= len(self._session.presets):
            self._take(left, number - 1)

    def action_swap(self) -> None:
        """Left becomes right."""
        left, right = self._sides
        self._take(right, left)

    def _take(self, left: int, right: int) -> None:
        self._sides = left, right
        self._body.scroll_home(animate=False)
        self.look()

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self._body.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by what is visible, less one row."""
        self.action_scroll(pages * max(1, self._body.size.height - 1))

    def action_top(self) -> None:
        """To the first row."""
        self._body.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """To the last row."""
        self._body.scroll_end(animate=False)

    def action_close(self) -> None:
        """Back to where we were."""
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With two models there is no other to choose."""
        del parameters
        return len(self._session.presets) > 2 if action in {"partner", "choose"} else True  # noqa: PLR2004 - two are compared


def _floored(similarity: float) -> float:
    """Two decimals; only what is the same is 1.00."""
    return similarity if similarity == 1 else min(similarity, 0.994)
