"""One chunk of a stream as its consumer sees it."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ostream.base import CostMetadata
from ostream.delta import JSONObject, ToolFragment, read_choices, read_usage
from ostream.json_text import finite, parse, repaired
from ostream.usage import Usage, filled_usage, normalize

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk


class OpenAICallResponseChunk:
    """One wire chunk, or (`is_extra`) a further tool call that came with the one before.

    Attributes:
        content: Answer text of the first choice that this chunk adds; what `stream.content` is made of.
        reasoning: Reasoning text of the first choice.
        refusal: Refusal text of the first choice.
        audio: Audio bytes of the first choice that this chunk completes.
        audio_transcript: What they say.
        received_at: Nanoseconds of the monotonic clock when its last byte came out of the socket.
        is_extra: The same wire chunk again, for one more tool; its content is empty.
    """

    content = ""
    reasoning = ""
    refusal = ""
    audio = b""
    audio_transcript = ""
    is_extra = False

    def __init__(self, raw: JSONObject | bytes, *, received_at: int = 0, content: str = "") -> None:
        self._source = raw
        self.received_at = received_at
        self.content = content

    def __repr__(self) -> str:
        return f"OpenAICallResponseChunk(content={self.content!r}, reasoning={self.reasoning!r})"

    @cached_property
    def _raw(self) -> JSONObject:
        """The chunk's JSON; read when somebody asks, where the text was all that was new in it."""
        return parse(self._source)[0] if isinstance(self._source, bytes) else self._source

    def again(self) -> "OpenAICallResponseChunk":
        """The same wire chunk for a further tool: `is_extra`, its content empty."""
        extra = OpenAICallResponseChunk(self._source, received_at=self.received_at)
        extra.is_extra = True
        return extra

    @cached_property
    def chunk(self) -> "ChatCompletionChunk":
        """The SDK's own object, built when somebody asks for it, as leniently as the SDK builds its own."""
        from openai.types.chat import ChatCompletionChunk  # noqa: PLC0415 - a second to import, and seldom asked for

        return ChatCompletionChunk.construct(**finite(self._raw))

    @property
    def id(self) -> str | None:
        """The response's id, `None` where the chunk has none."""
        return _text(self._raw.get("id"))

    @property
    def model(self) -> str | None:
        """The model that answers, `None` where the chunk names none."""
        return _text(self._raw.get("model"))

    @property
    def finish_reasons(self) -> list[str]:
        """Those of all choices in this chunk, as they came."""
        choices, _ = read_choices(self._raw)
        return [choice.finish_reason for choice in choices if choice.finish_reason]

    @property
    def tool_fragments(self) -> list[ToolFragment]:
        """Pieces of tool calls of the first choice; none where the text was all that was new."""
        if self.is_extra or isinstance(self._source, bytes):
            return []
        choices, _ = read_choices(self._source)
        for choice in choices:
            if choice.index == 0:
                return choice.tools or []
        return []

    @property
    def usage(self) -> "CompletionUsage | None":
        """The usage record of this chunk."""
        raw = self._usage
        if raw is None:
            return None
        from openai.types import CompletionUsage  # noqa: PLC0415 - a second to import, and seldom asked for

        return CompletionUsage.construct(**finite(filled_usage(raw)))

    @property
    def input_tokens(self) -> int | None:
        """Prompt tokens that this chunk reports."""
        return self._counts.input_tokens

    @property
    def cached_tokens(self) -> int | None:
        """Cached prompt tokens that this chunk reports."""
        return self._counts.cached_tokens

    @property
    def output_tokens(self) -> int | None:
        """Completion tokens that this chunk reports, reasoning included."""
        return self._counts.output_tokens

    @property
    def reasoning_tokens(self) -> int | None:
        """The part of them that was reasoning, as this chunk reports."""
        return self._counts.reasoning_tokens

    @property
    def cost_metadata(self) -> CostMetadata:
        """The counts that this chunk reports."""
        counts = self._counts
        return CostMetadata(
            input_tokens=counts.input_tokens,
            cached_tokens=counts.cached_tokens,
            output_tokens=counts.output_tokens,
        )

    @property
    def _usage(self) -> JSONObject | None:
        records = read_usage(self._raw)
        return records[-1] if records else None

    @property
    def _counts(self) -> Usage:
        return normalize(self._usage, has_output=False)


def _text(value: Any) -> str | None:
    """An id or a name: blank is none, a number is its digits."""
    return repaired(str(value)) if value or value == 0 else None
