"""The two ways to lay out a growing text: as it came, or as Markdown. Pure."""

from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from ostream_compare.tui.rows import Laid
from ostream_compare.tui.wrap import Wrapped

if TYPE_CHECKING:
    from ostream_compare.tui.markdown.document import Document


class Text(Protocol):
    """A text as rows."""

    PORTION: ClassVar[int]
    """Characters that are laid out in one step."""
    PIECE: ClassVar[int]
    """Characters that are laid out between two looks at the clock, if there are more."""

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

    def finish(self) -> int | None:
        """Nothing more comes, so that what is open is shown as it stays; the first row that changed."""
        ...

    def again(self) -> Self | None:
        """Without text, but with what the text defines for what is above; `None` if it defines nothing."""
        ...

    def empty(self) -> Self:
        """The same with no text."""
        ...


class PlainText:
    """Text as it came, wrapped."""

    PORTION: ClassVar[int] = 16_000
    PIECE: ClassVar[int] = 4_000

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

    def finish(self) -> int | None:
        """As `Text`."""
        return None

    def again(self) -> "PlainText | None":
        """As `Text`."""
        return None

    def empty(self) -> "PlainText":
        """As `Text`."""
        return PlainText(self._wrapped.width)


class MarkdownText:
    """Text as Markdown; the parser is loaded with the first text."""

    PORTION: ClassVar[int] = 4_000
    PIECE: ClassVar[int] = 1_000

    def __init__(self, width: int, document: "Document | None" = None) -> None:
        self._width = width
        self._document = document

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

    def finish(self) -> int | None:
        """As `Text`."""
        return None if self._document is None else self._document.append("", done=True)

    def again(self) -> "MarkdownText | None":
        """As `Text`."""
        if self._document is None or not self._document.needs_settling:
            return None
        return MarkdownText(self._width, self._document.again())

    def empty(self) -> "MarkdownText":
        """As `Text`."""
        return MarkdownText(self._width)
