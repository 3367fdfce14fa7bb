"""The figures of a call by their formulas, and unknown where they are unknown."""

import json

import pytest

from ostream.limits import Limits
from ostream.session import Session
from ostream.timeline import Gaps, Timeline, percentile
from wire.script import text

MS = 1_000_000


def timeline(*contents: tuple[int, bool], sent: int | None = 100) -> Timeline:
    """A call due at 10 ms, with content at these milliseconds; whether it is answer text."""
    made = Timeline(launched=10 * MS, connect_ns=30 * MS, headers=150 * MS)
    made.sent = None if sent is None else sent * MS
    for at, answer in contents:
        made.content(at * MS, answer=answer)
    return made


def test_figures_of_a_whole_call() -> None:
    made = timeline((300, False), (400, False), (600, True), (600, True), (1300, True))
    assert (made.queue_ns, made.ttfb_ns) == (60 * MS, 50 * MS)
    assert (made.ttft_ns, made.ttfa_ns, made.e2e_ns) == (200 * MS, 500 * MS, 1200 * MS)
    assert made.bursts == [300 * MS, 400 * MS, 600 * MS, 1300 * MS]
    assert made.gaps_ns() == [100 * MS, 200 * MS, 700 * MS]
    assert made.icl_ns() == Gaps(p50=200 * MS, p99=690 * MS, max=700 * MS)
    assert made.tpot_ns(101) == 10 * MS
    assert made.tokens_per_second(101) == 100


def test_hidden_reasoning_leaves_the_time_before_the_answer_out() -> None:
    made = timeline((300, False), (600, True), (1300, True))
    assert made.tpot_ns(101, hidden_reasoning_tokens=30) == 10 * MS
    assert made.tokens_per_second(101, hidden_reasoning_tokens=30) == 100


@pytest.mark.parametrize(
    ("contents", "tokens", "hidden"),
    [
        ([(300, True), (900, True)], None, 0),
        ([(300, True), (900, True)], 1, 0),
        ([(300, True), (300, True)], 50, 0),
        ([(300, True)], 50, 0),
        ([], 50, 0),
        ([(300, False), (900, False)], 50, 10),
        ([(300, True), (900, True)], 50, 49),
        ([(300, False), (900, True)], 50, 10),
    ],
    ids=[
        "no tokens",
        "one token",
        "one burst",
        "one event",
        "nothing",
        "no answer",
        "one left to watch",
        "an answer of one burst",
    ],
)
def test_unknown_pace(contents: list[tuple[int, bool]], tokens: int | None, hidden: int) -> None:
    made = timeline(*contents)
    assert made.tpot_ns(tokens, hidden_reasoning_tokens=hidden) is None
    assert made.tokens_per_second(tokens, hidden_reasoning_tokens=hidden) is None


@pytest.mark.parametrize(
    ("until", "tokens"), [(799, 100), (1300, 9)], ids=["under half a second", "under ten tokens"]
)
def test_a_rate_needs_time_and_tokens(until: int, tokens: int) -> None:
    made = timeline((300, True), (until, True))
    assert made.tpot_ns(tokens) is not None
    assert made.tokens_per_second(tokens) is None


@pytest.mark.parametrize(("first", "tokens", "hidden"), [(300, 10, 0), (100, 110, 100)])
def test_half_a_second_and_ten_tokens_are_enough(first: int, tokens: int, hidden: int) -> None:
    made = timeline((first, first == 300), (300, True), (800, True))
    assert made.tokens_per_second(tokens, hidden_reasoning_tokens=hidden) == 18


def test_two_tokens_in_two_bursts_have_a_pace() -> None:
    assert timeline((300, True), (310, True)).tpot_ns(2) == 10 * MS


def test_what_was_not_reached_is_unknown_and_not_zero() -> None:
    empty = Timeline()
    figures = (empty.queue_ns, empty.ttfb_ns, empty.ttft_ns, empty.ttfa_ns, empty.e2e_ns, empty.icl_ns())
    assert figures == (None,) * 6
    unsent = timeline((300, True), sent=None)
    assert (unsent.queue_ns, unsent.ttft_ns, unsent.e2e_ns) == (None, None, None)


def test_a_clock_stamp_before_the_launch_makes_no_negative_queue() -> None:
    assert Timeline(launched=100, sent=90).queue_ns == 0


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([5], 50, 5),
        ([1, 3], 50, 2),
        ([1, 2, 3, 4], 0, 1),
        ([1, 2, 3, 4], 100, 4),
        ([10, 20, 30, 40], 25, 17.5),
    ],
)
def test_percentile(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == expected


BODY = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    "body",
    [json.dumps(BODY).encode(), json.dumps(BODY, indent=2).encode(), text("hi").rstrip(b"\n")],
    ids=["a body in one piece", "a body over several lines", "a last event without its end"],
)
def test_what_only_the_end_makes_readable_has_the_stamp_of_its_bytes(body: bytes) -> None:
    session = Session(Limits(), 0, ())
    session.timeline.sent = 100 * MS
    session.feed(body[:20], at=300 * MS)
    session.feed(body[20:], at=400 * MS)
    session.end(900 * MS)
    while (arrived := session.step()) is not None:
        assert arrived.chunk.received_at == 400 * MS
    made = session.timeline
    assert (made.ttft_ns, made.ttfa_ns, made.e2e_ns) == (300 * MS, 300 * MS, 300 * MS)
    assert made.ended == 900 * MS
