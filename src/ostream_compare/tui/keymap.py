"""The user's keys: which entries of `[ui.keymap]` can be used, and what is wrong with the others. Pure."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from textual.binding import Binding, BindingType

from ostream_compare.domain.errors import Problem

QUIT_KEY = "ctrl+q"
_KEY = re.compile(r"(?:(?:ctrl|shift|alt|meta|super|hyper)\+)*(?:[^\s,+]|\+|[a-z][a-z0-9_]+)")


def binding_ids(owners: Iterable[Iterable[BindingType]]) -> dict[str, str]:
    """Id to default keys of all bindings that may be remapped."""
    return {
        binding.id: binding.key
        for bindings in owners
        for binding in bindings
        if isinstance(binding, Binding) and binding.id and QUIT_KEY not in binding.key.split(",")
    }


def checked(
    keymap: Mapping[str, str], known: Mapping[str, str], path: str | None
) -> tuple[dict[str, str], list[Problem]]:
    """The usable entries, and a problem for each of the others.

    Args:
        keymap: Binding id to keys, as in the file.
        known: Binding id to default keys.
        path: The file, for the problems.
    """
    usable: dict[str, str] = {}
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    for name, keys in keymap.items():
        message, hint = _flaw(name, keys, known, taken)
        if message:
            problems.append(Problem(path=path, key=f"ui.keymap.{name}", message=message, hint=hint))
            continue
        pieces = [key.strip() for key in keys.split(",")]
        usable[name] = ",".join(pieces)
        taken |= dict.fromkeys(pieces, name)
    return usable, problems


def _flaw(name: str, keys: str, known: Mapping[str, str], taken: Mapping[str, str]) -> tuple[str, str | None]:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        return (
            "no action has this name",
            f"did you mean {near[0]}?" if near else f"one of {', '.join(sorted(known))}",
        )
    for key in (piece.strip() for piece in keys.split(",")):
        if not _KEY.fullmatch(key):
            return f"{key!r} is no key", "such as w, f2 or ctrl+w"
        if key == QUIT_KEY:
            return f"{QUIT_KEY} always quits", "choose another key"
        if key in taken:
            return f"{key} is also given to {taken[key]}", "choose another key"
    return "", None
