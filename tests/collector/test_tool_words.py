from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.rig import Grew, order, run_lanes
from ostream.delta import ToolFragment
from ostream_compare.collector.protocol import REPORTS, to_line
from ostream_compare.collector.tool_words import ToolWords
from ostream_compare.domain.events import Delta, LaneEnded, RequestSent
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


def test_half_a_letter_in_a_call_waits_for_the_other_half_or_is_replaced(serve: Serve) -> None:
    face = "\U0001f600"
    site = serve(
        stream(
            tools(tool(0, '"\ud83d', call_id="1", name="a")),
            tools(tool(0, '\ude00 \ud83d"')),
            tools(tool(0, "\ud83d")),
            finish("tool_calls"),
            DONE,
        )
    )
    heard = run_lanes([order(0, site.base_url)])
    assert "".join(delta.tool for delta in heard.of(Grew, 0)) == f'a("{face} \ufffd"'
    assert heard.responses[0].tool_calls[0].arguments == f'"{face} \ufffd"\ufffd'


LONE = st.text(st.sampled_from(["\ud83d", "\ude00", "a", "\u00e4", '"', "\0", "\U0001f600"]), max_size=8)


@given(LONE, LONE)
def test_what_a_model_says_can_always_be_read_at_the_other_end_of_the_pipe(said: str, called: str) -> None:
    grew = Grew(run="r", event=Delta(lane=0, at=1, text=said, reasoning=said, refusal=said, tool=called))
    read = REPORTS.validate_json(to_line(grew))
    assert isinstance(read, Grew)
    assert read.event.text == said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
