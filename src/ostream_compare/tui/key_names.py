"""What keys are called: as Textual names them, and which of them a terminal can send. Pure."""

import re
import string
import unicodedata
from difflib import get_close_matches

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


def key_of(piece: str) -> str:
    """A key as Textual names it: `question_mark`, not `?`."""
    if len(piece) != 1 or piece.isalnum():
        return piece
    name = unicodedata.name(piece, piece).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_SIGNS = frozenset(key_of(sign) for sign in string.punctuation)


def sent_as(piece: str) -> str | None:
    """A key that a user wrote, as it comes from a terminal; `None` for what never comes.

    Modifiers have their order then, and shift is in the letter: `W` for `shift+w`, but `alt+shift+w`.
    """
    match = _KEY.fullmatch(piece)
    if match is None:
        return None
    *modifiers, _ = match[1].split("+")
    key = key_of(match[2])
    is_character = len(match[2]) == 1
    if len(set(modifiers)) < len(modifiers) or not (is_character or key in NAMED or key in _SIGNS):
        return None
    if modifiers == ["shift"] and (is_character or key in _SIGNS):
        return key.upper() if key.isalpha() else None
    if is_character and modifiers and key != key.lower():
        if "ctrl" in modifiers:
            return None
        modifiers, key = [*{*modifiers, "shift"}], key.lower()
    name = "+".join([*sorted(modifiers), key])
    return None if name in _TAKEN_FOR else name


def nearest_key(piece: str) -> str:
    """What to write instead of a key that never comes."""
    folded = piece.casefold()
    if taken_for := _TAKEN_FOR.get(folded):
        return f"most terminals send {taken_for} for it"
    if piece != folded and sent_as(folded):
        return f"did you mean {folded}?"
    near = get_close_matches(folded, sorted(NAMED | _SIGNS), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else "such as w, f2 or ctrl+w"
