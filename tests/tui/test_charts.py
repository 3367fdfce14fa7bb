import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ostream_compare.domain.comparison import Response, SavedError
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.tui.charts.bars import Bar, bar_lines
from ostream_compare.tui.charts.race import GLYPHS, Race
from ostream_compare.tui.charts.rates import Rates
from ostream_compare.tui.charts.spark import gathered, spark, trend

SECOND = 1_000_000_000


def test_a_spark_leaves_gaps_where_nothing_came():
    assert spark([0, 1, 4, None, 8], 8) == " ▁▄ █"
    assert spark([0, 0], 0) == "  "


@pytest.mark.parametrize(
    ("values", "least", "most", "expected"),
    [
        ([1.0, 10.0, None, 100.0], 1.0, 100.0, "▁▅ █"),
        ([100.0, 104.0, 98.0], 98.0, 104.0, "▄▅▄"),  # noise stays noise
        ([5.0], 5.0, 5.0, "▅"),
        ([0.0, 4.0], 0.0, 4.0, "▁▁"),  # zero has no logarithm
    ],
)
def test_trends_share_a_scale_that_does_not_blow_up_noise(values, least, most, expected):
    assert trend(values, least, most) == expected


def test_many_rounds_are_gathered_into_medians_and_a_stretch_without_any_is_a_gap():
    assert gathered([1.0, 2.0, 9.0, None, None, None, 4.0, None, 6.0], 3) == [2.0, None, 5.0]
    assert gathered([1.0, None], 3) == [1.0, None]


def test_rates_show_a_stall_as_a_gap_and_keep_all_of_the_time():
    rates = Rates()
    count = 0
    for frame in range(200):  # ten seconds at twenty frames
        if not 80 <= frame < 120:
            count += 2
        rates.sample(SECOND, SECOND + frame * SECOND // 20, count)
    assert rates.spark(10) == "████  ████"
    rates.end(count + 1000)
    assert rates.spark(10).endswith("█")
    assert rates.spark(10)[0] == "▁"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3 * SECOND)), max_size=80))
def test_rates_lose_no_token_and_stay_small(steps):
    rates = Rates()
    now = count = 0
    for more, later in steps:
        now, count = now + later, count + more
        rates.sample(0, now, count)
    assert sum(rates._bins) == count
    assert len(rates._bins) <= 48
    assert len(rates.spark(8)) <= 8


def test_another_answer_starts_anew():
    rates = Rates()
    rates.sample(0, SECOND, 100)
    rates.sample(5 * SECOND, 5 * SECOND, 3)
    assert rates.spark(8) == "█"


def test_bars_are_as_long_as_their_figures_and_unknown_has_none():
    lines = bar_lines(
        [
            Bar(label="A", value=10.0, text="10s"),
            Bar(label="Long", value=5.0, text="5s"),
            Bar(label="B", value=None, text="—"),
            Bar(label="C", value=0.0, text="0s"),
        ],
        31,
    )
    assert [line.bar.rstrip() for line in lines] == ["█" * 20, "█" * 10, "—", "▏"]
    assert {(cell_len(line.label), cell_len(line.bar)) for line in lines} == {(4, 20)}


def test_a_bar_shows_its_interval():
    (line,) = bar_lines([Bar(label="A", value=6.0, text="6", low=4.0, high=10.0)], 26)
    assert line.bar == "████████▒▒▒▒───────┤"


@given(
    st.lists(st.tuples(st.text(max_size=30), st.none() | st.floats(0, 1e6), st.floats(0, 1e3)), max_size=8),
    st.integers(20, 120),
)
def test_bars_never_leave_their_room(given_, width):
    bars = [
        Bar(label=label, value=value, text="x", low=value, high=None if value is None else value + more)
        for label, value, more in given_
    ]
    assert all(cell_len(line.bar) <= max(8, width) for line in bar_lines(bars, width))


def burst(lane, at, text="x", **parts):
    return Delta(lane=lane, at=int(at * SECOND), text=text, **parts)


def end(lane, at, state="complete"):
    response = Response(name="A", provider="p", model="m", state=state)
    return LaneEnded(lane=lane, at=int(at * SECOND), response=response)


def drawn(race, lanes, now, width=21, *, over=False):
    picture = race.picture(lanes, int(now * SECOND), width, over=over)
    return ["".join(text for text, _ in row) for row in picture.rows], picture.axis


def test_a_race_shows_waiting_thinking_answering_and_the_end():
    race = Race()
    race.start([0], 0)
    race.note(RequestSent(lane=0, at=0))
    for tenth in range(20, 41):
        race.note(burst(0, tenth / 10, "", reasoning="hm"))
    for tenth in range(41, 101):
        race.note(burst(0, tenth / 10))
    race.note(end(0, 10))
    (row,), axis = drawn(race, [0], 10, over=True)
    assert row == "····" + "░" * 4 + "█" * 12 + "✓"
    assert axis == "0s        5s"


@pytest.mark.parametrize(
    ("gap", "stalls"),
    [(0.2, False), (0.3, True), (1.5, True)],  # bursts come every 50 ms: five times that, and 0.25 s at least
)
def test_a_gap_is_a_stall_when_it_is_long_for_this_lane(gap, stalls):
    race = Race()
    race.start([0], 0)
    for number in range(40):
        race.note(burst(0, 0.1 + number * 0.05))
    race.note(burst(0, 2.05 + gap))
    race.note(end(0, 2.1 + gap))
    assert ("stall" in race.tracks[0].kinds) is stalls


def test_a_slow_lane_does_not_stall_with_each_burst():
    race = Race()
    race.start([0], 0)
    for number in range(30):
        race.note(burst(0, 0.4 * number))
    assert set(race.tracks[0].kinds) == {"waiting", "answering"}


def test_a_silence_that_still_goes_on_is_shown():
    race = Race()
    race.start([0, 1], 0)
    for number in range(10):
        race.note(burst(0, 0.1 * number))
    (silent, queued), _ = drawn(race, [0, 1], 4.0)
    assert silent.rstrip().endswith("╌╌╌")
    assert set(queued.rstrip()) == {"◌"}


def test_a_failed_attempt_waits_again_and_a_rerun_starts_at_its_own_order():
    race = Race()
    race.start([0, 1], 0)
    race.note(burst(0, 1))
    race.note(
        AttemptFailed(lane=0, at=2 * SECOND, attempt=1, error=SavedError(kind="x", message="x"), wait=1)
    )
    race.note(burst(0, 4))
    race.note(end(0, 4, "failed"))
    assert race.tracks[0].kinds[-2:] == ["waiting", "answering"]
    race.start([0], 50 * SECOND)
    assert drawn(race, [0], 51)[0][0].rstrip() == "◌" * 20
    race.note(RequestSent(lane=0, at=51 * SECOND))
    assert drawn(race, [0], 52)[0][0].rstrip() == "·" * 20


def test_the_race_begins_when_the_first_request_leaves():
    race = Race()
    race.start([0, 1, 2], 0)
    race.note(end(2, 0.1, "failed"))  # it has no key: nothing was sent
    race.note(RequestSent(lane=0, at=5 * SECOND))
    race.note(RequestSent(lane=1, at=7 * SECOND))  # it had to wait for its turn
    for lane in (0, 1):
        race.note(burst(lane, 9))
        race.note(end(lane, 9))
    rows, _ = drawn(race, [0, 1, 2], 9, over=True)
    assert rows[0] == "·" * 20 + "✓"
    assert rows[1] == "◌" * 10 + "·" * 10 + "✓", "it waited for its turn, then for the server"
    assert rows[2].rstrip() == "✗"
    assert race.tracks[0].seconds(0) == 4


def test_what_was_lost_without_a_verdict_is_not_waited_for():
    race = Race()
    race.start([0, 1], 0)
    race.note(burst(0, 1))
    race.note(end(0, 1))
    rows, _ = drawn(race, [0, 1], 100, over=True)
    assert rows[0].rstrip().endswith("✓")
    assert not rows[1].strip()


def test_an_event_of_a_lane_that_was_not_ordered_changes_nothing():
    race = Race()
    race.note(burst(7, 1))
    assert race.tracks == {}


def test_a_lane_that_changes_its_mind_for_ever_stays_small():
    race = Race()
    race.start([0], 0)
    source = random.Random(1)
    at = 0.0
    for number in range(5000):
        at += 0.01 + 1.2 * (source.random() < 0.2)
        race.note(burst(0, at, "x" if number % 2 else "", reasoning="" if number % 2 else "x"))
    track = race.tracks[0]
    assert len(track.kinds) == len(track.ends) <= 401
    assert all(a <= b for a, b in pairwise(track.ends))
    assert track.ends[-1] == int(at * SECOND)


@given(st.integers(10, 200), st.floats(0, 4000), st.booleans())
def test_rows_and_axis_have_the_width(width, now, over):
    race = Race()
    race.start([0, 1], 0)
    race.note(burst(0, now / 2))
    race.note(end(0, now))
    rows, axis = drawn(race, [0, 1, 2], now, width, over=over)
    assert {cell_len(row) for row in rows} == {width}
    assert cell_len(axis) <= width
    assert len(set(GLYPHS.values())) == 5
