"""A server may close a connection that it had kept just as the next request leaves: then it is sent anew."""

import asyncio
import socket
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

from ostream import OpenAICallParams, OStreamError, openai_call, transport
from wire.cases import Answer, Frame
from wire.driver import LIMITS, both_modes
from wire.runner import KEY, PROMPT, Mode
from wire.script import DONE, finish, plain_stream, text, usage
from wire.server import Serve, Site

OURS: Any = {"api_key": KEY, "max_retries": 0}
KEPT = plain_stream()
CLOSED = Answer(framing="silent", end="fin")
RESET = Answer(framing="silent", end="rst")
BODY = text("x") + finish() + usage(1, 1) + DONE
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)
HALF_HEAD = (Frame(b"HTTP/1.1 200 OK\r\nConte"),)
HALF = Answer(framing="raw", frames=HALF_HEAD)
HALF_RESET = Answer(framing="raw", frames=HALF_HEAD, end="rst")
WORKING = Answer(framing="raw", frames=(Frame(b"HTTP/1.1 102 Processing\r\n\r\n"),))
NONSENSE = Answer(framing="raw", frames=(Frame(b"what?\r\n\r\n"),))


def calls(
    site: Site | str, mode: Mode, count: int, params: OpenAICallParams | None = None, **http: Any
) -> list[Any]:
    """As many calls over one client, one after the other: their streams."""

    url = site if isinstance(site, str) else site.base_url
    given: Any = {"limits": LIMITS, "call_params": params}

    async def asked() -> str:
        return PROMPT

    if mode == "sync":
        streams = []
        with OpenAI(base_url=url, http_client=DefaultHttpxClient(**http), **OURS) as client:
            for _ in range(count):
                call = openai_call("m", stream=True, client=client, **given)
                streams.append(call(lambda: PROMPT)())
                with suppress(OStreamError):
                    list(streams[-1])
                streams[-1].close()
        return streams

    async def run() -> list[Any]:
        streams = []
        async with AsyncOpenAI(base_url=url, http_client=DefaultAsyncHttpxClient(**http), **OURS) as client:
            for _ in range(count):
                call = openai_call("m", stream=True, client=client, **given)
                streams.append(await call(asked)())
                with suppress(OStreamError):
                    async for _ in streams[-1]:
                        pass
                await streams[-1].aclose()  # the connection was given back
        return streams

    return asyncio.run(run())


@both_modes
@pytest.mark.parametrize("end", [CLOSED, RESET], ids=["closed", "reset"])
def test_a_request_that_met_the_end_of_a_kept_connection_is_sent_anew(
    serve: Serve, mode: Mode, end: Answer
) -> None:
    site = serve(KEPT, end, KEPT)
    first, second = calls(site, mode, 2)
    assert [stream.state for stream in (first, second)] == ["complete", "complete"]
    assert second.content == "Hello"
    assert second.attempts == 1
    assert (first.warnings, second.warnings) == ([], ["sent_again"])
    assert (len(site.requests), len(site.connections)) == (3, 2)
    assert site.requests[1].body == site.requests[2].body
    line = second.timeline
    assert line.connect_ns > 0, "the connecting of the one that answered"
    assert line.launched <= line.sent <= line.headers <= line.first
    assert line.lost_ns > 0
    assert line.queue_ns == line.sent - line.launched - line.connect_ns - line.lost_ns
    assert second.construct_call_response(partial=True).warnings == ["sent_again"]


@both_modes
@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        pytest.param((RESET,), 1, id="a new connection"),
        pytest.param((KEPT, NONSENSE), 2, id="an answer that is none"),
        pytest.param((KEPT, HALF, KEPT), 2, id="half a head"),
        pytest.param((KEPT, HALF_RESET, KEPT), 2, id="half a head and a reset"),
        pytest.param((KEPT, WORKING, KEPT), 2, id="word that it is worked on"),
        pytest.param((KEPT, Answer(503, (), "length"), KEPT), 2, id="an error"),
        pytest.param((KEPT, RESET, RESET, KEPT), 3, id="and the new one as well"),
    ],
)
def test_what_the_server_may_have_worked_on_is_not_sent_again(
    serve: Serve, mode: Mode, answers: tuple[Answer, ...], requests: int
) -> None:
    site = serve(*answers)
    last = calls(site, mode, min(2, len(answers)))[-1]
    assert last.state == "failed"
    assert last.error.kind in {"connection_lost", "protocol", "server"}
    assert len(site.requests) == requests
    assert last.warnings == (["sent_again"] if requests == 3 else [])


@both_modes
def test_a_timeout_of_the_callers_own_is_no_end(serve: Serve, mode: Mode) -> None:
    site = serve(KEPT, Answer(framing="silent", end="hang", hold_ms=20_000))
    params = OpenAICallParams(timeout=0.2)
    last = calls(site, mode, 2, params)[-1]
    assert last.error.kind == "stall_first"
    assert last.warnings == []
    assert len(site.requests) == 2


@both_modes
def test_an_end_that_came_late_is_the_servers_failure(
    serve: Serve, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_STALE_NS", 0)
    site = serve(KEPT, RESET, KEPT)
    last = calls(site, mode, 2)[-1]
    assert last.error.kind == "connection_lost"
    assert len(site.requests) == 2


@both_modes
def test_where_no_other_connection_is_to_be_had_the_first_loss_is_told(mode: Mode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        played = play_on(listener, [[WHOLE, b""]])
        first, second = calls(url, mode, 2)
        assert played.result(LIMITS.total) == 2
    assert first.state == "complete"
    assert second.error.kind == "connection_lost"
    assert second.warnings == ["sent_again"]
    assert second.timeline.sent < second.timeline.ended
    assert second.timeline.lost_ns == 0, "it is the one whose figures are shown"


@both_modes
def test_a_new_connection_of_any_kind_is_none_that_was_kept(mode: Mode, tmp_path: Path) -> None:
    place = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        played = play_on(listener, [[b""], [WHOLE]])
        kind = httpx2.HTTPTransport if mode == "sync" else httpx2.AsyncHTTPTransport
        streams = calls("http://localhost/v1", mode, 2, transport=kind(uds=place))
        assert played.result(LIMITS.total) == 2
    assert [stream.state for stream in streams] == ["failed", "complete"]
    assert [stream.warnings for stream in streams] == [[], []]


def play_on(listener: socket.socket, connections: list[list[bytes]]) -> "Future[int]":
    """Answer on one connection after the other, then listen no more; how many requests came.

    Args:
        listener: Of any family.
        connections: What each request on each of them gets; an empty answer ends the connection.
    """
    played: Future[int] = Future()

    def play() -> None:
        requests = 0
        for number, answers in enumerate(connections, 1):
            connection, _ = listener.accept()
            if number == len(connections):
                listener.close()
            with connection, connection.makefile("rb") as read:
                for answer in answers:
                    length = 0
                    while (line := read.readline().strip().lower()) != b"":
                        length = (
                            int(line.partition(b":")[2]) if line.startswith(b"content-length") else length
                        )
                    read.read(length)
                    requests += 1
                    connection.sendall(answer)
        played.set_result(requests)

    Thread(target=play, daemon=True).start()
    return played
