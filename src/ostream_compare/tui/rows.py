"""What a pane paints: rows of text with styled spans, already wrapped and cleaned."""

from typing import Literal, NamedTuple

Part = Literal["turns", "reasoning", "answer", "tools", "refusal", "note"]
ORDER: tuple[Part, ...] = ("turns", "reasoning", "answer", "tools", "refusal", "note")

SpanStyle = Literal[
    "heading",
    "subheading",
    "strong",
    "emphasis",
    "strike",
    "code",
    "link",
    "quote",
    "marker",
    "rule",
    "code-block",
    "code-keyword",
    "code-name",
    "code-string",
    "code-number",
    "code-comment",
    "code-operator",
    "label",
]
"""What a span means; the pane knows the colours. `code-block` fills its row to the pane's edge."""


class Span(NamedTuple):
    """A stretch of a row's text; where spans overlap, the later one is laid over the earlier."""

    start: int
    """Index of a character of the row."""
    end: int
    style: SpanStyle
    link: str | None = None
    """The address that a `link` leads to: http or https, cleaned."""


class Row(NamedTuple):
    """One row of text and the part that it belongs to (`None`: the blank row between two parts)."""

    text: str
    part: Part | None
    spans: tuple[Span, ...] = ()


class Laid(NamedTuple):
    """A row as it is kept, and how it hangs together with the row above it."""

    text: str
    spans: tuple[Span, ...] = ()
    joint: str | None = None
    """What stood between it and the row above before wrapping: blanks or nothing; `None`: a line's end."""
    margin: int = 0
    """Characters at its beginning that are no text of the answer: quote bars, indents, marks."""


BLANK = Row("", None)
