"""Makes one streamed call through a loopback server and keeps all that it yielded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

from ostream import OpenAICallResponse, OpenAICallResponseChunk, OpenAIStream, OpenAITool, openai_call
from ostream.limits import Limits
from wire.runner import KEY, MODES, PROMPT, Mode, tls_context
from wire.server import Site

LIMITS = Limits(connect=5, first_token=10, idle=10, grace=0.3, total=30)
"""Long: no test of a fault waits for a clock."""

both_modes = pytest.mark.parametrize("mode", MODES)


@dataclass(frozen=True, slots=True)
class Run:
    """A stream that was consumed to its end."""

    stream: OpenAIStream
    pairs: list[tuple[OpenAICallResponseChunk, OpenAITool | None]]

    @property
    def chunks(self) -> list[OpenAICallResponseChunk]:
        """The wire's chunks, without those that came again for one more tool."""
        return [chunk for chunk, _ in self.pairs if not chunk.is_extra]

    @property
    def tools(self) -> list[OpenAITool]:
        """Every tool that was yielded, in order."""
        return [tool for _, tool in self.pairs if tool is not None]

    @property
    def response(self) -> OpenAICallResponse:
        """What the whole stream adds up to."""
        return self.stream.construct_call_response()


def sync_client(site: Site, **options: Any) -> OpenAI:
    """The SDK's sync client for this server."""
    if "http_client" not in options:
        options["http_client"] = DefaultHttpxClient(verify=tls_context())
    return OpenAI(base_url=site.base_url, api_key=KEY, max_retries=0, **options)


def async_client(site: Site, **options: Any) -> AsyncOpenAI:
    """The SDK's async client for this server."""
    if "http_client" not in options:
        options["http_client"] = DefaultAsyncHttpxClient(verify=tls_context())
    return AsyncOpenAI(base_url=site.base_url, api_key=KEY, max_retries=0, **options)


def drive(
    site: Site, mode: Mode, *, model: str = "m", prompt: Callable[[], Any] = lambda: PROMPT, **options: Any
) -> Run:
    """Call `prompt` as a stream in the given mode, and consume it to its end."""

    def decorate(client: OpenAI | AsyncOpenAI) -> Any:
        settings: Any = {"stream": True, "limits": LIMITS, **options, "client": client}
        call: Any = openai_call
        return call(model, **settings)

    if mode == "sync":
        with sync_client(site) as client:
            stream: OpenAIStream = decorate(client)(prompt)()
            return Run(stream, list(stream))

    async def consume() -> Run:
        async def asked() -> Any:
            return prompt()

        async with async_client(site) as client:
            stream: OpenAIStream = await decorate(client)(asked)()
            return Run(stream, [pair async for pair in stream])

    return asyncio.run(consume())
