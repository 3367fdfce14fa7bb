"""Text from outside made safe to show: no byte of a terminal's control language survives.

C0 controls but newline and tab, DEL, C1 controls, bidi controls and tag characters become visible
symbols. The original is kept wherever a file can escape it (see `escape`).
"""

import re
from collections.abc import Callable, Mapping

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}\u2028\u2029\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]",
)
_KEY_SHAPED = re.compile(r"(?i:bearer )\S+|\b(?:sk|pk|gsk|xai|hf)[-_][\w-]{8,}")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS|CRED|AUTH", re.IGNORECASE)
_PLACE_NAME = re.compile(r"XAUTHORITY|.*_(?:DIR|FILE|PATH|SOCK)", re.IGNORECASE)
_PLACE = re.compile(
    r"~/|/(?:Library|Users|Volumes|dev|etc|home|media|mnt|nix|opt|private|proc|root|run|snap|srv|tmp|usr|var)/"
)
"""How a path begins; a slash alone may as well begin a secret, as BASE64 has it."""


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


def repair(text: str) -> str:
    """`text` as UTF-8 can hold it: surrogates that belong together joined, lone ones replaced."""
    if _LONE_SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def escape(document: str, spell: Callable[[int], str]) -> str:
    """A serialized `document` with what its format leaves bare, but a terminal obeys, spelled by `spell`."""
    return _UNSAFE.sub(lambda match: spell(ord(match.group())), document)


def without_keys(text: str) -> str:
    """`text` with everything that has the look of an API key replaced by `[key]`."""
    return _KEY_SHAPED.sub("[key]", text)


def secrets_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What stands in variables whose names say that it is secret; where a secret lies is none."""
    return tuple(
        value
        for name, value in environ.items()
        if _SECRET_NAME.search(name) and not _PLACE_NAME.fullmatch(name) and not _PLACE.match(value)
    )
