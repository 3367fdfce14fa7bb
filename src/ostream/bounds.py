"""How far one answer may grow, so that no server fills the memory of whoever reads it. Pure."""

from collections.abc import Mapping, Sequence

from ostream.accumulator import Choice
from ostream.delta import ChoiceDelta

MAX_TEXT = 4 * 1024 * 1024
"""Characters of one answer: all choices, reasoning and arguments of tools; a million tokens or so."""
MAX_REST = 32 * 1024 * 1024
"""Bytes of memory, roughly, for what an answer brings beside its text."""
MAX_CHOICES = 1024
MAX_TOOL_CALLS = 4096
"""Of one choice."""
_SETTLE = 512 * 1024
"""Bytes of memory, roughly, of new pieces of text after which they are joined and counted."""
_PIECE = 64
"""Bytes of memory that a piece takes beside its characters."""
MAX_LOGPROBS = 32 * 1024 * 1024
"""Bytes of memory, roughly, for logprobs: some thousands of tokens with five alternatives each."""
_PER_BYTE = 12
"""Bytes of memory for a byte of their JSON."""


class Bounds:
    """What one answer has grown to.

    Args:
        choices: Its own, as they are filled.
    """

    def __init__(self, choices: Mapping[int, Choice]) -> None:
        self._choices = choices
        self._pieces = 0
        self._rest = 0
        self._logprobs = 0

    def text(self, length: int) -> str | None:
        """A piece of text is about to be added: why it is too much, `None` if it is not."""
        self._pieces += length + _PIECE
        return None if self._pieces <= _SETTLE else self._settle(length)

    def deltas(self, deltas: Sequence[ChoiceDelta], size: int) -> str | None:
        """Deltas of an event of `size` bytes are about to be added: why they are too much."""
        fresh = sum(delta.index not in self._choices for delta in deltas)
        if fresh and len(self._choices) + fresh > MAX_CHOICES:
            return f"the answer has more than {MAX_CHOICES} choices"
        if any(delta.message is not None for delta in deltas):
            return self._settle(0, least=size)  # all of the text, or as much of it as there is
        if any(map(_brings_more, deltas)) and (why := self.rest(size)) is not None:
            return why
        return self.text(sum(map(_length, deltas)))

    def keeps_logprobs(self, size: int) -> bool:
        """Whether there is room for those of an event of `size` bytes; an answer is whole without them."""
        fits = self._logprobs + size * _PER_BYTE <= MAX_LOGPROBS
        self._logprobs += size * _PER_BYTE * fits
        return fits

    def rest(self, size: int) -> str | None:
        """Something else of `size` bytes is about to be added: why it is too much."""
        self._rest += size
        if self._rest <= MAX_REST:
            return None
        return f"what the answer brings beside its text is larger than {MAX_REST // 2**20} MiB"

    def _settle(self, more: int, *, least: int = 0) -> str | None:
        """Join the pieces, whose number costs more than their length; why `more` does not fit."""
        self._pieces = 0
        text = sum(choice.settled_length() for choice in self._choices.values())
        if max(text + more, least) > MAX_TEXT:
            return f"the answer is longer than {MAX_TEXT:,} characters"
        if any(len(choice.tools) > MAX_TOOL_CALLS for choice in self._choices.values()):
            return f"the answer has more than {MAX_TOOL_CALLS} tool calls"
        return None


def _length(delta: ChoiceDelta) -> int:
    tools = sum(len(tool.arguments) for tool in delta.tools or ())
    return len(delta.content) + len(delta.reasoning) + len(delta.refusal) + tools


def _brings_more(delta: ChoiceDelta) -> bool:
    """Whether more than text is to be kept."""
    if delta.audio or delta.reasoning_details or delta.message_extra or delta.choice_extra:
        return True
    return any(tool.id or tool.name or tool.raw for tool in delta.tools or ())
