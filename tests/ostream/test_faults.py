"""The ancestor's faults by their numbers: ends, times and second looks (1 and 3 to 9)."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from ostream import openai_call
from wire.driver import LIMITS, Run, async_client, both_modes, drive, sync_client
from wire.runner import PROMPT, Mode
from wire.script import DONE, event, finish, held, plain_stream, stream, text, until_close, usage
from wire.server import Serve


@both_modes
def test_fault_01_the_finish_reason_outlives_the_usage_chunk(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(text("Hello"), finish("length"), usage(3, 2), DONE)), mode)
    assert run.stream.finish_reasons == run.response.finish_reasons == ["length"]
    assert run.response.response.choices[0].finish_reason == "length"


@both_modes
def test_fault_03_both_modes_have_real_times(serve: Serve, mode: Mode) -> None:
    before = time.time() * 1000
    run = drive(serve(plain_stream()), mode)
    after = time.time() * 1000
    assert before - 5 <= run.stream.start_time < run.stream.end_time <= after + 5
    assert run.response.latency is not None
    assert run.response.latency > 0


def test_fault_04_a_slow_sync_consumer_changes_no_figure(serve: Serve) -> None:
    site = serve(until_close(*(text("a") for _ in range(5)), finish(), DONE))
    stamps: list[int] = []
    resumed, resumed_at = 0, 0.0
    with sync_client(site) as client:
        answer = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        for received, _ in answer:
            if not stamps:  # the consumer is busy until all has come in
                assert site.client_closed_first()
                resumed, resumed_at = time.perf_counter_ns(), time.time() * 1000
            stamps.append(received.received_at)
    _assert_stamped_before(resumed, resumed_at, stamps, answer.end_time)


def test_fault_04_a_slow_async_consumer_changes_no_figure(serve: Serve) -> None:
    site = serve(until_close(*(text("a") for _ in range(5)), finish(), DONE))

    async def consume() -> None:
        stamps: list[int] = []
        resumed, resumed_at = 0, 0.0
        async with async_client(site) as client:

            @openai_call("m", stream=True, client=client, limits=LIMITS)
            async def ask() -> str:
                return PROMPT

            answer = await ask()
            async for received, _ in answer:
                if not stamps:
                    assert await asyncio.to_thread(site.client_closed_first)
                    resumed, resumed_at = time.perf_counter_ns(), time.time() * 1000
                stamps.append(received.received_at)
        _assert_stamped_before(resumed, resumed_at, stamps, answer.end_time)

    asyncio.run(consume())


def _assert_stamped_before(resumed: int, resumed_at: float, stamps: list[int], end_time: float) -> None:
    assert len(stamps) == 6
    assert stamps == sorted(stamps)
    assert stamps[-1] < resumed
    assert end_time <= resumed_at + 5


class _Leave(Exception):  # noqa: N818 - a consumer's own reason to go
    """Raised by a consumer in the middle of a stream."""


LEAVING = ("break", "exception", "cancel", "close", "with")


@pytest.mark.parametrize("way", LEAVING)
def test_fault_05_leaving_a_sync_stream_frees_its_connection(serve: Serve, way: str) -> None:
    site = serve(*[stream(text("Hel"), end="hang")] * 2, plain_stream())
    pool = httpx2.Client(limits=httpx2.Limits(max_connections=1))
    with sync_client(site, http_client=pool) as client:
        ask = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)
        for _ in range(2):
            answer = ask()
            with suppress(_Leave):
                _leave_sync(answer, way)
            assert site.client_closed_first()
            _assert_cancelled(answer)
        last = ask()
        assert "".join(c.content for c, _ in last) == "Hello"


def _leave_sync(answer: Any, way: str) -> None:
    if way == "with":
        with answer:
            next(iter(answer))
        return
    for _ in answer:
        match way:
            case "cancel":
                answer.cancel()
            case "close":
                answer.close()
            case "exception":
                raise _Leave
            case _:
                break


@pytest.mark.parametrize("way", [*LEAVING, "task"])
def test_fault_05_leaving_an_async_stream_frees_its_connection(serve: Serve, way: str) -> None:
    site = serve(*[stream(text("Hel"), end="hang")] * 2, plain_stream())

    async def consume() -> None:
        pool = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=1))
        async with async_client(site, http_client=pool) as client:

            @openai_call("m", stream=True, client=client, limits=LIMITS)
            async def ask() -> str:
                return PROMPT

            for _ in range(2):
                answer = await ask()
                with suppress(_Leave):
                    await _leave_async(answer, way)
                assert await asyncio.to_thread(site.client_closed_first)
                _assert_cancelled(answer)
            last = await ask()
            assert "".join([c.content async for c, _ in last]) == "Hello"

    asyncio.run(consume())


async def _leave_async(answer: Any, way: str) -> None:
    if way == "task":
        got_one = asyncio.Event()

        async def consume() -> None:
            async for _ in answer:
                got_one.set()

        task = asyncio.create_task(consume())
        await got_one.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return
    if way == "with":
        async with answer:
            await anext(aiter(answer))
        return
    async for _ in answer:
        match way:
            case "cancel":
                answer.cancel()
            case "close":
                await answer.aclose()
            case "exception":
                raise _Leave
            case _:
                break


def _assert_cancelled(answer: Any) -> None:
    assert answer.state == "cancelled"
    assert answer.error is None
    with pytest.raises(ValueError, match="cancelled"):
        answer.construct_call_response()
    partial = answer.construct_call_response(partial=True)
    assert partial.content == answer.content == "Hel"
    assert not partial.finish_reasons


def test_fault_06_resuming_after_a_break_loses_nothing(serve: Serve) -> None:
    site = serve(until_close(text("Hel"), text("lo"), finish(), DONE))
    with sync_client(site) as client:
        answer = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        for _ in answer:
            assert site.client_closed_first()  # all has come in
            break
        assert "".join(c.content for c, _ in answer) == answer.content == "Hello"
    assert len(site.requests) == 1


def test_fault_06_resuming_after_a_break_replays_what_came(serve: Serve) -> None:
    site = serve(stream(text("Hel"), held(text("lo")), DONE, end="hang"))
    with sync_client(site) as client:
        answer = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        for _ in answer:
            break
        assert [c.content for c, _ in answer] == ["Hel"]
        assert answer.content == "Hel"
    assert len(site.requests) == 1


@both_modes
def test_fault_07_a_second_iteration_replays(serve: Serve, mode: Mode) -> None:
    site = serve(plain_stream())
    run = drive(site, mode)
    assert _again(run, mode) == [c.content for c, _ in run.pairs]
    assert run.stream.content == run.response.content == "Hello"
    assert len(site.requests) == 1


def _again(run: Run, mode: Mode) -> list[str]:
    if mode == "sync":
        return [c.content for c, _ in run.stream]

    async def consume() -> list[str]:
        return [c.content async for c, _ in run.stream]

    return asyncio.run(consume())


def test_fault_08_a_failed_stream_stays_failed(serve: Serve) -> None:
    site = serve(stream(text("Hel"), event({"error": {"message": "overloaded"}}), DONE))
    with sync_client(site) as client:
        answer = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)()
        for _ in range(3):
            with pytest.raises(Exception, match="overloaded") as caught:
                list(answer)
            assert caught.value is answer.error
        assert (answer.state, answer.content, answer.finish_reasons) == ("failed", "Hel", [])
        with pytest.raises(ValueError, match="failed"):
            answer.construct_call_response()
        assert answer.construct_call_response(partial=True).content == "Hel"
    assert len(site.requests) == 1


@both_modes
def test_fault_09_a_clean_end_without_a_marker_is_truncated(serve: Serve, mode: Mode) -> None:
    answer = drive(serve(stream(text("Hel"))), mode).stream
    assert (answer.state, answer.content, answer.finish_reasons) == ("truncated", "Hel", [])
    with pytest.raises(ValueError, match="truncated"):
        answer.construct_call_response()
    partial = answer.construct_call_response(partial=True)
    assert partial.response.choices[0].finish_reason is None
