"""What each prompt of a run is called where it needs a name of its own: the same from run to run."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence

from ostream_compare.domain.comparison import SavedPrompt
from ostream_compare.export.xml_text import legal_line

_LONGEST = 60
"""Characters of a prompt's first words, and of a variable's value."""
_DIGITS = 6


def prompt_names(prompts: Sequence[SavedPrompt]) -> list[str]:
    """A name for each, no two the same.

    It is the prompt's own, else its first words. Those of one name are told apart by their variables, then
    by a hash of what they ask, which does not depend on their place; prompts that ask the same are numbered.
    """
    names = [legal_line(prompt.name or "") or _first_words(prompt.user) for prompt in prompts]
    for more in (_variables, _hash):
        names = _told_apart(names, prompts, more)
    return _numbered([name or f"prompt {number}" for number, name in enumerate(names, 1)])


def _numbered(names: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    unique: dict[str, None] = {}
    for name in names:
        counts.setdefault(name, 1)
        found = name
        while found in unique:
            counts[name] += 1
            found = f"{name} ({counts[name]})"
        unique[found] = None
    return list(unique)


def _told_apart(
    names: Sequence[str], prompts: Sequence[SavedPrompt], more: Callable[[SavedPrompt], str]
) -> list[str]:
    often = Counter(names)
    return [
        f"{name}{more(prompt)}" if often[name] > 1 else name
        for name, prompt in zip(names, prompts, strict=True)
    ]


def _first_words(text: str) -> str:
    return _cut(" ".join(legal_line(text).split()))


def _cut(text: str) -> str:
    """`text`, or as many of its first words as there is room for."""
    if len(text) <= _LONGEST:
        return text
    head, _, rest = text[:_LONGEST].rpartition(" ")
    return f"{head or rest}…"


def _variables(prompt: SavedPrompt) -> str:
    return "".join(f", {_first_words(name)}={_first_words(of)}" for name, of in prompt.variables.items())


def _hash(prompt: SavedPrompt) -> str:
    asked = json.dumps([prompt.system, prompt.user, [turn.user for turn in prompt.turns]])
    return f" #{hashlib.sha256(asked.encode()).hexdigest()[:_DIGITS]}"
