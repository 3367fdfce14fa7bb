"""Chunks become one chat completion. Pure: feed it what the chunks say, read it at any time.

Pieces are kept in lists and joined when somebody asks, so that adding is linear in what is added.
Merging goes by the meaning of a field: text is appended, names and ids are set, counts are replaced.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from ostream.delta import ChoiceDelta, JSONObject
from ostream.json_text import finite, is_array, repaired, sparing
from ostream.text_field import TextField
from ostream.think import ThinkSplitter
from ostream.tool_calls import ToolCall, ToolMerger


@dataclass(slots=True)
class Audio:
    """Audio of one choice, base64 pieces of any length decoded as far as they are whole."""

    id: str | None = None
    expires_at: Any = None
    pieces: list[bytes] = field(default_factory=list[bytes])
    transcript: TextField = field(default_factory=TextField)
    _carry: str = ""

    def add(self, raw: JSONObject) -> tuple[bytes, str]:
        """Merge one delta; returns the bytes that it completes, and what they say."""
        if raw.get("id"):
            self.id = repaired(str(raw["id"]))
        self.expires_at = raw.get("expires_at") or self.expires_at
        transcript = raw.get("transcript")
        said = self.transcript.add(transcript) if isinstance(transcript, str) and transcript else ""
        data = raw.get("data")
        if not isinstance(data, str) or not data:
            return b"", said
        text = self._carry + data
        whole = len(text) - len(text) % 4
        self._carry = text[whole:]
        try:
            decoded = base64.b64decode(text[:whole])
        except (binascii.Error, ValueError):
            decoded = b""
        self.pieces.append(decoded)
        return decoded, said

    @property
    def data(self) -> bytes:
        """All of it; a last piece without its padding is decoded too."""
        rest = b""
        if len(self._carry) > 1:
            try:
                rest = base64.b64decode(self._carry + "=" * (-len(self._carry) % 4))
            except (binascii.Error, ValueError):
                rest = b""
        return b"".join(self.pieces) + rest


@dataclass(slots=True)
class Visible:
    """What one chunk adds to the choice that is shown."""

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    audio: bytes = b""
    transcript: str = ""


class Choice:
    """One choice as far as it has come in."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.role = "assistant"
        self.raw = TextField()
        """Content as the server sent it, `<think>` tags included."""
        self.content: list[str] = []
        self.reasoning = TextField()
        self.reasoning_field: str | None = None
        self.reasoning_details: list[Any] = []
        self.refusal = TextField()
        self.tools = ToolMerger()
        self.audio: Audio | None = None
        self.finish_reason: str | None = None
        self.grew_after_finish = False
        self.logprobs: dict[str, Any] | None = None
        self.message_extra: JSONObject = {}
        self.choice_extra: JSONObject = {}
        self._think = ThinkSplitter()

    def add(self, delta: ChoiceDelta, shown: Visible) -> list[tuple[ToolCall, str]]:
        """Merge one delta, say what it shows; the tool calls that it touched, each with its piece."""
        if delta.message is not None:
            self._add_message(delta)
        if delta.content:
            self._add_content(self.raw.add(delta.content), shown)
        if delta.reasoning:
            self.reasoning_field = self.reasoning_field or delta.reasoning_field
            shown.reasoning += self.reasoning.add(delta.reasoning)
        if delta.refusal:
            shown.refusal += self.refusal.add(delta.refusal)
        touched = [found for tool in delta.tools or () if (found := self.tools.add(tool))]
        self._add_rest(delta, shown)
        self._finish(delta, shown)
        return touched

    def _add_rest(self, delta: ChoiceDelta, shown: Visible) -> None:
        if delta.audio is not None:
            self.audio = self.audio or Audio()
            shown.audio, shown.transcript = self.audio.add(delta.audio)
        if delta.logprobs is not None:
            self._add_logprobs(delta.logprobs)
        if delta.reasoning_details:
            self.reasoning_details += delta.reasoning_details
        if delta.message_extra:
            _merge_lists(self.message_extra, delta.message_extra)
        if delta.choice_extra:
            self.choice_extra.update(delta.choice_extra)
        if delta.role:
            self.role = repaired(delta.role)

    @property
    def is_plain(self) -> bool:
        """Whether more text is answer text and nothing else, and no finish reason came yet."""
        return self.finish_reason is None and self._think.is_plain

    def add_plain(self, text: str) -> str:
        """Append answer text that came alone; what became visible by it."""
        text = self.raw.add(text)
        if text:
            self.content.append(text)
        return text

    @property
    def text(self) -> str:
        """The answer; where there is none but speech, what was said."""
        if len(self.content) > 1:
            self.content[:] = ["".join(self.content)]
        if self.content:
            return self.content[0]
        return str(self.audio.transcript) if self.audio is not None else ""

    def settled_length(self) -> int:
        """Characters in all its text, the pieces of which are joined."""
        raw, content, reasoning, refusal = str(self.raw), self.text, str(self.reasoning), str(self.refusal)
        return max(len(raw), len(content) + len(reasoning)) + len(refusal) + self.tools.settled_length()

    @property
    def was_repaired(self) -> bool:
        """Whether any of its text was no Unicode."""
        return self.raw.was_repaired or self.reasoning.was_repaired or self.refusal.was_repaired

    @property
    def is_empty(self) -> bool:
        """Whether nothing that a person or a program could use came in."""
        return not (self.raw.parts or self.reasoning.parts or self.refusal.parts or self.tools or self.audio)

    def flush(self) -> Visible:
        """Give out what was held back, at the end."""
        shown = Visible()
        self._add_content(self.raw.flush(), shown)
        shown.reasoning += self.reasoning.flush()
        shown.refusal += self.refusal.flush()
        self._settle(shown)
        return shown

    def _finish(self, delta: ChoiceDelta, shown: Visible) -> None:
        if self.finish_reason is not None and delta.has_content:
            self.grew_after_finish = True
        if delta.finish_reason:
            self.finish_reason = delta.finish_reason
            self._settle(shown)

    def _settle(self, shown: Visible) -> None:
        answer, reasoning = self._think.flush()
        self._show(answer, reasoning, shown)

    def _add_content(self, text: str, shown: Visible) -> None:
        if not text:
            return
        if self._think.is_plain:
            self.content.append(text)
            shown.content += text
        else:
            self._show(*self._think.feed(text), shown)

    def _show(self, answer: str, reasoning: str, shown: Visible) -> None:
        if answer:
            self.content.append(answer)
            shown.content += answer
        if reasoning:
            shown.reasoning += self.reasoning.add(reasoning)

    def _add_message(self, delta: ChoiceDelta) -> None:
        """A whole or cumulative message: what it has more than what came before is the delta."""
        whole = ChoiceDelta.of_message(delta.message or {})
        seen = str(self.raw)
        delta.content = whole.content[len(seen) :] if whole.content.startswith(seen) else ""
        thought = str(self.reasoning)
        delta.reasoning = whole.reasoning[len(thought) :] if whole.reasoning.startswith(thought) else ""
        delta.reasoning_field = whole.reasoning_field
        delta.refusal = whole.refusal if not self.refusal.parts else ""
        delta.tools = whole.tools if not self.tools else None
        delta.audio, delta.role, delta.message_extra = whole.audio, whole.role, whole.message_extra
        delta.reasoning_details = whole.reasoning_details if not self.reasoning_details else None

    def _add_logprobs(self, raw: JSONObject) -> None:
        if self.logprobs is None:
            self.logprobs = {}
        _merge_lists(self.logprobs, raw)

    def message(self) -> JSONObject:
        """The assistant's message as a non-streamed answer would hold it."""
        calls = self.tools.calls
        bare = bool(calls) or bool(self.refusal.parts) or self.audio is not None
        content = str(self.raw)
        message: JSONObject = {"role": self.role, "content": None if bare and not content else content}
        message["refusal"] = str(self.refusal) or None
        if self.reasoning_field is not None:
            message[self.reasoning_field] = str(self.reasoning)
        if self.reasoning_details:
            message["reasoning_details"] = finite(self.reasoning_details)
        modern = [call_object(call, place) for place, call in enumerate(calls) if not call.legacy]
        if modern:
            message["tool_calls"] = modern
        for call in calls:
            if call.legacy:
                message["function_call"] = {"name": call.name or "", "arguments": call.arguments}
        if self.audio is not None:
            message["audio"] = {
                "id": self.audio.id,
                "data": base64.b64encode(self.audio.data).decode(),
                "transcript": str(self.audio.transcript),
                "expires_at": finite(self.audio.expires_at),
            }
        return message | finite(self.message_extra)

    def _settled_logprobs(self) -> JSONObject | None:
        """They weigh more than the rest of an answer, so that only the lists that grow are copied."""
        if self.logprobs is None:
            return None
        lists: JSONObject = sparing(self.logprobs)
        return {key: value.copy() if is_array(value) else value for key, value in lists.items()}

    def completion_choice(self) -> JSONObject:
        """The entry of `choices`."""
        return {
            "index": self.index,
            "message": self.message(),
            "finish_reason": self.finish_reason,
            "logprobs": self._settled_logprobs(),
        } | finite(self.choice_extra)


def _merge_lists(merged: JSONObject, new: JSONObject) -> None:
    """Lists grow, in place so that growing is linear; anything else is set to its last non-null value."""
    for key, value in new.items():
        before = merged.get(key)
        if is_array(value):
            if is_array(before):
                before.extend(value)
            else:
                merged[key] = list(value)
        elif value is not None or key not in merged:
            merged[key] = value


def call_object(call: ToolCall, place: int) -> JSONObject:
    """A tool call as a message holds it; one without an id gets a stable one by its place."""
    return {
        "id": call_id(call, place),
        "type": "function",
        "function": {"name": call.name or "", "arguments": call.arguments},
    } | finite(call.extra)


def call_id(call: ToolCall, place: int) -> str:
    """The server's id, or `call_N`."""
    return call.id or f"call_{place}"
