"""What the key of a binding is called in a sentence, and which it is where no keymap says another. Pure."""

from functools import cache

from ostream_compare.tui.key_table import DIALOGS, EVERYWHERE, FIELDS, PANES, REPLAY

_SPELT = {"escape": "esc", "enter": "enter", "space": "space"}


@cache
def _usual() -> dict[str, str]:
    tables = (*FIELDS.values(), *DIALOGS.values(), REPLAY, PANES, EVERYWHERE)
    return {name: keys for rows in tables for name, keys, _ in rows}


def usual_keys(name: str) -> str:
    """The default keys of a binding, by its id.

    Raises:
        KeyError: No binding has it.
    """
    return _usual()[name]


def spelt(key: str) -> str:
    """A key in words: `esc`, `ctrl+r`, `F3`, `r`; nothing for what is better shown as a sign."""
    if key.startswith("f") and key[1:].isdecimal():
        return key.upper()
    return key if "+" in key or len(key) == 1 else _SPELT.get(key, "")
