from itertools import accumulate

import pytest

from collector.rig import Grew, order, run_lanes
from ostream.delta import ToolFragment
from ostream_compare.collector.tool_words import ToolWords
from ostream_compare.domain.events import LaneEnded, RequestSent
from ostream_compare.domain.lane import Done, Streaming, Waiting, advance
from wire.script import DONE, finish, stream, text, tool, tools
from wire.server import Serve

PIECE = ToolFragment


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        pytest.param([PIECE(0, "a", "add", "{"), PIECE(0, None, None, "}")], "add({}", id="one"),
        pytest.param(
            [PIECE(0, "a", "add", "1"), PIECE(1, "b", "sub", "2")], "add(1)\nsub(2", id="one after another"
        ),
        pytest.param(
            [PIECE(0, "a", "add", "1"), PIECE(0, "a", "add", "2")], "add(12", id="the name with every piece"
        ),
        pytest.param(
            [PIECE(None, "a", "add", "1"), PIECE(None, "b", "add", "2")], "add(1)\nadd(2", id="told by id"
        ),
        pytest.param([PIECE(0, None, None, "{")], "{", id="no name at all"),
    ],
)
def test_pieces_of_calls_read_as_calls(pieces: list[ToolFragment], words: str) -> None:
    told = ToolWords()
    assert "".join(told.feed([piece]) for piece in pieces) == words


def test_an_answer_of_tool_calls_is_told_while_it_comes(serve: Serve) -> None:
    site = serve(
        stream(
            text("Wait."),
            tools(tool(0, "", call_id="1", name="look")),
            tools(tool(0, '{"at": ')),
            tools(tool(0, "1}"), tool(1, "{}", call_id="2", name="stop")),
            finish("tool_calls"),
            DONE,
        )
    )
    heard = run_lanes([order(0, site.base_url)])
    grown = heard.of(Grew, 0)
    assert "".join(delta.tool for delta in grown) == 'look({"at": 1})\nstop({}'
    lane = advance(Waiting(), RequestSent(lane=0, at=0))
    *_, lane = accumulate(grown, advance, initial=lane)
    assert isinstance(lane, Streaming)
    ended = advance(lane, LaneEnded(lane=0, at=9, response=heard.responses[0]))
    assert isinstance(ended, Done)
    assert str(ended.tools) == 'look({"at": 1})\nstop({})'
