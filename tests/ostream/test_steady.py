"""The client that casts its requests: what it sends is what the SDK sends, from the first to the last."""

import asyncio
from typing import Any

import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Omit

from ostream import Messages, openai_call
from ostream.clients import tls_context
from ostream.steady import SteadyAsyncOpenAI
from wire.cases import Answer
from wire.driver import LIMITS
from wire.runner import KEY
from wire.script import DONE, finish, plain_stream, stream, text
from wire.server import Request, Serve, Site

TURNS: tuple[list[Any], ...] = (
    [Messages.User("first")],
    [Messages.System("Ärger „quoted“ \u2028 \U0001f600"), Messages.User('a "b" \\ \t\x00')],
    [Messages.User("x" * 70_000), Messages.Assistant(""), Messages.User([{"type": "text", "text": "</s>"}])],
)
PARAMS: dict[str, dict[str, Any]] = {
    "none": {},
    "figures and lists": {"temperature": 0.1, "top_p": 1, "seed": 7, "stop": ["a", "b"], "n": 2},
    "nested": {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}}},
    "a body of one's own": {"extra_body": {"top_k": 3, "model": "other", "chat": {"messages": ["kept"]}}},
    "a query of one's own": {"extra_query": {"api-version": "1", "a": ["b", "c"]}},
    "headers of one's own": {"extra_headers": {"X-Own": "y", "user-agent": "z"}},
    "a cookie of one's own": {"extra_headers": {"Cookie": "a=b"}},
    "messages of all": {"extra_body": {"messages": [{"role": "user", "content": "this"}]}},
    "no key": {"extra_headers": {"Authorization": Omit()}},
    "no usage": {"stream_options": None},
    "a limit": {"timeout": 3.5},
}


async def asked(client: AsyncOpenAI, messages: list[Any], params: dict[str, Any], *, retries: int = 0) -> Any:
    """The stream of one call, read to its end."""

    async def prompt() -> Any:
        return messages

    call = openai_call(
        "m",
        stream=True,
        client=client,
        call_params=params,
        limits=LIMITS,
        retries=retries,  # type: ignore[arg-type]
    )
    made = await call(prompt)()
    async for _ in made:
        pass
    return made


def sent(site: Site, kind: type[AsyncOpenAI], *calls: tuple[list[Any], dict[str, Any]]) -> list[Request]:
    """The requests of these calls, one after the other, by a client of this class."""
    before = len(site.requests)

    async def play() -> None:
        async with kind(
            api_key=KEY,
            base_url=site.base_url,
            http_client=DefaultAsyncHttpxClient(verify=tls_context()),
            max_retries=0,
        ) as client:
            for messages, params in calls:
                await asked(client, messages, params)

    asyncio.run(play())
    return site.requests[before:]


def untold(request: Request) -> Request:
    """A request without what the SDK tells about the machine."""
    lines = request.head.split(b"\r\n")
    assert any(line.startswith(b"x-stainless-os") for line in lines)
    return Request(b"\r\n".join(line for line in lines if not line.startswith(b"x-stainless")), request.body)


def names(request: Request) -> list[bytes]:
    """Those of the headers, in their order."""
    return [line.partition(b":")[0] for line in request.head.split(b"\r\n")]


@pytest.mark.parametrize("params", PARAMS.values(), ids=PARAMS)
def test_each_request_is_byte_for_byte_the_sdks(serve: Serve, params: dict[str, Any]) -> None:
    site = serve(plain_stream())
    calls = [(turn, params) for turn in TURNS]
    by_sdk = sent(site, AsyncOpenAI, *calls)
    assert len({request.body for request in by_sdk}) == (
        1 if "messages" in params.get("extra_body", {}) else 3
    )
    assert sent(site, SteadyAsyncOpenAI, *calls) == [untold(request) for request in by_sdk]


def test_calls_that_differ_in_a_parameter_share_nothing_but_the_client(serve: Serve) -> None:
    site = serve(plain_stream())
    calls = [(TURNS[0], params) for params in (*PARAMS.values(), {"seed": 1}, {"seed": 2}, {"seed": 1})]
    by_sdk = sent(site, AsyncOpenAI, *calls)
    assert sent(site, SteadyAsyncOpenAI, *calls) == [untold(request) for request in by_sdk]


def test_cookies_are_those_of_the_moment_as_with_the_sdk(serve: Serve) -> None:
    body = tuple(stream(text("a"), finish(), DONE).frames)
    answers = [Answer(headers=(("set-cookie", f"at={n}"),), frames=body, keep_alive=True) for n in range(3)]
    calls = [(turn, {}) for turn in TURNS]
    own = [(TURNS[0], PARAMS["a cookie of one's own"])] * 2
    by_sdk, by_us = (sent(serve(*answers), kind, *calls, *own) for kind in (AsyncOpenAI, SteadyAsyncOpenAI))
    assert [request.headers.get("cookie") for request in by_sdk[:3]] == [None, "at=0", "at=1"]
    assert [names(request) for request in by_us] == [names(untold(request)) for request in by_sdk]
    assert [request.headers.get("cookie") for request in by_us] == [
        request.headers.get("cookie") for request in by_sdk
    ]


def test_preparing_sends_nothing_and_is_done_once_for_each_kind(serve: Serve) -> None:
    site = serve(plain_stream())

    async def play() -> None:
        async with SteadyAsyncOpenAI(
            api_key=KEY, base_url=site.base_url, http_client=DefaultAsyncHttpxClient(verify=tls_context())
        ) as client:
            first = await client.prepare({"model": "m", "messages": TURNS[0]})
            assert await client.prepare({"model": "m", "messages": TURNS[1]}) is first
            assert await client.prepare({"model": "n", "messages": TURNS[1]}) is not first

    asyncio.run(play())
    assert site.requests == []
    assert site.connections == []


def test_an_error_is_told_apart_and_repeated_as_with_the_sdk(serve: Serve) -> None:
    refused = Answer(429, (("retry-after", "0"),), "length", (), keep_alive=True)
    site = serve(refused, plain_stream())

    async def play() -> Any:
        async with SteadyAsyncOpenAI(
            api_key=KEY, base_url=site.base_url, http_client=DefaultAsyncHttpxClient(verify=tls_context())
        ) as client:
            return await asked(client, TURNS[0], {}, retries=1)

    made = asyncio.run(play())
    assert made.content == "Hello"
    assert [error.kind for error, _ in made.failed_attempts] == ["rate_limit"]
    assert site.requests[0] == site.requests[1]
