"""A blind vote on the answers of a run: two at a time, and whose they are is told after the vote."""

import random
import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ostream_compare.domain.blind import Ballot, Choice, Sitting, drawn, left_over, told, whole_answers
from ostream_compare.domain.masking import MASK, Mask, mask_of
from ostream_compare.domain.ranking import rank
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.ballots import votes_by_run
from ostream_compare.tui import vote_words
from ostream_compare.tui.background import in_background
from ostream_compare.tui.screens.catching_up import CatchingUp
from ostream_compare.tui.screens.dialog import HELP, Dialog
from ostream_compare.tui.session import Session
from ostream_compare.tui.widgets.blind_side import BlindSide
from ostream_compare.tui.widgets.key_bar import KeyBar
from ostream_compare.tui.widgets.terms import Section, TermsPage

if TYPE_CHECKING:
    from ostream_compare.domain.comparison import Response

_LOOK = 0.2
"""Seconds between two looks at whether the answers are whole."""
_BESIDE = 76
"""Cells from which there is room for two sides, one beside the other."""
_MOST_ASKED = 5
"""Rows of the question, and of those before it, at most."""
_KINDS = ("message", "ballot", "tally")


class BlindVoteScreen(Dialog[None]):
    """Waits until nothing runs, then puts pairs of answers to the vote, and counts."""

    NAME = "the blind vote"
    CSS_PATH = "blind_vote.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "vote('a')", "A better", id="blind_a", tooltip="A is the better answer"),
        Binding("b", "vote('b')", "B better", id="blind_b", tooltip="B is the better answer"),
        Binding(
            "equals_sign",
            "vote('tie')",
            "Tie",
            id="blind_tie",
            key_display="=",
            tooltip="One is as good as the other",
        ),
        Binding("0", "vote('both_bad')", "Bad", id="blind_bad", tooltip="Neither is any good"),
        Binding(
            "enter,space",
            "following",
            "Next",
            id="blind_next",
            key_display="⏎",
            tooltip="To the next pair of answers",
        ),
        Binding("n", "more", "More pairs", id="blind_more", tooltip="Vote on further pairs"),
        Binding("u", "undo", "Undo", id="blind_undo", tooltip="Take the last vote back"),
        Binding("ctrl+r", "again", "Ask", id="blind_again", tooltip="Ask all models (again), unseen"),
        Binding("escape,q", "close", "Back", id="close_blind", key_display="esc", tooltip="Votes are kept"),
        Binding("m", "raw", "Raw text", show=False, id="blind_raw", tooltip="Raw text or Markdown"),
        Binding("tab", "side", "Side", show=False, id="blind_side", tooltip="Scroll both, A alone, B alone"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="blind_up", tooltip="One row up"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="blind_down", tooltip="One row down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="blind_page_up", tooltip="One page up"),
        Binding(
            "pagedown", "page(1)", "Page down", show=False, id="blind_page_down", tooltip="One page down"
        ),
        Binding("g,home", "edge(-1)", "Top", show=False, id="blind_top", tooltip="To the first row"),
        Binding("G,end", "edge(1)", "End", show=False, id="blind_bottom", tooltip="To the last row"),
        HELP,
    ]

    def __init__(
        self, session: Session, ask: Callable[[], None] | None, *, chance: random.Random | None = None
    ) -> None:
        """Vote on the run of `session`.

        Args:
            session: Whose run it is, be it that it is still to come.
            ask: Begins a run, if that can be done here.
            chance: Draws the pairs, their order and their sides; nobody can foretell it by default.
        """
        super().__init__()
        self._session = session
        self._ask = ask
        self._chance = chance or random.Random(secrets.randbits(128))  # noqa: S311 - its seed is kept nowhere
        self._dealt: str | None = None
        """The run that ballots were drawn from."""
        self._whole: list[Response] = []
        self._broken = 0
        self._mask = Mask(None)
        self._masked = False
        self._kind = "message"
        self._message = ""
        self._side: int | None = None
        """The side that the keys scroll; `None`: both."""
        self.sitting = Sitting(ballots=())
        """The ballots, and how far the vote is."""

    def compose(self) -> ComposeResult:
        """What it is, then one of: what is waited for, two answers, what came out."""
        yield Static("", id="blind-title", markup=False)
        yield Static("", id="blind-message", markup=False)
        yield Static("", id="blind-prompt", markup=False)
        yield Horizontal(BlindSide("A", id="blind-a"), BlindSide("B", id="blind-b"), id="blind-sides")
        yield VerticalScroll(id="blind-tally", can_focus=False)
        yield Static("", id="blind-note", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Look whether there is something to vote on."""
        self._sides = self.query_one("#blind-a", BlindSide), self.query_one("#blind-b", BlindSide)
        self._catching_up = CatchingUp(self, lambda: self._sides)
        self._lay_out()
        self.look()
        self.set_interval(_LOOK, self.look)

    @on(BlindSide.Behind)
    def _side_behind(self, message: BlindSide.Behind) -> None:
        message.stop()
        self._catching_up.wake()

    def on_resize(self, event: events.Resize) -> None:
        """Side by side, or one above the other."""
        del event
        self._lay_out()

    def _lay_out(self) -> None:
        self.set_class(self.size.width < _BESIDE, "-stacked")
        run = self._session.run
        rows = max(1, min(_MOST_ASKED, self.size.height // 8))
        self.query_one("#blind-prompt", Static).update(vote_words.asked(run.prompt, rows) if run else "")

    # What there is to vote on

    def look(self) -> None:
        """Draw ballots as soon as every answer of a run has its end; until then say how many are to come."""
        session = self._session
        run = session.run
        if session.is_running:
            self._dealt = None
            what = vote_words.writing(None if session.launching else run, len(session.chosen))
            self._tell(f"{what}\n\nThey are shown in pairs, once all have ended.")
        elif run is None:
            again = self.app.key("blind_again")
            self._tell(f"Nothing was asked yet: {again} sends the prompt, and hides who is how fast.")
        elif self._dealt != run.id:
            self._dealt = run.id
            self._lay_out()
            self._whole, self._broken = whole_answers(run.responses)
            served = (answer.served_model for answer in self._whole if answer.served_model)
            self._mask = mask_of(run.presets, served)
            self.sitting = Sitting(ballots=self._drawn())
            self._deal()

    def _drawn(self) -> tuple[Ballot, ...]:
        return drawn(self._whole, self._session.votes, self._chance)

    @property
    def _left(self) -> int:
        return left_over(self._whole, self._session.votes)

    # What is seen

    def _tell(self, message: str) -> None:
        if self._kind == "message" and message == self._message:
            return
        self._message = message
        self._show("message")
        self.query_one("#blind-message", Static).update(message)
        self._head("", is_hidden=True)
        self._note("")

    def _deal(self) -> None:
        """Show the ballot that is on the table, or what came out."""
        sitting = self.sitting
        if sitting.ballot is None and not self._session.votes and not self._left:
            why = vote_words.left_out(self._broken)
            self._tell(f"There are no two whole answers to compare. {why}")
            return
        if sitting.ballot is None:
            self._count()
            return
        self._show("ballot")
        parts = [vote_words.masked_parts(of, self._mask) for of in (sitting.ballot.a, sitting.ballot.b)]
        self._masked = any(vote_words.has_mask(of) for of in parts)
        for side, of in zip(self._sides, parts, strict=True):
            side.put(of)
        self._judged()

    def _judged(self) -> None:
        """Say whose answers they are, if that may be said."""
        sitting = self.sitting
        ballot, choice = sitting.ballot, sitting.choice
        if ballot is None:
            return
        self._head(f"{sitting.at + 1}/{len(sitting.ballots)}", is_hidden=choice is None)
        if choice is None:
            for side in self._sides:
                side.hide()
            mask = f"{MASK}: a model's name." if self._masked else ""
            seen = "Names were told before." if sitting.at in sitting.seen else ""
            self._note("  ".join(part for part in (mask, vote_words.left_out(self._broken), seen) if part))
        else:
            for side, of in zip(self._sides, (ballot.a, ballot.b), strict=True):
                side.reveal(clean_line(of.name), told(of))
            ways = self.app.key("blind_next") if "blind_next" in self.app.remapped else "⏎ or space"
            self._note(f"{vote_words.verdict(ballot, choice)}  ·  {ways} goes on")
        self.refresh_bindings()

    def _count(self) -> None:
        self._show("tally")
        votes, ballots = len(self.sitting.votes), len(self.sitting.ballots)
        self._head(f"{votes}/{ballots}" if ballots else "", is_hidden=False)
        self._note(vote_words.left_out(self._broken))
        self._page([vote_words.tally(self._session.votes, self._left)])
        self._rank()

    def _page(self, sections: list[Section]) -> None:
        page = self.query_one("#blind-tally")
        page.query(TermsPage).remove()
        page.mount(TermsPage(sections))

    @work(exclusive=True, exit_on_error=False, group="ranking")
    async def _rank(self) -> None:
        """Add the ranking over all runs, which are read from the disk."""
        session = self._session
        run = session.run
        if run is None:
            return
        machine = session.machine
        data = machine.recorder.folder if machine.recorder is not None else None
        unread: list[str] = []
        read = partial(votes_by_run, unread.append, data=data, results=machine.results)
        names = {preset.name for preset in run.presets}
        cast = await in_background(read)
        every = {one: votes.every if run.is_demo else votes.real for one, votes in cast.items()}
        every[run.id] = list(session.votes)
        among = [vote for votes in every.values() for vote in votes if {vote.winner, vote.loser} <= names]
        if unread:
            self.notify(
                "\n".join(unread), title="Not all votes can be read", severity="warning", markup=False
            )
        if self.sitting.ballot is None:
            self._page([vote_words.tally(session.votes, self._left), vote_words.standings(rank(among))])

    def _show(self, kind: str) -> None:
        for name in _KINDS:
            self.set_class(name == kind, f"-{name}")
        self._kind = kind
        self.refresh_bindings()

    def _head(self, progress: str, *, is_hidden: bool) -> None:
        name = Content.styled("Blind vote", "bold")
        line = Content.assemble(name, f"  {progress}" if progress else "")
        room = self.size.width - line.cell_length - 5
        said = next(text for text in vote_words.HIDDEN if len(text) <= room or not text)
        self.query_one("#blind-title", Static).update(
            Content.assemble(line, f"   {said}" if is_hidden else "")
        )

    def _note(self, text: str) -> None:
        self.query_one("#blind-note", Static).update(text)

    # Keys

    def action_vote(self, choice: Choice) -> None:
        """Judge the two answers; then it is told whose they are."""
        ballot = self.sitting.ballot
        if ballot is None or self.sitting.choice is not None:
            return
        self.sitting = self.sitting.chosen(choice)
        self._session.vote(ballot.vote(choice))
        self._judged()

    def action_undo(self) -> None:
        """Take the last vote back, and show its ballot again."""
        if not self.sitting.votes:
            return
        self.sitting = self.sitting.undone()
        self._session.unvote()
        self._deal()

    def action_following(self) -> None:
        """To the next ballot."""
        self.sitting = self.sitting.following()
        self._deal()

    def action_more(self) -> None:
        """Draw further ballots."""
        self.sitting = self.sitting.more(self._drawn())
        self._deal()

    def action_again(self) -> None:
        """Ask all models, and see nothing of it."""
        if self._ask is not None:
            self._ask()
            self.look()

    def on_key(self, event: events.Key) -> None:
        """Say why a pair on the table is not asked over."""
        keys = self.app.remapped.get("blind_again", "ctrl+r").split(",")
        if event.key in keys and self._ask is not None and self._kind == "ballot":
            self.notify("Vote on the pairs first, or leave with esc: then all models can be asked again.")

    def action_raw(self) -> None:
        """Both answers as they were written, or as Markdown."""
        raw = not self._sides[0].raw
        for side in self._sides:
            side.show_raw(raw)

    def action_side(self) -> None:
        """Both sides, A alone, B alone, and both again."""
        self._side = {None: 0, 0: 1, 1: None}[self._side]
        for number, side in enumerate(self._sides):
            side.mark(number == self._side)

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        if self._kind == "tally":
            self.query_one("#blind-tally").scroll_relative(y=rows, animate=False)
            return
        for number, side in enumerate(self._sides):
            if self._side in {None, number}:
                side.scroll_text(rows)

    def action_page(self, pages: int) -> None:
        """Scroll by what is visible, less one row."""
        self.action_scroll(pages * max(1, self._sides[0].size.height - 3))

    def action_edge(self, way: int) -> None:
        """To the first row, or to the last one."""
        self.action_scroll(way * 1_000_000)

    def action_close(self) -> None:
        """Back to where we were; votes are kept."""
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        del parameters
        sitting = self.sitting
        is_ballot = self._kind == "ballot"
        applies = {
            "vote": is_ballot and sitting.choice is None,
            "following": is_ballot and sitting.can_go_on,
            "raw": is_ballot,
            "side": is_ballot,
            "undo": self._kind != "message" and bool(sitting.votes),
            "more": self._kind == "tally" and self._left > 0,
            "again": self._ask is not None and not is_ballot and not self._session.is_running,
        }
        return applies.get(action, True)
