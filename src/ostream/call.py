"""`openai_call`: a function that makes a prompt becomes a call that gives an answer."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, ParamSpec, Protocol, TypedDict, cast, overload

from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam

from ostream.answer import PreparedCall
from ostream.clients import default_async_client, default_client
from ostream.limits import Limits
from ostream.messages import Arguments, read_prompt, without_template
from ostream.params import OpenAICallParams, OpenAIDynamicConfig, ToolLike
from ostream.response import OpenAICallResponse
from ostream.single import acall, call
from ostream.stream import OpenAIStream
from ostream.tool import OpenAITool, tool_type

P = ParamSpec("P")


class StreamConfig(TypedDict, total=False):
    """How to stream."""

    partial_tools: bool
    """Give tools while their arguments are still coming in."""


PromptResult = str | Sequence[ChatCompletionMessageParam] | OpenAIDynamicConfig | None
"""What a decorated function may return."""


class StreamDecorator(Protocol):
    """Turns a function into one that gives an `OpenAIStream`; an async one is awaited for it."""

    @overload
    def __call__(
        self, fn: Callable[P, Awaitable[PromptResult]], /
    ) -> Callable[P, Awaitable[OpenAIStream]]: ...
    @overload
    def __call__(self, fn: Callable[P, PromptResult], /) -> Callable[P, OpenAIStream]: ...


class ResponseDecorator(Protocol):
    """Turns a function into one that gives an `OpenAICallResponse`; an async one is awaited for it."""

    @overload
    def __call__(
        self, fn: Callable[P, Awaitable[PromptResult]], /
    ) -> Callable[P, Awaitable[OpenAICallResponse]]: ...
    @overload
    def __call__(self, fn: Callable[P, PromptResult], /) -> Callable[P, OpenAICallResponse]: ...


@overload
def openai_call(
    model: str,
    *,
    stream: Literal[True] | StreamConfig,
    tools: Sequence[ToolLike] | None = None,
    json_mode: bool = False,
    client: OpenAI | AsyncOpenAI | None = None,
    call_params: OpenAICallParams | None = None,
    limits: Limits | None = None,
    retries: int = 0,
) -> StreamDecorator: ...
@overload
def openai_call(
    model: str,
    *,
    stream: Literal[False] = False,
    tools: Sequence[ToolLike] | None = None,
    json_mode: bool = False,
    client: OpenAI | AsyncOpenAI | None = None,
    call_params: OpenAICallParams | None = None,
    limits: Limits | None = None,
    retries: int = 0,
) -> ResponseDecorator: ...
def openai_call(
    model: str,
    *,
    stream: bool | StreamConfig = False,
    tools: Sequence[ToolLike] | None = None,
    json_mode: bool = False,
    client: OpenAI | AsyncOpenAI | None = None,
    call_params: OpenAICallParams | None = None,
    limits: Limits | None = None,
    retries: int = 0,
) -> Any:
    """Decorate a function that makes a prompt; calling it makes the call.

    The function may be sync or async, and returns a string (one user message), messages, an
    `OpenAIDynamicConfig`, or `None` with a `prompt_template`.

    Args:
        model: The model's id.
        stream: Give an `OpenAIStream`; `{"partial_tools": True}` gives tools while they come in.
        tools: Functions, Pydantic models or `OpenAITool` classes that the model may call.
        json_mode: Ask for a JSON object (`response_format`); the prompt stays as it is.
        client: Makes the requests; without one, a default client by the environment is made once.
        call_params: Request parameters.
        limits: The call's clocks.
        retries: Attempts after the first; never for 400, 401, 403, 404 or an exhausted quota.

    Raises:
        ValueError: There is nothing to send, or `retries` is negative.
        TypeError: A sync function was given an async client, or the reverse.
        RequestRefused: No client was given and the environment has no key (`missing_key`).
    """
    if retries < 0:
        raise ValueError(f"retries must not be negative, not {retries}")
    options = _Options(
        model=model,
        streams=bool(stream) or stream == {},
        partial_tools=isinstance(stream, Mapping) and bool(stream.get("partial_tools")),
        tools=tools,
        json_mode=json_mode,
        client=client,
        call_params=call_params or {},
        limits=limits or Limits(),
        retries=retries,
    )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        fn, template = without_template(function)
        if inspect.iscoroutinefunction(fn):

            @functools.wraps(fn)
            async def make_async(*args: Any, **kwargs: Any) -> OpenAIStream | OpenAICallResponse:
                prepared = options.prepare(
                    fn, (args, kwargs), await fn(*args, **kwargs), template, is_async=True
                )
                return OpenAIStream(prepared) if options.streams else await acall(prepared)

            return make_async

        @functools.wraps(fn)
        def make(*args: Any, **kwargs: Any) -> OpenAIStream | OpenAICallResponse:
            prepared = options.prepare(fn, (args, kwargs), fn(*args, **kwargs), template, is_async=False)
            return OpenAIStream(prepared) if options.streams else call(prepared)

        return make

    return decorate


class _Options:
    """What the decorator was given; every call makes its own request of it."""

    def __init__(
        self,
        *,
        model: str,
        streams: bool,
        partial_tools: bool,
        tools: Sequence[ToolLike] | None,
        json_mode: bool,
        client: OpenAI | AsyncOpenAI | None,
        call_params: OpenAICallParams,
        limits: Limits,
        retries: int,
    ) -> None:
        self.model = model
        self.streams = streams
        self.partial_tools = partial_tools
        self.tools = [tool_type(tool) for tool in tools] if tools is not None else None
        self.json_mode = json_mode
        self.client = client
        self.call_params = call_params
        self.limits = limits
        self.retries = retries

    def prepare(
        self,
        fn: Callable[..., Any],
        arguments: Arguments,
        returned: object,
        template: str | None,
        *,
        is_async: bool,
    ) -> PreparedCall:
        """The call that one use of the decorated function makes."""
        fn_args, found, messages = read_prompt(fn, arguments, returned, template)
        config = cast("OpenAIDynamicConfig", found)
        own_tools = config.get("tools")
        tools = self.tools if own_tools is None else [tool_type(tool) for tool in own_tools]
        params = cast("OpenAICallParams", {**self.call_params, **(config.get("call_params") or {})})
        return PreparedCall(
            model=self.model,
            messages=messages,
            call_params=params,
            call_kwargs=self._kwargs(messages, params, tools, is_async=is_async),
            client=_client(config.get("client") or self.client, is_async=is_async),
            limits=self.limits,
            retries=self.retries,
            partial_tools=self.partial_tools,
            tool_types=tools,
            metadata=config.get("metadata") or {},
            fn_args=fn_args,
            dynamic_config=config or None,
            prompt_template=template,
        )

    def _kwargs(
        self,
        messages: list[ChatCompletionMessageParam],
        params: OpenAICallParams,
        tools: list[type[OpenAITool]] | None,
        *,
        is_async: bool,
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = {**params, "model": self.model, "messages": messages}
        if tools:
            kwargs["tools"] = [*(params.get("tools") or ()), *(kind.tool_schema() for kind in tools)]
        if self.json_mode and "response_format" not in kwargs:
            kwargs["response_format"] = {"type": "json_object"}
        headers = {"Accept-Encoding": "identity", **(params.get("extra_headers") or {})}
        kwargs["extra_headers"] = headers
        if self.streams:
            kwargs["stream"] = True
            if "stream_options" in params and params["stream_options"] is None:
                del kwargs["stream_options"]
            else:
                kwargs["stream_options"] = {"include_usage": True, **(params.get("stream_options") or {})}
        else:
            kwargs.pop("stream_options", None)
        if "timeout" not in kwargs:
            kwargs["timeout"] = _timeout(self.limits, is_async=is_async)
        return kwargs


def _timeout(limits: Limits, *, is_async: bool) -> Any:
    """The HTTP client's own clocks, behind ours: they count bytes, ours count payload.

    A reading task can be cancelled at any moment and needs no clock of its own, which would be set and
    cleared for each chunk; a reading thread has one, so that it ends even if its socket cannot be reached.
    """
    import httpx2  # noqa: PLC0415 - already loaded by the SDK, and named here only

    backstop = max(limits.first_token, limits.idle, limits.grace) + 1.0
    read = None if is_async else backstop
    return httpx2.Timeout(backstop, read=read, connect=limits.connect, pool=max(limits.total, 1.0))


def _client(client: OpenAI | AsyncOpenAI | None, *, is_async: bool) -> OpenAI | AsyncOpenAI:
    if client is None:
        return default_async_client() if is_async else default_client()
    if isinstance(client, AsyncOpenAI) != is_async:
        kind, needs = ("an async", "AsyncOpenAI") if is_async else ("a sync", "OpenAI")
        raise TypeError(f"{kind} function needs a client of class {needs}, not {type(client).__name__}")
    return client
