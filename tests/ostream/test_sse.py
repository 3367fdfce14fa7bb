"""The decoder of server-sent events: every line end, every field, every split."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostream import sse
from ostream.sse import Decoder, ServerEvent, TooLargeError

TOKENS = [b"data: ", b"data", b"\n", b"\r", b"\r\n", b": ", b"event: ", b"error: ", b"x", b"\xef\xbb\xbf"]


def decoded(*pieces: bytes) -> list[ServerEvent]:
    decoder = Decoder()
    return [*itertools.chain.from_iterable(map(decoder.feed, pieces)), *decoder.finish()]


def data(*values: bytes) -> list[ServerEvent]:
    return [ServerEvent(value) for value in values]


def stray(*lines: bytes) -> list[ServerEvent]:
    return [ServerEvent(line, stray=True) for line in lines]


@pytest.mark.parametrize(
    ("body", "events"),
    [
        pytest.param(b"data: a\n\ndata: b\n\n", data(b"a", b"b"), id="LF"),
        pytest.param(b"data: a\r\n\r\ndata: b\r\n\r\n", data(b"a", b"b"), id="CRLF"),
        pytest.param(b"data: a\r\rdata: b\r\r", data(b"a", b"b"), id="CR"),
        pytest.param(b"data: a\r\n\ndata: b\n\r\n", data(b"a", b"b"), id="mixed"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", data(b"a"), id="BOM"),
        pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [*data(b"a"), *stray(b"\xef\xbb\xbfdata: b")],
                     id="a BOM later is none"),
        pytest.param(b"data:a\n\n", data(b"a"), id="no space"),
        pytest.param(b"data:  a\n\n", data(b" a"), id="one space is dropped, not two"),
        pytest.param(b"data: a\ndata: b\ndata:\n\n", data(b"a\nb\n"), id="lines are joined"),
        pytest.param(b"data\n\n", [], id="bare field"),
        pytest.param(b"data:\n\n", data(b""), id="empty data"),
        pytest.param(b": c\n\n:\n\ndata: a\n: d\n\n", data(b"a"), id="comments"),
        pytest.param(b"id: 1\nretry: 5\nid\n\n", [], id="fields that say nothing here"),
        pytest.param(b"event: ping\n\ndata: a\n\n", data(b"a"), id="a name without data is forgotten"),
        pytest.param(b"event: e\ndata: a\n\ndata: b\n\n", [ServerEvent(b"a", b"e"), ServerEvent(b"b")],
                     id="a name is its event's only"),
        pytest.param(b"error: no\n\n", [ServerEvent(b"no", b"error")], id="error as a field"),
        pytest.param(b"error:no\ndata: a\n\n", [ServerEvent(b"no", b"error"), ServerEvent(b"a")],
                     id="error beside data"),
        pytest.param(b'{"a": 1}\n<html>\nfoo: bar\n', stray(b'{"a": 1}', b"<html>", b"foo: bar"),
                     id="no fields"),
        pytest.param(b"data: a\n\ndata: b", [*data(b"a"), ServerEvent(b"b", terminated=False)],
                     id="cut line"),
        pytest.param(b"data: a\n", [ServerEvent(b"a", terminated=False)], id="no blank line at the end"),
        pytest.param(b'{"a": 1}', [ServerEvent(b'{"a": 1}', stray=True, terminated=False)],
                     id="cut stray"),
        pytest.param(b"event: e\ndata: a", [ServerEvent(b"a", b"e", terminated=False)],
                     id="cut, with its name"),
        pytest.param(b"data: \xe2\x80\xa8\x85\x0b\x0c\x1c\n\n", data(b"\xe2\x80\xa8\x85\x0b\x0c\x1c"),
                     id="only CR and LF end lines"),
        pytest.param(b"data: a\x00b\n\n", data(b"a\x00b"), id="NUL"),
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"\n\n\r\n\r\r", [], id="blank lines"),
        pytest.param(b"\xef\xbb", [ServerEvent(b"\xef\xbb", stray=True, terminated=False)],
                     id="half a BOM"),
    ],
)  # fmt: skip
def test_a_body_at_every_split(body: bytes, events: list[ServerEvent]) -> None:
    assert decoded(body) == events
    assert decoded(*(body[at : at + 1] for at in range(len(body)))) == events
    for first, second in itertools.combinations_with_replacement(range(len(body) + 1), 2):
        assert decoded(body[:first], body[first:second], body[second:]) == events


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(TOKENS)),
    st.data(),
)
def test_any_body_at_any_split(tokens: list[bytes], draw: st.DataObject) -> None:
    body = b"".join(tokens)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[a:b] for a, b in itertools.pairwise([0, *cuts, len(body)])]
    assert decoded(*pieces) == decoded(body)


@pytest.mark.parametrize(
    "unit", [b"x", b"data: x\n", b"data: \n" * 3 + b"data: xyz\n"], ids=["line", "lines", "short lines"]
)
def test_an_event_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch, unit: bytes) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 3_000)
    with pytest.raises(TooLargeError, match="larger than"):
        decoded(*[unit] * 3_100)


def test_many_events_together_may_be_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 3_000)
    decoder = Decoder()
    whole = b"data: " + b"x" * 2_900 + b"\n\n: " + b"c" * 2_900 + b"\n\n"
    for _ in range(20):
        assert [event.data for event in decoder.feed(whole)] == [b"x" * 2_900]
        for at in range(0, len(whole), 100):
            decoder.feed(whole[at : at + 100])
