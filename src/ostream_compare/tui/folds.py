"""Long texts in the prompt box: each stands there as one mark, and the whole is what is sent. Pure."""

import re
from collections.abc import Callable

from ostream_compare.domain.rope import Rope
from ostream_compare.tui.tally import Tally

LONGEST = 20_000
"""Characters that are shown in full: a million in one line would take 0.8 s a key."""
MOST_LINES = 200

Location = tuple[int, int]
"""Row and column."""

_LOOKED_AT = 1_000_000
"""Characters that are counted; a key must not wait for more."""
_MIB = 1024 * 1024


def estimate(text: str) -> int:
    """Tokens of a text, by words and punctuation; of a very long one, by those of its beginning."""
    looked_at = text[:_LOOKED_AT]
    count = Tally().count(text=Rope().add(looked_at))
    return count if len(looked_at) == len(text) else round(count * len(text) / len(looked_at))


class Folds:
    """The long texts by their marks. A mark whose text was deleted is kept: an undo brings it back."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._tokens: dict[str, int] = {}
        self._marks: re.Pattern[str] | None = None

    def folded(self, text: str) -> str:
        """`text`, or its mark if it is long."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) <= LONGEST and text.count("\n") < MOST_LINES:
            return text
        known = next((mark for mark, whole in self._texts.items() if whole == text), None)
        return known or self._new(text)

    def _new(self, text: str) -> str:
        lines = text.count("\n") + (not text.endswith("\n"))
        size = _size(len(text.encode("utf-8", "replace")))
        about = f"pasted {lines:,} line{'s' if lines > 1 else ''}, {size}"
        mark, number = f"[{about}]", 1
        while mark in self._texts:
            number += 1
            mark = f"[{about}, #{number}]"
        self._texts[mark] = text
        self._tokens[mark] = estimate(text)
        self._marks = re.compile("|".join(map(re.escape, self._texts)))
        return mark

    def whole(self, text: str) -> str:
        """`text` with every mark replaced by what it stands for."""
        return text if self._marks is None else self._marks.sub(lambda mark: self._texts[mark[0]], text)

    def tokens(self, text: str) -> int:
        """Tokens of the whole, estimated; what is folded was counted once."""
        if self._marks is None:
            return estimate(text)
        inside = sum(self._tokens[mark[0]] for mark in self._marks.finditer(text))
        return inside + estimate(self._marks.sub(" ", text))

    def covering(
        self, line: Callable[[int], str], start: Location, end: Location
    ) -> tuple[Location, Location]:
        """The range to edit instead of `start` to `end`: a mark is taken whole, or not at all.

        Args:
            line: The text of a row.
            start: Not after `end`.
            end: Where nothing is to be deleted, the same place.
        """
        if self._marks is None:
            return start, end
        (top, left), (bottom, right) = start, end
        if start == end:
            for mark in self._marks.finditer(line(top)):
                if mark.start() < left < mark.end():
                    return (top, mark.end()), (top, mark.end())
            return start, end
        for mark in self._marks.finditer(line(top)):
            if mark.start() < left < mark.end():
                left = mark.start()
        for mark in self._marks.finditer(line(bottom)):
            if mark.start() < right < mark.end():
                right = mark.end()
        return (top, left), (bottom, right)


def _size(count: int) -> str:
    if count < 1024 * 100:
        return f"{count / 1024:.1f} kB"
    return f"{count / _MIB:.1f} MB"
