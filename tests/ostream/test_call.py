"""`openai_call`: what is sent, by whom, and what of one call must not reach the next."""

import asyncio
import functools
from typing import TYPE_CHECKING, Any, cast

import openai
import pytest

from ostream import (
    Limits,
    Messages,
    OpenAICallParams,
    OpenAICallResponse,
    OpenAIDynamicConfig,
    OpenAIStream,
    RequestRefused,
    openai_call,
    prompt_template,
)
from wire.cases import Answer
from wire.driver import LIMITS, async_client, both_modes, drive, sync_client
from wire.runner import KEY, PROMPT, Mode
from wire.script import DONE, finish, plain_stream, stream, text, whole
from wire.server import Serve, Site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BUSY = Answer(503, (("retry-after", "0"), ("content-length", "0")), "length", keep_alive=True)
COMPLETION = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}


def look(word: str) -> str:
    """Look a word up."""
    return word


def roll() -> str:
    """Roll a dice."""
    return "4"


def sent(site: Site) -> dict[str, Any]:
    """The last request's body, without what every one has."""
    body = dict(site.requests[-1].json)
    for name, value in (("model", "m"), ("stream", True), ("stream_options", {"include_usage": True})):
        assert body.pop(name) == value
    return body


HI = {"messages": [{"role": "user", "content": "Hi"}]}
PROMPTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "a string": ("Hi", HI),
    "messages": ([Messages.User("Hi")], HI),
    "a config with messages": ({"messages": [Messages.User("Hi")]}, HI),
    "a config with parameters": (
        {"messages": ["Hi"], "call_params": {"temperature": 0.5, "seed": 7, "verbosity": "low"}},
        {**HI, "temperature": 0.5, "seed": 7, "verbosity": "low"},
    ),
}


@both_modes
@pytest.mark.parametrize(("returned", "body"), PROMPTS.values(), ids=PROMPTS.keys())
def test_what_the_function_returns_is_what_is_sent(
    serve: Serve, mode: Mode, returned: Any, body: dict[str, Any]
) -> None:
    site = serve(plain_stream())
    run = drive(site, mode, prompt=lambda: returned)
    assert sent(site) == body
    assert run.stream.messages == run.response.messages == body["messages"]
    assert run.stream.user_message_param == body["messages"][-1]


@pytest.mark.parametrize("nothing", ["", [], None, {}, {"messages": []}, {"computed_fields": {}}], ids=repr)
def test_nothing_to_send_is_a_value_error(serve: Serve, nothing: Any) -> None:
    site = serve(plain_stream())
    with sync_client(site) as client, pytest.raises(ValueError, match="nothing to send"):
        openai_call("m", stream=True, client=client)(cast("Callable[[], str]", lambda: nothing))()
    assert site.connections == []


def test_a_template_takes_arguments_and_computed_fields(serve: Serve) -> None:
    site = serve(plain_stream())
    with sync_client(site) as client:

        @openai_call("m", stream=True, client=client, limits=LIMITS)
        @prompt_template("SYSTEM: Be {mood}.\nUSER: {words:list}")
        def ask(words: list[str], *, mood: str = "kind") -> OpenAIDynamicConfig:
            return {"computed_fields": {"words": [word.upper() for word in words]}, "metadata": {"tags": 1}}

        stream = ask(["a", "b"])
        assert [c.content for c, _ in stream] == ["Hel", "lo", "", ""]
    assert sent(site)["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "A\nB"},
    ]
    assert stream.fn_args == {"words": ["a", "b"], "mood": "kind"}
    assert stream.prompt_template == "SYSTEM: Be {mood}.\nUSER: {words:list}"
    assert stream.metadata == {"tags": 1}
    assert stream.dynamic_config is not None
    assert ask.__name__ == "ask"


def test_a_decorator_between_the_call_and_the_template_is_not_left_out(serve: Serve) -> None:
    site = serve(plain_stream())

    @prompt_template("USER: {word}")
    def ask(word: str) -> None: ...

    @functools.wraps(ask)
    def loud(word: str) -> Any:
        return ask(word.upper())

    drive(site, "sync", prompt=functools.partial(loud, "hi"))
    assert sent(site)["messages"] == [{"role": "user", "content": "HI"}]


def test_messages_of_a_config_win_over_the_template(serve: Serve) -> None:
    site = serve(plain_stream())

    @prompt_template("USER: {nobody}")
    def ask() -> OpenAIDynamicConfig:
        return {"messages": [Messages.User("Hi")]}

    drive(site, "sync", prompt=ask)
    assert sent(site) == HI


def test_a_methods_own_attributes_fill_its_template(serve: Serve) -> None:
    site = serve(plain_stream())
    with sync_client(site) as client:

        class Librarian:
            genre = "fantasy"

            @openai_call("m", stream=True, client=client, limits=LIMITS)
            @prompt_template("Recommend a {self.genre} book")
            def recommend(self) -> None: ...

        list(Librarian().recommend())
    assert sent(site)["messages"][0]["content"] == "Recommend a fantasy book"


@both_modes
def test_nothing_of_one_call_reaches_the_next(serve: Serve, mode: Mode) -> None:
    site, other = serve(plain_stream()), serve(plain_stream())
    params: OpenAICallParams = {"temperature": 0.5, "extra_headers": {"x-mine": "1"}}
    configs: list[Any] = [
        "Hi",
        {
            "messages": ["Hi"],
            "tools": [roll],
            "call_params": {"temperature": 1.0, "seed": 7, "extra_headers": {"x-its": "2"}},
        },
        {"messages": ["Hi"], "tools": []},
        "Hi",
    ]
    with sync_client(other) as other_sync:
        if mode == "sync":
            configs[1]["client"] = other_sync
        run_all(site, other, mode, configs, params)
    usual, again = site.requests[0].json, site.requests[-1].json
    assert usual == again
    assert (usual["temperature"], [t["function"]["name"] for t in usual["tools"]]) == (0.5, ["look"])
    assert "seed" not in again
    assert "tools" not in site.requests[-2].json
    [own] = other.requests
    assert (own.json["temperature"], own.json["seed"]) == (1.0, 7)
    assert [t["function"]["name"] for t in own.json["tools"]] == ["roll"]
    assert (own.headers.get("x-its"), own.headers.get("x-mine")) == ("2", None)
    assert [r.headers.get("x-mine") for r in site.requests] == ["1", "1", "1"]
    assert params == {"temperature": 0.5, "extra_headers": {"x-mine": "1"}}
    assert len(site.requests) == 3


def run_all(site: Site, other: Site, mode: Mode, configs: list[Any], params: OpenAICallParams) -> None:
    if mode == "sync":
        with sync_client(site) as client:
            call = openai_call(
                "m", stream=True, client=client, tools=[look], call_params=params, limits=LIMITS
            )
            ask = call(cast("Callable[[Any], str]", lambda config: config))
            for config in configs:
                list(ask(config))
        return

    async def consume() -> None:
        async with async_client(site) as client, async_client(other) as other_client:
            configs[1]["client"] = other_client
            call = openai_call(
                "m", stream=True, client=client, tools=[look], call_params=params, limits=LIMITS
            )

            async def prompt(config: Any) -> Any:
                return config

            ask = call(prompt)
            for config in configs:
                async for _ in await ask(config):
                    pass

    asyncio.run(consume())


OPTIONS: dict[str, tuple[Any, Any]] = {
    "asked for": ({}, {"include_usage": True}),
    "merged": (
        {"stream_options": {"include_obfuscation": False}},
        {"include_usage": True, "include_obfuscation": False},
    ),
    "opted out": ({"stream_options": {"include_usage": False}}, {"include_usage": False}),
    "left out": ({"stream_options": None}, None),
}


@pytest.mark.parametrize(("params", "options"), OPTIONS.values(), ids=OPTIONS.keys())
def test_stream_options(serve: Serve, params: Any, options: Any) -> None:
    site = serve(plain_stream())
    before = repr(params)
    drive(site, "sync", call_params=params)
    assert site.requests[0].json.get("stream_options") == options
    assert repr(params) == before


@both_modes
def test_headers_body_and_query_of_the_callers_own(serve: Serve, mode: Mode) -> None:
    site = serve(plain_stream())
    params: OpenAICallParams = {
        "extra_headers": {"X-Title": "ostream"},
        "extra_body": {"reasoning": {"effort": "low"}},
        "extra_query": {"api-version": "2024-10-21"},
        "timeout": 7.5,
        "max_completion_tokens": 9,
        "reasoning_effort": "low",
    }
    run = drive(site, mode, call_params=params)
    [request] = site.requests
    assert request.headers["x-title"] == "ostream"
    assert request.headers["accept-encoding"] == "identity"
    assert request.target == "/v1/chat/completions?api-version=2024-10-21"
    assert sent(site) == {
        "messages": [{"role": "user", "content": PROMPT}],
        "reasoning": {"effort": "low"},
        "max_completion_tokens": 9,
        "reasoning_effort": "low",
    }
    assert run.stream.call_kwargs["timeout"] == 7.5
    assert run.stream.call_params == params


def test_tools_of_the_parameters_and_of_the_decorator_are_both_sent(serve: Serve) -> None:
    site = serve(plain_stream())
    raw = {"type": "function", "function": {"name": "raw", "parameters": {"type": "object"}}}
    drive(site, "sync", tools=[look], call_params={"tools": [raw], "tool_choice": "auto"})
    body = sent(site)
    assert [t["function"]["name"] for t in body["tools"]] == ["raw", "look"]
    assert body["tool_choice"] == "auto"


@both_modes
def test_json_mode_keeps_the_users_message_and_the_callers_format(serve: Serve, mode: Mode) -> None:
    site = serve(plain_stream())
    drive(site, mode, json_mode=True)
    assert sent(site) == {
        "messages": [{"role": "user", "content": PROMPT}],
        "response_format": {"type": "json_object"},
    }
    own = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    drive(site, mode, json_mode=True, call_params={"response_format": own})
    assert sent(site)["response_format"] == own


@both_modes
def test_retries_are_seen(serve: Serve, mode: Mode) -> None:
    run = drive(serve(BUSY, BUSY, plain_stream()), mode, retries=2)
    assert (run.stream.content, run.stream.state, run.stream.attempts) == ("Hello", "complete", 3)
    assert [(e.kind, e.status, wait) for e, wait in run.stream.failed_attempts] == [("server", 503, 0.0)] * 2


@both_modes
def test_without_retries_there_are_none(serve: Serve, mode: Mode) -> None:
    site = serve(BUSY, plain_stream())
    with pytest.raises(RequestRefused) as raised:
        drive(site, mode)
    assert (raised.value.kind, raised.value.status) == ("server", 503)
    assert len(site.requests) == 1
    with pytest.raises(ValueError, match="retries must not be negative"):
        openai_call("m", retries=-1)


def test_the_request_leaves_with_the_first_iteration_or_by_start(serve: Serve) -> None:
    site = serve(plain_stream())
    with sync_client(site) as client:
        ask = openai_call("m", stream=True, client=client, limits=LIMITS)(lambda: PROMPT)
        stream = ask()
        assert (site.connections, stream.state, stream.start_time, stream.end_time) == ([], "pending", 0, 0)
        assert stream.start() is stream
        assert site.requested.wait(10)
        assert "".join(c.content for c, _ in stream) == "Hello"
        assert len(site.requests) == 1
        assert 0 < stream.start_time < stream.end_time


@both_modes
@pytest.mark.parametrize("as_stream", [False, True])
def test_without_stream_the_answer_comes_whole(serve: Serve, mode: Mode, as_stream: bool) -> None:
    site = serve(plain_stream() if as_stream else whole(COMPLETION))
    params: OpenAICallParams = {"stream_options": {"include_usage": True}}
    response = whole_answer(site, mode, call_params=params)
    assert isinstance(response, OpenAICallResponse)
    assert (response.content, response.finish_reasons, response.state) == ("Hello", ["stop"], "complete")
    assert (response.input_tokens, response.output_tokens) == (3, 2)
    assert str(response) == "Hello"
    assert response.latency > 0
    assert site.requests[0].json == {"model": "m", "messages": [{"role": "user", "content": PROMPT}]}


@both_modes
def test_without_stream_a_cut_answer_is_no_answer(serve: Serve, mode: Mode) -> None:
    with pytest.raises(ValueError, match="truncated"):
        whole_answer(serve(stream(text("Hel"))), mode)
    with pytest.raises(RequestRefused):
        whole_answer(serve(BUSY), mode)


def whole_answer(site: Site, mode: Mode, **options: Any) -> OpenAICallResponse:
    if mode == "sync":
        with sync_client(site) as client:
            return openai_call("m", client=client, limits=LIMITS, **options)(lambda: PROMPT)()

    async def ask() -> OpenAICallResponse:
        async def asked() -> str:
            return PROMPT

        async with async_client(site) as client:
            return await openai_call("m", client=client, limits=LIMITS, **options)(asked)()

    return asyncio.run(ask())


def test_an_async_function_may_be_wrapped(serve: Serve) -> None:
    site = serve(stream(text("Hi"), finish(), DONE))

    async def asked(word: str) -> str:
        return word

    async def ask() -> OpenAIStream:
        async with async_client(site) as client:
            call = openai_call("m", stream=True, client=client, limits=LIMITS)
            partial: Callable[[], Awaitable[str]] = functools.partial(asked, PROMPT)
            stream = await call(partial)()
            async with stream:
                assert "".join([c.content async for c, _ in stream]) == "Hi"
            return stream

    assert asyncio.run(ask()).state == "complete"
    assert sent(site)["messages"][0]["content"] == PROMPT


@pytest.mark.parametrize("name", ["connect", "first_token", "idle", "grace", "total"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_limits_are_positive(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"limits\.{name} must be a positive number"):
        Limits(**{name: value})


def test_an_argument_that_the_function_does_not_take_is_pythons_own_error(serve: Serve) -> None:
    site = serve(plain_stream())
    with openai.OpenAI(base_url=site.base_url, api_key=KEY) as client:

        @openai_call("m", stream=True, client=client)
        def ask(genre: str) -> str:
            return genre

        with pytest.raises(TypeError, match="genre"):
            cast("Any", ask)()
    assert site.connections == []
