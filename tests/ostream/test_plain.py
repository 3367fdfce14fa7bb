"""The quick ways through a plain chunk give what the whole way gives."""

import json

import pytest

from ostream.limits import Limits
from ostream.session import Session

TEXTS = ["a", "b", 'c"d', "e\\f", "é漢👩\u200d👧", "\u2028", "", " g", '{"content":"h"}', "\t\n", "\x7f", "i"]
HEAD = '{"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"content":'
TAIL = '},"finish_reason":null}]}'


def chunks_of(*contents):
    """What a session makes of chunks whose `content` is this JSON."""
    session = Session(Limits(), 0)
    found = []
    for content in contents:
        session.feed(f"data: {HEAD}{content}{TAIL}\n\n".encode(), 1)
        while (arrived := session.step()) is not None:
            found.append(arrived.chunk)
    return session, found


@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_text_comes_out_whatever_its_bytes(ascii_only):
    sent = [text for text in TEXTS for _ in range(3)]
    session, chunks = chunks_of(*(json.dumps(text, ensure_ascii=ascii_only) for text in sent))
    assert [chunk.content for chunk in chunks] == sent
    assert [chunk.chunk.choices[0].delta.content for chunk in chunks] == sent
    assert session.reading.primary.text == "".join(sent)


@pytest.mark.parametrize(
    ("odd", "content", "reasoning"),
    [
        ('"c","reasoning":"r"', "c", "r"),
        ('"c","content":"d"', "d", ""),
        ('"c"},"x":{"content":"d"', "c", ""),
    ],
)
def test_bytes_that_only_look_like_a_text_are_read_in_full(odd, content, reasoning):
    _, chunks = chunks_of('"a"', '"b"', odd, '"e"')
    assert [chunk.content for chunk in chunks] == ["a", "b", content, "e"]
    assert chunks[2].reasoning == reasoning


def test_bytes_that_are_no_unicode_are_told_as_ever():
    session, _ = chunks_of('"a"', '"b"')
    session.feed(f"data: {HEAD}".encode() + b'"\xff"' + f"{TAIL}\n\n".encode(), 1)
    assert session.step().chunk.content == "\ufffd"
    assert session.reading.warnings == ["bad_unicode"]
