"""Highlights code line by line: what a line means depends on the lines above by a small state alone."""

from functools import cache
from typing import Any, cast

from pygments.lexer import ExtendedRegexLexer, Lexer, RegexLexer
from pygments.lexers import get_all_lexers, get_lexer_by_name  # pyright: ignore[reportUnknownVariableType] - its stub is partial
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token, Whitespace

from ostream_compare.tui.markdown.inline import Piece
from ostream_compare.tui.rows import SpanStyle

LONGEST = 400
"""Characters of a line; longer ones are shown plainly."""
_DEEPEST = 40
"""Lexer states on top of each other; beyond, the lexer begins anew."""

State = tuple[str, ...]
START: State = ("root",)
_COMMENT = "*/"
"""The state inside a comment that goes on over lines, which many lexers take as one piece."""

_STYLES: tuple[tuple[Any, SpanStyle], ...] = (
    (Comment, "code-comment"),
    (Operator.Word, "code-keyword"),
    (Keyword, "code-keyword"),
    (String, "code-string"),
    (Number, "code-number"),
    (Operator, "code-operator"),
    (Name.Function, "code-name"),
    (Name.Class, "code-name"),
    (Name.Decorator, "code-name"),
    (Name.Builtin, "code-name"),
    (Name.Tag, "code-name"),
    (Name.Attribute, "code-name"),
    (Name.Exception, "code-name"),
    (Name.Namespace, "code-name"),
)


@cache
def _aliases() -> frozenset[str]:
    return frozenset(alias for _, names, _, _ in get_all_lexers(plugins=False) for alias in names)


@cache
def lexer_of(language: str) -> Lexer | None:
    """The lexer of a language by its name; `None` if it is unknown."""
    return get_lexer_by_name(language) if language in _aliases() else None


def highlight(lexer: Lexer, line: str, state: State) -> tuple[tuple[Piece, ...], State]:
    """The pieces of a line and the state behind it."""
    if len(line) > LONGEST:
        return (), state
    start = 0
    pieces: list[Piece] = []
    if state[-1] == _COMMENT:
        end = line.find("*/")
        if end < 0:
            return _joined([Piece(0, len(line), "code-comment")]), state
        start, state = end + 2, state[:-1]
        pieces.append(Piece(0, start, "code-comment"))
    text = line[start:] + "\n"
    if isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer):
        found, state = _lex(lexer, text, state)
    else:
        found = [(at, kind, value) for at, kind, value in lexer.get_tokens_unprocessed(text)]
    if found and found[-1][1] in Comment and _goes_on(found[-1][2]):
        state = (*state, _COMMENT)
    end = len(line)
    for at, kind, value in found:
        style = _style(kind)
        if style is not None:
            pieces.append(Piece(start + at, min(start + at + len(value), end), style))
    return _joined(pieces), state


def _goes_on(comment: str) -> bool:
    return comment.startswith("/*") and not comment.rstrip().endswith("*/")


def _lex(lexer: RegexLexer, text: str, state: State) -> tuple[list[tuple[int, Any, str]], State]:
    """What `RegexLexer.get_tokens_unprocessed` does, which does not tell the state at the end."""
    rules = cast("dict[str, list[tuple[Any, Any, Any]]]", cast("Any", lexer)._tokens)  # noqa: SLF001 - no public way
    stack = list(state) if state[-1] in rules and len(state) < _DEEPEST else ["root"]
    found: list[tuple[int, Any, str]] = []
    at = 0
    for _ in range(4 * len(text) + 16):
        if at >= len(text):
            break
        for match_at, action, following in rules[stack[-1]]:
            match = match_at(text, at)
            if match is None:
                continue
            if action is not None:
                found += [(at, action, match.group())] if action in Token else action(lexer, match)
            at = match.end()
            _follow(stack, following)
            break
        else:
            if text[at] == "\n":
                stack = ["root"]
            found.append((at, Whitespace, text[at]))
            at += 1
    return found, tuple(stack)


def _follow(stack: list[str], following: Any) -> None:
    if following is None:
        return
    states = cast("tuple[Any, ...]", following) if isinstance(following, tuple) else (following,)
    for state in states:
        if isinstance(state, int):
            del stack[max(1, len(stack) + state) :]
        elif state == "#pop":
            del stack[max(1, len(stack) - 1) :]
        elif state == "#push":
            stack.append(stack[-1])
        else:
            stack.append(str(state))


@cache
def _style(kind: Any) -> SpanStyle | None:
    return next((style for family, style in _STYLES if kind in family), None)


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Neighbours of one style as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].end == piece.start and joined[-1].style == piece.style:
            joined[-1] = Piece(joined[-1].start, piece.end, piece.style)
        elif piece.end > piece.start:
            joined.append(piece)
    return tuple(joined)
