"""Every way to leave a stream ends it at once, keeps what came, and gives the connection back."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from ostream import OpenAIStream, openai_call
from wire.cases import Answer
from wire.driver import LIMITS, async_client, sync_client
from wire.runner import PROMPT
from wire.script import held, plain_stream, stream, text
from wire.server import Serve, Site

SOON = 10.0
"""Seconds after which something that should happen at once has not happened."""

ONE = httpx2.Limits(max_connections=1)
SILENT = Answer(framing="silent", end="hang", hold_ms=30_000)
"""A server that takes the request and never answers."""
STARTED = stream(text("Hel"), end="hang", hold_ms=30_000)
"""One that stops in the middle."""

stops = pytest.mark.parametrize("answer", [SILENT, STARTED], ids=["before-headers", "in-the-middle"])


@contextmanager
def narrow(site: Site) -> Iterator[OpenAI]:
    """A client with one connection."""
    with sync_client(site, http_client=httpx2.Client(limits=ONE)) as client:
        yield client


@asynccontextmanager
async def anarrow(site: Site) -> AsyncIterator[AsyncOpenAI]:
    """A client with one connection."""
    async with async_client(site, http_client=httpx2.AsyncClient(limits=ONE)) as client:
        yield client


def ask(client: OpenAI) -> OpenAIStream:
    return openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()


async def aask(client: AsyncOpenAI) -> OpenAIStream:
    @openai_call("m", stream=True, client=client, limits=LIMITS)
    async def prompt() -> str:
        return PROMPT

    return await prompt()


def assert_next_call_works(client: OpenAI) -> None:
    assert "".join(chunk.content for chunk, _ in ask(client)) == "Hello"


async def assert_next_async_call_works(client: AsyncOpenAI) -> None:
    assert "".join([chunk.content async for chunk, _ in await aask(client)]) == "Hello"


def run_async(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(main(), 3 * SOON))


# Cancelled by somebody else while the consumer waits


def consume_in_thread(answer: OpenAIStream) -> tuple[threading.Thread, threading.Event]:
    """A thread that reads the stream to its end, and the word that its first chunk came."""
    came = threading.Event()

    def consume() -> None:
        for _ in answer:
            came.set()

    thread = threading.Thread(target=consume, daemon=True)
    thread.start()
    return thread, came


@stops
def test_cancel_from_another_thread_wakes_the_consumer(serve: Serve, answer: Answer) -> None:
    site = serve(answer, plain_stream())
    with narrow(site) as client:
        first = ask(client)
        thread, came = consume_in_thread(first)
        assert (came if answer is STARTED else site.requested).wait(SOON)
        first.cancel()
        thread.join(SOON)
        assert not thread.is_alive()
        assert (first.state, first.error) == ("cancelled", None)
        assert first.content == ("Hel" if answer is STARTED else "")
        assert site.client_closed_first()
        assert_next_call_works(client)


@stops
def test_cancel_from_another_thread_ends_a_call_on_a_used_connection(serve: Serve, answer: Answer) -> None:
    site = serve(plain_stream(), answer, plain_stream())
    with narrow(site) as client:
        assert_next_call_works(client)
        second = ask(client)
        thread, came = consume_in_thread(second)
        assert (came if answer is STARTED else _second_request(site)).wait(SOON)
        assert len(site.connections) == 1
        second.cancel()
        thread.join(SOON)
        assert not thread.is_alive()
        assert second.state == "cancelled"
        assert site.client_closed_first()
        assert_next_call_works(client)


def _second_request(site: Site) -> threading.Event:
    """Set once the server has seen two requests."""
    seen = threading.Event()

    def watch() -> None:
        while len(site.requests) < 2 and not seen.wait(0.005):
            pass
        seen.set()

    threading.Thread(target=watch, daemon=True).start()
    return seen


def test_cancel_from_another_thread_while_connecting_wakes_the_consumer(wire_server: Any) -> None:
    site = wire_server.swallow()
    with narrow(site) as client:
        answer = ask(client).start()
        thread, _ = consume_in_thread(answer)
        answer.cancel()
        thread.join(1.0)  # long before the limit for connecting
        assert not thread.is_alive()
        assert answer.state == "cancelled"
    wire_server.close(site)


def test_a_call_that_is_cancelled_while_it_waits_for_a_connection_is_never_sent(serve: Serve) -> None:
    site = serve(STARTED, plain_stream())
    with narrow(site) as client:
        first, second = ask(client), ask(client)
        held_by = iter(first)
        assert next(held_by)[0].content == "Hel"
        thread, _ = consume_in_thread(second.start())
        second.cancel()
        thread.join(SOON)
        assert not thread.is_alive()
        first.close()
        assert_next_call_works(client)
        assert_next_call_works(client)
    assert len(site.requests) == 3


@stops
def test_cancel_from_another_task_wakes_the_consumer(serve: Serve, answer: Answer) -> None:
    site = serve(answer, plain_stream())

    async def main() -> None:
        async with anarrow(site) as client:
            first = await aask(client)
            came = asyncio.Event()

            async def consume() -> None:
                async for _ in first:
                    came.set()

            task = asyncio.create_task(consume())
            await (came.wait() if answer is STARTED else asyncio.to_thread(site.requested.wait, SOON))
            first.cancel()
            await task
            assert (first.state, first.error) == ("cancelled", None)
            assert await asyncio.to_thread(site.client_closed_first)
            await assert_next_async_call_works(client)

    run_async(main)


def test_cancelling_the_task_before_the_headers_frees_the_connection(serve: Serve) -> None:
    site = serve(SILENT, plain_stream())

    async def main() -> None:
        async with anarrow(site) as client:
            first = await aask(client)

            async def consume() -> None:
                async for _ in first:
                    pass

            task = asyncio.create_task(consume())
            await asyncio.to_thread(site.requested.wait, SOON)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert first.state == "cancelled"
            assert await asyncio.to_thread(site.client_closed_first)
            await assert_next_async_call_works(client)

    run_async(main)


# Dropped


@stops
@pytest.mark.parametrize("reads", [False, True], ids=["unread", "iterator-dropped"])
def test_a_dropped_sync_stream_frees_its_connection(serve: Serve, answer: Answer, reads: bool) -> None:
    site = serve(answer, plain_stream())
    with narrow(site) as client:
        dropped = ask(client).start()
        assert site.requested.wait(SOON)
        if reads and answer is STARTED:
            iterator = iter(dropped)
            assert next(iterator)[0].content == "Hel"
            del iterator
        del dropped
        gc.collect()
        assert site.client_closed_first()
        assert_next_call_works(client)


@stops
@pytest.mark.parametrize("reads", [False, True], ids=["unread", "iterator-dropped"])
def test_a_dropped_async_stream_frees_its_connection(serve: Serve, answer: Answer, reads: bool) -> None:
    site = serve(answer, plain_stream())

    async def main() -> None:
        async with anarrow(site) as client:
            dropped = (await aask(client)).start()
            assert await asyncio.to_thread(site.requested.wait, SOON)
            if reads and answer is STARTED:
                iterator = aiter(dropped)
                assert (await anext(iterator))[0].content == "Hel"
                del iterator
            del dropped
            gc.collect()
            assert await asyncio.to_thread(site.client_closed_first)
            await assert_next_async_call_works(client)

    run_async(main)


# Closed


def test_closing_is_idempotent_and_keeps_the_verdict(serve: Serve) -> None:
    site = serve(STARTED, plain_stream())
    with narrow(site) as client:
        first = ask(client)
        next(iter(first))
        for _ in range(2):
            first.close()
            first.cancel()
        assert (first.state, first.content) == ("cancelled", "Hel")
        whole = ask(client)
        with whole:
            list(whole)
        for _ in range(2):
            whole.close()
        assert (whole.state, whole.content) == ("complete", "Hello")
        assert whole.construct_call_response().content == "Hello"


def test_aclose_is_idempotent_and_waits_for_the_connection(serve: Serve) -> None:
    site = serve(STARTED, plain_stream())

    async def main() -> None:
        async with anarrow(site) as client:
            first = await aask(client)
            async with first:
                await anext(aiter(first))
            pool: Any = client._client._transport
            assert pool._pool.connections == []
            for _ in range(2):
                await first.aclose()
                first.cancel()
            assert (first.state, first.content) == ("cancelled", "Hel")
            whole = await aask(client)
            async with whole:
                assert [chunk.content async for chunk, _ in whole]
            assert (whole.state, whole.content) == ("complete", "Hello")

    run_async(main)


def test_a_stream_that_is_cancelled_before_its_start_sends_nothing(serve: Serve) -> None:
    site = serve(plain_stream())
    with narrow(site) as client:
        answer = ask(client)
        answer.cancel()
        assert list(answer) == []
        assert (answer.start().state, answer.content, answer.attempts) == ("cancelled", "", 0)
        with answer:
            pass
    assert site.requests == []


def test_an_async_stream_that_is_cancelled_before_its_start_sends_nothing(serve: Serve) -> None:
    site = serve(plain_stream())

    async def main() -> None:
        async with anarrow(site) as client, await aask(client) as answer:
            await answer.aclose()
            assert [pair async for pair in answer] == []
            assert (answer.state, answer.attempts) == ("cancelled", 0)

    run_async(main)
    assert site.requests == []


def test_a_hundred_left_streams_leave_neither_threads_nor_connections(serve: Serve) -> None:
    site = serve(*[STARTED] * 100, plain_stream())
    before = threading.active_count()
    with narrow(site) as client:
        for _ in range(100):
            for _ in ask(client):
                break
        assert_next_call_works(client)
        for thread in threading.enumerate():
            if thread.name == "ostream-reader":
                thread.join(SOON)
    assert threading.active_count() <= before


class _Leave(Exception):  # noqa: N818 - nothing is wrong
    """Raised in a loop's body."""


@pytest.mark.parametrize("error", [_Leave, KeyboardInterrupt, SystemExit])
def test_an_exception_in_the_body_ends_the_stream(serve: Serve, error: type[BaseException]) -> None:
    site = serve(STARTED, plain_stream())
    with narrow(site) as client:
        answer = ask(client)
        with suppress(error), answer:
            for _ in answer:
                raise error
        assert answer.state == "cancelled"
        assert site.client_closed_first()
        assert_next_call_works(client)


# Two consumers


def test_two_iterators_at_once_are_refused_and_the_first_goes_on(serve: Serve) -> None:
    site = serve(stream(text("Hel"), held(text("lo"))))
    with narrow(site) as client:
        answer = ask(client)
        first = iter(answer)
        assert next(first)[0].content == "Hel"
        for _ in range(2):
            with pytest.raises(RuntimeError, match="one consumer at a time"):
                next(iter(answer))
        site.release()
        assert [chunk.content for chunk, _ in first] == ["lo"]
        assert [chunk.content for chunk, _ in answer] == ["Hel", "lo"]


def test_two_async_iterators_at_once_are_refused_and_the_first_goes_on(serve: Serve) -> None:
    site = serve(stream(text("Hel"), held(text("lo"))))

    async def main() -> None:
        async with anarrow(site) as client:
            answer = await aask(client)
            first = aiter(answer)
            assert (await anext(first))[0].content == "Hel"
            for _ in range(2):
                with pytest.raises(RuntimeError, match="one consumer at a time"):
                    await anext(aiter(answer))
            site.release()
            assert [chunk.content async for chunk, _ in first] == ["lo"]
            assert [chunk.content async for chunk, _ in answer] == ["Hel", "lo"]

    run_async(main)
