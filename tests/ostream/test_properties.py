"""What holds for every stream: at any split of its bytes, in both modes, the first time and again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostream.plain import PlainText
from streams.odd import OddStreams
from streams.offline import RECORDED, corpus, play, split

SHORT = 2_000
"""Streams up to this many bytes are split at every place."""

recorded = pytest.mark.parametrize("name", RECORDED)
small = [name for name, data in corpus().items() if 0 < len(data) <= SHORT]


@recorded
def test_every_single_cut_gives_the_same_result(name: str) -> None:
    data = corpus()[name]
    whole = play([data]).result()
    step = max(1, len(data) // SHORT)
    for cut in range(0, len(data), step):
        assert play([data[:cut], data[cut:]]).result() == whole, f"cut at byte {cut}"


@recorded
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_split_gives_the_same_result(name: str, data: st.DataObject) -> None:
    stream = corpus()[name]
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=60))
    assert play(split(stream, cuts)).result() == play([stream]).result()


@pytest.mark.parametrize("name", small)
def test_byte_by_byte_gives_the_same_result(name: str) -> None:
    data = corpus()[name]
    assert play(split(data, range(1, len(data)))).result() == play([data]).result()


@pytest.mark.parametrize("name", small)
def test_the_short_way_reads_what_the_long_one_does(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    short = play([corpus()[name]]).result()
    monkeypatch.setattr(PlainText, "text_of", lambda *_: "")
    assert play([corpus()[name]]).result() == short


def test_the_short_way_reads_odd_streams_as_the_long_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = [OddStreams(seed).stream() for seed in range(3_000)]
    short = [play([body]).result() for body in odd]
    monkeypatch.setattr(PlainText, "text_of", lambda *_: "")
    for seed, body in enumerate(odd):
        assert play([body]).result() == short[seed], f"seed {seed}"
