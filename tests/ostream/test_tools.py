"""Tools: what comes out, and the way back into the next request."""

import asyncio
from typing import Any

import pytest

from ostream import OpenAIStream, openai_call
from ostream.errors import ToolError
from ostream.tool import tool_type
from wire.driver import LIMITS, async_client, both_modes, drive, sync_client
from wire.runner import Mode
from wire.sample_tools import (
    Book,
    FormatBook,
    Place,
    Unit,
    called,
    get_weather,
    look_up,
    parameters,
    roll,
    sdk_call,
)
from wire.script import DONE, finish, plain_stream, stream, text, tool, tools, whole
from wire.server import Serve


@pytest.mark.parametrize(
    ("kind", "arguments", "args", "result"),
    [
        (roll, "", {}, "4"),
        (roll, "{}", {}, "4"),
        (
            get_weather,
            '{"place": {"city": "Oslo"}}',
            {"place": Place(city="Oslo"), "days": 3, "unit": Unit.CELSIUS},
            "3 days of sun in Oslo, in celsius",
        ),
        (
            get_weather,
            '{"place": {"city": "Oslo"}, "days": 1, "unit": "kelvin"}',
            {"place": Place(city="Oslo"), "days": 1, "unit": Unit.KELVIN},
            "1 days of sun in Oslo, in kelvin",
        ),
        (FormatBook, '{"title": "Dune"}', {"title": "Dune", "author": "unknown"}, "Dune by unknown"),
    ],
)
def test_calling(kind: Any, arguments: str, args: dict[str, Any], result: str) -> None:
    found = called(kind, arguments)
    assert (found.args, found.call(), found.error) == (args, result, None)
    assert found.tool_call == sdk_call(tool_type(kind)._name(), arguments)


def test_an_async_functions_tool_is_awaited() -> None:
    assert asyncio.run(called(look_up, '{"word": "pane"}').call()) == "pane: a word"


def add(a: int, b: int = 2, /, c: int = 3, *more: int, **others: int) -> int:
    return a + b + c + sum(more) + sum(others.values())


def test_a_function_may_take_its_arguments_as_it_likes() -> None:
    assert list(parameters(add)["properties"]) == ["a", "b", "c"]
    assert called(add, '{"a": 1, "c": 30}').call() == 33


def test_a_method_can_be_a_tool() -> None:
    class Library:
        name = "town"

        def find(self, title: str) -> str:
            """Find a book."""
            return f"{title} in {self.name}"

    assert called(Library().find, '{"title": "Dune"}').call() == "Dune in town"


def test_a_tool_without_a_call_says_so() -> None:
    with pytest.raises(ToolError, match=r"tool Book has no call\(\)"):
        called(Book, '{"title": "Dune"}').call()


@pytest.mark.parametrize(
    ("arguments", "flaw"),
    [
        ('{"title": ', "arguments of FormatBook are not JSON"),
        ("[]", "arguments of FormatBook do not fit"),
        ('{"author": "x"}', "do not fit: title: Field required"),
        ('{"title": ["x"]}', "do not fit: title: Input should be a valid string"),
        ("{'title': 'x'}", "are not JSON"),
        ("\ud83d", "are not JSON"),
    ],
)
def test_bad_arguments_are_one_kind_of_error(arguments: str, flaw: str) -> None:
    with pytest.raises(ToolError) as raised:
        called(FormatBook, arguments)
    assert raised.value.kind == "bad_tool"
    assert flaw in str(raised.value)


PARALLEL = [
    tools(
        tool(0, "", call_id="k1", name="get_weather"),
        tool(1, '{"word"', call_id="k2", name="look_up"),
        tool(2, '{"pages": 3}', call_id="k3", name="Book"),
    ),
    tools(tool(0, '{"place": {"city": "Oslo"}')),
    tools(tool(1, ': "pane"}')),
    tools(tool(0, ', "days": 1}')),
    tools(tool(3, '{"title": "Dune"}', call_id="k4", name="FormatBook")),
    tools(tool(4, "{}", call_id="k5", name="launch")),
    text("Done."),
    finish("tool_calls"),
    DONE,
]
OFFERED = [get_weather, look_up, Book, FormatBook]


@both_modes
def test_parallel_calls_good_and_bad(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(*PARALLEL)), mode, tools=OFFERED)
    assert [t.tool_call.id for t in run.tools if t.tool_call] == ["k1", "k2", "k3", "k4", "k5"]
    weather, looked, book, formatted, launch = run.tools
    assert weather.call() == "1 days of sun in Oslo, in celsius"
    assert asyncio.run(looked.call()) == "pane: a word"
    assert formatted.call() == "Dune by unknown"
    for bad, words in ((book, "title: Field required"), (launch, "'launch', which is no tool")):
        assert bad.error is not None
        assert words in str(bad.error)
        with pytest.raises(ToolError):
            bad.call()
    assert book.args == {"pages": 3}
    assert (run.stream.content, run.stream.state, run.stream.error) == ("Done.", "complete", None)
    response = run.response
    assert [type(t) for t in response.tools or ()] == [type(t) for t in run.tools]
    assert response.tool is (response.tools or [None])[0]


@both_modes
def test_the_round_trip_to_the_next_request(serve: Serve, mode: Mode) -> None:
    site = serve(stream(*PARALLEL, keep_alive=True), plain_stream())
    first = drive(site, mode, tools=OFFERED)
    weather, looked, book, formatted, launch = first.tools
    done = [
        (weather, weather.call()),
        (looked, asyncio.run(looked.call())),
        (book, None),
        (formatted, formatted.call()),
        (launch, "never mind"),
    ]
    back = OpenAIStream.tool_message_params(done)
    history = [*first.stream.messages, first.stream.message_param, *back]
    drive(site, mode, prompt=lambda: history, tools=OFFERED)
    sent = site.requests[1].json["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", *["tool"] * 5]
    assert sent[1]["content"] == "Done."
    assert [call["id"] for call in sent[1]["tool_calls"]] == [m["tool_call_id"] for m in sent[2:]]
    assert sent[1]["tool_calls"][0] == {
        "id": "k1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"place": {"city": "Oslo"}, "days": 1}'},
    }
    contents = [message["content"] for message in sent[2:]]
    assert contents[0] == "1 days of sun in Oslo, in celsius"
    assert contents[1] == "pane: a word"
    assert "title: Field required" in contents[2]
    assert contents[3:] == ["Dune by unknown", "never mind"]


@both_modes
def test_calls_without_an_id_get_one_that_fits_the_answer(serve: Serve, mode: Mode) -> None:
    parts = [tools(tool(0, '{"title": "A"}', name="FormatBook")), finish("tool_calls"), DONE]
    run = drive(serve(stream(*parts)), mode, tools=[FormatBook])
    [found] = run.tools
    [back] = OpenAIStream.tool_message_params([(found, found.call())])
    [call] = run.stream.message_param["tool_calls"]
    assert back == {"role": "tool", "content": "A by unknown", "tool_call_id": call["id"]}
    assert call["id"]


@both_modes
def test_tools_without_stream(serve: Serve, mode: Mode) -> None:
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [sdk_call("FormatBook", '{"title": "Dune"}').model_dump()],
    }
    site = serve(
        whole(
            {
                "id": "c1",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
            }
        )
    )
    response = answer_of(site, mode)
    assert response.tool is not None
    assert response.tool.call() == "Dune by unknown"
    assert response.message_param["tool_calls"] == message["tool_calls"]


def answer_of(site: Any, mode: Mode) -> Any:
    def prompt() -> str:
        return "Format it"

    if mode == "sync":
        with sync_client(site) as client:
            return openai_call("m", client=client, tools=[FormatBook], limits=LIMITS)(prompt)()

    async def ask() -> Any:
        async def asked() -> str:
            return prompt()

        async with async_client(site) as client:
            return await openai_call("m", client=client, tools=[FormatBook], limits=LIMITS)(asked)()

    return asyncio.run(ask())
