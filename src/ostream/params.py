"""What a call may be given besides its prompt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from httpx2 import Timeout
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import (
    ChatCompletionAudioParam,
    ChatCompletionMessageParam,
    ChatCompletionPredictionContentParam,
    ChatCompletionReasoningEffort,
    ChatCompletionStreamOptionsParam,
    ChatCompletionToolChoiceOptionParam,
    ChatCompletionToolUnionParam,
    completion_create_params,
)

from ostream.tool import OpenAITool

ToolLike = type[OpenAITool] | type[Any] | Callable[..., Any]
"""An `OpenAITool` class, a Pydantic model, or a function."""


class OpenAICallParams(TypedDict, total=False):
    """Every request parameter of the SDK's `chat.completions.create` but messages, model and stream."""

    audio: ChatCompletionAudioParam | None
    frequency_penalty: float | None
    function_call: completion_create_params.FunctionCall
    functions: Sequence[completion_create_params.Function]
    logit_bias: dict[str, int] | None
    logprobs: bool | None
    max_completion_tokens: int | None
    max_tokens: int | None
    metadata: dict[str, str] | None
    modalities: list[Literal["text", "audio"]] | None
    moderation: completion_create_params.Moderation | None
    n: int | None
    parallel_tool_calls: bool
    prediction: ChatCompletionPredictionContentParam | None
    presence_penalty: float | None
    prompt_cache_key: str
    prompt_cache_options: completion_create_params.PromptCacheOptions
    prompt_cache_retention: Literal["in_memory", "24h"] | None
    reasoning_effort: ChatCompletionReasoningEffort | None
    response_format: completion_create_params.ResponseFormat
    safety_identifier: str
    seed: int | None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None
    stop: str | list[str] | None
    store: bool | None
    stream_options: ChatCompletionStreamOptionsParam | None
    temperature: float | None
    tool_choice: ChatCompletionToolChoiceOptionParam
    tools: Sequence[ChatCompletionToolUnionParam]
    top_logprobs: int | None
    top_p: float | None
    user: str
    verbosity: Literal["low", "medium", "high"] | None
    web_search_options: completion_create_params.WebSearchOptions
    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, object] | None
    extra_body: object | None
    timeout: float | Timeout | None


class OpenAIDynamicConfig(TypedDict, total=False):
    """What a decorated function may return to set up this one call."""

    messages: list[ChatCompletionMessageParam]
    """Sent in place of a prompt template."""
    tools: list[ToolLike]
    """In place of the decorator's."""
    call_params: OpenAICallParams
    """On top of the decorator's."""
    computed_fields: Mapping[str, Any]
    """Values for the prompt template besides the arguments."""
    metadata: Mapping[str, Any]
    """Handed on to the response."""
    client: OpenAI | AsyncOpenAI | None
    """In place of the decorator's."""


AsyncOpenAIDynamicConfig = OpenAIDynamicConfig
"""The ancestor's name for that of an async function."""

OpenAIMessageParam = ChatCompletionMessageParam
"""The ancestor's name for a message."""
