"""What one chunk of a stream says, whatever shape its server gave it: every quirk of JSON is read here.

Input is parsed JSON of unknown shape; nothing here raises, odd things become warnings.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from ostream.json_text import finite, is_array, is_object, repaired

JSONObject = dict[str, Any]


@dataclass(slots=True)
class ToolFragment:
    """A piece of one tool call."""

    index: int | None = None
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    raw: JSONObject = field(default_factory=dict[str, Any])
    """Keys besides index, id, type and function."""
    legacy: bool = False
    """From the old `function_call` field, which has neither id nor index."""


@dataclass(slots=True)
class ChoiceDelta:
    """A piece of one choice."""

    index: int = 0
    content: str = ""
    reasoning: str = ""
    reasoning_field: str = "reasoning_content"
    """The name under which the server sends its reasoning."""
    reasoning_details: list[Any] | None = None
    refusal: str = ""
    role: str | None = None
    tools: list[ToolFragment] | None = None
    finish_reason: str | None = None
    audio: JSONObject | None = None
    logprobs: JSONObject | None = None
    message: JSONObject | None = None
    """A whole or cumulative message in place of a delta."""
    no_delta: bool = False
    """The choice had no `delta` at all: a chat completion that was not streamed."""
    message_extra: JSONObject | None = None
    """Unknown keys of the delta."""
    choice_extra: JSONObject | None = None
    """Unknown keys of the choice."""

    @classmethod
    def of_message(cls, message: JSONObject) -> "ChoiceDelta":
        """A whole message read as one delta."""
        out = cls()
        _read_delta(message, out)
        return out

    @property
    def has_content(self) -> bool:
        """Whether it carries anything that a first token is measured by."""
        return bool(
            self.content
            or self.reasoning
            or self.reasoning_details
            or self.refusal
            or self._has_audio
            or self._has_tools
        )

    @property
    def _has_audio(self) -> bool:
        return bool(self.audio and (self.audio.get("data") or self.audio.get("transcript")))

    @property
    def _has_tools(self) -> bool:
        return any(tool.name or tool.arguments for tool in self.tools or ())


_CHOICE_KEYS = frozenset({"index", "delta", "message", "finish_reason", "logprobs", "text", "usage", "error"})
_DELTA_KEYS = frozenset(
    {"role", "content", "reasoning", "reasoning_content", "reasoning_details", "refusal", "tool_calls",
     "function_call", "audio"},
)  # fmt: skip


def read_choices(raw: JSONObject) -> tuple[list[ChoiceDelta], bool]:
    """The choices of a chunk, and whether its `choices` had a shape that cannot be read."""
    choices = raw.get("choices")
    if choices is None:
        return [], False
    if not is_array(choices):
        return [], True
    return [read_choice(choice, place) for place, choice in enumerate(choices) if is_object(choice)], False


def read_choice(choice: JSONObject, place: int) -> ChoiceDelta:
    """One entry of `choices`; `place` is its index when the server names none."""
    index = choice.get("index")
    out = ChoiceDelta(index if isinstance(index, int) and index >= 0 else place)
    finish = choice.get("finish_reason")
    if finish:
        out.finish_reason = repaired(str(finish))
    delta = choice.get("delta")
    if is_object(delta):
        _read_delta(delta, out)
    else:
        out.no_delta = "delta" not in choice
    if len(choice) > 3 or out.no_delta:  # noqa: PLR2004 - index, delta and finish_reason are the usual three
        _read_rest(choice, out)
    return out


def _read_rest(choice: JSONObject, out: ChoiceDelta) -> None:
    message = choice.get("message")
    if is_object(message) and not out.has_content:
        out.message = message
    text = choice.get("text")
    if isinstance(text, str) and not out.content:
        out.content = text
        out.no_delta = False
    logprobs = choice.get("logprobs")
    if is_object(logprobs):
        out.logprobs = logprobs
    extra = {key: value for key, value in choice.items() if key not in _CHOICE_KEYS}
    if extra:
        out.choice_extra = extra


def _read_delta(delta: JSONObject, out: ChoiceDelta) -> None:
    content = delta.get("content")
    if isinstance(content, str):
        out.content = content
        if len(delta) == 1:
            return
    elif content is not None:
        _read_parts(content if is_array(content) else [content], out)
    for key, value in delta.items():
        if value is None or key == "content":
            continue
        if key == "role":
            out.role = str(value)
        elif key in _DELTA_KEYS:
            _read_known(key, value, out)
        elif key != "annotations" or is_array(value):
            out.message_extra = {**(out.message_extra or {}), key: value}
    if not out.reasoning and out.reasoning_details:
        out.reasoning = _details_text(out.reasoning_details)


def _read_known(key: str, value: Any, out: ChoiceDelta) -> None:
    if key in {"reasoning", "reasoning_content"}:
        if isinstance(value, str) and value and not out.reasoning:
            out.reasoning = value
            out.reasoning_field = key
    elif key == "reasoning_details":
        if is_array(value) and value:
            out.reasoning_details = value
    elif key == "refusal":
        out.refusal = value if isinstance(value, str) else ""
    elif key == "audio":
        out.audio = value if is_object(value) else None
    else:
        _read_tools(key, value, out)


def _read_tools(key: str, value: Any, out: ChoiceDelta) -> None:
    if key == "tool_calls":
        calls = value if is_array(value) else [value]
        out.tools = [read_tool(item) for item in calls if is_object(item)]
    elif key == "function_call" and is_object(value):
        fragment = read_tool({"function": value})
        fragment.legacy = True
        out.tools = [*(out.tools or ()), fragment]


def _read_parts(parts: list[Any], out: ChoiceDelta) -> None:
    """Content as a list of typed parts (Mistral): text is text, thinking is reasoning."""
    text: list[str] = []
    for part in parts:
        if isinstance(part, str):
            text.append(part)
        elif is_object(part):
            inner = part.get("thinking")
            if inner is not None:
                nested = ChoiceDelta()
                _read_parts(inner if is_array(inner) else [inner], nested)
                out.reasoning += nested.content
            elif isinstance(part.get("text"), str):
                text.append(str(part["text"]))
    out.content = "".join(text)


def _details_text(details: list[Any]) -> str:
    """The readable part of OpenRouter's `reasoning_details`; encrypted entries have none."""
    found: list[str] = []
    for item in details:
        if is_object(item):
            text = item.get("text") or item.get("summary")
            if isinstance(text, str):
                found.append(text)
    return "".join(found)


def read_tool(raw: JSONObject) -> ToolFragment:
    """One entry of `tool_calls`."""
    found = raw.get("function")
    function: JSONObject = found if is_object(found) else {}
    index = raw.get("index")
    call_id = raw.get("id")
    name = function.get("name")
    arguments = function.get("arguments")
    if arguments is None:
        arguments = ""
    elif not isinstance(arguments, str):
        arguments = json.dumps(finite(arguments), ensure_ascii=False, separators=(",", ":"))
    return ToolFragment(
        index=index if isinstance(index, int) else None,
        id=repaired(str(call_id)) if call_id else None,
        name=repaired(name) if isinstance(name, str) and name else None,
        arguments=arguments,
        raw={key: value for key, value in raw.items() if key not in {"index", "id", "type", "function"}},
    )


def read_usage(raw: JSONObject) -> list[JSONObject]:
    """Every usage record that a chunk carries, in the order of its fields."""
    records: list[JSONObject] = []
    holders: list[Any] = [raw, raw.get("x_groq")]
    choices = raw.get("choices")
    if is_array(choices):
        holders += choices
    for holder in holders:
        if is_object(holder):
            record = holder.get("usage")
            if is_object(record) and record:
                records.append(record)
    return records
