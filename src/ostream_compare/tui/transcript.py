"""What a pane has to say, as rows: reasoning, answer, tool calls, refusal and a note below them. Pure."""

from collections.abc import Mapping

from ostream_compare.domain.rope import Rope
from ostream_compare.domain.safe_text import clean
from ostream_compare.tui.rows import BLANK, ORDER, Part, Row
from ostream_compare.tui.wrap import Wrapped


class Transcript:
    """The rows of one lane at one width; new text costs the rows that it touches."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._sections: dict[Part, _Section] = {part: _Section(width) for part in ORDER}
        self._starts: dict[Part, int] = {}
        self._folded = False
        self.total = 0
        """Rows in all."""

    def resize(self, width: int) -> None:
        """Wrap everything anew at another width."""
        if width != self.width:
            self.width = width
            self._sections = {part: _Section(width) for part in ORDER}
            self._starts = {}
            self.total = 0

    def update(self, parts: Mapping[Part, Rope | str], *, folded: bool) -> int | None:
        """Take the texts as they are now; the first row that changed, or `None`."""
        changed: dict[Part, int] = {}
        if folded != self._folded:
            self._folded = folded
            changed["reasoning"] = 0
        for part, text in parts.items():
            section = self._sections[part]
            first = section.show(text) if isinstance(text, str) else section.follow(text)
            if first is not None:
                changed[part] = first
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

    def row(self, index: int) -> Row:
        """The row at `index`; blank beyond the end."""
        for part in reversed(ORDER):
            start = self._starts.get(part)
            if start is not None and index >= start:
                rows = self._rows(part)
                return Row(rows[index - start], part) if index - start < len(rows) else BLANK
        return BLANK

    def _rows(self, part: Part) -> list[str]:
        section = self._sections[part]
        if part == "reasoning" and self._folded:
            return [f"▸ reasoning, {section.length} characters, folded"[: self.width]]
        return section.wrapped.rows

    def _placed(self) -> tuple[dict[Part, int], int]:
        starts: dict[Part, int] = {}
        total = 0
        for part in ORDER:
            if self._sections[part].length:
                if total:
                    total += 1
                starts[part] = total
                total += len(self._rows(part))
        return starts, total


class _Section:
    """One growing text: how much of its rope has been wrapped."""

    def __init__(self, width: int) -> None:
        self._restart(width)

    def _restart(self, width: int) -> None:
        self.wrapped = Wrapped(width)
        self.length = 0
        self._parts: list[str] | None = None
        self._read: int = 0
        self._carry = ""
        self._shown = ""

    def show(self, text: str) -> int | None:
        if text == self._shown:
            return None
        self._restart(self.wrapped.width)
        self._shown = text
        self.length = len(text)
        self.wrapped.append(clean(text))
        return 0

    def follow(self, rope: Rope) -> int | None:
        restarted = bool(self.length) and (rope.parts is not self._parts or rope.count < self._read)
        if restarted:
            self._restart(self.wrapped.width)
        if rope.count == self._read:
            return 0 if restarted else None
        text = self._carry + rope.since(self._read)
        self._parts, self._read, self.length = rope.parts, rope.count, rope.length
        # A carriage return may be half of a line end whose newline is still to come.
        self._carry = "\r" if text.endswith("\r") else ""
        first = self.wrapped.append(clean(text[:-1] if self._carry else text))
        return 0 if restarted else first
