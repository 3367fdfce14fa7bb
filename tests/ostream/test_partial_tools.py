"""Tools that are given out while their arguments come in."""

from typing import Any

import pytest
from pydantic import Field

from ostream import OpenAITool
from wire.driver import both_modes, drive
from wire.runner import Mode
from wire.script import DONE, finish, stream, tool, tools
from wire.server import Serve


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
