from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.comparison import Response, SavedError
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.lane import Cancelled, Done, Ended, Failed, Streaming, Waiting, advance, grown
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.rope import Rope, Spot
from ostream_compare.domain.run import Run

OOPS = SavedError(kind="server", message="oops")


def ended(state="complete", lane=0, at=9, **more):
    return LaneEnded(
        lane=lane, at=at, response=Response(name="A", provider="p", model="m", state=state, **more)
    )


def lane_after(*events):
    lane = Waiting()
    for event in events:
        lane = advance(lane, event)
    return lane


def test_a_lane_grows_and_keeps_its_stamps():
    lane = lane_after(
        RequestSent(lane=0, at=1),
        Delta(lane=0, at=3, reasoning="hm"),
        Delta(lane=0, at=5, text="so ", tool="f("),
        Delta(lane=0, at=8, text="it is", tool=")"),
    )
    assert isinstance(lane, Streaming)
    assert (lane.sent_at, lane.first_at, lane.answer_at, lane.last_at, lane.bursts) == (1, 3, 5, 8, 3)
    assert (str(lane.content), str(lane.reasoning), str(lane.tools)) == ("so it is", "hm", "f()")


DELTAS = st.builds(
    Delta,
    lane=st.just(0),
    at=st.integers(0, 9),
    text=st.sampled_from(["", "a", "b "]),
    reasoning=st.sampled_from(["", "hm"]),
    refusal=st.sampled_from(["", "no"]),
    tool=st.sampled_from(["", "f("]),
)


@given(st.lists(DELTAS, max_size=3), st.lists(DELTAS, min_size=1, max_size=6))
def test_bursts_taken_together_give_what_they_give_one_by_one(before, together):
    start = lane_after(RequestSent(lane=0, at=0), *before)
    one_by_one = lane_after(RequestSent(lane=0, at=0), *before, *together)
    assert told(grown(start, together)) == told(one_by_one)
    twice = lane_after(RequestSent(lane=0, at=0), *before, *together, *together)
    assert told(grown(one_by_one, together)) == told(twice)


def told(lane):
    """A lane's fields, of texts the words: in how many pieces they came is not told."""
    values = {field.name: getattr(lane, field.name) for field in fields(lane)}
    return {name: str(value) if isinstance(value, Rope) else value for name, value in values.items()}


def test_a_lane_that_ended_takes_no_bursts():
    over = lane_after(ended(content="x"))
    assert grown(over, [Delta(lane=0, at=1, text="y")]) is over


def test_a_delta_with_no_request_before_it_counts_from_itself():
    lane = lane_after(Delta(lane=0, at=7, text="x"))
    assert (lane.sent_at, lane.first_at) == (7, 7)


def test_a_new_attempt_starts_over_and_keeps_the_reason():
    failed = lane_after(
        Delta(lane=0, at=1, text="x"), AttemptFailed(lane=0, at=2, attempt=1, error=OOPS, wait=1)
    )
    assert failed == Waiting(attempt=1, last_error=OOPS)
    assert advance(failed, RequestSent(lane=0, at=5, attempt=2)) == Waiting(sent_at=5, attempt=2)


@pytest.mark.parametrize(
    ("state", "kind"),
    [("complete", Done), ("cancelled", Cancelled), ("failed", Failed), ("truncated", Failed)],
)
@pytest.mark.parametrize(
    ("streamed", "whole", "shown"),
    [
        ("", "all", "all"),
        ("al", "all", "all"),
        ("all", "all", "all"),
        ("other", "all", "all"),
        ("all", "", ""),
    ],
)
def test_the_verdict_has_the_last_word_on_the_text(state, kind, streamed, whole, shown):
    lane = lane_after(
        Delta(lane=0, at=1, text=streamed, reasoning="r"), ended(state, content=whole, reasoning="r!")
    )
    assert isinstance(lane, kind)
    assert (str(lane.content), str(lane.reasoning)) == (shown, "r!")


EVENTS = st.one_of(
    st.builds(RequestSent, lane=st.just(0), at=st.integers(0), attempt=st.integers(1, 3)),
    st.builds(Delta, lane=st.just(0), at=st.integers(0), text=st.text(), reasoning=st.text()),
    st.builds(
        AttemptFailed,
        lane=st.just(0),
        at=st.integers(0),
        attempt=st.just(1),
        error=st.just(OOPS),
        wait=st.just(0),
    ),
    st.builds(ended, state=st.sampled_from(["complete", "failed"]), content=st.text()),
)


@given(st.lists(EVENTS), st.lists(EVENTS))
def test_nothing_comes_after_the_end(before, after):
    lane = lane_after(*before, ended())
    for event in after:
        assert advance(lane, event) is lane


@given(st.lists(st.text()))
def test_an_older_view_of_a_rope_stays_as_it_was(parts):
    ropes = [Rope()]
    for part in parts:
        ropes.append(ropes[-1].add(part))
    branch = ropes[0].add("branch")
    for count, rope in enumerate(ropes):
        text = "".join(parts[:count])
        assert (str(rope), rope.length, bool(rope)) == (text, len(text), bool(text))
        begin = Spot(rope.count)
        assert str(rope) + ropes[-1].read(begin, 10**9)[0] == "".join(parts)
    assert str(branch) == "branch"


def begun(*kinds):
    presets = tuple(
        Preset(name=str(i), provider=Provider(name=k, kind=k), model="m") for i, k in enumerate(kinds)
    )
    return Run.begin(id="r", started_at=datetime.now(UTC), origin=0, prompt=Prompt(user="x"), presets=presets)


def test_a_run_is_over_when_every_lane_is():
    run = begun("openai", "openai")
    half = run.applied(ended())
    whole = half.applied(ended("failed", lane=1))
    assert [(r.ended, r.is_over) for r in (run, half, whole)] == [(0, False), (1, False), (2, True)]
    assert (whole.restarted(1).ended, isinstance(whole.restarted(1).lanes[1], Waiting)) == (1, True)
    assert all(isinstance(lane, Ended) for lane in whole.lanes)


@pytest.mark.parametrize("lane", [-1, 2])
def test_an_event_of_an_unknown_lane_changes_nothing(lane):
    run = begun("openai", "openai")
    assert run.applied(ended(lane=lane)) is run


def test_one_demo_lane_makes_a_demo():
    assert begun("openai", "demo").is_demo
    assert not begun("openai").is_demo
    config = Config(path=None, sha256=None, presets=begun("openai", "demo").presets)
    assert config.is_demo


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(message="m"), "m"),
        (Problem(path="a.toml", message="m"), "a.toml: m"),
        (
            Problem(path="a.toml", line=3, key="models[0].x", message="m", hint="h"),
            "a.toml:3: models[0].x: m (h)",
        ),
    ],
)
def test_a_problem_says_where_and_what_helps(problem, text):
    assert str(problem) == text
    assert str(UserError("title", problem, problem)) == f"{text}\n{text}"
