"""Which answers of two runs to one prompt belong together: equal ones, then those most alike. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

_MOST_PAIRS = 10_000
"""Of answers that are not the same, to one prompt; of more, the first go with the first."""
_MOST_CHARACTERS = 20_000
"""Of an answer, as far as it says which other one it is most like."""
_WORD = re.compile(r"\w+|[^\w\s]")

Pair = tuple[int, int]


def counterparts(now: Sequence[str], before: Sequence[str]) -> list[Pair]:
    """Each text of the shorter side with one of the other side, as indexes, in the order of `now`.

    The rounds of two runs have nothing in common, so that their order says nothing: equal texts are
    paired first, each once, then those that have most words in common, whatever the order.
    """
    pairs, left, right = _equal(now, before)
    if min(len(left), len(right)) and len(left) * len(right) <= _MOST_PAIRS:
        pairs += _most_alike(now, before, left, right)
    else:
        pairs += zip(left, right, strict=False)
    return sorted(pairs)


def _equal(now: Sequence[str], before: Sequence[str]) -> tuple[list[Pair], list[int], list[int]]:
    """Pairs of equal texts, and what is left of either side."""
    places: dict[str, list[int]] = {}
    for j in reversed(range(len(before))):
        places.setdefault(before[j], []).append(j)
    pairs: list[Pair] = []
    left: list[int] = []
    for i, text in enumerate(now):
        if same := places.get(text):
            pairs.append((i, same.pop()))
        else:
            left.append(i)
    return pairs, left, sorted(j for rest in places.values() for j in rest)


def _most_alike(
    now: Sequence[str], before: Sequence[str], left: Sequence[int], right: Sequence[int]
) -> list[Pair]:
    words_now, words_before = {i: _words(now[i]) for i in left}, {j: _words(before[j]) for j in right}
    every = sorted(
        ((i, j) for i in left for j in right),
        key=lambda pair: _in_common(words_now[pair[0]], words_before[pair[1]]),
        reverse=True,
    )
    pairs: list[Pair] = []
    free_now, free_before = set(left), set(right)
    for i, j in every:
        if i in free_now and j in free_before:
            free_now.remove(i)
            free_before.remove(j)
            pairs.append((i, j))
    return pairs


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text[:_MOST_CHARACTERS]))


def _in_common(one: Counter[str], other: Counter[str]) -> float:
    """The share of words that both have, in any order, of the words of both."""
    every = one.total() + other.total()
    return 2 * (one & other).total() / every if every else 0.0
