"""Inline Markdown as text with spans: emphasis, code, links; and where a text may safely be divided."""

import re
from typing import NamedTuple

from markdown_it.token import Token

from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.markdown.blocks import parser, parser_without_links
from ostream_compare.tui.markdown.links import bare_links, safe_link
from ostream_compare.tui.markdown.references import References
from ostream_compare.tui.markdown.unfinished import UNFINISHED
from ostream_compare.tui.rows import SpanStyle

_STYLES: dict[str, SpanStyle] = {"strong_open": "strong", "em_open": "emphasis", "s_open": "strike"}
_SPECIAL = re.compile(r"[\n\t\\`*_~\[\]<&]|://")
"""What an inline rule may find something at."""
_OPEN = re.compile(
    r"`|\]\(|\]\[|<[A-Za-z/!?]|\*(?=\S)|(?<![^\W_])_+(?=\S)|~~(?=\S)|&\S{0,40}\Z",
)
"""What is left over in a text's plain words and may find its counterpart in what follows."""


_FOUND = {"code_inline", "image", "html_inline", "text_special", "link_open", "link_close"}
"""Tokens that have found all that belongs to them."""


_ENDLESS = 10_000
_RARE = 20
"""So long a text with a bracket in so few characters is no prose, and would take the parser seconds."""


class Piece(NamedTuple):
    """A styled stretch of a text, as `Span`."""

    start: int
    end: int
    style: SpanStyle
    link: str | None = None


class Styled(NamedTuple):
    """A text and its styled stretches; a newline is a hard break."""

    text: str
    pieces: tuple[Piece, ...] = ()


def styled(source: str, known: References) -> Styled:
    """A paragraph's source as what is shown."""
    if _SPECIAL.search(source) is None:
        return Styled(source)
    if len(source) > _ENDLESS and source.count("[") * _RARE > len(source):
        return Styled(clean_line(source))
    return _Reader(_children(source, known)).read()


def divisible(source: str, known: References) -> bool:
    """Whether nothing in `source` is open, so that what follows cannot change how it is read."""
    left = "".join("." if token.type in _FOUND else token.content for token in _children(source, known))
    return _OPEN.search(left) is None and left.count("[") <= left.count("]")


def _children(source: str, known: References) -> list[Token]:
    markdown = parser() if "]" in source else parser_without_links()
    tokens: list[Token] = []
    markdown.inline.parse(source, markdown, known.environment(), tokens)
    return tokens


class _Reader:
    """Walks the tokens of one inline parse."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._parts: list[str] = []
        self._length = 0
        self._pieces: list[Piece] = []
        self._open: list[tuple[int, SpanStyle | None, str | None]] = []
        self._links = 0

    def read(self) -> Styled:
        for token in self._tokens:
            self._take(token)
        pieces = sorted(self._pieces, key=lambda piece: (piece.start, -piece.end))
        return Styled("".join(self._parts), tuple(pieces))

    def _take(self, token: Token) -> None:  # noqa: C901 - one case a kind of token
        match token.type:
            case "text":
                text = clean_line(token.content)
                if not self._links:
                    at = self._length
                    self._pieces += [Piece(at + a, at + b, "link", link) for a, b, link in bare_links(text)]
                self._say(text)
            case "softbreak":
                self._say(" ")
            case "hardbreak":
                self._say("\n")
            case "code_inline":
                self._mark(clean_line(token.content), "code")
            case "image":
                address = str(token.attrs.get("src", ""))
                link = None if address == UNFINISHED else safe_link(address)
                self._mark(f"[image: {clean_line(token.content) or 'no description'}]", "label", link)
            case "strong_open" | "em_open" | "s_open":
                self._open.append((self._length, _STYLES[token.type], None))
            case "strong_close" | "em_close" | "s_close":
                self._close()
            case "link_open":
                self._open_link(token)
            case "link_close":
                self._links -= 1
                self._close()
            case _:
                self._say(clean_line(token.content))

    def _open_link(self, token: Token) -> None:
        address = str(token.attrs.get("href", ""))
        link = safe_link(address)
        self._links += 1
        if address == UNFINISHED:
            self._open.append((self._length, "link", None))
        elif link is not None:
            self._open.append((self._length, "link", link))
        elif token.info == "auto":
            self._open.append((self._length, None, None))
        else:
            self._say("[")
            self._open.append((self._length, None, clean_line(address)))

    def _close(self) -> None:
        start, style, link = self._open.pop()
        if style is None:
            if link is not None:
                self._say(f"]({link})")
        elif start < self._length:
            self._pieces.append(Piece(start, self._length, style, link))

    def _mark(self, text: str, style: SpanStyle, link: str | None = None) -> None:
        if text:
            self._pieces.append(Piece(self._length, self._length + len(text), style, link))
            self._say(text)

    def _say(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
