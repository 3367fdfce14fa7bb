"""Tools: what is sent, what comes out, and the way back into the next request."""

import asyncio
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from openai.types.chat import ChatCompletionMessageFunctionToolCall
from pydantic import BaseModel, Field

from ostream import OpenAIStream, OpenAITool, OpenAIToolConfig, openai_call
from ostream.errors import ToolError
from ostream.tool import tool_type
from wire.driver import LIMITS, async_client, both_modes, drive, sync_client
from wire.runner import Mode
from wire.script import DONE, finish, plain_stream, stream, text, tool, tools, whole
from wire.server import Serve


class Unit(StrEnum):
    CELSIUS = "celsius"
    KELVIN = "kelvin"


class Place(BaseModel):
    """Where."""

    city: str
    country: str | None = None


def get_weather(place: Place, days: int = 3, *, unit: Unit = Unit.CELSIUS) -> str:
    """Weather of a place.

    From today on.

    Args:
        place: Where to look.
        days (int, optional): How many days,
            counted from today.
        unit: Of the temperature: celsius
            or kelvin.

    Returns:
        Words.
    """
    return f"{days} days of sun in {place.city}, in {unit}"


def roll() -> str:
    return "4"


async def look_up(word: str) -> str:
    """Look a word up."""
    await asyncio.sleep(0)
    return f"{word}: a word"


class Book(BaseModel):
    """A book."""

    title: str = Field(description="As on its cover.")
    pages: int = 0


class FormatBook(OpenAITool):
    """Formats a book."""

    title: str
    author: str = "unknown"

    def call(self) -> str:
        return f"{self.title} by {self.author}"


class StrictSearch(OpenAITool):
    """Searches."""

    tool_config = OpenAIToolConfig(strict=True)

    query: str = Field(description="What to look for.")
    place: Place = Field(description="Where to look.")
    near: list[Place] = Field(default_factory=list)
    kind: Literal["new", "old"] = "new"
    unit: Unit | None = None
    default: int = 5
    properties: str = ""


def parameters(kind: Any) -> dict[str, Any]:
    function = tool_type(kind).tool_schema()["function"]
    return dict(function)["parameters"]


def sdk_call(name: str, arguments: str) -> ChatCompletionMessageFunctionToolCall:
    return ChatCompletionMessageFunctionToolCall.model_validate(
        {"id": "k1", "type": "function", "function": {"name": name, "arguments": arguments}}
    )


def called(kind: Any, arguments: str) -> OpenAITool:
    made = tool_type(kind)
    return made.from_tool_call(sdk_call(made._name(), arguments))


# What is sent


def test_a_functions_schema() -> None:
    assert tool_type(get_weather).tool_schema() == {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather of a place.\n\nFrom today on.\n\nReturns:\n    Words.",
            "parameters": {
                "$defs": {
                    "Place": {
                        "title": "Place",
                        "type": "object",
                        "description": "Where.",
                        "properties": {
                            "city": {"type": "string"},
                            "country": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
                        },
                        "required": ["city"],
                    },
                    "Unit": {"enum": ["celsius", "kelvin"], "title": "Unit", "type": "string"},
                },
                "type": "object",
                "properties": {
                    "place": {"$ref": "#/$defs/Place", "description": "Where to look."},
                    "days": {
                        "default": 3,
                        "type": "integer",
                        "description": "How many days, counted from today.",
                    },
                    "unit": {
                        "$ref": "#/$defs/Unit",
                        "default": "celsius",
                        "description": "Of the temperature: celsius or kelvin.",
                    },
                },
                "required": ["place"],
            },
        },
    }


def test_a_function_without_parameters_or_docstring() -> None:
    assert tool_type(roll).tool_schema()["function"] == {
        "name": "roll",
        "parameters": {"type": "object", "properties": {}},
    }


def undocumented(a: Annotated[int, Field(description="First.", ge=1)], b: float) -> None:
    """Adds.

    Args:
        b: Second.
        c: Nobody's.
    """


def test_annotations_describe_too_and_words_on_nobody_are_left_out() -> None:
    assert parameters(undocumented)["properties"] == {
        "a": {"description": "First.", "minimum": 1, "type": "integer"},
        "b": {"description": "Second.", "type": "number"},
    }


def test_a_pydantic_models_schema_is_that_of_its_fields() -> None:
    [schema] = [tool_type(Book).tool_schema()["function"]]
    assert schema == {
        "name": "Book",
        "description": "A book.",
        "parameters": {
            "type": "object",
            "properties": {
                "title": {"description": "As on its cover.", "type": "string"},
                "pages": {"default": 0, "type": "integer"},
            },
            "required": ["title"],
        },
    }


def test_a_class_may_name_itself() -> None:
    class Renamed(FormatBook):
        tool_name = "format_book"

    assert Renamed.tool_schema()["function"]["name"] == "format_book" == Renamed._name()
    assert FormatBook._name() == "FormatBook"


def test_a_strict_schema_obeys_the_rules_of_strict_schemas() -> None:
    function = StrictSearch.tool_schema()["function"]
    assert function.get("strict") is True
    schema = dict(function)["parameters"]
    assert list(schema["properties"]) == schema["required"]
    assert schema["required"] == ["query", "place", "near", "kind", "unit", "default", "properties"]
    objects = [schema, schema["$defs"]["Place"], schema["properties"]["place"]]
    for place in objects:
        assert place["additionalProperties"] is False
        assert place["required"] == list(place["properties"])
    assert schema["properties"]["query"]["description"] == "What to look for."
    assert schema["properties"]["kind"]["enum"] == ["new", "old"]
    assert schema["properties"]["default"]["type"] == "integer"
    assert schema["properties"]["properties"]["type"] == "string"
    assert list(_keywords_beside_ref(schema)) == []
    assert '"default":' not in json.dumps({**schema, "properties": schema["properties"]["near"]})


def _keywords_beside_ref(schema: Any) -> Any:
    """OpenAI refuses a `$ref` that has company."""
    if isinstance(schema, dict):
        if "$ref" in schema and len(schema) > 1:
            yield schema
        for inner in schema.values():
            yield from _keywords_beside_ref(inner)
    if isinstance(schema, list):
        for inner in schema:
            yield from _keywords_beside_ref(inner)


def test_strict_may_also_be_a_flag_of_the_class() -> None:
    class Strict(FormatBook):
        strict = True

    assert Strict.tool_schema()["function"].get("strict") is True
    assert "strict" not in FormatBook.tool_schema()["function"]


@pytest.mark.parametrize("thing", ["roll", 5, object(), dict, lambda: None], ids=repr)
def test_what_is_no_tool_is_refused_by_name(thing: Any) -> None:
    if callable(thing) and not isinstance(thing, type):
        assert tool_type(thing)._name() == "<lambda>"
        return
    with pytest.raises(TypeError, match="is no tool"):
        tool_type(thing)


def test_a_field_may_be_called_name_but_not_like_a_member() -> None:
    class Author(OpenAITool):
        name: str
        id: str = "0"

        def call(self) -> str:
            return self.name

    assert called(Author, '{"name": "Ursula"}').call() == "Ursula"
    with pytest.warns(UserWarning, match="shadows"), pytest.raises(TypeError, match="alias 'error'"):

        class Report(OpenAITool):
            error: str

    class Aliased(OpenAITool):
        why: str = Field(alias="error")

    assert called(Aliased, '{"error": "broken"}').args == {"error": "broken"}


def test_a_pydantic_model_may_use_any_name() -> None:
    class Report(BaseModel):
        args: list[str]
        error: str

    found = called(Report, '{"args": ["a"], "error": "e"}')
    assert found.args == {"args": ["a"], "error": "e"}
    assert isinstance(found, Report)


# What comes out


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


# Partial tools


class Trip(OpenAITool):
    """A trip."""

    city: str
    days: int = 7
    why: str = Field("fun", alias="error")


PIECES = ['{"city"', ': "Os', 'lo", "days"', ": 1", "2", ', "error": "none"', "}"]
PARTIAL = [
    tools(tool(0, "", call_id="k1", name="Trip")),
    *(tools(tool(0, piece)) for piece in PIECES),
    finish("tool_calls"),
    DONE,
]


@both_modes
def test_partial_tools_show_what_came_and_nothing_else(serve: Serve, mode: Mode) -> None:
    seen: list[tuple[Any, Any, Any, Any]] = []
    run = drive(serve(stream(*PARTIAL)), mode, tools=[Trip], stream={"partial_tools": True})
    for found in run.tools:
        assert isinstance(found, Trip)
        seen.append((found.delta, found.city, found.days, found.why))
    assert seen == [
        ("", None, None, None),
        ('{"city"', None, None, None),
        (': "Os', "Os", None, None),
        ('lo", "days"', "Oslo", None, None),
        (": 1", "Oslo", 1, None),
        ("2", "Oslo", 12, None),
        (', "error": "none"', "Oslo", 12, "none"),
        ("}", "Oslo", 12, "none"),
        (None, "Oslo", 12, "none"),
    ]
    assert run.tools[4].args == {"city": "Oslo", "days": 1}
    assert run.tools[-1].args == {"city": "Oslo", "days": 12, "error": "none"}
    [call] = run.stream.message_param["tool_calls"]
    assert call["function"]["arguments"] == "".join(PIECES)
    assert len(run.response.tools or ()) == 1


@both_modes
def test_a_partial_tool_grows_no_more_once_it_was_given_out(serve: Serve, mode: Mode) -> None:
    run = drive(serve(stream(*PARTIAL)), mode, tools=[Trip], stream={"partial_tools": True})
    early = run.tools[2]
    assert early.tool_call is not None
    assert early.tool_call.function.arguments == '{"city": "Os'
    with pytest.raises(AttributeError):
        _ = early.nonsense


@pytest.mark.parametrize("fields", [None, {}, {"partial_tools": False}], ids=repr)
def test_whole_tools_come_once_unless_partial_ones_are_asked_for(serve: Serve, fields: Any) -> None:
    run = drive(serve(stream(*PARTIAL)), "sync", tools=[Trip], stream=True if fields is None else fields)
    assert [t.delta for t in run.tools] == [None]
    assert len(run.chunks) == len(PARTIAL) - 1


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
