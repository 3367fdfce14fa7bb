"""Paints code, raw HTML and what is nested too deeply: text whose lines stay as they are."""

import re
from typing import TYPE_CHECKING, NamedTuple

from ostream_compare.tui.markdown.blocks import Leaf
from ostream_compare.tui.markdown.cuts import KEPT_LINES, LONG_LINES, Cut, Painted, Window, from_line
from ostream_compare.tui.markdown.flow import Flow, margin_of
from ostream_compare.tui.markdown.skeleton import going_on, stand_in
from ostream_compare.tui.rows import Laid, SpanStyle
from ostream_compare.tui.wrap import TAB

if TYPE_CHECKING:
    from pygments.lexer import Lexer

    from ostream_compare.tui.markdown.highlight import State
    from ostream_compare.tui.markdown.inline import Piece

_LONG_LINE = 2000
"""Characters of an open line from which its beginning is finished."""
_KEPT = 250
_HTML_ENDS = re.compile(r"-->|\?>|\]\]>|>|</(?:script|pre|style|textarea)>", re.IGNORECASE)
"""What may end a block of HTML with the line that it is in."""
_LONGEST_END = 11


class _Line(NamedTuple):
    """A line as it was painted last."""

    source: str
    rows: list[Laid]
    state: "State"


class CodePainter:
    """Lines that are finished are laid out once."""

    def __init__(self, leaf: Leaf, width: int) -> None:
        self._margin = margin_of(leaf.path, leaf.opens, width)
        self._width = width
        self._cover: SpanStyle | None = "code-block" if leaf.kind == "code" else None
        self._language = (leaf.info or "").split(" ", 1)[0].lower()
        self._state: State = ("root",)
        self._lines: list[_Line] = []
        self._begun = False
        self._head: str | None = None
        self._dropped = 0
        """How many lines at the leaf's beginning stand for what was cut off."""
        self._open_line: Flow | None = None
        """The upper part of a very long line."""
        self._sign = ""
        """What stands for that part in the window."""

    def paint(self, leaf: Leaf, *, done: bool) -> Painted:  # noqa: ARG002 - it looks the same at the end
        """As `Painter`."""
        self._look(leaf)
        return Painted([row for line in self._lines for row in line.rows])

    def is_off(self, leaf: Leaf, *, ended: bool) -> bool:  # noqa: ARG002 - a line stays what it is
        """As `Painter`."""
        return False

    def cut(self, leaf: Leaf, window: Window) -> Cut | None:
        """As `Painter`."""
        if not self._lines:
            return None
        count = len(self._lines) - KEPT_LINES if len(self._lines) > LONG_LINES else 0
        is_first = leaf.kind == "html" and not self._dropped and len(self._lines) == 1
        is_long = len(self._lines[-1].source) > _LONG_LINE and not is_first
        if is_long:
            count = len(self._lines) - 1
        elif leaf.kind != "code" or leaf.info is None:
            while count > 0 and not self._lines[count].source.strip():
                count -= 1
        if not is_long and count <= 0:
            return None
        line = leaf.body + self._dropped + count
        rows = [row for painted in self._lines[:count] for row in painted.rows]
        source = window.source
        self._keep_head(leaf, source)
        tail = from_line(source, line)
        if count:
            self._state, self._begun = self._lines[count - 1].state, True
            self._open_line, self._sign = None, ""
            del self._lines[:count]
        if not is_long:
            assert self._head is not None
            return Cut(rows, self._window(leaf, self._head, tail))
        return self._cut_line(leaf, rows, tail)

    def _cut_line(self, leaf: Leaf, rows: list[Laid], tail: str) -> Cut:
        """Divide the last line; its rest stands behind a letter, so that it closes nothing."""
        line = self._lines[-1].source
        flow = self._open_line or self._flow()
        rows += flow.add(line[:-_KEPT].replace("\t", TAB))
        self._lines, self._begun, self._open_line = [], True, flow
        rest = line[-_KEPT:]
        above = self._sign + line[: len(line) - _KEPT + _LONGEST_END]
        ends = _HTML_ENDS.findall(above) if leaf.kind == "html" else []
        self._sign = "x" + "".join(dict.fromkeys(ends))
        tail = tail[tail.rindex(rest) :]
        indent = "    " if leaf.kind == "code" and leaf.info is None else ""
        assert self._head is not None
        return Cut(rows, self._window(leaf, f"{self._head}{going_on(leaf.path)}{indent}{self._sign}", tail))

    def _window(self, leaf: Leaf, head: str, tail: str) -> Window:
        if leaf.kind == "html":
            self._dropped = 2
        elif leaf.info is not None:
            self._dropped = 1
        elif leaf.kind == "plain":
            self._dropped = int(bool(leaf.path))
        else:
            return Window(head, int(bool(leaf.path)), tail)
        return Window(head, int(leaf.kind != "plain" and leaf.opens > 0), tail)

    def _keep_head(self, leaf: Leaf, source: str) -> None:
        """What leaves the parser inside this leaf: its first line, or what stands for its containers."""
        if self._head is not None:
            return
        if leaf.kind == "html" or leaf.info is not None:
            lines = leaf.body + int(leaf.kind == "html")
            # One more line, lest the first one and a later one look like the top of a table.
            self._head = source[: len(source) - len(from_line(source, lines))] + going_on(leaf.path) + "x\n"
        else:
            self._head = stand_in(leaf.path)

    def _look(self, leaf: Leaf) -> None:
        sources = leaf.text.removesuffix("\n").split("\n")[self._dropped :]
        if self._open_line is not None:
            sources[0] = sources[0][len(self._sign) :]
        known = 0
        for line, source in zip(self._lines, sources, strict=False):
            if line.source != source:
                break
            known += 1
        del self._lines[known:]
        state = self._lines[-1].state if self._lines else self._state
        for index in range(known, len(sources)):
            line = self._painted(sources[index], index, state)
            state = line.state
            self._lines.append(line)

    def _painted(self, source: str, index: int, state: "State") -> _Line:
        text = source.replace("\t", TAB)
        pieces: tuple[Piece, ...] = ()
        if index == 0 and self._open_line is not None:
            flow = self._open_line.fork()
        else:
            flow = self._flow(begun=self._begun or index > 0)
            lexer = self._lexer() if text else None
            if lexer is not None:
                from ostream_compare.tui.markdown.highlight import highlight  # noqa: PLC0415 - loads pygments

                pieces, state = highlight(lexer, text, state)
        rows = flow.add(text, pieces)
        return _Line(source, [*rows, flow.last()], state)

    def _flow(self, *, begun: bool | None = None) -> Flow:
        return Flow(
            self._margin, self._width, self._cover, code=True, begun=self._begun if begun is None else begun
        )

    def _lexer(self) -> "Lexer | None":
        if not self._language:
            return None
        from ostream_compare.tui.markdown.highlight import lexer_of  # noqa: PLC0415 - loads pygments

        return lexer_of(self._language)
