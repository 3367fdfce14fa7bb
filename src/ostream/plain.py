"""The chunk that nearly every chunk is: the head of the one before it, and one more piece of text.

Recognising it saves most of the work that a chunk costs. Whatever is not certain to be such a chunk is
read in full.
"""

import re
from typing import Any

from ostream.delta import JSONObject

_SCALARS = (str, int, float, bool, type(None))
_NO_NEWS = frozenset({"choices", "usage", "error", "x_groq", "timings"})
"""Keys that may bring something new with each chunk; plain chunks have them null or not at all."""

_CONTENT = re.compile(rb'"content":[ ]?"((?:[^"\\\x00-\x1f]|\\.)*)"')
"""Where the text stands in a chunk's JSON."""

_MISSING = object()

# Classes are compared by `__class__ is`: it costs a third of `isinstance`, a parser makes no subclasses, and
# the type checker leaves JSON what it is.


class PlainText:
    """Knows the head of the last chunk that was read in full."""

    __slots__ = ("_after", "_before", "_head", "_size")

    def __init__(self) -> None:
        self._head: list[tuple[str, Any]] = []
        self._size = 0
        self._before = b""
        self._after = b""

    def text_in(self, data: bytes) -> str:
        """The text, if the bytes of an event are those of the last plain chunk but for the text itself.

        Text with escapes, blanks other than spaces, or bytes that are no UTF-8 is left to the parser.
        """
        before, after = self._before, self._after
        room = len(data) - len(before) - len(after)
        if not before or room <= 0 or not (data.startswith(before) and data.endswith(after)):
            return ""
        middle = data[len(before) : len(before) + room]
        if b'"' in middle or b"\\" in middle:
            return ""
        try:
            text = middle.decode()
        except UnicodeDecodeError:
            return ""
        return text if text.isprintable() else ""

    def remember(self, data: bytes, text: str) -> bool:
        """Take the bytes of an event in which `text_of` found `text`; whether `text_in` can go by them."""
        if self._before:
            return True
        found = list(_CONTENT.finditer(data))
        if len(found) == 1 and found[0].group(1) == text.encode("utf-8", "replace"):
            self._before, self._after = data[: found[0].start(1)], data[found[0].end(1) :]
        return bool(self._before)

    def learn(self, raw: JSONObject) -> None:
        """Take the head of a chunk that was read in full."""
        head = [(key, value) for key, value in raw.items() if key != "choices"]
        same = all(
            isinstance(value, _SCALARS) and (key not in _NO_NEWS or value is None) for key, value in head
        )
        self._head, self._size = (head, len(raw)) if same and len(head) < len(raw) else ([], 0)
        self._before = b""

    def text_of(self, raw: Any, index: int) -> str:
        """The text, if `raw` is a plain chunk of the choice with `index`; else nothing."""
        if raw.__class__ is not dict or len(raw) != self._size:
            return ""
        for key, value in self._head:
            if raw.get(key, _MISSING) != value:
                return ""
        choices: Any = raw.get("choices")
        if choices.__class__ is not list or len(choices) != 1:
            return ""
        return _only_text(choices[0], index)


def _only_text(choice: Any, index: int) -> str:
    if (
        choice.__class__ is not dict
        or choice.get("index") != index
        or choice.get("finish_reason") is not None
    ):
        return ""
    known = 2 + ("finish_reason" in choice)
    if len(choice) > known and not (len(choice) == known + 1 and choice.get("logprobs", _MISSING) is None):
        return ""
    delta: Any = choice.get("delta")
    if delta.__class__ is not dict or len(delta) != 1:
        return ""
    text: Any = delta.get("content")
    return text if text.__class__ is str else ""
