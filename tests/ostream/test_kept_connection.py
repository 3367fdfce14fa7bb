"""A server may close a connection that it had kept just as the next request leaves: then it is sent anew."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from ostream import OStreamError, openai_call, transport
from wire.cases import Answer, Frame
from wire.driver import LIMITS, async_client, both_modes, sync_client
from wire.runner import PROMPT, Mode
from wire.script import plain_stream
from wire.server import Serve, Site

KEPT = plain_stream()
CLOSED = Answer(framing="silent", end="fin")
RESET = Answer(framing="silent", end="rst")
NONSENSE = Answer(framing="raw", frames=(Frame(b"what?\r\n\r\n"),))


def calls(site: Site, mode: Mode, count: int) -> list[Any]:
    """As many calls over one client, one after the other: their streams."""

    async def asked() -> str:
        return PROMPT

    if mode == "sync":
        streams = []
        with sync_client(site) as client:
            for _ in range(count):
                streams.append(openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)())
                with suppress(OStreamError):
                    list(streams[-1])
                streams[-1].close()
        return streams

    async def run() -> list[Any]:
        streams = []
        async with async_client(site) as client:
            for _ in range(count):
                streams.append(await openai_call("m", stream=True, client=client, limits=LIMITS)(asked)())
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


@both_modes
@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        pytest.param((RESET,), 1, id="a new connection"),
        pytest.param((KEPT, NONSENSE), 2, id="an answer that is none"),
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


@both_modes
def test_an_end_that_came_late_is_the_servers_failure(
    serve: Serve, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_STALE_NS", 0)
    site = serve(KEPT, RESET, KEPT)
    last = calls(site, mode, 2)[-1]
    assert last.error.kind == "connection_lost"
    assert len(site.requests) == 2
