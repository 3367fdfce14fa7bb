"""The ancestor's faults by their numbers: tools (10 to 17, 34)."""

import time
from typing import Any

import pytest
from openai.types.chat import ChatCompletionMessageFunctionToolCall

from ostream import OpenAITool
from ostream.errors import ToolError
from wire.driver import Run, both_modes, drive
from wire.runner import Mode
from wire.script import DONE, chunk, finish, stream, text, tool, tools, usage
from wire.server import Serve


def get_weather(city: str) -> str:
    """Weather of a city."""
    return f"sunny in {city}"


def get_forecast(city: str, days: int = 3) -> str:
    """Weather of some days."""
    return f"{days} days of sun in {city}"


def get_time(tz: str) -> str:
    """Time of day in a zone."""
    return f"noon {tz}"


def roll_dice() -> str:
    """Roll a dice."""
    return "4"


TOOLS = [get_weather, get_time, roll_dice]
PARIS = ("get_weather", {"city": "Paris"})
TOKYO = ("get_time", {"tz": "JST"})


def called(run: Run) -> list[tuple[str, dict[str, Any]]]:
    return [(raw(t).function.name, t.args) for t in run.tools]


def raw(made: OpenAITool) -> ChatCompletionMessageFunctionToolCall:
    assert made.tool_call is not None
    return made.tool_call


def in_message(run: Run) -> list[tuple[str, str]]:
    calls = run.stream.construct_call_response(partial=True).response.choices[0].message.tool_calls or []
    return [(call.function.name, call.function.arguments) for call in calls if call.type == "function"]


@both_modes
def test_fault_10_interleaved_indexes_give_both_tools(serve: Serve, mode: Mode) -> None:
    parts = [
        tools(tool(0, "", call_id="k1", name="get_weather"), tool(1, "", call_id="k2", name="get_time")),
        tools(tool(0, '{"city":')),
        tools(tool(1, '{"tz":')),
        tools(tool(0, '"Paris"}'), tool(1, '"JST"}')),
        finish("tool_calls"),
        DONE,
    ]
    run = drive(serve(stream(*parts)), mode, tools=TOOLS)
    assert called(run) == [PARIS, TOKYO]
    assert [t.call() for t in run.tools] == ["sunny in Paris", "noon JST"]
    assert in_message(run) == [("get_weather", '{"city":"Paris"}'), ("get_time", '{"tz":"JST"}')]


@both_modes
def test_fault_11_two_calls_in_one_delta_both_come_out(serve: Serve, mode: Mode) -> None:
    both = tools(
        tool(0, '{"city":"Paris"}', call_id="k1", name="get_weather"),
        tool(1, '{"tz":"JST"}', call_id="k2", name="get_time"),
    )
    run = drive(serve(stream(text("Hm. "), both, finish("tool_calls"), DONE)), mode, tools=TOOLS)
    assert called(run) == [PARIS, TOKYO]
    assert len(run.chunks) == 3
    assert all(c.content == "" for c, _ in run.pairs if c.is_extra)
    assert "".join(c.content for c, _ in run.pairs) == run.stream.content == "Hm. "


@both_modes
def test_fault_12_a_tool_without_arguments_before_another(serve: Serve, mode: Mode) -> None:
    parts = [
        tools(tool(0, "", call_id="k1", name="roll_dice")),
        tools(tool(1, '{"tz":"JST"}', call_id="k2", name="get_time")),
        finish("tool_calls"),
        DONE,
    ]
    run = drive(serve(stream(*parts)), mode, tools=TOOLS)
    assert sorted(called(run)) == [TOKYO, ("roll_dice", {})]  # the first is known to be whole at the end only
    assert {t.call() for t in run.tools} == {"4", "noon JST"}
    assert in_message(run) == [("roll_dice", ""), ("get_time", '{"tz":"JST"}')]


@both_modes
@pytest.mark.parametrize("end", [(DONE,), (finish("tool_calls"),), ()])
def test_fault_13_a_stream_that_ends_on_a_tool_delta_is_flushed(
    serve: Serve, mode: Mode, end: tuple[bytes, ...]
) -> None:
    last = tools(tool(0, '{"city":"Paris"}', call_id="k1", name="get_weather"))
    run = drive(serve(stream(last, *end)), mode, tools=TOOLS)
    assert called(run) == [PARIS]
    assert in_message(run) == [("get_weather", '{"city":"Paris"}')]


@both_modes
def test_fault_14_every_chunk_of_arguments_is_yielded(serve: Serve, mode: Mode) -> None:
    arguments = '{"city": "Paris"}'
    head = tools(tool(0, "", call_id="k1", name="get_weather"))
    letters = [
        chunk(
            {"index": 0, "delta": {"content": letter, "tool_calls": [tool(0, letter)]}, "finish_reason": None}
        )
        for letter in arguments
    ]
    run = drive(
        serve(stream(head, *letters, finish("tool_calls"), usage(3, 2), DONE)),
        mode,
        tools=TOOLS,
    )
    assert len(run.chunks) == 1 + len(arguments) + 2
    assert "".join(c.content for c in run.chunks) == run.stream.content == arguments
    assert called(run) == [PARIS]
    assert run.stream.finish_reasons == ["tool_calls"]
    assert (run.stream.input_tokens, run.stream.output_tokens) == (3, 2)


BAD_CALLS = {
    "unknown tool": tool(0, "{}", call_id="k1", name="launch_rocket"),
    "broken JSON": tool(0, '{"city": Par', call_id="k1", name="get_weather"),
    "wrong type": tool(0, '{"city": ["Paris"]}', call_id="k1", name="get_weather"),
    "missing argument": tool(0, "{}", call_id="k1", name="get_weather"),
    "not an object": tool(0, "[1]", call_id="k1", name="get_weather"),
}


@both_modes
@pytest.mark.parametrize("bad", BAD_CALLS.values(), ids=BAD_CALLS.keys())
def test_fault_15_a_bad_call_is_an_error_on_that_tool(serve: Serve, mode: Mode, bad: dict[str, Any]) -> None:
    good = tool(1, '{"tz":"JST"}', call_id="k2", name="get_time")
    run = drive(
        serve(stream(tools(bad), tools(good), text("Done."), finish("tool_calls"), DONE)), mode, tools=TOOLS
    )
    assert len(run.tools) == 2
    first, second = sorted(run.tools, key=lambda t: raw(t).id)
    assert isinstance(first.error, ToolError)
    assert first.error.kind == "bad_tool"
    with pytest.raises(ToolError) as raised:
        first.call()
    assert raised.value is first.error
    assert second.error is None
    assert second.call() == "noon JST"
    assert (run.stream.content, run.stream.state, run.stream.error) == ("Done.", "complete", None)
    assert in_message(run)[0] == (bad["function"]["name"], bad["function"]["arguments"])


@both_modes
def test_fault_15_a_repeated_id_gives_both_calls(serve: Serve, mode: Mode) -> None:
    parts = [
        tools(tool(0, '{"city":"Paris"}', call_id="k1", name="get_weather")),
        tools(tool(1, '{"tz":"JST"}', call_id="k1", name="get_time")),
        text("Done."),
        finish("tool_calls"),
        DONE,
    ]
    run = drive(serve(stream(*parts)), mode, tools=TOOLS)
    assert called(run) == [PARIS, TOKYO]
    assert run.stream.content == "Done."


@both_modes
def test_fault_16_partial_tools_are_one_call(serve: Serve, mode: Mode) -> None:
    pieces = ['{"ci', 'ty": "Par', "is", '"}']
    head = tools(tool(0, "", call_id="k1", name="get_weather"))
    parts = [head, *(tools(tool(0, piece)) for piece in pieces), finish("tool_calls"), DONE]
    run = drive(serve(stream(*parts)), mode, tools=TOOLS, stream={"partial_tools": True})
    assert "".join(t.delta or "" for t in run.tools) == "".join(pieces)
    assert {raw(t).id for t in run.tools} == {"k1"}
    assert len(run.tools) >= len(pieces)
    assert run.tools[-1].args == {"city": "Paris"}
    assert run.tools[-1].call() == "sunny in Paris"
    assert in_message(run) == [("get_weather", "".join(pieces))]
    assert len(run.response.tools or ()) == 1


def test_fault_16_the_cost_of_partial_tools_does_not_grow_with_the_arguments(serve: Serve) -> None:
    # A ratio within one process; 8 when linear, up to 64 when all is parsed again at each fragment.
    _cpu_of_partial_tools(serve, 10)
    assert _cpu_of_partial_tools(serve, 8_000) / _cpu_of_partial_tools(serve, 1_000) < 20


def _cpu_of_partial_tools(serve: Serve, fragments: int) -> float:
    head = tools(tool(0, '{"city": "', call_id="k1", name="get_weather"))
    parts = [head, *[tools(tool(0, "x" * 64))] * fragments, tools(tool(0, '"}')), finish("tool_calls"), DONE]
    site = serve(stream(*parts))
    started = time.process_time()
    run = drive(site, "sync", tools=TOOLS, stream={"partial_tools": True})
    spent = time.process_time() - started
    assert run.tools[-1].args == {"city": "x" * 64 * fragments}
    return spent


@both_modes
def test_fault_17_tools_that_only_the_parameters_name_are_kept_raw(serve: Serve, mode: Mode) -> None:
    schema = {"type": "function", "function": {"name": "w", "parameters": {"type": "object"}}}
    site = serve(
        stream(tools(tool(0, '{"city":"Paris"}', call_id="k1", name="w")), finish("tool_calls"), DONE)
    )
    run = drive(site, mode, call_params={"tools": [schema]})
    assert site.requests[0].json["tools"] == [schema]
    assert in_message(run) == [("w", '{"city":"Paris"}')]
    assert run.stream.message_param.get("tool_calls") == [
        {"id": "k1", "type": "function", "function": {"name": "w", "arguments": '{"city":"Paris"}'}}
    ]


@both_modes
def test_fault_34_an_argument_with_a_default_is_optional(serve: Serve, mode: Mode) -> None:
    call = tools(tool(0, '{"city":"Paris"}', call_id="k1", name="get_forecast"))
    site = serve(stream(call, finish("tool_calls"), DONE))
    run = drive(site, mode, tools=[get_forecast])
    [sent] = site.requests[0].json["tools"]
    assert sent == OpenAITool.type_from_fn(get_forecast).tool_schema()
    assert sent["function"]["parameters"]["required"] == ["city"]
    assert set(sent["function"]["parameters"]["properties"]) == {"city", "days"}
    assert [t.call() for t in run.tools] == ["3 days of sun in Paris"]


def report(name: str, error: str, args: list[str], delta: int = 1, call: str = "", copy: bool = False) -> str:  # noqa: PLR0917 - the names are the point
    """File a report."""
    return f"{name} {error} {args} {delta} {call} {copy}"


def test_an_argument_may_be_named_as_it_likes(serve: Serve) -> None:
    arguments = '{"name": "n", "error": "e", "args": ["a"], "call": "c"}'
    site = serve(
        stream(tools(tool(0, arguments, call_id="k1", name="report")), finish("tool_calls"), DONE),
    )
    run = drive(site, "sync", tools=[report])
    [sent] = site.requests[0].json["tools"]
    assert list(sent["function"]["parameters"]["properties"]) == [
        "name",
        "error",
        "args",
        "delta",
        "call",
        "copy",
    ]
    assert [t.call() for t in run.tools] == ["n e ['a'] 1 c False"]
