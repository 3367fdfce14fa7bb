"""Token counts and the computed timing of the demo's answers; no clock is read."""

from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.demo import tokens
from ostream_compare.demo.answers import answer, library
from ostream_compare.demo.models import MODELS
from ostream_compare.demo.schedule import Schedule, Write, schedule

SEEDS = range(40)
PINNED = (0.088375, 113, 1.99888)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n", ["  \n"]),
        ("A mutex, please.", ["A", " mutex", ",", " please", "."]),
        ("don't", ["don", "'", "t"]),
        (" a\n\n b \n", [" a", "\n\n b \n"]),
        ("x_1 = 2", ["x_1", " =", " 2"]),
        ("日本 語", ["日本", " 語"]),
    ],
)
def test_text_is_split_before_white_space(text, expected):
    assert tokens.split(text) == expected


@given(st.text())
def test_split_loses_nothing_and_agrees_with_count(text):
    pieces = tokens.split(text)
    assert "".join(pieces) == text
    assert len(pieces) == tokens.count(text) or not text.strip()


def said(model, prompt):
    spoken = answer(model.voice, prompt)
    return tokens.count(spoken.reasoning) + tokens.count(spoken.content)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
def test_a_schedule_rises_and_ends_with_the_last_token(model):
    for seed in SEEDS:
        plan = schedule(model, "prompt", seed, 150)
        assert 0 < plan.opens_at < plan.writes[0].at
        assert all(one.at < two.at and one.upto < two.upto for one, two in pairwise(plan.writes))
        assert plan.writes[-1].upto == 150
        assert plan.ends_at(150) == plan.writes[-1].at
        assert plan.ends_at(1) == plan.writes[0].at


def test_the_seed_the_prompt_and_the_model_decide_the_timing_and_nothing_else_does():
    swift, coder = MODELS["demo/swift"], MODELS["demo/coder"]
    plan = schedule(swift, "prompt", 7, 50)
    assert schedule(swift, "prompt", 7, 50) == plan
    others = [(swift, "prompt", 8), (swift, "prompt", None), (swift, "Prompt", 7), (coder, "prompt", 7)]
    assert all(schedule(*other, 50) != plan for other in others)


def test_a_lone_surrogate_in_the_prompt_has_a_timing_too():
    assert schedule(MODELS["demo/swift"], "\ud800", None, 3).writes[-1].upto == 3


def test_the_timing_is_the_same_on_every_machine():
    plan = schedule(MODELS["demo/swift"], "Explain mutex versus semaphore.", None, 168)
    assert (round(plan.opens_at, 6), len(plan.writes), round(plan.writes[-1].at, 6)) == PINNED


@pytest.mark.parametrize(
    ("name", "shortest", "longest"),
    [
        ("demo/swift", 1.0, 2.6),
        ("demo/careful", 3.9, 6.0),
        ("demo/terse", 0.2, 0.9),
        ("demo/coder", 1.5, 4.0),
        ("demo/flaky", 0.5, 8.0),
    ],
)
def test_whole_answers_last_about_as_long_as_their_model_promises(name, shortest, longest):
    model = MODELS[name]
    prompts = [*(prompt for prompt in library().prompts if "haiku" not in prompt), "Who are you?"]
    for prompt in prompts:
        count = said(model, prompt)
        ends = [schedule(model, prompt, seed, count).ends_at(count) for seed in SEEDS]
        assert max(ends) <= longest + 1e-9
        assert median(ends) >= shortest


def test_tokens_come_in_bursts_with_jitter_and_now_and_then_a_stall():
    model = MODELS["demo/careful"]
    plans = [schedule(model, "prompt", seed, 150).writes for seed in SEEDS]
    gaps = [two.at - one.at for plan in plans for one, two in pairwise(plan)]
    sizes = [two.upto - one.upto for plan in plans for one, two in pairwise(plan)]
    assert max(sizes) > 2
    assert sizes.count(1) > len(sizes) / 2
    assert len({round(gap, 6) for gap in gaps}) > len(gaps) / 2
    assert max(gaps) > 10 * median(gaps)
    assert 0 < sum(gap > 0.2 for gap in gaps) < len(gaps) / 10


def test_swift_and_terse_start_sooner_than_coder_and_careful():
    first = {
        name: median(schedule(model, "prompt", seed, 30).writes[0].at for seed in SEEDS)
        for name, model in MODELS.items()
    }
    assert max(first["demo/swift"], first["demo/terse"]) < first["demo/coder"] < first["demo/careful"]


def test_nothing_to_send_ends_when_it_opens():
    assert Schedule(0.1, ()).ends_at(0) == 0.1
    assert Schedule(0.1, (Write(0.2, 2), Write(0.5, 4))).ends_at(3) == 0.5
