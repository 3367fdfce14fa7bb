"""Events become chunks, and the state that they add up to. Pure; used live, and again for each replay."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ostream.accumulator import Choice, Visible
from ostream.bounds import Bounds
from ostream.chunk import OpenAICallResponseChunk
from ostream.delta import ChoiceDelta, JSONObject, read_choices, read_usage
from ostream.error_shapes import Reported, error_in_chunk, read_error
from ostream.errors import OStreamError, make_error, redact
from ostream.json_text import BadJSONError, finite, is_array, is_object, parse, repaired
from ostream.plain import PlainText
from ostream.sse import ServerEvent
from ostream.tool_calls import ToolCall
from ostream.usage import Usage, filled_usage, merge_usage, normalize

_KNOWN_FINISH = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
_SHORT = 64
"""Bytes of the longest event that may be `[DONE]` among blanks."""

_HEAD_KEYS = 3
"""Fields that a chunk names anew each time: `id`, `model`, `created`."""
_BODY_KEYS = frozenset({"object", "choices", "usage", "error"})


@dataclass(slots=True)
class Arrived:
    """A chunk to yield."""

    chunk: OpenAICallResponseChunk
    has_content: bool
    finished: Sequence[ToolCall] = ()
    """Tool calls of the first choice that this chunk finished."""
    grown: Sequence[tuple[ToolCall, str]] = ()
    """Tool calls of the first choice that this chunk touched, each with the piece of arguments that came."""


@dataclass(slots=True)
class Head:
    """Fields of the whole response."""

    id: str | None = None
    model: str | None = None
    created: Any = None
    extra: JSONObject = field(default_factory=dict[str, Any])


class Interpreter:
    """Reads one stream's events in order.

    Args:
        secrets: Never to stand in an error's message.
        wanted: Choices that were asked for. Of several the one with index 0 is shown, however late it begins.
    """

    def __init__(self, secrets: tuple[str, ...] = (), *, wanted: int = 1) -> None:
        self.lock = threading.RLock()
        """Held while it reads, and by who looks at it from another thread."""
        self.choices: dict[int, Choice] = {}
        self.head = Head()
        self.raw_usage: JSONObject | None = None
        self.timings: JSONObject | None = None
        self.warnings: list[str] = []
        self.error: OStreamError | None = None
        self.done = False
        self.chunks = 0
        self.is_finished = False
        """Every choice that came has its finish reason."""
        self.is_surely_finished = False
        """Finished, and no server that goes on after its finish reasons."""
        self.stray: list[bytes] = []
        self._framed = False
        self._secrets = secrets
        self._wanted = wanted
        self._primary: int | None = None
        self._plain = PlainText()
        self._quick: Choice | None = None
        """The choice that is shown, if `_plain` knows the bytes in which more of its text comes."""
        self._bounds = Bounds(self.choices)

    def read(self, event: ServerEvent, at: int) -> Arrived | None:
        """The chunk that `event` is, `None` if it is none; sets `error` and `done`."""
        with self.lock:
            return self._read(event, at)

    def _read(self, event: ServerEvent, at: int) -> Arrived | None:
        quick = self._quick
        if quick is not None and event.is_bare and (text := self._plain.text_in(event.data)):
            return self._read_plain(quick, event.data, text, at)
        data = event.data if len(event.data) > _SHORT else event.data.strip()  # JSON may stand among blanks
        if event.stray:
            return self._read_stray(data, event, at)
        self._framed = True
        if not data or data == b"[DONE]":
            self.done |= bool(data)
            return None
        shown = self._plain_choice if event.is_bare else None
        try:
            value, warnings = parse(data)
        except BadJSONError:
            self._bad_json(event, data)
            return None
        if shown is not None and not warnings and (text := self._plain.text_of(value, shown.index)):
            if self._plain.remember(data, text):
                self._quick = shown
            return self._read_plain(shown, value, text, at)
        return self._read_odd(event, value, warnings, at)

    @property
    def _plain_choice(self) -> Choice | None:
        """The choice that is shown, if text is all that it still waits for."""
        choice = None if self._primary is None else self.choices[self._primary]
        return choice if choice is not None and choice.is_plain else None

    def _read_plain(self, shown: Choice, raw: JSONObject | bytes, text: str, at: int) -> Arrived | None:
        """A chunk that is one more piece of the shown choice's text."""
        self.chunks += 1
        why = self._bounds.text(len(text))
        if why is not None and self._is_too_much(why):
            return None
        text = shown.add_plain(text)
        return Arrived(OpenAICallResponseChunk(raw, received_at=at, content=text), has_content=True)

    def _read_odd(self, event: ServerEvent, value: Any, warnings: tuple[str, ...], at: int) -> Arrived | None:
        """An event that is more than one piece of text."""
        if not event.terminated:
            self.warn("unterminated_event")
        for warning in warnings:
            self.warn(warning)
        if event.name == b"error" and not (is_object(value) and value.get("choices")):
            self._fail(read_error(value))
            return None
        return self._read_value(value, at, len(event.data))

    def warn(self, warning: str) -> None:
        """Add a warning, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    @property
    def primary(self) -> Choice | None:
        """The choice that is shown: the one with index 0, else the first that came.

        What was shown once stays: a choice with index 0 that begins later does not take its place.
        """
        if self._primary is not None:
            return self.choices[self._primary]
        return self.choices[min(self.choices)] if self.choices else None

    @property
    def has_output(self) -> bool:
        """Whether anything of an answer came."""
        return any(not choice.is_empty for choice in self.choices.values())

    def usage(self) -> Usage:
        """The counts, normalised."""
        with self.lock:
            return normalize(self.raw_usage, has_output=self.has_output, timings=self.timings)

    def flush(self) -> None:
        """Give out what was held back, at the end."""
        with self.lock:
            if self.primary is not None:
                self.primary.flush()

    def unfinished_calls(self) -> list[ToolCall]:
        """Tool calls of the first choice that were not given out yet, marked as given out."""
        return [] if self.primary is None else _finish(self.primary.tools.calls)

    def completion(self, model: str) -> JSONObject:
        """The chat completion, as a non-streamed answer would be; `model` where the server named none."""
        body: JSONObject = {
            "id": self.head.id or "",
            "object": "chat.completion",
            "created": finite(self.head.created),
            "model": self.head.model or repaired(model),
            "choices": [self.choices[index].completion_choice() for index in sorted(self.choices)],
        }
        if self.raw_usage is not None:
            body["usage"] = finite(filled_usage(self.raw_usage))
        return body | finite(self.head.extra)

    def read_body(self, at: int) -> Arrived | None:
        """A JSON body over several lines, at its end; `None` if what came is none."""
        with self.lock:
            if self.chunks or self.error is not None or not self.stray:
                return None
            try:
                value, _ = parse(b"\n".join(self.stray))
            except BadJSONError:
                return None
            return self._read_value(value, at, sum(map(len, self.stray)))

    def _read_stray(self, line: bytes, event: ServerEvent, at: int) -> Arrived | None:
        """A line outside of the protocol: a JSON body or NDJSON is read as it comes, the rest is kept."""
        if self._framed:
            return None
        if line.startswith((b"{", b"[")) and not self.stray:
            try:
                value, _ = parse(line)
            except BadJSONError:
                value = None
            if is_object(value) and value.get("choices"):
                arrived = self._read_value(value, at, len(line))
                if event.terminated and "not_streamed" not in self.warnings:
                    self.warn("not_sse")
                return arrived
        self.stray.append(line)
        return None

    def _bad_json(self, event: ServerEvent, data: bytes) -> None:
        if not event.terminated:
            return  # cut off in the middle: the end of the body gives the verdict
        text = repaired(data[:500].decode("utf-8", "replace"))
        self.error = make_error(
            "bad_json", f"the server sent data that is no JSON: {redact(text, self._secrets)}"
        )

    def _fail(self, reported: Reported) -> None:
        code = reported.code
        self.error = make_error(
            "stream_error",
            redact(reported.message, self._secrets),
            code=redact(code, self._secrets) if code else None,
            hint=f"retry_after:{reported.wait:.1f}" if reported.wait is not None else None,
            retry_after=reported.wait,
        )

    def _is_too_much(self, why: str | None) -> bool:
        """Whether there is a reason to end here; what came before is kept."""
        if why is not None and self.error is None:
            self.error = make_error("too_large", why)
        return why is not None

    def _read_value(self, value: Any, at: int, size: int) -> Arrived | None:
        if value is None:
            return None
        if is_array(value) and len(value) == 1 and is_object(value[0]):
            value = value[0]
        if not is_object(value):
            self.warn("odd_event")
            return None
        reported = error_in_chunk(value)
        if reported is not None:
            self._fail(reported)
            if not value.get("choices"):
                return None
        return self._read_chunk(value, at, size)

    def _read_chunk(self, raw: JSONObject, at: int, size: int) -> Arrived | None:
        deltas, odd = read_choices(raw)
        if odd:
            self.warn("odd_event")
        self.chunks += 1
        if self._is_too_much(self._bounds.deltas(deltas, size)):
            return None
        if any(delta.logprobs for delta in deltas) and not self._bounds.keeps_logprobs(size):
            self.warn("logprobs_cut")
            for delta in deltas:
                delta.logprobs = None
        if len(raw.keys() - _BODY_KEYS - self.head.extra.keys()) > _HEAD_KEYS:
            self._is_too_much(self._bounds.rest(size))
        self._read_head(raw)
        self._plain.learn(raw)
        self._quick = None
        shown = Visible()
        finished: list[ToolCall] = []
        touched: list[tuple[ToolCall, str]] = []
        for delta in deltas:
            choice = self._choice(delta.index)
            primary = delta.index == self._primary
            calls = choice.add(delta, shown if primary else Visible())
            self._note(delta)
            if primary:
                if calls:
                    touched += calls
                    finished += choice.tools.newly_closed()
                if delta.finish_reason:
                    finished += _finish(choice.tools.calls)
        choices = self.choices.values()
        self.is_finished = bool(choices) and all(choice.finish_reason for choice in choices)
        self.is_surely_finished = self.is_finished and not any(choice.grew_after_finish for choice in choices)
        chunk = OpenAICallResponseChunk(raw, received_at=at, content=shown.content)
        chunk.reasoning = shown.reasoning
        chunk.refusal = shown.refusal
        chunk.audio = shown.audio
        chunk.audio_transcript = shown.transcript
        return Arrived(chunk, any(delta.has_content for delta in deltas), finished, touched)

    def _choice(self, index: int) -> Choice:
        choice = self.choices.get(index)
        if choice is None:
            choice = self.choices[index] = Choice(index)
            if self._is_to_be_shown(index):
                self._primary = index
        return choice

    def _is_to_be_shown(self, index: int) -> bool:
        if self._wanted > 1:
            return index == 0
        return self._primary is None or (index == 0 and self.choices[self._primary].is_empty)

    def _note(self, delta: ChoiceDelta) -> None:
        """Warnings that one delta gives rise to."""
        if delta.message is not None and delta.no_delta:
            self.warn("not_streamed")
        if delta.audio is not None or (delta.message_extra and delta.message_extra.get("images")):
            self.warn("non_text_output")
        if delta.finish_reason is None:
            return
        if delta.finish_reason == "error":
            if self.error is None:
                self._fail(read_error("the provider ended the answer with finish reason 'error'"))
        elif delta.finish_reason not in _KNOWN_FINISH:
            self.warn("odd_finish")
        elif delta.finish_reason == "length" and delta.index == self._primary:
            self.warn("cut_by_length")

    def _read_head(self, raw: JSONObject) -> None:
        head = self.head
        for key, value in raw.items():
            if value is None or value == "" or key in _BODY_KEYS:
                continue
            if key == "model":
                head.model = repaired(str(value))
            elif key == "id":
                head.id = head.id or repaired(str(value))
            elif key == "created":
                head.created = head.created or value
            else:
                head.extra[key] = value
                if key == "timings" and is_object(value):
                    self.timings = value
        for record in read_usage(raw):
            self.raw_usage = merge_usage(self.raw_usage, record)


def _finish(calls: list[ToolCall]) -> list[ToolCall]:
    """Those of `calls` that were not finished yet, now marked so."""
    fresh = [call for call in calls if not call.finished]
    for call in fresh:
        call.finished = True
    return fresh
