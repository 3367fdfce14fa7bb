"""Tool calls from their fragments, as servers cut, repeat, number and forget to number them."""

import itertools
from typing import Any

import pytest

from ostream.delta import read_tool
from ostream.tool_calls import ToolCall, ToolMerger, parse_arguments


def piece(
    index: int | None = None, call_id: str | None = None, name: str | None = None, arguments: Any = None
) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    fields = {"index": index, "id": call_id, "function": function}
    return {key: value for key, value in fields.items() if value is not None}


def merged(*fragments: dict[str, Any]) -> list[tuple[str | None, str | None, str]]:
    merger = ToolMerger()
    for fragment in fragments:
        merger.add(read_tool(fragment))
    return [(call.id, call.name, call.arguments) for call in merger.calls]


A, B = ("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')


@pytest.mark.parametrize(
    ("fragments", "calls"),
    [
        pytest.param([piece(0, "a", "f", '{"x"'), piece(0, arguments=":1}")], [A], id="in pieces"),
        pytest.param(
            [
                piece(0, "a", "f", '{"x"'),
                piece(1, "b", "g", '{"y"'),
                piece(1, arguments=":2}"),
                piece(0, arguments=":1}"),
            ],
            [A, B],
            id="interleaved",
        ),
        pytest.param([piece(5, "b", "g", '{"y":2}'), piece(2, "a", "f", '{"x":1}')], [A, B], id="by index"),
        pytest.param(
            [piece(None, "a", "f", '{"x":1}'), piece(None, "b", "g", '{"y":2}')], [A, B], id="ids only"
        ),
        pytest.param(
            [
                piece(None, "a", "f", '{"x"'),
                piece(None, "b", "g", '{"y"'),
                piece(None, "a", arguments=":1}"),
                piece(None, "b", arguments=":2}"),
            ],
            [A, B],
            id="interleaved by id",
        ),
        pytest.param(
            [piece(0, "a", "f", '{"x":1}'), piece(0, "b", "g", '{"y":2}')], [A, B], id="all index 0"
        ),
        pytest.param(
            [piece(0, "a", "f", '{"x"'), piece(0, "a", "f", ":1}")],
            [A],
            id="id and name with each piece",
        ),
        pytest.param([piece(0, "a", "f", '{"x":1}')] * 2, [A], id="the whole call again"),
        pytest.param(
            [piece(0, "a", "f", "1"), piece(0, arguments="1")], [("a", "f", "11")], id="equal pieces"
        ),
        pytest.param(
            [piece(None, None, "f", '{"x":1}'), piece(None, None, "g", '{"y":2}')],
            [(None, "f", '{"x":1}'), (None, "g", '{"y":2}')],
            id="neither id nor index",
        ),
        pytest.param(
            [piece(0, None, "f", "{}"), piece(0, None, "f", "{}")],
            [(None, "f", "{}")] * 2,
            id="an index again, without ids",
        ),
        pytest.param(
            [piece(0, "a", "f"), piece(1, "b", "g")], [("a", "f", ""), ("b", "g", "")], id="no arguments"
        ),
        pytest.param([piece(0), piece(0, arguments="")], [], id="nothing said"),
        pytest.param([piece(0, "a", "f", {"x": 1})], [A], id="arguments as an object"),
        pytest.param([piece(0, "a", "f", {"x": float("nan")})], [("a", "f", '{"x":null}')], id="NaN in it"),
        pytest.param(
            [piece(0, "a\ud83d", "f\udc00", "\ud83d")], [("a\ufffd", "f\ufffd", "\ufffd")], id="no Unicode"
        ),
        pytest.param(
            [piece(0, "a", "f", '"\ud83d'), piece(0, arguments='\ude00"')],
            [("a", "f", '"😀"')],
            id="a pair cut in two",
        ),
        pytest.param(
            [piece(0, "", "f", "1"), piece(0, "a", "", "2")], [("a", "f", "12")], id="blank, then named"
        ),
    ],
)
def test_fragments_become_calls(
    fragments: list[dict[str, Any]], calls: list[tuple[str | None, str | None, str]]
) -> None:
    assert merged(*fragments) == calls


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("{}", True),
        ('{"a":{"b":[1]}}', True),
        ("[1]", True),
        ("", False),
        ("{", False),
        ('{"a":{"b":1}', False),
        ('{"a":"}"', False),
        ('{"a":"\\"}"', False),
        ('{"a":"\\\\"}', True),
        ("12", False),
        ('"a"', False),
    ],
)
def test_the_closing_bracket_is_seen_at_any_split(text: str, closed: bool) -> None:
    for cut in range(len(text) + 1):
        call = ToolCall(0)
        for part in filter(None, (text[:cut], text[cut:])):
            call.add(part)
        assert (call.is_closed, call.arguments, call.length) == (closed, text, len(text))


def test_each_fragment_gives_its_call_and_what_it_adds() -> None:
    merger = ToolMerger()
    found = [merger.add(read_tool(piece(0, "a", "f", '{"x":1}'))) for _ in range(2)]
    assert [added for _, added in filter(None, found)] == ['{"x":1}', ""]
    assert len({id(call) for call, _ in filter(None, found)}) == 1
    assert merger.add(read_tool(piece(3))) is None


def test_unknown_keys_stay_with_their_call() -> None:
    merger = ToolMerger()
    merger.add(read_tool({**piece(0, "a", "f"), "extra_content": {"signature": "s"}}))
    merger.add(read_tool({**piece(0, arguments="{}"), "extra_content": {"signature": "t"}}))
    assert merger.calls[0].extra == {"extra_content": {"signature": "t"}}


def test_joining_while_it_grows_keeps_every_piece() -> None:
    call = ToolCall(0)
    for at in range(50):
        call.add(f"{at},")
        assert call.arguments == "".join(f"{n}," for n in range(at + 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        (" \n", {}),
        ("{}", {}),
        ('{"a":[1,null]}', {"a": [1, None]}),
        ('{"a":NaN,"b":-Infinity}', {"a": None, "b": None}),
        ("[1]", [1]),
        ('{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
    ],
)
def test_arguments_as_a_value(text: str, value: Any) -> None:
    assert parse_arguments(text) == value


@pytest.mark.parametrize("text", ['{"a"', "{a:1}", '{"a":1}}', "nope", "[" * 5_000, '{"a":"\\ud83d"}'])
def test_arguments_that_are_not_json(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_arguments(text)


def test_partial_arguments_grow_towards_the_whole() -> None:
    text = '{"city":"Oslo","days":[1,2],"deep":{"a":true}}'
    found = [parse_arguments(text[:cut], partial=True) for cut in range(1, len(text) + 1)]
    assert found[-1] == {"city": "Oslo", "days": [1, 2], "deep": {"a": True}}
    assert found[len('{"city":"Os') - 1] == {"city": "Os"}
    assert all(set(few) <= set(more) for few, more in itertools.pairwise(found))
