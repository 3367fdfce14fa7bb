"""The whole answer of one call."""

from functools import cached_property
from typing import Any

from openai.types.chat import ChatCompletion
from typing_extensions import override

from ostream.answer import Answer, PreparedCall
from ostream.errors import OStreamError
from ostream.interpreter import Interpreter
from ostream.json_text import finite
from ostream.state import StreamState
from ostream.timeline import Timeline
from ostream.tool import OpenAITool


class OpenAICallResponse(Answer):
    """What `construct_call_response()` and calls without `stream` give.

    Attributes:
        response: The SDK's `ChatCompletion`; the same whether the answer was streamed or not.
        state: The stream's verdict; `complete` unless it was constructed with `partial=True`.
        error: Why a failed stream failed.
        start_time: Milliseconds since the epoch.
        end_time: Milliseconds since the epoch, `start_time` plus the monotonic clock's duration.
    """

    def __init__(
        self,
        call: PreparedCall,
        reading: Interpreter,
        timeline: Timeline,
        *,
        state: StreamState,
        error: OStreamError | None,
        start_time: float,
        end_time: float,
        body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(call)
        self._read = reading
        self._times = timeline
        self.state = state
        self.error = error
        self.start_time = start_time
        self.end_time = end_time
        raw = reading.completion(call.model) if body is None else finite(body)
        self._raw = raw

    def __str__(self) -> str:
        return self.content

    @cached_property
    def response(self) -> ChatCompletion:
        """The SDK's `ChatCompletion`; made when asked for: thousands of logprobs take seconds."""
        return ChatCompletion.construct(**self._raw)

    @property
    @override
    def _reading(self) -> Interpreter:
        return self._read

    @property
    @override
    def _timeline(self) -> Timeline:
        return self._times

    @property
    def latency(self) -> float:
        """Milliseconds from the call to its last byte."""
        return self.end_time - self.start_time

    @cached_property
    def tools(self) -> list[OpenAITool] | None:
        """The tools that the model called; `None` if it called none or none were defined."""
        primary = self._read.primary
        if primary is None or not self._tools_by_name:
            return None
        return [self._read_tool(call, self._read) for call in primary.tools.calls] or None

    @property
    def tool(self) -> OpenAITool | None:
        """The first of them."""
        return self.tools[0] if self.tools else None

    @property
    def audio(self) -> bytes | None:
        """The spoken answer, decoded."""
        primary = self._read.primary
        return (primary.audio.data or None) if primary is not None and primary.audio is not None else None

    @property
    def audio_transcript(self) -> str | None:
        """What it says."""
        primary = self._read.primary
        if primary is None or primary.audio is None:
            return None
        return str(primary.audio.transcript) or None
