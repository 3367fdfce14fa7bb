"""ostream: typed, honest streaming for OpenAI-compatible servers.

    from ostream import openai_call

    @openai_call("gpt-4o-mini", stream=True)
    def recommend_book(genre: str) -> str:
        return f"Recommend a {genre} book"

    stream = recommend_book("fantasy")
    for chunk, _ in stream:
        print(chunk.content, end="", flush=True)
    response = stream.construct_call_response()

Names are resolved when they are first used (PEP 562), so that a program may take `ostream.errors` or
`ostream.timeline` without paying for the SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostream.base import BaseStream, CostMetadata
    from ostream.call import StreamConfig, openai_call
    from ostream.chunk import OpenAICallResponseChunk
    from ostream.clients import close_default_async_client, close_default_client
    from ostream.errors import (
        BadStream,
        ConnectionFailed,
        ErrorKind,
        OStreamError,
        RequestRefused,
        TimedOut,
        ToolError,
    )
    from ostream.limits import Limits
    from ostream.messages import Messages, prompt_template
    from ostream.params import (
        AsyncOpenAIDynamicConfig,
        OpenAICallParams,
        OpenAIDynamicConfig,
        OpenAIMessageParam,
    )
    from ostream.pricing import Cost
    from ostream.response import OpenAICallResponse
    from ostream.state import StreamState
    from ostream.stream import FinishReason, OpenAIStream
    from ostream.timeline import Timeline
    from ostream.tool import OpenAITool, OpenAIToolConfig
    from ostream.usage import Usage

_HOMES = {
    "AsyncOpenAIDynamicConfig": "params",
    "BadStream": "errors",
    "BaseStream": "base",
    "ConnectionFailed": "errors",
    "Cost": "pricing",
    "CostMetadata": "base",
    "ErrorKind": "errors",
    "FinishReason": "stream",
    "Limits": "limits",
    "Messages": "messages",
    "OStreamError": "errors",
    "OpenAICallParams": "params",
    "OpenAICallResponse": "response",
    "OpenAICallResponseChunk": "chunk",
    "OpenAIDynamicConfig": "params",
    "OpenAIMessageParam": "params",
    "OpenAIStream": "stream",
    "OpenAITool": "tool",
    "OpenAIToolConfig": "tool",
    "RequestRefused": "errors",
    "StreamConfig": "call",
    "StreamState": "state",
    "TimedOut": "errors",
    "Timeline": "timeline",
    "ToolError": "errors",
    "Usage": "usage",
    "close_default_async_client": "clients",
    "close_default_client": "clients",
    "openai_call": "call",
    "prompt_template": "messages",
}

__all__ = [
    "AsyncOpenAIDynamicConfig",
    "BadStream",
    "BaseStream",
    "ConnectionFailed",
    "Cost",
    "CostMetadata",
    "ErrorKind",
    "FinishReason",
    "Limits",
    "Messages",
    "OStreamError",
    "OpenAICallParams",
    "OpenAICallResponse",
    "OpenAICallResponseChunk",
    "OpenAIDynamicConfig",
    "OpenAIMessageParam",
    "OpenAIStream",
    "OpenAITool",
    "OpenAIToolConfig",
    "RequestRefused",
    "StreamConfig",
    "StreamState",
    "TimedOut",
    "Timeline",
    "ToolError",
    "Usage",
    "close_default_async_client",
    "close_default_client",
    "openai_call",
    "prompt_template",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
