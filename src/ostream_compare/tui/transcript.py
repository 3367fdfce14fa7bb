"""What a pane has to say, as rows: reasoning, answer, tool calls, refusal and a note below them. Pure."""

from collections.abc import Iterator, Mapping

from ostream_compare.domain.counted import counted
from ostream_compare.domain.rope import Rope
from ostream_compare.tui.growing import Allowance, Section
from ostream_compare.tui.rows import BLANK, ORDER, Part, Row
from ostream_compare.tui.sections import MarkdownText, PlainText, Text


class Transcript:
    """The rows of one lane at one width; new text costs the rows that it touches."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.raw = False
        """Show the answer as it came instead of as Markdown; taken over by the next `update`."""
        self._is_raw = False
        self._sections: dict[Part, Section] = {part: Section(self._new_text(part), width) for part in ORDER}
        self._starts: dict[Part, int] = {}
        self._folded = False
        self.total = 0
        """Rows in all."""
        self.is_behind = False
        """Whether there is text that is not laid out yet: another update has to follow."""

    def resize(self, width: int) -> None:
        """Lay out everything anew at another width, with the next `update`."""
        if width != self.width:
            self.width = width
            self._sections = {
                part: section.anew(self._new_text(part), width) for part, section in self._sections.items()
            }
            self._starts = {}
            self.total = 0

    def update(self, parts: Mapping[Part, Rope | str], *, folded: bool, done: bool = False) -> int | None:
        """Take the texts as they are now; the first row that changed, or `None`.

        Of long texts a portion is taken; `is_behind` tells whether another update has to follow.

        Args:
            parts: By part, all of its text so far.
            folded: Show reasoning as one row.
            done: The lane has its verdict. The answer is then shown as a parse of the whole shows it, where
                something below changes what is above (a reference that is defined at the end).
        """
        changed: dict[Part, int] = {}
        if folded != self._folded:
            self._folded = folded
            changed["reasoning"] = 0
        if self.raw != self._is_raw:
            self._is_raw = self.raw
            self._sections["answer"] = self._sections["answer"].anew(self._new_text("answer"), self.width)
            changed["answer"] = 0
        allowance, is_behind = Allowance(), False
        for part, text in parts.items():
            section = self._sections[part]
            if isinstance(text, str):
                first = section.show(text, allowance)
            else:
                first = section.follow(text, allowance, done=done)
            is_behind = is_behind or section.is_behind
            if first is not None:
                changed[part] = min(first, changed.get(part, first))
        self.is_behind = is_behind
        if folded and "reasoning" in changed:  # its one row tells how much there is
            changed["reasoning"] = 0
        if not changed:
            return None
        before, self._starts, self.total = self._starts, *self._placed()
        first_row = min(
            min(before.get(part, self.total), self._starts.get(part, self.total)) + row
            for part, row in changed.items()
        )
        moved = [
            min(before.get(part, self.total), self._starts.get(part, self.total))
            for part in ORDER
            if before.get(part) != self._starts.get(part)
        ]
        return max(0, min([first_row, *(row - 1 for row in moved)]))

    @property
    def gone(self) -> int:
        """How many rows have been let go since the last resize."""
        return sum(section.gone for section in self._sections.values())

    def row(self, index: int) -> Row:
        """The row at `index`; blank beyond the end."""
        part, at = self._find(index)
        if part is None:
            return BLANK
        if self._is_said_of(part, at):
            return Row(self._said_of_reasoning, part)
        laid = self._sections[part].row(at - self._heads(part))
        return Row(laid.text, part, laid.spans)

    def text(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text from one place to another, each a row and the index of a character in it.

        Rows of one paragraph are joined as they were before they were wrapped, without the marks that
        stand in front of the wrapped ones; the rows of code keep their line ends; blanks that fill a row
        are left out.
        """
        return "".join(self._pieces(start, end)).rstrip(" ")

    def _pieces(self, start: tuple[int, int], end: tuple[int, int]) -> Iterator[str]:
        for index in range(start[0], min(end[0] + 1, self.total)):
            part, at = self._find(index)
            if part is None or self._is_said_of(part, at):
                text, joint, margin = self.row(index).text, None, 0
            else:
                laid = self._sections[part].row(at - self._heads(part))
                text, joint, margin = laid.text, laid.joint, laid.margin
            first = margin if joint is not None else 0
            if index == start[0]:
                first = max(first, start[1])
            if index > start[0]:
                yield "\n" if joint is None else joint
            piece = text[first : end[1] if index == end[0] else len(text)]
            yield piece.rstrip(" ")

    def _find(self, index: int) -> tuple[Part | None, int]:
        """The part that a row belongs to, and which one of the part's rows it is."""
        for part in reversed(ORDER):
            start = self._starts.get(part)
            if start is not None and index >= start:
                at = index - start
                return (part, at) if at < self._count(part) else (None, 0)
        return None, 0

    def _count(self, part: Part) -> int:
        return 1 if part == "reasoning" and self._folded else self._heads(part) + self._sections[part].count

    def _heads(self, part: Part) -> int:
        """Rows above a part's text that say what it is: colour alone does not."""
        return int(part == "reasoning")

    def _is_said_of(self, part: Part, at: int) -> bool:
        return at < self._heads(part)

    @property
    def _said_of_reasoning(self) -> str:
        if not self._folded:
            return "▾ reasoning"[: self.width]
        length = counted(self._sections["reasoning"].length, "character")
        return f"▸ reasoning, {length}, folded"[: self.width]

    def _placed(self) -> tuple[dict[Part, int], int]:
        starts: dict[Part, int] = {}
        total = 0
        for part in ORDER:
            if self._sections[part].length and self._count(part):
                if total:
                    total += 1
                starts[part] = total
                total += self._count(part)
        return starts, total

    def _new_text(self, part: Part) -> Text:
        return PlainText(self.width) if part != "answer" or self.raw else MarkdownText(self.width)
