"""The two ways to lay out a growing text: as it came, or as Markdown. Pure."""

from collections.abc import Callable
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol, Self

from ostream_compare.tui.rows import Laid
from ostream_compare.tui.wrap import Wrapped

if TYPE_CHECKING:
    from ostream_compare.tui.markdown.document import Document


class Text(Protocol):
    """A text as rows."""

    @property
    def count(self) -> int:
        """Rows in all."""
        ...

    def row(self, index: int) -> Laid:
        """One of them."""
        ...

    def append(self, text: str) -> int | None:
        """Go on with clean text; the first row that changed, or `None`."""
        ...

    def settle(self, whole: Callable[[], str]) -> int | None:
        """Nothing more comes: show it as all of it together is read; the first row that changed."""
        ...

    def empty(self) -> Self:
        """The same with no text."""
        ...


class PlainText:
    """Text as it came, wrapped."""

    def __init__(self, width: int) -> None:
        self._wrapped = Wrapped(width)

    @property
    def count(self) -> int:
        """As `Text`."""
        return len(self._wrapped.rows)

    def row(self, index: int) -> Laid:
        """As `Text`."""
        return Laid(self._wrapped.rows[index], (), self._wrapped.joints[index])

    def append(self, text: str) -> int | None:
        """As `Text`."""
        return self._wrapped.append(text)

    def settle(self, whole: Callable[[], str]) -> int | None:  # noqa: ARG002 - it is settled always
        """As `Text`."""
        return None

    def empty(self) -> "PlainText":
        """As `Text`."""
        return PlainText(self._wrapped.width)


class MarkdownText:
    """Text as Markdown; the parser is loaded with the first text."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._document: Document | None = None

    @property
    def count(self) -> int:
        """As `Text`."""
        return 0 if self._document is None else len(self._document.rows)

    def row(self, index: int) -> Laid:
        """As `Text`."""
        assert self._document is not None
        return self._document.rows[index]

    def append(self, text: str) -> int | None:
        """As `Text`."""
        if self._document is None:
            from ostream_compare.tui.markdown.document import Document  # noqa: PLC0415 - loads the parser

            self._document = Document(self._width)
        return self._document.append(text)

    def settle(self, whole: Callable[[], str]) -> int | None:
        """As `Text`."""
        if self._document is None:
            return None
        first = self._document.append("", done=True)
        if not self._document.needs_settling:
            return first
        before, self._document = self._document.rows, self._document.settled(whole())
        now = self._document.rows
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, now, strict=False)))
        if same == len(before) == len(now):
            return first
        return same if first is None else min(first, same)

    def empty(self) -> "MarkdownText":
        """As `Text`."""
        return MarkdownText(self._width)
