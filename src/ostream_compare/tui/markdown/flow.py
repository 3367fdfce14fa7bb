"""Styled text that only grows, wrapped to rows behind a margin. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ostream_compare.tui.markdown.blocks import Container
from ostream_compare.tui.markdown.inline import Piece
from ostream_compare.tui.rows import Laid, Span, SpanStyle
from ostream_compare.tui.wrap import code_row, hanging, joint, next_row

_BULLETS = "•◦▪"
_QUOTE = "▎ "
_GOES_ON = "↪ "
"""Before a row that goes on with a line of code; where there is room for it."""
_LEAST_ROOM = 16


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands to the left of a leaf: on its first row and on the others, equally wide."""

    first: str
    first_spans: tuple[Span, ...]
    rest: str
    rest_spans: tuple[Span, ...]
    box: str = ""
    """The box of a numbered task, which belongs to the first row alone."""

    @property
    def width(self) -> int:
        """Cells."""
        return cell_len(self.rest)


def margin_of(path: Sequence[Container], opens: int, width: int) -> Margin:
    """The margin of a leaf inside `path`; in narrow panes the outer containers are left out."""
    signs = [_signs(path, depth, opens) for depth in range(len(path))]
    outermost = len(signs)
    room = width // 2
    while outermost and (room := room - cell_len(signs[outermost - 1][1])) >= 0:
        outermost -= 1
    first, rest = "", ""
    first_spans: list[Span] = []
    rest_spans: list[Span] = []
    for (head, tail), container in list(zip(signs, path, strict=True))[outermost:]:
        style: SpanStyle = "quote" if container.kind == "quote" else "marker"
        if head.strip():
            first_spans.append(Span(len(first), len(first) + len(head), style))
        if tail.strip():
            rest_spans.append(Span(len(rest), len(rest) + len(tail), style))
        first, rest = first + head, rest + tail
    box = ""
    if len(path) > opens and path[-1].kind == "ordered":
        box = _box(path[-1])
    return Margin(first, tuple(first_spans), rest, tuple(rest_spans), box)


def _signs(path: Sequence[Container], depth: int, opens: int) -> tuple[str, str]:
    container = path[depth]
    if container.kind == "quote":
        return _QUOTE, _QUOTE
    if container.kind == "ordered":
        sign = f"{container.number}{container.mark} "
    else:
        above = sum(outer.kind == "bullet" for outer in path[:depth])
        sign = _box(container) or _BULLETS[min(above, len(_BULLETS) - 1)] + " "
    return (sign if depth >= opens else " " * len(sign)), " " * len(sign)


def _box(container: Container) -> str:
    return "" if container.checked is None else "☑ " if container.checked else "☐ "


class Flow:
    """Rows of a leaf's text; those that are full are handed out, the last one is kept open."""

    __slots__ = ("_begun", "_code", "_cover", "_joint", "_margin", "_pieces", "_room", "_sign", "_text")

    def __init__(
        self,
        margin: Margin,
        width: int,
        cover: SpanStyle | None = None,
        *,
        code: bool = False,
        begun: bool = False,
    ) -> None:
        self._margin = margin
        self._room = max(1, width - margin.width)
        self._cover: SpanStyle | None = cover
        self._code = code
        self._sign = _GOES_ON if code and self._room >= _LEAST_ROOM else ""
        self._begun = begun
        self._joint: str | None = None
        self._text = ""
        self._pieces: tuple[Piece, ...] = ()
        if margin.box and not begun:
            self._text, self._pieces = margin.box, (Piece(0, len(margin.box), "marker"),)

    def fork(self) -> "Flow":
        """A copy, to see how it would go on."""
        copy = object.__new__(Flow)
        for name in Flow.__slots__:
            setattr(copy, name, getattr(self, name))
        return copy

    def add(self, text: str, pieces: Sequence[Piece] = ()) -> list[Laid]:
        """Go on with `text`; the rows that this closes."""
        shift = len(self._text)
        whole = self._text + text
        pieces = (*self._pieces, *(Piece(a + shift, b + shift, style, link) for a, b, style, link in pieces))
        rows: list[Laid] = []
        start = first = 0
        while True:
            newline = whole.find("\n", start)
            stop = newline if newline >= 0 else len(whole)
            end, following, closed = self._next(whole, start, stop)
            if not closed and newline < 0:
                break
            while first < len(pieces) and pieces[first].end <= start:
                first += 1
            rows.append(self._lay(whole, start, end, pieces, first))
            if not closed:
                self._joint = None
            elif self._code:
                self._joint = hanging(whole[start:end])
            else:
                self._joint = joint(whole, end, following)
            start = following if closed else newline + 1
        self._text = whole[start:]
        self._pieces = tuple(
            Piece(max(0, a - start), b - start, style, link)
            for a, b, style, link in pieces[first:]
            if b > start
        )
        return rows

    def last(self) -> Laid:
        """The row that is still open."""
        end, _, _ = self._next(self._text, 0, len(self._text))
        return self._lay(self._text, 0, end, self._pieces, 0)

    def _next(self, text: str, start: int, stop: int) -> tuple[int, int, bool]:
        if not self._code:
            return next_row(text, start, stop, self._room)
        room = self._room if self._joint is None else self._room - len(self._sign)
        return code_row(text, start, stop, room)

    def _lay(self, text: str, start: int, end: int, pieces: Sequence[Piece], first: int) -> Laid:
        margin = self._margin
        sign, marks = (margin.rest, margin.rest_spans) if self._begun else (margin.first, margin.first_spans)
        self._begun = True
        text = text[start:end]
        before = len(sign)
        sign += self._sign if self._joint is not None else ""
        shift = len(sign)
        spans = list(marks)
        edge = end if self._code else start + len(text.rstrip(" "))  # no link is underlined beyond its words
        if self._cover:
            spans.append(Span(before, shift + len(text), self._cover))
        if shift > before:
            spans.append(Span(before, shift, "rule"))
        for a, b, style, link in pieces[first:] if pieces else ():
            if a >= edge:
                break
            if b > start:
                spans.append(Span(shift + max(a - start, 0), shift + min(b, edge) - start, style, link))
        return Laid(sign + text, tuple(spans), self._joint, shift)
