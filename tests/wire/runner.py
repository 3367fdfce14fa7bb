"""Plays one case of the corpus against `ostream` and notes everything that a caller could see."""

import asyncio
import functools
import inspect
import ssl
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

from ostream import OpenAIStream, openai_call
from ostream.limits import Limits
from wire.cases import Case
from wire.server import Site, WireServer

KEY = "sk-test-SECRET-0123456789abcdef"
Mode = Literal["sync", "async"]
MODES: tuple[Mode, ...] = ("sync", "async")
PROMPT = "Say hello"


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The SDK's usual one, made once: 470 of them would cost a third of the run."""
    return httpx2.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case in one mode."""

    stream: OpenAIStream
    chunk_text: str
    """The contents of the yielded chunks, joined; what was said where a chunk brings sound."""

    raised: BaseException | None
    """What the first iteration raised."""

    replayed_text: str
    """The contents of a second iteration."""

    raised_again: BaseException | None
    message: Any
    """The first choice's message of the constructed completion; nothing came: None."""

    choices: tuple[Any, ...]
    """The constructed completion's choices."""

    report: str
    """Everything that an error would print: its text, its repr, its traceback with causes."""

    requests: int
    other_requests: int
    closed_by_client: bool
    """Every connection was closed by the client before the server's script ended it."""

    @property
    def verdict(self) -> str:
        """`none`, a state that is no success, or the kind of the error."""
        if self.stream.error is not None:
            return self.stream.error.kind
        return "none" if self.stream.state == "complete" else str(self.stream.state)


def limits_of(case: Case) -> Limits:
    """The corpus's own where one of them ends the call; elsewhere such as no load reaches."""
    if case.timed:
        return Limits(
            connect=2, first_token=2, idle=1, grace=0.8, total=case.client.get("total_ms", 20_000) / 1000
        )
    return Limits(connect=20, first_token=20, idle=20, grace=20, total=30)


def call_of(case: Case, client: OpenAI | AsyncOpenAI) -> Any:
    """The decorator that makes the case's call."""
    retries = case.client.get("max_retries", 0)
    return openai_call("m", stream=True, client=client, limits=limits_of(case), retries=retries)


@contextmanager
def served(server: WireServer, case: Case) -> Generator[tuple[Site, str]]:
    """The case's server, and the base URL by which a client reaches it."""
    match case.transport:
        case "refused" | "dns":
            site = server.refuse()
        case "blackhole":
            site = server.swallow()
        case "tls-selfsigned" | "plain-to-tls":
            site = server.serve(*case.answers, tls=True)
        case _:
            site = server.serve(*case.answers)
    match case.transport:
        case "dns":
            url = "http://nonexistent.invalid/v1"
        case "tls-to-plain":
            url = site.base_url.replace("http:", "https:")
        case "plain-to-tls":
            url = site.base_url.replace("https:", "http:")
        case _:
            url = site.base_url
    try:
        yield site, url
    finally:
        server.close(site)


def play(server: WireServer, case: Case, mode: Mode) -> Outcome:
    """Run one case; never raises what the stream raises."""
    with served(server, case) as (site, url):
        return _play_sync(case, site, url) if mode == "sync" else asyncio.run(_play_async(case, site, url))


def _play_sync(case: Case, site: Site, url: str) -> Outcome:
    http = DefaultHttpxClient(verify=tls_context())
    with OpenAI(base_url=url, api_key=KEY, max_retries=0, http_client=http) as client:

        @call_of(case, client)
        def ask() -> str:
            return PROMPT

        stream = ask()
        canceller = threading.Thread(target=_cancel_when_requested, args=(stream, site))
        if "cancel_after_ms" in case.client:
            canceller.start()
        first = _iterate_sync(stream, case.client.get("cancel_after_text"))
        if canceller.ident is not None:
            canceller.join(timeout=10)
        again = _iterate_sync(stream, None)
        closed = site.client_closed_first() if case.hangs else False
        return _outcome(stream, site, first, again, closed=closed)


async def _play_async(case: Case, site: Site, url: str) -> Outcome:
    http = DefaultAsyncHttpxClient(verify=tls_context())
    async with AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0, http_client=http) as client:

        @call_of(case, client)
        async def ask() -> str:
            return PROMPT

        stream = await ask()
        canceller: asyncio.Task[None] | None = None
        if "cancel_after_ms" in case.client:

            async def cancel() -> None:
                await asyncio.to_thread(site.requested.wait, 10)
                await _cancel(stream)

            canceller = asyncio.create_task(cancel())
        first = await _iterate_async(stream, case.client.get("cancel_after_text"))
        if canceller is not None:
            await canceller
        again = await _iterate_async(stream, None)
        closed = await asyncio.to_thread(site.client_closed_first) if case.hangs else False
        return _outcome(stream, site, first, again, closed=closed)


def _cancel_when_requested(stream: OpenAIStream, site: Site) -> None:
    site.requested.wait(10)
    stream.cancel()


async def _cancel(stream: OpenAIStream) -> None:
    result: Any = stream.cancel()
    if inspect.isawaitable(result):
        await result


def _iterate_sync(stream: OpenAIStream, cancel_after: str | None) -> tuple[str, BaseException | None]:
    parts: list[str] = []
    try:
        for chunk, _ in stream:
            parts.append(chunk.content or chunk.audio_transcript)
            if cancel_after is not None and "".join(parts) == cancel_after:
                stream.cancel()
    except Exception as error:  # noqa: BLE001 - whatever comes out is compared with what must come out
        return "".join(parts), error
    return "".join(parts), None


async def _iterate_async(stream: OpenAIStream, cancel_after: str | None) -> tuple[str, BaseException | None]:
    parts: list[str] = []
    try:
        async for chunk, _ in stream:
            parts.append(chunk.content or chunk.audio_transcript)
            if cancel_after is not None and "".join(parts) == cancel_after:
                await _cancel(stream)
    except Exception as error:  # noqa: BLE001 - whatever comes out is compared with what must come out
        return "".join(parts), error
    return "".join(parts), None


def _outcome(
    stream: OpenAIStream,
    site: Site,
    first: tuple[str, BaseException | None],
    again: tuple[str, BaseException | None],
    *,
    closed: bool,
) -> Outcome:
    completion = stream.construct_call_response(partial=True).response
    errors = {e for e in (first[1], again[1], stream.error) if e is not None}
    return Outcome(
        stream=stream,
        chunk_text=first[0],
        raised=first[1],
        replayed_text=again[0],
        raised_again=again[1],
        message=completion.choices[0].message if completion.choices else None,
        choices=tuple(completion.choices),
        report="\n".join(f"{e}\n{e!r}\n{''.join(traceback.format_exception(e))}\n{vars(e)}" for e in errors),
        requests=len(site.requests),
        other_requests=len(site.other.requests) if site.other else 0,
        closed_by_client=closed,
    )
