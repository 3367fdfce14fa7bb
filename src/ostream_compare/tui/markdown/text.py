"""Paints paragraphs, headings, rules and empty items."""

import re

from ostream_compare.tui.markdown.blocks import Leaf
from ostream_compare.tui.markdown.cuts import Cut, Painted, Window, from_line
from ostream_compare.tui.markdown.flow import Flow, Margin, margin_of
from ostream_compare.tui.markdown.inline import Styled, divisible, styled
from ostream_compare.tui.markdown.references import References
from ostream_compare.tui.markdown.skeleton import opening
from ostream_compare.tui.markdown.unfinished import UNFINISHED, closed
from ostream_compare.tui.rows import Laid, Span, SpanStyle

_LONG = 400
"""Characters of an open text from which its beginning is finished, if nothing in it is open."""
_KEPT = 120
"""Characters that stay open."""
_PATIENCE = 300
"""Characters that have to come before the next try."""
_FORCED = 1500
"""Characters from which a text is divided whatever is open; at its end it is read as one."""
_LONGEST_WORD = 2000
"""Characters from which a word is divided; a paragraph with such a word is read as one at its end."""
_MAYBE_DEFINITION = re.compile(r"\[(?:[^\[\]\\]|\\.)*(?:\]:|\\?\Z)", re.DOTALL)
_MAYBE_DELIMITERS = re.compile(r"[\s>|:-]*\Z")
_WIDE = 0x2E80
_BIG_HEADING = 2


class TextPainter:
    """A paragraph or a heading."""

    def __init__(self, leaf: Leaf, width: int, known: References, *, whole: bool) -> None:
        cover: SpanStyle | None = None
        if leaf.kind == "heading":
            cover = "heading" if leaf.level <= _BIG_HEADING else "subheading"
        self._kind = leaf.kind
        self._known = known
        self._flow = Flow(margin_of(leaf.path, leaf.opens, width), width, cover)
        self._whole = whole
        """It is read as one: a cut went wrong."""
        self._stand_in = ""
        """What the window has in place of what was cut off."""
        self._forced = False
        self._retry = _LONG

    def paint(self, leaf: Leaf, *, done: bool) -> Painted:
        """As `Painter`."""
        flow = self._flow.fork()
        own = self._own(leaf)
        rows = flow.add(*(styled if done else _growing)(own, self._known))
        return Painted([*rows, flow.last()])

    def is_off(self, leaf: Leaf, *, ended: bool) -> bool:
        """As `Painter`: it became a heading or a table, or something stayed open over a cut."""
        if not self._stand_in:
            return False
        if leaf.kind != self._kind or (ended and self._forced) or not self._own(leaf):
            return True
        following = leaf.text.split("\n", 2)[1:2] if self._stand_in == "x" else []
        return any(_MAYBE_DELIMITERS.match(line) for line in following)

    def cut(self, leaf: Leaf, window: Window) -> Cut | None:
        """As `Painter`."""
        own = self._own(leaf)
        if self._whole or len(own) < self._retry or (leaf.kind == "heading" and leaf.end - leaf.body > 1):
            return None
        self._retry = len(own) + _PATIENCE
        place = _place(own)
        if place is None:
            return None
        if own[place - 1] not in " \n":
            self._forced = True
        elif not self._is_settled(own, place):
            if len(own) < _FORCED and not self._forced:
                return None
            self._forced = True
        rows = self._flow.add(*styled(own[:place], self._known))
        self._retry = _LONG
        rest = own[place:]
        line = leaf.end - rest.count("\n") - 1
        tail = from_line(window.source, line)
        self._stand_in = "x\n" if own[place - 1] == "\n" else "x"
        if self._stand_in == "x":
            first_line = rest.partition("\n")[0]
            until = tail.find("\n")
            tail = tail[tail.rindex(first_line, 0, until if until >= 0 else len(tail)) :]
        sign = "#" * leaf.level + " " if leaf.kind == "heading" else ""
        return Cut(rows, Window(opening(leaf.path) + sign + self._stand_in, 0, tail))

    def _own(self, leaf: Leaf) -> str:
        text = leaf.text[len(self._stand_in) :]
        return text.lstrip(" \t") if self._stand_in == "x\n" else text

    def _is_settled(self, own: str, place: int) -> bool:
        if not self._stand_in and _MAYBE_DEFINITION.match(own):
            return False
        return divisible(own[:place], self._known)


class RulePainter:
    """A line across, or an item with nothing in it."""

    def __init__(self, leaf: Leaf, width: int) -> None:
        margin = margin_of(leaf.path, leaf.opens, width)
        text = "─" * max(1, width - margin.width) if leaf.kind == "rule" else margin.box
        spans = [*margin.first_spans]
        if text:
            style: SpanStyle = "rule" if leaf.kind == "rule" else "marker"
            spans.append(Span(len(margin.first), len(margin.first) + len(text), style))
        self._row = _row(margin, text, spans)

    def paint(self, leaf: Leaf, *, done: bool) -> Painted:  # noqa: ARG002 - it is what it is
        """As `Painter`."""
        return Painted([self._row])

    def cut(self, leaf: Leaf, window: Window) -> Cut | None:  # noqa: ARG002 - it never grows
        """As `Painter`."""
        return None

    def is_off(self, leaf: Leaf, *, ended: bool) -> bool:  # noqa: ARG002 - it is never cut
        """As `Painter`."""
        return False


def _growing(source: str, known: References) -> Styled:
    """A text that is being written, with its marks closed."""
    seen = styled(closed(source), known)
    return styled(source, known) if UNFINISHED in seen.text else seen


def _row(margin: Margin, text: str, spans: list[Span]) -> Laid:
    return Laid(margin.first + text, tuple(spans), None, len(margin.first))


def _place(own: str) -> int | None:
    """Where to divide: at a line's beginning, else behind a blank, else within a very long word."""
    limit = len(own) - _KEPT
    last_line = own.rfind("\n") + 1
    place = own.rfind("\n", 0, max(0, min(limit, last_line - 1))) + 1
    if place > len(own) // 4:
        return place
    if limit <= last_line or _MAYBE_DELIMITERS.match(own, last_line):
        return None
    place = own.rfind(" ", last_line, limit) + 1
    if place > len(own) // 4 and own[place] not in " \n":
        return place
    if len(own) - place > _LONGEST_WORD:
        return next(
            (at for at in range(limit, limit - _KEPT, -1) if _inert(own[at - 1]) and _inert(own[at])), None
        )
    return None


def _inert(character: str) -> bool:
    return character.isalnum() or ord(character) > _WIDE
