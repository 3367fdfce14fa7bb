"""Reads Markdown source with markdown-it into a flat list of leaves, each with the containers round it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, cast

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from ostream_compare.tui.markdown.references import References

DEEPEST = 24
"""Levels of markdown-it (a list item is two) beyond which text is shown as it came."""

LeafKind = Literal["paragraph", "heading", "code", "html", "plain", "rule", "table", "empty", "definition"]


@dataclass(frozen=True, slots=True)
class Container:
    """A quote or a list item that leaves stand in."""

    kind: Literal["quote", "bullet", "ordered"]
    mark: str
    """Its character in the source: `>`, `-`, `*`, `+`, `.` or `)`."""
    indent: int = 0
    """Columns from the content of what is round it to its own content (items only)."""
    number: int = 0
    """Which one of an ordered list."""
    checked: bool | None = None
    """A task's box; `None` if it is none."""


@dataclass(slots=True)
class Leaf:
    """A block that holds text and no other block."""

    kind: LeafKind
    path: tuple[Container, ...]
    """The containers round it, outermost first."""
    opens: int
    """From this index on, the containers begin with this leaf."""
    start: int
    """First line of it or, if it is the first in them, of the containers that it opens."""
    body: int
    """First line of its own content."""
    end: int
    """The line after it."""
    text: str = ""
    """Its content without the marks of the containers."""
    level: int = 0
    """Of a heading, 1 to 6."""
    info: str | None = None
    """What stands behind the opening of a fence; `None` for other code."""
    cells: list[list[str]] = field(default_factory=list[list[str]])
    """A table's cells, the header first."""
    aligns: tuple[str, ...] = ()
    """A table's columns: `left`, `center`, `right` or empty."""
    reference: str | None = None
    """The label that a definition gives an address."""


class _Block(ParserBlock):
    """Notes the column at which an item's content begins, and shows what is nested too deeply."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803 - the parser's own names
        if state.tokens and state.tokens[-1].type == "list_item_open":
            state.tokens[-1].meta["indent"] = state.blkIndent
        if state.level < DEEPEST:
            super().tokenize(state, startLine, endLine)
            return
        last = line = startLine
        while line < endLine and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
            line += 1
            last = last if state.isEmpty(line - 1) else line
        state.line = line
        if last > startLine:
            token = state.push("overflow", "", 0)
            token.map = [startLine, last]
            token.content = state.getLines(startLine, last, state.blkIndent, keepLastLF=False)


@cache
def parser() -> MarkdownIt:
    """The parser; raw HTML is recognised only to be shown as text."""
    markdown = MarkdownIt(
        "default",
        {"html": True, "linkify": False, "maxNesting": 100, "inline_definitions": True, "tasklists": True},
    )
    markdown.block = _Block()
    return markdown


@cache
def parser_without_links() -> MarkdownIt:
    """The same for a text without closing brackets, where each opening one is followed to the end in vain."""
    return MarkdownIt("default", {**parser().options}).disable(["link", "image"])


def read(source: str, known: References, numbers: Sequence[int] = (), skip: int = 0) -> list[Leaf]:
    """The leaves of `source`.

    Args:
        source: Clean text.
        known: References defined before; those of the source are added for the inline parse.
        numbers: By depth, the number of the first list's first item, if it is not what stands there.
        skip: How many leaves at the beginning are stand-ins and left out.
    """
    tokens: list[Token] = []
    known.fresh = {}
    markdown = parser()
    markdown.block.parse(source, markdown, known.environment(), tokens)
    return _Walk(tokens, numbers, skip).leaves()


@dataclass(slots=True)
class _Standing:
    container: Container
    start: int
    column: int = 0
    """Where its content begins, counted from the content of the innermost quote."""
    seen: bool = False


class _Walk:
    """Flattens markdown-it's tokens."""

    def __init__(self, tokens: list[Token], numbers: Sequence[int], skip: int) -> None:
        self._tokens = tokens
        self._numbers = numbers
        self._skip = skip
        self._round: list[_Standing] = []
        self._next_number: list[int] = []
        self._leaves: list[Leaf] = []

    def leaves(self) -> list[Leaf]:
        index = 0
        while index < len(self._tokens):
            index = self._take(index)
        return self._leaves[self._skip :]

    def _take(self, index: int) -> int:
        token = self._tokens[index]
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                seeded = len(self._leaves) <= self._skip and len(self._round) < len(self._numbers)
                start = (
                    self._numbers[len(self._round)] if seeded else cast("int", token.attrs.get("start", 1))
                )
                self._next_number.append(start)
            case "bullet_list_close" | "ordered_list_close":
                self._next_number.pop()
            case "list_item_open":
                self._open_item(token)
            case "blockquote_open":
                self._round.append(_Standing(Container("quote", ">"), _lines(token)[0]))
            case "list_item_close" | "blockquote_close":
                self._close()
            case "table_open":
                return self._table(index)
            case "paragraph_open":
                self._leaf("paragraph", token).text = self._tokens[index + 1].content
                return index + 3
            case "heading_open":
                leaf = self._leaf("heading", token)
                leaf.text, leaf.level = self._tokens[index + 1].content, int(token.tag[1])
                return index + 3
            case _:
                self._plain_leaf(token)
        return index + 1

    def _open_item(self, token: Token) -> None:
        number = self._next_number[-1]
        self._next_number[-1] += 1
        above = self._round[-1].column if self._round else 0
        column = cast("int", token.meta.get("indent", above))
        container = Container(
            "ordered" if token.markup in ".)" else "bullet",
            token.markup,
            column - above,
            number,
            token.meta.get("checked"),
        )
        self._round.append(_Standing(container, _lines(token)[0], column))

    def _close(self) -> None:
        if not self._round[-1].seen:
            start = self._round[-1].start
            self._add(Leaf("empty", (), 0, start, start, start + 1))
        self._round.pop()

    def _plain_leaf(self, token: Token) -> None:
        match token.type:
            case "fence":
                leaf = self._leaf("code", token)
                leaf.body, leaf.info = leaf.body + 1, token.info
            case "code_block":
                leaf = self._leaf("code", token)
                leaf.end = leaf.body + token.content.rstrip("\n").count("\n") + 1
            case "html_block":
                leaf = self._leaf("html", token)
            case "overflow":
                leaf = self._leaf("plain", token)
            case "definition":
                leaf = self._leaf("definition", token)
                leaf.reference = token.meta["id"]
            case "hr":
                leaf = self._leaf("rule", token)
            case other:
                raise AssertionError(other)
        leaf.text = token.content

    def _table(self, index: int) -> int:
        leaf = self._leaf("table", self._tokens[index])
        aligns: list[str] = []
        while (token := self._tokens[index]).type != "table_close":
            match token.type:
                case "tr_open":
                    leaf.cells.append([])
                case "th_open":
                    aligns.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
                case "inline":
                    leaf.cells[-1].append(token.content)
                case _:
                    pass
            index += 1
        leaf.aligns = tuple(aligns)
        return index + 1

    def _leaf(self, kind: LeafKind, token: Token) -> Leaf:
        start, end = _lines(token)
        leaf = Leaf(kind, (), 0, start, start, end)
        self._add(leaf)
        return leaf

    def _add(self, leaf: Leaf) -> None:
        path = tuple(standing.container for standing in self._round)
        opens = next((index for index, standing in enumerate(self._round) if not standing.seen), len(path))
        leaf.path, leaf.opens = path, opens
        if opens < len(path):
            leaf.start = min(leaf.start, self._round[opens].start)
        if leaf.kind != "definition":
            for standing in self._round:
                standing.seen = True
        self._leaves.append(leaf)


def _lines(token: Token) -> tuple[int, int]:
    assert token.map is not None
    return token.map[0], token.map[1]
