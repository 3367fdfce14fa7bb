from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import Response, SavedToolCall
from ostream_compare.domain.conversation import alone, earlier_turns, next_prompt, turn_words
from ostream_compare.domain.events import LaneEnded
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider, sent_messages
from ostream_compare.domain.record import comparison
from ostream_compare.domain.run import Repeats, Run
from ostream_compare.domain.spelling import from_toml, to_toml
from ostream_compare.dry_run import bounds
from tui.fake_collector import config

PROVIDER = Provider(name="p", kind="demo")
A, B = (Preset(name=name, provider=PROVIDER, model=name.lower(), system=f"be {name}") for name in "AB")


def run_of(prompt, *ends, run_id="r1", presets=(A, B)):
    run = Run.begin(id=run_id, started_at=datetime.now(UTC), origin=0, prompt=prompt, presets=presets)
    for lane, end in enumerate(ends):
        values = {"state": "complete"} | end
        response = Response(name=presets[lane].name, provider="p", model="m", **values)
        run = run.applied(LaneEnded(lane=lane, at=1, response=response))
    return run


def test_each_model_goes_on_from_its_own_answers():
    first = run_of(Prompt(user="one", system="be brief"), {"content": "a1"}, {"content": "b1"})
    second = run_of(next_prompt(Prompt(user="two"), first), {"content": "a2"}, {"content": "b2"}, run_id="r2")
    third = next_prompt(Prompt(user="three", system="be long"), second)
    assert sent_messages(third, A) == [
        ("system", "be long"),
        ("system", "be A"),
        ("user", "one"),
        ("assistant", "a1"),
        ("user", "two"),
        ("assistant", "a2"),
        ("user", "three"),
    ]
    assert [text for role, text in sent_messages(third, B) if role == "assistant"] == ["b1", "b2"]
    assert (third.follows, turn_words(third)) == ("r2", "turn 3")
    assert (alone(third).follows, turn_words(alone(third))) == (None, "")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ({"state": "failed"}, "it failed"),
        ({"state": "truncated", "content": "half of"}, "its answer was cut"),
        ({"state": "cancelled", "content": "half of"}, "it was stopped"),
        ({"content": " \n"}, "its answer was empty"),
        (
            {"tool_calls": [SavedToolCall(id="1", name="f", arguments="{}")]},
            "its answer was only a tool call",
        ),
        ({"reasoning": "hmm"}, "its answer was empty"),
        (None, "it had not ended"),
    ],
)
def test_a_turn_that_is_not_whole_is_left_out_and_says_why(end, reason):
    first = run_of(Prompt(user="one"), {"content": "a1"}, *([end] if end is not None else []))
    prompt = next_prompt(Prompt(user="two"), first)
    assert sent_messages(prompt, B) == [("system", "be B"), ("user", "two")]
    assert len(sent_messages(prompt, A)) == 4
    assert earlier_turns(prompt, "B") == f"▹ turn 1 is not sent again: {reason}"
    assert earlier_turns(prompt, "A") == "▸ turn 1 · one"


def test_a_model_that_joins_later_is_asked_without_the_turns_before():
    prompt = next_prompt(Prompt(user="two"), run_of(Prompt(user="one"), {"content": "a1"}, presets=(A,)))
    assert sent_messages(prompt, B)[1:] == [("user", "two")]
    assert "it was not asked" in earlier_turns(prompt, "B")


def test_a_refusal_is_what_the_model_said_and_reasoning_is_not():
    end = {"refusal": "I will not.", "reasoning": "secret"}
    prompt = next_prompt(Prompt(user="two"), run_of(Prompt(user="one"), end))
    assert sent_messages(prompt, A)[1:3] == [("user", "one"), ("assistant", "I will not.")]


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("a\x1b]0;x\x07\n b", "a␛]0;x␇ b"),
        ("word " * 1000, "word word word word word word word word word word word word…"),
        (" " * 300 + "late", "…"),
    ],
)
def test_an_earlier_question_takes_one_clean_line(question, shown):
    prompt = next_prompt(Prompt(user="two"), run_of(Prompt(user=question), {"content": "a1"}))
    assert earlier_turns(prompt, "A") == f"▸ turn 1 · {shown}"


def test_what_a_turn_costs_at_most_counts_the_turns_before():
    first = run_of(Prompt(user="one"), {"content": "a" * 1000}, {"state": "failed"})
    prompt = next_prompt(Prompt(user="two"), first)
    both = Config(path=None, sha256=None, presets=(A, B))
    tokens = [
        [bound.input_tokens for bound in bounds(both, [asked], Repeats()).models]
        for asked in (alone(prompt), prompt)
    ]
    assert tokens[1][0] - tokens[0][0] >= 1003
    assert tokens[1][1] == tokens[0][1]


def test_a_save_holds_the_whole_conversation():
    first = run_of(Prompt(user="one"), {"content": "a\x1b1\r\n"}, {"state": "failed"})
    second = run_of(next_prompt(Prompt(user="two", name="n"), first), {"content": "a2"}, {"content": "b2"})
    saved = from_toml(to_toml(comparison(second, config()))).prompts[0]
    assert (saved.user, saved.follows) == ("two", "r1")
    (turn,) = saved.turns
    assert (turn.run, turn.user, turn.answers, turn.left_out) == (
        "r1",
        "one",
        {"A": "a\x1b1\r\n"},
        {"B": "it failed"},
    )
