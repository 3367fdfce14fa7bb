"""A page of terms: what each means stands beside it, and wraps under itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

_TERM = 16
_NARROW = 44
"""Below so many cells, a meaning stands under its term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands below it."""

    title: str
    terms: Sequence[tuple[str, str | Content]]
    """Term and meaning; a meaning without a term takes the whole width."""
    problem: bool = False


class TermsPage(Widget):
    """Sections, one below the other; as high as they need."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    TermsPage {
        height: auto;
    }
    """

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = tuple(sections)
        self._width = 0
        self._lines: list[Content] = []

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the text takes at this width."""
        del container, viewport
        return len(self._at(width))

    def render(self) -> Content:
        """All of it; what is off the screen is cropped."""
        return Content("\n").join(self._at(self.size.width))

    def _at(self, width: int) -> list[Content]:
        if width != self._width:
            self._width = width
            self._lines = list(_laid(self._sections, width))
        return self._lines


def _laid(sections: Sequence[Section], width: int) -> Iterator[Content]:
    for at, section in enumerate(sections):
        if at:
            yield Content("")
        yield Content.styled(section.title, "bold $text-error" if section.problem else "bold $text-accent")
        for term, meaning in section.terms:
            yield from _pair(term, meaning, width)


def _pair(term: str, said: str | Content, width: int) -> Iterator[Content]:
    meaning = said if isinstance(said, Content) else Content(said)
    if not term:
        yield from meaning.wrap(max(1, width))
        return
    if width < _NARROW:
        yield from Content.styled(term, "bold").wrap(max(1, width))
        yield from (Content.assemble("  ", line) for line in meaning.wrap(max(1, width - 2)))
        return
    left = Content.styled(term, "bold").wrap(_TERM)
    right = meaning.wrap(width - _TERM - 1)
    for row in range(max(len(left), len(right))):
        head = left[row] if row < len(left) else Content("")
        tail = right[row] if row < len(right) else Content("")
        yield Content.assemble(head, " " * (_TERM + 1 - head.cell_length), tail)
