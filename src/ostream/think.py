"""Reasoning that a server leaves inside the answer, between `<think>` and `</think>` at its very start."""

import re
from enum import Enum

_OPEN = "<think>"
_CLOSE = "</think>"
_CLOSE_BEGUN = re.compile(r"\s*(?:<(?:/(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?)?)?$")


class _State(Enum):
    START = "start"
    REASONING = "reasoning"
    LEAD = "lead"


class ThinkSplitter:
    """Splits content into answer and reasoning as it comes in; only a leading tag counts.

    What may still turn out to be a part of a tag is held back until that is known.
    """

    __slots__ = ("_begun", "_held", "_state", "is_plain")

    def __init__(self) -> None:
        self.is_plain = False
        """Everything from here on is answer text."""
        self._state = _State.START
        self._held = ""
        self._begun = False  # whether any reasoning was given out

    def feed(self, text: str) -> tuple[str, str]:
        """Answer and reasoning that `text` makes certain."""
        if self.is_plain:
            return text, ""
        text = self._held + text
        self._held = ""
        if self._state is _State.START:
            return self._start(text)
        if self._state is _State.REASONING:
            return self._reasoning(text)
        return self._lead(text), ""

    def flush(self) -> tuple[str, str]:
        """What was held back, at the end of the answer."""
        held, self._held = self._held, ""
        if self._state is _State.REASONING:
            return "", held if held.strip() else ""
        return ("" if self._state is _State.LEAD else held), ""

    def _start(self, text: str) -> tuple[str, str]:
        stripped = text.lstrip()
        if stripped.startswith(_OPEN):
            self._state = _State.REASONING
            return self._reasoning(stripped.removeprefix(_OPEN))
        if _OPEN.startswith(stripped):
            self._held = text
            return "", ""
        self.is_plain = True
        return text, ""

    def _reasoning(self, text: str) -> tuple[str, str]:
        if not self._begun:
            text = text.lstrip()
        inside, tag, after = text.partition(_CLOSE)
        if tag:
            self._state = _State.LEAD
            return self._lead(after), inside.rstrip()
        match = _CLOSE_BEGUN.search(text)
        end = match.start() if match else len(text)
        self._held = text[end:]
        self._begun |= end > 0
        return "", text[:end]

    def _lead(self, text: str) -> str:
        """The blank lines between reasoning and answer belong to neither."""
        text = text.lstrip()
        self.is_plain = bool(text)
        return text
