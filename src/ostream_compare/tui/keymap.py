"""The user's keys: which entries of `[ui.keymap]` can be used, and what is wrong with the others. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

from textual.binding import Binding, BindingType

from ostream_compare.domain.errors import Problem

QUIT_KEY = "ctrl+q"
_KEY = re.compile(r"(?:(?:ctrl|shift|alt|meta|super|hyper)\+)*(?:[^\s,+]|\+|[a-z][a-z0-9_]+)")


def binding_keys(owners: Iterable[Iterable[BindingType]]) -> dict[str, tuple[str, ...]]:
    """Id to default keys of all bindings that may be remapped."""
    keys: dict[str, tuple[str, ...]] = {}
    for bindings in owners:
        for binding in Binding.make_bindings(bindings):
            if binding.id and binding.key not in keys.get(binding.id, ()):
                keys[binding.id] = (*keys.get(binding.id, ()), binding.key)
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
            problems.append(Problem(path=path, key=f"ui.keymap.{name}", message=message, hint=hint))
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
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(sorted(known))}"
        return "no action has this name", hint
    for piece in keys.split(","):
        if not _KEY.fullmatch(piece.strip()):
            return f"{piece.strip()!r} is no key", "such as w, f2 or ctrl+w"
    for key in _normal(keys):
        if key == QUIT_KEY:
            return f"{QUIT_KEY} always quits", "choose another key"
        for taken in met:
            if key in taken:
                return f"{key} is the key of {taken[key]}", "choose another one, or remap that too"
    return "", None


def _normal(keys: str) -> list[str]:
    """Each key as Textual names it: `question_mark`, not `?`."""
    return [binding.key for binding in Binding.make_bindings([Binding(keys, "")])]
