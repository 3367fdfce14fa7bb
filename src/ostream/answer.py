"""What a stream and a response have in common: one call, and what is known of its answer."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from openai import AsyncOpenAI, OpenAI
from openai.types import CompletionUsage
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)

from ostream.accumulator import call_id
from ostream.base import CostMetadata
from ostream.errors import header_secrets
from ostream.interpreter import Interpreter
from ostream.json_text import finite, is_object
from ostream.limits import Limits
from ostream.params import OpenAICallParams, OpenAIDynamicConfig
from ostream.pricing import Cost, PriceKey, cost_of
from ostream.timeline import Timeline
from ostream.tool import OpenAITool, name_of, read_tool_call
from ostream.tool_calls import ToolCall
from ostream.usage import Usage, filled_usage


@dataclass(frozen=True, kw_only=True)
class PreparedCall:
    """Everything that one call is made with."""

    model: str
    messages: list[ChatCompletionMessageParam]
    call_params: OpenAICallParams
    call_kwargs: dict[str, Any]
    """The keyword arguments of the SDK's `create`."""
    client: OpenAI | AsyncOpenAI
    limits: Limits
    retries: int = 0
    partial_tools: bool = False
    tool_types: list[type[OpenAITool]] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    fn_args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    dynamic_config: OpenAIDynamicConfig | None = None
    prompt_template: str | None = None

    @property
    def wanted(self) -> int:
        """Choices that were asked for."""
        count = self.call_kwargs.get("n")
        return count if isinstance(count, int) else 1

    @property
    def asks_usage(self) -> bool:
        """Whether the request asked for a count of tokens."""
        options = self.call_kwargs.get("stream_options")
        return is_object(options) and options.get("include_usage") is True

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in any error: the client's key, and those in this call's headers."""
        keys = tuple(key for key in (self.client.api_key,) if key)
        return keys + header_secrets(self.call_kwargs.get("extra_headers"))


class Answer(ABC):
    """The answer of one call. Every figure that is unknown is `None`."""

    provider = "openai"

    def __init__(self, call: PreparedCall) -> None:
        self._call = call
        self._price_key = PriceKey(model=call.model, provider_id="openai")
        self._tools_by_name = {name_of(kind): kind for kind in call.tool_types or ()}

    @property
    @abstractmethod
    def _reading(self) -> Interpreter:
        """What the answer says."""

    @property
    @abstractmethod
    def _timeline(self) -> Timeline:
        """When it said so."""

    @property
    def content(self) -> str:
        """The answer's text, reasoning apart; of a spoken answer without text, what was said."""
        reading = self._reading
        with reading.lock:
            return reading.primary.text if reading.primary is not None else ""

    @property
    def reasoning(self) -> str | None:
        """The reasoning's text, `None` if none was streamed."""
        reading = self._reading
        with reading.lock:
            return (str(reading.primary.reasoning) or None) if reading.primary is not None else None

    @property
    def refusal(self) -> str | None:
        """Why the model would not answer, in its own words."""
        reading = self._reading
        with reading.lock:
            return (str(reading.primary.refusal) or None) if reading.primary is not None else None

    @property
    def id(self) -> str | None:
        """The response's id, as the server named it first."""
        return self._reading.head.id

    @property
    def model(self) -> str:
        """The model that answered, as the server names it; else the one that was asked."""
        return self.served_model or self._call.model

    @property
    def served_model(self) -> str | None:
        """The model that answered, `None` where nothing named it."""
        return self._reading.head.model or None

    @property
    def finish_reasons(self) -> list[str]:
        """Those of all choices that have one, in the order of the choices, as they came."""
        choices = self._reading.choices
        return [reason for index in sorted(choices) if (reason := choices[index].finish_reason)]

    @property
    def warnings(self) -> list[str]:
        """What was odd and did no harm, such as `no_done` or `usage_absent`."""
        return self._reading.warnings

    @property
    def usage(self) -> CompletionUsage | None:
        """The server's own record, one missing count of three worked out from the others."""
        raw = self._reading.raw_usage
        return None if raw is None else CompletionUsage.construct(**finite(filled_usage(raw)))

    @property
    def counts(self) -> Usage:
        """The counts, normalised over all providers, with their source."""
        return self._reading.usage()

    @property
    def input_tokens(self) -> int | None:
        """Prompt tokens, cached ones included."""
        return self.counts.input_tokens

    @property
    def cached_tokens(self) -> int | None:
        """The part of the prompt tokens that was read from a cache."""
        return self.counts.cached_tokens

    @property
    def output_tokens(self) -> int | None:
        """Completion tokens, reasoning included."""
        return self.counts.output_tokens

    @property
    def reasoning_tokens(self) -> int | None:
        """The part of the completion tokens that was reasoning."""
        return self.counts.reasoning_tokens

    @property
    def cost_metadata(self) -> CostMetadata:
        """The counts that the cost is worked out from."""
        counts = self.counts
        return CostMetadata(
            input_tokens=counts.input_tokens,
            cached_tokens=counts.cached_tokens,
            output_tokens=counts.output_tokens,
        )

    @property
    def cost_details(self) -> Cost:
        """USD with its parts, its source, and the reason why it is unknown."""
        return cost_of(self.counts, key=self._price_key)

    @property
    def cost(self) -> Decimal | None:
        """USD, priced as provider `openai`; `None` if unknown (`cost_details.reason` says why)."""
        return self.cost_details.total

    @property
    def audio_id(self) -> str | None:
        """Id of the spoken answer."""
        primary = self._reading.primary
        return primary.audio.id if primary is not None and primary.audio is not None else None

    @property
    def message_param(self) -> ChatCompletionAssistantMessageParam:
        """The answer as a message of the next request: no empty or null fields, audio by its id."""
        with self._reading.lock:
            return self._message_param()

    def _message_param(self) -> ChatCompletionAssistantMessageParam:
        primary = self._reading.primary
        message: dict[str, Any] = {"role": "assistant", "content": self.content}
        if primary is None:
            return cast("ChatCompletionAssistantMessageParam", message)
        whole = primary.message()
        for key in ("tool_calls", "function_call", "refusal"):
            if whole.get(key):
                message[key] = whole[key]
        if primary.audio is not None and primary.audio.id:
            message["audio"] = {"id": primary.audio.id}
        bare = "tool_calls" in message or "function_call" in message or "audio" in message
        if bare and not primary.content:
            del message["content"]
        return cast("ChatCompletionAssistantMessageParam", message)

    @property
    def user_message_param(self) -> ChatCompletionUserMessageParam | None:
        """The last message of the request, where it is the user's."""
        last = self._call.messages[-1] if self._call.messages else None
        return last if last is not None and last["role"] == "user" else None

    @property
    def messages(self) -> list[ChatCompletionMessageParam]:
        """The messages of the request."""
        return self._call.messages

    @property
    def call_params(self) -> OpenAICallParams:
        """The parameters as they were given."""
        return self._call.call_params

    @property
    def call_kwargs(self) -> dict[str, Any]:
        """The keyword arguments that the SDK was called with."""
        return self._call.call_kwargs

    @property
    def tool_types(self) -> list[type[OpenAITool]] | None:
        """The tools that the model may call."""
        return self._call.tool_types

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the dynamic config handed on."""
        return self._call.metadata

    @property
    def fn_args(self) -> Mapping[str, Any]:
        """The arguments of the decorated function."""
        return self._call.fn_args

    @property
    def dynamic_config(self) -> OpenAIDynamicConfig | None:
        """What the decorated function returned, if it was one."""
        return self._call.dynamic_config

    @property
    def prompt_template(self) -> str | None:
        """The function's template."""
        return self._call.prompt_template

    @property
    def timeline(self) -> Timeline:
        """Stamps of the call."""
        return self._timeline

    @classmethod
    def tool_message_params(
        cls, tools_and_outputs: Sequence[tuple[OpenAITool, object]]
    ) -> list[ChatCompletionToolMessageParam]:
        """What the tools gave, as messages of the next request; of a tool with an `error`, that error."""
        messages: list[ChatCompletionToolMessageParam] = []
        for tool, output in tools_and_outputs:
            call = tool.tool_call
            content = str(tool.error) if tool.error is not None and output is None else str(output)
            messages.append(
                {"role": "tool", "content": content, "tool_call_id": call.id if call is not None else ""}
            )
        return messages

    def _read_tool(self, call: ToolCall, reading: Interpreter) -> OpenAITool:
        return read_tool_call(call, self._call_id(call, reading), self._tools_by_name)

    @staticmethod
    def _call_id(call: ToolCall, reading: Interpreter) -> str:
        calls = reading.primary.tools.calls if reading.primary is not None else [call]
        return call_id(call, calls.index(call))
