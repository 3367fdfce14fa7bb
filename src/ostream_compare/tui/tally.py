"""Tokens of an answer that still streams, estimated as it grows. Pure; the end's own counts replace it."""

import re

from ostream_compare.domain.rope import Rope, Spot

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|[^\w\s]")
_OPEN_WORD = re.compile(rf"[^\W{_CJK}]+\Z")
_PIECE = 50_000
"""Characters that are counted at once: the words of what a flood brings in one frame take 60 bytes each."""


class Tally:
    """Counts words, punctuation and CJK characters of one lane; only what is new is looked at."""

    __slots__ = ("_count", "_ropes")

    def __init__(self) -> None:
        self._ropes: dict[str, _Reading] = {}
        self._count = 0

    def count(self, **ropes: Rope) -> int:
        """The estimate for all the named texts; a text that does not continue the last one starts anew."""
        return sum(self._ropes.setdefault(name, _Reading()).count(rope) for name, rope in ropes.items())


class _Reading:
    __slots__ = ("_open_word", "_parts", "_read", "_tokens")

    def __init__(self) -> None:
        self._start(Rope())

    def _start(self, rope: Rope) -> None:
        self._parts = rope.parts
        self._read = Spot()
        self._tokens = 0
        self._open_word = False

    def count(self, rope: Rope) -> int:
        end = Spot(rope.count)
        if rope.parts is not self._parts or end < self._read:
            self._start(rope)
        while self._read != end:
            text, self._read = rope.read(self._read, _PIECE)
            self._tokens += len(_TOKEN.findall(text))
            first = _TOKEN.match(text)
            if self._open_word and first is not None and (first.group()[0].isalnum() or text[0] == "_"):
                self._tokens -= int(_OPEN_WORD.search(first.group()) is not None)
            self._open_word = _OPEN_WORD.search(text[-1]) is not None
        return self._tokens
