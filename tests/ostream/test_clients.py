"""Whose client makes the calls: the caller's own, or one for each mode by the environment."""

import asyncio
from typing import Any, cast

import pytest

from ostream import (
    OStreamError,
    RequestRefused,
    close_default_async_client,
    close_default_client,
    openai_call,
)
from wire.driver import LIMITS, async_client, both_modes, sync_client
from wire.runner import KEY, PROMPT, Mode
from wire.script import plain_stream
from wire.server import Serve


def test_a_client_of_the_wrong_mode_is_one_clear_type_error(serve: Serve) -> None:
    site = serve(plain_stream())

    async def asked() -> str:
        return PROMPT

    async def wrong() -> None:
        async with async_client(site) as client:
            for streams in (True, False):
                own: Any = {"messages": [PROMPT], "client": client}
                for prompt, given in ((lambda: PROMPT, client), (lambda own=own: own, None)):
                    with pytest.raises(
                        TypeError, match=r"a sync function needs a client of class OpenAI, not"
                    ):
                        decorated(prompt, streams, given)()
        with sync_client(site) as client:
            for streams in (True, False):
                with pytest.raises(TypeError, match=r"an async function needs a client of class AsyncOpenAI"):
                    await decorated(asked, streams, client)()

    def decorated(prompt: Any, streams: bool, client: Any) -> Any:
        return openai_call("m", stream=cast("Any", streams), client=client)(prompt)

    asyncio.run(wrong())
    assert site.connections == []
    with sync_client(site) as client, pytest.raises(TypeError, match="iterate it with `for`"):
        aiter(openai_call("m", stream=True, client=client)(lambda: PROMPT)())

    async def iterate() -> None:
        async with async_client(site) as client:
            stream = await openai_call("m", stream=True, client=client)(asked)()
            with pytest.raises(TypeError, match="iterate it with `async for`"):
                iter(stream)

    asyncio.run(iterate())


@both_modes
def test_a_missing_key_is_an_error_of_that_kind(mode: Mode) -> None:
    async def asked() -> str:
        return PROMPT

    async def aask() -> None:
        await openai_call("m", stream=True)(asked)()

    def ask() -> None:
        openai_call("m", stream=True)(lambda: PROMPT)()

    with pytest.raises(RequestRefused) as raised:
        ask() if mode == "sync" else asyncio.run(aask())
    assert raised.value.kind == "missing_key"
    assert "OPENAI_API_KEY" in raised.value.message
    assert isinstance(raised.value, OStreamError)


def test_a_closed_default_client_is_made_anew(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    site = serve(plain_stream())
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", site.base_url)
    ask = openai_call("m", stream=True, limits=LIMITS)(lambda: PROMPT)
    for _ in range(2):
        for _ in range(2):
            list(ask())
        close_default_client()
        close_default_client()
    assert (len(site.requests), len(site.connections)) == (4, 2)

    async def asked() -> str:
        return PROMPT

    async def twice() -> None:
        aask = openai_call("m", stream=True, limits=LIMITS)(asked)
        for _ in range(2):
            async for _ in await aask():
                pass
        await close_default_async_client()
        await close_default_async_client()

    for _ in range(2):  # each event loop has a client of its own
        asyncio.run(twice())
    assert (len(site.requests), len(site.connections)) == (8, 4)


def test_another_key_in_the_environment_is_used_at_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = serve(plain_stream())
    monkeypatch.setenv("OPENAI_BASE_URL", site.base_url)
    ask = openai_call("m", stream=True, limits=LIMITS)(lambda: PROMPT)
    for key in ("sk-first", "sk-second"):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        list(ask())
    close_default_client()
    assert [r.headers["authorization"] for r in site.requests] == ["Bearer sk-first", "Bearer sk-second"]
