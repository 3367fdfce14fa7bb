"""A stream can be looked at from another task or thread at any moment, and costs what its length is."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ostream import OpenAIStream, openai_call
from ostream.session import Session
from streams.offline import LIMITS, Played, Read
from wire.driver import async_client, sync_client
from wire.runner import PROMPT
from wire.script import DONE, chunk, delta, finish, held, stream, text, tool, tools, usage
from wire.server import Serve

MANY = 4_000


def lively(count: int) -> list[bytes]:
    """Events in which everything grows: two choices, reasoning, tools, unknown fields, usage."""
    events: list[bytes] = []
    for i in range(count):
        match i % 8:
            case 0:
                events.append(delta(reasoning_content="t", **{f"x{i}": i}))
            case 1:
                events.append(text("b", index=i % 64 + 1))
            case 2:
                events.append(tools(tool(i % 32, "1", call_id=f"k{i % 32}", name="get_time")))
            case 3:
                events.append(chunk(usage={"prompt_tokens": 3, "completion_tokens": i}, **{f"y{i}": i}))
            case _:
                events.append(text("a"))
    return [text("a"), *events, finish(), usage(3, count), DONE]


@contextmanager
def hasty_threads() -> Iterator[None]:
    """Threads take turns as often as the interpreter can make them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def look(answer: Any) -> str:
    """Read everything that grows; returns the content."""
    assert answer.counts.input_tokens in {None, 3}
    assert answer.finish_reasons in ([], ["stop"])
    assert set(answer.reasoning or "t") == {"t"}
    assert answer.usage is None or answer.usage.prompt_tokens == 3
    assert answer.message_param["role"] == "assistant"
    assert answer.cost_metadata.cached_tokens is None
    content = answer.content
    assert content == "a" * len(content)
    return content


class Watcher(threading.Thread):
    """Looks again and again until it is told to stop."""

    def __init__(self, looks: Callable[[], str]) -> None:
        super().__init__(daemon=True)
        self.looks = looks
        self.over = threading.Event()
        self.seen = [0]
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self.seen.append(len(self.looks()))
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            self.error = error

    def stop(self) -> None:
        """End it; fails as it failed."""
        self.over.set()
        self.join(30)
        if self.error is not None:
            raise self.error
        assert self.seen == sorted(self.seen)


def test_several_threads_look_while_chunks_are_added() -> None:
    events = lively(MANY)
    whole = Played(Session(LIMITS, 0))
    whole.session.feed(b"".join(events), 1)
    whole.step()
    live = Played(Session(LIMITS, 0))
    watchers = [Watcher(lambda: look(Read(live.session))) for _ in range(3)]
    with hasty_threads():
        for watcher in watchers:
            watcher.start()
        for at, event in enumerate(events):
            live.session.feed(event, at)
            live.step()
        for watcher in watchers:
            watcher.stop()
    assert live.result() == whole.result()


def test_a_thread_looks_at_a_sync_stream(serve: Serve) -> None:
    site = serve(stream(b"".join(lively(MANY))))
    with sync_client(site) as client, hasty_threads():
        answer = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()

        def looks() -> str:
            assert answer.state in {"pending", "streaming", "complete"}
            partial = answer.construct_call_response(partial=True)
            assert len(partial.content) <= len(answer.content)
            return look(answer)

        watcher = Watcher(looks)
        watcher.start()
        joined = "".join(c.content for c, _ in answer)
        watcher.stop()
    assert answer.content == joined == "a" * (MANY // 2 + 1)


@pytest.mark.parametrize("after", range(0, 40, 4))
def test_cancelling_from_a_thread_in_the_middle_of_reading_keeps_what_came(serve: Serve, after: int) -> None:
    site = serve(stream(b"".join(text("a") for _ in range(400)), b"".join(lively(400)), end="hang"))
    with sync_client(site) as client, hasty_threads():
        answer = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        reached = threading.Event()

        def cancel() -> None:
            reached.wait(10)
            answer.cancel()

        canceller = threading.Thread(target=cancel)
        canceller.start()
        parts: list[str] = []
        for received, _ in answer:
            parts.append(received.content)
            if len(parts) > after:
                reached.set()
        canceller.join(10)
        assert answer.state in {"cancelled", "complete"}
        assert answer.content == "".join(parts)
        assert "".join(c.content for c, _ in answer) == answer.content
        assert site.client_closed_first()


def test_a_task_looks_at_an_async_stream(serve: Serve) -> None:
    site = serve(stream(text("Hel"), held(text("lo")), finish(), usage(3, 2), DONE))

    async def main() -> list[tuple[str, str, int | None]]:
        seen: list[tuple[str, str, int | None]] = []
        async with async_client(site) as client:

            @openai_call("m", stream=True, client=client, limits=LIMITS)
            async def ask() -> str:
                return PROMPT

            answer: OpenAIStream = await ask()
            came = asyncio.Event()

            def note() -> None:
                seen.append((answer.state, answer.content, answer.output_tokens))

            async def consume() -> None:
                async for _ in answer:
                    came.set()

            note()
            task = asyncio.create_task(consume())
            await came.wait()
            note()
            partial = answer.construct_call_response(partial=True)
            assert (partial.state, partial.content) == ("streaming", "Hel")
            site.release()
            await task
            note()
        return seen

    assert asyncio.run(main()) == [
        ("pending", "", None),
        ("streaming", "Hel", None),
        ("complete", "Hello", 2),
    ]


def test_a_hundred_thousand_chunks_cost_what_their_number_is() -> None:
    _seconds(500)  # warm
    few, many = _seconds(5_000), _seconds(100_000)
    # Twenty times as many; adding to a string a piece at a time would take several hundred times as long.
    assert many < 100 * few


def _seconds(count: int) -> float:
    """Processor time for so many chunks, with a look at the content now and then."""
    word = text("word ") + tools(tool(0, "[1,", call_id="k", name="get_time"))
    played = Played(Session(LIMITS, 0))
    began = time.process_time()
    for at in range(count // 2):
        played.session.feed(word, at)
        while played.session.step() is not None:
            pass
        if at % (count // 20) == 0:
            assert len(played.answer.content) == 5 * (at + 1)
    return time.process_time() - began
