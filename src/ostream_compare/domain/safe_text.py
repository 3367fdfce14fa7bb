"""Text from outside made safe to show: no byte of a terminal's control language survives.

C0 controls but newline and tab, DEL, C1 controls, bidi controls and tag characters become visible
symbols. The original is kept wherever a file can escape it.
"""

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}\u2028\u2029\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]",
)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:  # noqa: PLR2004 - C0 has its own row of pictures
        return chr(0x2400 + code)
    if code == 0x7F:  # noqa: PLR2004 - DEL
        return "\u2421"
    return f"<U+{code:04X}>"


def clean(text: str) -> str:
    """`text` with carriage returns as newlines and everything that steers a terminal made visible."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_symbol, text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_line(text: str) -> str:
    """`text` on one line: as `clean`, newlines and tabs become spaces."""
    return clean(text).replace("\n", " ").replace("\t", " ")
