"""The user's keys: which entries of `[ui.keymap]` can be used, and what is wrong with the others. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from difflib import get_close_matches

from ostream_compare.domain.errors import Problem
from ostream_compare.tui.key_names import nearest_key, sent_as
from ostream_compare.tui.key_table import DIALOGS, EVERYWHERE, FIELDS, PANES, REPLAY, KeyRow

QUIT_KEY = "ctrl+q"
PLACE = "ui.keymap"
_NEAREST = 3


def usable_keymap(
    keymap: Mapping[str, str], path: str | None, lines: Mapping[str, int | None] | None = None
) -> tuple[dict[str, str], list[Problem]]:
    """What of a file's keymap can be used, and what is wrong with the rest.

    Args:
        keymap: Binding id to keys, as in the file.
        path: The file, for the problems.
        lines: Of the entries in it.
    """
    screens = [
        _keys((EVERYWHERE, PANES)),
        _keys((EVERYWHERE, PANES, REPLAY)),
        *(_keys((EVERYWHERE, rows)) for rows in DIALOGS.values()),
    ]
    known = _keys(FIELDS.values())
    for screen in screens:
        known |= {name: (*keys, *known.get(name, ())) for name, keys in screen.items()}
    usable, problems = checked(keymap, known, path, together=[frozenset(screen) for screen in screens])
    at = {f"{PLACE}.{name}": line for name, line in (lines or {}).items()}
    return usable, [replace(problem, line=at.get(problem.key or "")) for problem in problems]


def _keys(tables: Iterable[Sequence[KeyRow]]) -> dict[str, tuple[str, ...]]:
    """Id to default keys of all actions that may have other ones."""
    keys: dict[str, tuple[str, ...]] = {}
    for name, of, _ in (row for rows in tables for row in rows):
        keys[name] = (*keys.get(name, ()), *of.split(","))
    return {name: of for name, of in keys.items() if QUIT_KEY not in of}


def checked(
    keymap: Mapping[str, str],
    known: Mapping[str, tuple[str, ...]],
    path: str | None,
    *,
    together: Sequence[AbstractSet[str]],
) -> tuple[dict[str, str], list[Problem]]:
    """The usable entries, and a problem for each of the others.

    Args:
        keymap: Binding id to keys, as in the file.
        known: Binding id to default keys.
        path: The file, for the problems.
        together: The ids of each screen, of which no two may have a key in common.
    """
    usable: dict[str, str] = {}
    problems: list[Problem] = []
    taken = [
        {key: name for name in screen if name not in keymap for key in known.get(name, ())}
        for screen in together
    ]
    for name, keys in keymap.items():
        met = [keys_of for screen, keys_of in zip(together, taken, strict=True) if name in screen]
        message, hint = _flaw(name, keys, known, met)
        if message:
            problems.append(Problem(path=path, key=f"{PLACE}.{name}", message=message, hint=hint))
            continue
        pieces = _normal(keys)
        usable[name] = ",".join(pieces)
        for keys_of in met:
            keys_of.update(dict.fromkeys(pieces, name))
    return usable, problems


def _flaw(
    name: str, keys: str, known: Mapping[str, tuple[str, ...]], met: Sequence[Mapping[str, str]]
) -> tuple[str, str | None]:
    if name not in known:
        near = get_close_matches(name, known, n=_NEAREST)
        hint = f"did you mean {' or '.join(near)}?" if near else "? lists all names"
        return "no action has this name", hint
    for piece in keys.split(","):
        if not sent_as(piece.strip()):
            return f"{piece.strip()!r} is no key", nearest_key(piece.strip())
    for key in _normal(keys):
        if key == QUIT_KEY:
            return f"{QUIT_KEY} always quits", "choose another key"
        for taken in met:
            if key in taken:
                return f"{key} is the key of {taken[key]}", "choose another one, or remap that too"
    return "", None


def _normal(keys: str) -> list[str]:
    """What terminals send for any of `keys`, each once."""
    return list(dict.fromkeys(key for piece in keys.split(",") for key in sent_as(piece.strip())))
