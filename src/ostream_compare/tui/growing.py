"""One growing text of a pane: laid out a portion at a time, and its oldest rows are let go. Pure."""

from collections.abc import Callable
from itertools import takewhile
from time import thread_time

from ostream_compare.domain.rope import Rope, Spot
from ostream_compare.domain.safe_text import clean
from ostream_compare.tui.rows import Laid
from ostream_compare.tui.sections import Text

_SHARE = 0.005
"""Seconds of work that an update may take for texts that are longer than their first portion."""
PAGE_ROWS = 25_000
"""Rows of a page; of a text two pages are kept. A page is read apart from the one above it."""
MOST_UNREAD = 2_000_000
"""Characters that may wait to be laid out; if there are more, the oldest half is passed over."""
LONGEST_REREAD = 200_000
"""Characters of a text that is read once more at its end, for references that are defined below their use."""
NOTICE = "… earlier rows are not shown; F3 opens the whole answer"


class Allowance:
    """What one update may still do.

    Args:
        clock: Seconds of work.
    """

    def __init__(self, clock: Callable[[], float] = thread_time) -> None:
        self._clock = clock
        self._until = clock() + _SHARE

    @property
    def is_used_up(self) -> bool:
        """Whether the rest has to wait for the next update."""
        return self._clock() >= self._until


class Section:
    """How much of a rope has been laid out.

    The first portion of a text is laid out in one step, whatever it takes, and at least a piece of the
    rest at each update. So a short text is there at once, and a long one a few milliseconds at a time.
    """

    def __init__(self, text: Text, width: int) -> None:
        self._width = width
        self._restart(text, Spot())

    def anew(self, text: Text, width: int) -> "Section":
        """The same text from the first row on that is there, to be laid out in another way."""
        section = Section(text, width)
        section._restart(text, self.begin)
        section._parts = self._parts
        return section

    def _restart(self, text: Text, begin: Spot) -> None:
        self.is_behind = False
        """Whether there is more to lay out."""
        self._pages: list[tuple[Text, Spot]] = [(text, begin)]
        """The rows, and where in the rope each page begins."""
        self.length = 0
        """Characters in all, laid out or not."""
        self.gone = 0
        """Rows that have been let go above those that are there."""
        self._parts: list[str] | None = None
        self._at = begin
        self._passed = 0
        """Characters before `_at`, those apart that a text of another width did not show either."""
        self._laid = 0
        self._carry = ""
        self._shown: Rope | None = None
        self._is_done = False
        self._again: Section | None = None
        """The same text, read once more with all references known."""

    # Rows

    @property
    def begin(self) -> Spot:
        """Where in the rope the first row is."""
        return self._pages[0][1]

    @property
    def count(self) -> int:
        """Rows in all."""
        return self._notices + sum(text.count for text, _ in self._pages)

    @property
    def _notices(self) -> int:
        return int(self.begin != Spot())

    def row(self, index: int) -> Laid:
        """One of them."""
        index -= self._notices
        if index < 0:
            return Laid(NOTICE[: self._width])
        for text, _ in self._pages[:-1]:
            if index < text.count:
                return text.row(index)
            index -= text.count
        return self._pages[-1][0].row(index)

    # Text

    def show(self, text: str, allowance: Allowance) -> int | None:
        """Take a text that comes as one; the first row that changed."""
        first: int | None = None
        if str(self._shown or "") != text:
            self._restart(self._pages[0][0].empty(), Spot())
            self._shown = Rope().add(text)
            first = 0
        more = None if self._shown is None else self.follow(self._shown, allowance)
        return more if first is None else first

    def follow(self, rope: Rope, allowance: Allowance, *, done: bool = False) -> int | None:
        """Lay out what the allowance allows of a rope; the first row that changed.

        Args:
            rope: All text so far.
            allowance: Shared with other texts of the same pane.
            done: Nothing more comes: once all is laid out, what something below changes is put right. Texts
                of more than `LONGEST_REREAD` characters stay as they are.
        """
        end = Spot(rope.count)
        restarted = self._parts is not None and (rope.parts is not self._parts or end < self._at)
        if restarted:
            self._restart(self._pages[0][0].empty(), Spot())
        first = 0 if restarted else None
        if self._at != end:
            self._parts, self.length, self._is_done = rope.parts, rope.length, False
            self._again = None
            first = _upper(first, self._pass_over(rope))
            first = _upper(first, self._read_on(rope, end, allowance))
        if done and not self._is_done and self.length and self._at == end:
            first = _upper(first, self._settle(rope, allowance))
        self.is_behind = self._at != end or (done and bool(self.length) and not self._is_done)
        return first

    def _pass_over(self, rope: Rope) -> int | None:
        """Begin anew further below, if far too much waits."""
        if rope.length - self._passed <= MOST_UNREAD:
            return None
        begin = rope.before_end(MOST_UNREAD // 2)
        if begin <= self._at:
            return None
        parts, length = self._parts, self.length
        self._restart(self._pages[0][0].empty(), begin)
        self._parts, self.length = parts, length
        self._passed = rope.length - MOST_UNREAD // 2
        return 0

    def _read_on(self, rope: Rope, end: Spot, allowance: Allowance) -> int | None:
        first: int | None = None
        text = self._pages[-1][0]
        while True:
            piece, self._at = rope.read(self._at, max(text.PIECE, text.PORTION - self._laid))
            self._laid += len(piece)
            self._passed += len(piece)
            piece = self._carry + piece
            # A carriage return may be half of a line end whose newline is still to come.
            self._carry = "\r" if piece.endswith("\r") else ""
            first = _upper(first, self._lay(clean(piece[:-1] if self._carry else piece)))
            if self._at == end or allowance.is_used_up:
                return first

    def _lay(self, piece: str) -> int | None:
        text, begin = self._pages[-1]
        above = self.count - text.count
        first = text.append(piece)
        first = None if first is None else above + first
        if text.count < PAGE_ROWS or (begin == self._at):
            return first
        finished = text.finish()
        if finished is not None:
            first = _upper(first, above + finished)
        self._pages.append((text.empty(), self._at))
        if len(self._pages) > 2:  # noqa: PLR2004 - that is how many are kept
            notices = self._notices
            gone, _ = self._pages.pop(0)
            self.gone += gone.count - (self._notices - notices)
            first = 0
        return first

    # The end

    def _settle(self, rope: Rope, allowance: Allowance) -> int | None:
        first: int | None = None
        text, begin = self._pages[-1]
        above = self.count - text.count
        if self._again is None:
            finished = text.finish()
            first = None if finished is None else above + finished
            again = text.again()
            if again is None or rope.length > LONGEST_REREAD or begin != Spot():
                self._is_done = True
                return first
            self._again = Section(again, self._width)
        self._again.follow(rope, allowance)
        if self._again.is_behind:
            return first
        now = self._again._pages[-1][0]  # noqa: SLF001 - it is one of us
        now.finish()
        self._again, self._is_done = None, True
        before, self._pages[-1] = text, (now, begin)
        pairs = ((before.row(at), now.row(at)) for at in range(min(before.count, now.count)))
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return first if same == before.count == now.count else _upper(first, above + same)


def _upper(first: int | None, second: int | None) -> int | None:
    """The smaller of two rows, where there are two."""
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
