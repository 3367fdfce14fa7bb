"""Which answers of two runs to one prompt belong together: equal ones, then those most alike. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

_MOST_PAIRS = 10_000
"""Of answers that are not the same, to one prompt; of more, the first go with the first."""
_MOST_CHARACTERS = 20_000
"""Of an answer, as far as it says which other one it is most like."""
_MOST_IN_ALL = 400_000
"""Characters of all answers to one prompt: the more there are, the shorter is what is read of each."""
_WORD = re.compile(r"\w+|[^\w\s]")

Pair = tuple[int, int]
_Word = tuple[str, int]


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
    most = min(_MOST_CHARACTERS, _MOST_IN_ALL // (len(left) + len(right)))
    words_now = [_words(now[i][:most]) for i in left]
    words_before = [_words(before[j][:most]) for j in right]
    shared = set[_Word]().union(*words_now).intersection(set[_Word]().union(*words_before))
    places = {word: place for place, word in enumerate(shared)}
    marks_now, marks_before = ([_marks(of, places) for of in side] for side in (words_now, words_before))
    shares = [
        (_share(one & other, len(words) + len(others)), i, j)
        for i, words, one in zip(left, words_now, marks_now, strict=True)
        for j, others, other in zip(right, words_before, marks_before, strict=True)
    ]
    shares.sort(key=itemgetter(0), reverse=True)
    pairs: list[Pair] = []
    free_now, free_before = set(left), set(right)
    for _, i, j in shares:
        if i in free_now and j in free_before:
            free_now.remove(i)
            free_before.remove(j)
            pairs.append((i, j))
    return pairs


def _words(text: str) -> list[_Word]:
    """Each word with a number, so that a word that comes twice is two."""
    return [(word, n) for word, times in Counter(_WORD.findall(text)).items() for n in range(times)]


def _marks(words: Iterable[_Word], places: Mapping[_Word, int]) -> int:
    """A number with a bit for each of `words` that has a place: what two have in common is one `&`."""
    bits = bytearray(len(places) // 8 + 1)
    for word in words:
        if (place := places.get(word)) is not None:
            bits[place // 8] |= 1 << place % 8
    return int.from_bytes(bits, "little")


def _share(common: int, every: int) -> float:
    """How many of the words of both, `every`, are in `common`, in any order."""
    return 2 * common.bit_count() / every if every else 0.0
