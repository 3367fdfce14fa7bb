"""What foreign text tries: escapes that steer a terminal, markup that acts, links that mislead."""

import re
import unicodedata

_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

COPIED = "PWNED"
"""What an attack puts into the clipboard."""
ESCAPES = {
    "osc52": "\x1b]52;c;UFdORUQ=\x07",
    "title": "\x1b]0;PWNED\x1b\\",
    "hyperlink": "\x1b]8;;http://evil.example/\x1b\\go\x1b]8;;\x1b\\",
    "csi": "\x1b[3J\x1b[7777;7777H\x1b[?1049l\x1b[8m",
    "dcs": "\x1bP$q\x1b\\",
    "apc": "\x1b_Gi=1\x1b\\",
    "pm": "\x1b^x\x1b\\",
    "sos": "\x1bXx\x1b\\",
    "c1": "\x9d0;PWNED\x9c\x9b31m\x90q\x9c",
    "bidi": "\u202egpj\u202c\u2066x\u2069\u200f",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "c0": "\x07\x08\x0b\x0c\x0e\x0f\x05\x7f",
}
"""By name; C1 is written as UTF-8 writes it, and as a bare byte by `bare_c1`."""

MARKUP = (
    "[@click=app.quit]x[/]",
    "[/nope]",
    "[bold",
    "[link=http://evil.example]y[/link]",
    "[$primary]",
    "[[",
    "\\[x]",
    "[red]x[/red]",
)


def escapes(first: int = 0) -> str:
    """All of them, each behind a word of its own; `first` tells which comes first."""
    names = list(ESCAPES)
    turned = names[first % len(names) :] + names[: first % len(names)]
    return " ".join(f"K{name}{ESCAPES[name]}" for name in turned)


def first_word(first: int) -> str:
    """The word that `escapes(first)` begins with."""
    return f"K{list(ESCAPES)[first % len(ESCAPES)]}"


def bare_c1(document: bytes) -> bytes:
    """C1 controls of a UTF-8 text as single bytes, as a server of Latin-1 would send them."""
    return re.sub(rb"\xc2([\x80-\x9f])", rb"\1", document)


def steers(character: str) -> bool:
    """Whether a terminal, or a reader's eye, obeys this character instead of showing it."""
    return character != "\n" and (
        unicodedata.category(character) in {"Cc", "Cs"}
        or unicodedata.bidirectional(character) in _BIDI
        or character in "\u061c\u200e\u200f"
        or "\U000e0000" <= character <= "\U000e0fff"
    )
