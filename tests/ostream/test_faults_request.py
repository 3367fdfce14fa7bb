"""The ancestor's faults by their numbers: what is sent, and by which client (2, 27 to 33)."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import openai
import pytest

from ostream import (
    Messages,
    OpenAIDynamicConfig,
    close_default_async_client,
    close_default_client,
    openai_call,
    prompt_template,
)
from wire.driver import LIMITS, async_client, both_modes, drive, sync_client
from wire.runner import KEY, PROMPT, Mode
from wire.script import DONE, as_model, finish, plain_stream, stream, text, usage
from wire.server import Serve, Site

OwnEndpoint = Callable[[Site], Site]


@pytest.fixture
def own_endpoint(monkeypatch: pytest.MonkeyPatch) -> OwnEndpoint:
    """Makes a site the one that the default clients use."""

    def point(site: Site) -> Site:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", site.base_url)
        return site

    return point


@both_modes
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"include_usage": True}, {"include_usage": True}),
        ({"include_obfuscation": False}, {"include_obfuscation": False, "include_usage": True}),
        ({"include_usage": False}, {"include_usage": False}),
    ],
)
def test_fault_02_stream_options_are_merged_into_a_copy(
    serve: Serve, mode: Mode, given: dict[str, bool], sent: dict[str, bool]
) -> None:
    site = serve(plain_stream())
    options = dict(given)
    params = {"stream_options": options, "temperature": 0.5}
    drive(site, mode, call_params=params)
    assert site.requests[0].json["stream_options"] == sent
    assert params == {"stream_options": options, "temperature": 0.5}
    assert params["stream_options"] is options
    assert options == given


def test_fault_27_a_dynamic_client_serves_its_own_call_only(serve: Serve) -> None:
    site = serve(plain_stream())
    with sync_client(site) as usual, openai.OpenAI(base_url=site.base_url, api_key="other") as other:

        @openai_call("m", stream=True, client=usual, limits=LIMITS)
        def ask(own: bool) -> OpenAIDynamicConfig:
            config: OpenAIDynamicConfig = {"messages": [Messages.User(PROMPT)]}
            if own:
                config |= {"client": other, "call_params": {"temperature": 0.25}}
            return config

        for own in (False, True, False):
            list(ask(own))
    assert [r.headers["authorization"] for r in site.requests] == [
        f"Bearer {KEY}",
        "Bearer other",
        f"Bearer {KEY}",
    ]
    assert ["temperature" in r.json for r in site.requests] == [False, True, False]


def test_fault_31_the_cost_of_a_prompt_with_an_image_does_no_input_or_output(
    serve: Serve,
) -> None:
    site, pictures = serve(stream(text("A cat"), finish(), usage(3, 2), DONE)), serve(plain_stream())
    link = {"type": "image_url", "image_url": {"url": f"{pictures.origin}/cat.png"}}
    run = drive(site, "sync", model="gpt-4o-mini", prompt=lambda: [{"role": "user", "content": [link]}])
    assert run.stream.cost == run.response.cost == Decimal("0.00000165")
    assert pictures.connections == []
    assert site.requests[0].json["messages"] == [{"role": "user", "content": [link]}]


def test_fault_32_only_roles_at_line_starts_split_a_template(serve: Serve) -> None:
    site = serve(plain_stream())

    @prompt_template(
        """
        SYSTEM: You are terse.
        USER: What does SUPERUSER: mean?
        SUPERUSER: is a word here.
        """
    )
    def prompt() -> None: ...

    drive(site, "sync", prompt=prompt)
    system, user = site.requests[0].json["messages"]
    assert system == {"role": "system", "content": "You are terse."}
    assert user["role"] == "user"
    assert [line.strip() for line in user["content"].splitlines()] == [
        "What does SUPERUSER: mean?",
        "SUPERUSER: is a word here.",
    ]


@both_modes
def test_fault_33_json_mode_leaves_the_users_message_alone(serve: Serve, mode: Mode) -> None:
    site = serve(plain_stream())
    drive(site, mode, json_mode=True)
    body = site.requests[0].json
    assert {"role": "user", "content": PROMPT} in body["messages"]
    assert body["response_format"] == {"type": "json_object"}


def test_fault_28_the_default_sync_client_is_made_once(serve: Serve, own_endpoint: OwnEndpoint) -> None:
    site = own_endpoint(serve(plain_stream()))
    asked = [openai_call("m", stream=True, limits=LIMITS)(lambda: PROMPT) for _ in range(2)]
    for ask in (*asked, asked[0]):
        assert "".join(c.content for c, _ in ask()) == "Hello"
    close_default_client()
    assert len(site.requests) == 3
    assert len(site.connections) == 1  # a client of its own would have opened one of its own


def test_fault_28_the_default_async_client_is_made_once(serve: Serve, own_endpoint: OwnEndpoint) -> None:
    site = own_endpoint(serve(plain_stream()))

    @openai_call("m", stream=True, limits=LIMITS)
    async def ask() -> str:
        return PROMPT

    async def consume() -> None:
        for _ in range(3):
            assert "".join([c.content async for c, _ in await ask()]) == "Hello"
            # The end of the body may come after the verdict; only then is its connection free.
            ends = [task for task in asyncio.all_tasks() if task.get_name() == "ostream-reader"]
            await asyncio.gather(*ends, return_exceptions=True)
        await close_default_async_client()

    asyncio.run(consume())
    assert len(site.requests) == 3
    assert len(site.connections) == 1


def test_fault_29_a_client_of_the_wrong_kind_is_one_clear_error(serve: Serve) -> None:
    site = serve(plain_stream())

    async def asked() -> str:
        return PROMPT

    async def wrong_async(client: openai.OpenAI) -> None:
        stream = await openai_call("m", stream=True, client=client)(asked)()
        async for _ in stream:
            pass

    with sync_client(site) as client, pytest.raises(TypeError, match=r"AsyncOpenAI"):
        asyncio.run(wrong_async(client))

    async def wrong_sync() -> None:
        async with async_client(site) as client:
            list(openai_call("m", stream=True, client=client)(lambda: PROMPT)())

    with pytest.raises(TypeError, match=r"\bOpenAI\b"):
        asyncio.run(wrong_sync())
    assert site.connections == []


@pytest.mark.parametrize(
    "model", ["gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5-mini", "gpt-5.1", "o3", "o4-mini"]
)
def test_fault_30_current_models_have_a_price(serve: Serve, model: str) -> None:
    run = drive(serve(as_model(plain_stream(), model)), "sync", model=model)
    assert run.stream.cost is not None
    assert run.stream.cost > 0
    assert run.response.cost == run.stream.cost


def test_fault_30_a_model_that_openai_does_not_sell_has_no_price(serve: Serve) -> None:
    run = drive(serve(as_model(plain_stream(), "deepseek-r1:8b")), "sync", model="deepseek-r1:8b")
    assert run.stream.cost is run.response.cost is None
