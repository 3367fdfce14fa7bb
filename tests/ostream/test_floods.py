"""Servers that never pause: the clocks hold although there is always something to read."""

import asyncio
from contextlib import suppress

from ostream import OpenAIStream, openai_call
from ostream.errors import OStreamError
from ostream.limits import Limits
from wire.cases import Frame
from wire.driver import async_client, both_modes, sync_client
from wire.runner import PROMPT, Mode
from wire.script import held, stream, text
from wire.server import Serve, Site

COMMENTS = Frame((b": " + b"x" * 60 + b"\n\n") * 4096)
WORDS = Frame(text("abcd") * 1024)
BLOCKS = 20_000
"""Of a quarter of a megabyte each: far more than any client takes before its limits."""


@both_modes
def test_comments_without_pause_are_no_token(serve: Serve, mode: Mode) -> None:
    site = serve(stream(*[COMMENTS] * BLOCKS))
    answer = _consumed(site, mode, Limits(first_token=0.5, idle=10, total=30))
    assert answer.error is not None
    assert (answer.error.kind, answer.content) == ("stall_first", "")
    assert site.client_closed_first()


@both_modes
def test_the_first_token_is_awaited_from_the_sending_and_not_from_the_limit_of_connecting(
    serve: Serve, mode: Mode
) -> None:
    told: list[int | None] = []
    site = serve(stream(held(text("late"))))
    answer = _consumed(site, mode, Limits(connect=60, first_token=0.2, idle=60, total=20), told)
    assert answer.error is not None
    assert answer.error.kind == "stall_first"
    assert told == [answer.timeline.sent]
    assert answer.timeline.sent is not None


@both_modes
def test_text_without_pause_ends_with_the_call_s_time(serve: Serve, mode: Mode) -> None:
    site = serve(stream(*[WORDS] * BLOCKS))
    answer = _consumed(site, mode, Limits(first_token=10, idle=10, total=0.5))
    assert answer.error is not None
    assert answer.error.kind == "total_timeout"
    assert answer.content.startswith("abcdabcd")
    assert site.client_closed_first()


@both_modes
def test_a_finish_reason_before_comments_without_pause_ends_the_answer(serve: Serve, mode: Mode) -> None:
    finished = Frame(text("Hello") + b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')
    site = serve(stream(finished, *[COMMENTS] * BLOCKS))
    answer = _consumed(site, mode, Limits(first_token=10, idle=10, grace=0.3, total=30))
    assert (answer.state, answer.error, answer.content) == ("complete", None, "Hello")
    assert site.client_closed_first()


def _consumed(site: Site, mode: Mode, limits: Limits, told: list[int | None] | None = None) -> OpenAIStream:
    """The stream after its iteration, whatever that raised."""
    if mode == "sync":
        with sync_client(site) as client:
            answer = openai_call("m", stream=True, client=client, limits=limits)(lambda: PROMPT)()
            _note_sending(answer, told)
            with suppress(OStreamError):
                for _ in answer:
                    pass
            return answer

    async def consume() -> OpenAIStream:
        async with async_client(site) as client:

            @openai_call("m", stream=True, client=client, limits=limits)
            async def ask() -> str:
                return PROMPT

            answer = await ask()
            _note_sending(answer, told)
            with suppress(OStreamError):
                async for _ in answer:
                    pass
            return answer

    return asyncio.run(consume())


def _note_sending(answer: OpenAIStream, told: list[int | None] | None) -> None:
    if told is not None:
        answer.on_sent = lambda: told.append(answer.timeline.sent)
