"""What keys are called: as Textual names them, and which of them a terminal can send. Pure."""

import re
import string
import sys
import unicodedata
from difflib import get_close_matches
from functools import cache

_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Signs that Textual does not call by their Unicode names."""
_KEY = re.compile(r"((?:(?:ctrl|shift|alt|meta|super|hyper)\+)*)(\S+)")
_FUNCTION_KEYS = 35
_NAMES = """
backspace delete down end enter escape home insert left pagedown pageup right space tab up add
caps_lock decimal divide equal kp_begin lower_volume media_fast_forward media_pause media_play
media_play_pause media_record media_reverse media_rewind media_stop media_track_next
media_track_previous menu multiply mute_volume num_lock pause print_screen raise_volume scroll_lock
separator subtract
"""
NAMED = frozenset([*_NAMES.split(), *(f"f{number}" for number in range(1, _FUNCTION_KEYS + 1))])
"""Keys that are no character."""
_TAKEN_FOR = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
}
"""Most terminals send the same for both."""
_SENT_TOO = {"ctrl+at": "ctrl+@", "ctrl+space": "ctrl+@"}
"""What most terminals send for keys that others send by their own names."""


def key_of(piece: str) -> str:
    """A key as Textual names it: `question_mark`, not `?`."""
    if len(piece) != 1 or piece.isalnum():
        return piece
    name = unicodedata.name(piece, piece).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_SIGNS = frozenset(key_of(sign) for sign in string.punctuation)


@cache
def _signs() -> frozenset[str]:
    """Of all that can be typed and is neither letter nor digit, the names."""
    characters = map(chr, range(sys.maxunicode + 1))
    return frozenset(key_of(sign) for sign in characters if sign.isprintable() and not sign.isalnum())


def sent_as(piece: str) -> tuple[str, ...]:
    """A key that a user wrote, as it comes from terminals; nothing for what never comes.

    Modifiers have their order then, and shift is in the letter: `W` for `shift+w`, but `alt+shift+w`.
    Where terminals differ, each of the names that it comes by.
    """
    name = _name(piece)
    if name is None or name in _TAKEN_FOR:
        return ()
    return (name, _SENT_TOO[name]) if name in _SENT_TOO else (name,)


def _name(piece: str) -> str | None:
    """What a key is called in full, if it is one."""
    match = _KEY.fullmatch(piece)
    if match is None:
        return None
    *modifiers, _ = match[1].split("+")
    key = key_of(match[2])
    is_character = len(match[2]) == 1 and match[2].isprintable()
    if len(set(modifiers)) < len(modifiers) or not (is_character or _is_name(key)):
        return None
    if modifiers == ["shift"] and key not in NAMED:
        upper = key.upper()
        return upper if len(upper) == 1 and upper.isupper() else None
    if is_character and modifiers and key != key.lower():
        if "ctrl" in modifiers:
            return None
        modifiers, key = [*{*modifiers, "shift"}], key.lower()
    return "+".join([*sorted(modifiers), key])


def _is_name(key: str) -> bool:
    return key in NAMED or key in _SIGNS or key in _signs()


def nearest_key(piece: str) -> str:
    """What to write instead of a key that never comes."""
    folded = piece.casefold()
    if taken_for := _TAKEN_FOR.get(folded):
        return f"most terminals send {taken_for} for it"
    if piece != folded and sent_as(folded):
        return f"did you mean {folded}?"
    if folded.startswith("shift+") and sent_as(folded.removeprefix("shift+")):
        return "write what it types, such as ? or W"
    near = get_close_matches(folded, sorted(NAMED | _SIGNS), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else "such as w, f2 or ctrl+w"
