"""Which answers meet in a blind vote, on which side, and what a sitting remembers."""

import random
from itertools import combinations

import pytest

from ostream_compare.domain.blind import AT_ONCE, Sitting, drawn, left_over, told, whole_answers
from ostream_compare.domain.comparison import (
    Response,
    SavedCost,
    SavedToolCall,
    SavedUsage,
    Timing,
    Vote,
)

NAMES = ("Swift", "Careful", "Terse", "Coder")


def response(name, number=1, **changes):
    values = {"name": name, "provider": "demo", "model": name.lower(), "round": number, "state": "complete"}
    return Response(**(values | {"content": f"{name} {number}"} | changes))


def answers(names=NAMES, rounds=1):
    return [response(name, number) for number in range(1, rounds + 1) for name in names]


def pairs(ballots):
    return [frozenset({ballot.a.name, ballot.b.name}) for ballot in ballots]


@pytest.mark.parametrize(
    ("responses", "whole", "broken"),
    [
        ([response("A"), response("B")], 2, 0),
        ([response("A"), response("B", state="failed")], 1, 1),
        ([response("A"), response("B", state="truncated"), response("C", state="cancelled")], 1, 2),
        ([response("A", content=" \n")], 0, 1),
        ([response("A", content="", refusal="I cannot")], 1, 0),
        ([response("A", content="", tool_calls=[SavedToolCall(id="1", name="f", arguments="{}")])], 1, 0),
        ([response("A", state="failed", attempt=1), response("A", attempt=2)], 1, 0),
        ([response("A", 1), response("A", 2, state="failed")], 1, 1),
        ([], 0, 0),
    ],
)
def test_only_whole_answers_are_judged_and_the_others_are_counted(responses, whole, broken):
    found, left_out = whole_answers(responses)
    assert (len(found), left_out) == (whole, broken)


@pytest.mark.parametrize(("models", "expected"), [(1, 0), (2, 1), (4, 6), (5, 10), (8, AT_ONCE)])
def test_every_pair_meets_once_and_of_many_pairs_ten_do(models, expected):
    names = [f"model {number}" for number in range(models)]
    ballots = drawn(answers(names), [], random.Random(1))
    assert len(ballots) == expected
    assert len(set(pairs(ballots))) == expected
    if expected < AT_ONCE:
        assert set(pairs(ballots)) == {frozenset(pair) for pair in combinations(names, 2)}


def test_two_answers_of_a_ballot_are_of_one_round_and_each_round_can_be_drawn():
    rounds = set()
    for seed in range(50):
        (ballot,) = drawn(answers(("A", "B"), rounds=3), [], random.Random(seed))
        assert ballot.a.round == ballot.b.round
        rounds.add(ballot.a.round)
    assert rounds == {1, 2, 3}


def test_neither_the_sides_nor_the_order_follow_the_file():
    sides, first = set(), set()
    for seed in range(60):
        ballots = drawn(answers(), [], random.Random(seed))
        sides |= {(ballot.a.name, ballot.b.name) for ballot in ballots}
        first.add(pairs(ballots)[0])
    assert len(sides) == 12
    assert len(first) == 6


def test_what_has_a_vote_is_not_drawn_again():
    both = answers(("A", "B"), rounds=3)
    votes = []
    for left in (3, 2, 1):
        assert left_over(both, votes) == left
        (ballot,) = drawn(both, votes, random.Random(left))
        votes.append(ballot.vote("tie"))
    assert {vote.round for vote in votes} == {1, 2, 3}
    assert drawn(both, votes, random.Random(0)) == ()
    assert left_over(both, votes) == 0


@pytest.mark.parametrize(
    ("choice", "vote"),
    [
        ("a", Vote(winner="Swift", loser="Terse", round=1)),
        ("b", Vote(winner="Terse", loser="Swift", round=1)),
        ("tie", Vote(winner="Swift", loser="Terse", tie=True, round=1)),
        ("both_bad", Vote(winner="Swift", loser="Terse", tie=True, both_bad=True, round=1)),
    ],
)
def test_a_choice_becomes_a_vote(choice, vote):
    ballots = drawn(answers(("Swift", "Terse")), [], random.Random(0))
    ballot = next(
        ballot
        for seed in range(20)
        for ballot in drawn(answers(("Swift", "Terse")), [], random.Random(seed))
        if ballot.a.name == "Swift"
    )
    assert ballots[0].vote("tie").tie
    assert ballot.vote(choice) == vote


def test_a_sitting_goes_on_after_a_vote_and_back_by_an_undo():
    sitting = Sitting(ballots=drawn(answers(("A", "B", "C")), [], random.Random(0)))
    assert sitting.following() is sitting
    assert sitting.undone() is sitting
    first = sitting.chosen("a")
    assert first.chosen("b") is first
    second = first.following().chosen("tie").following()
    assert (second.at, second.choice, second.can_go_on) == (2, None, False)
    back = second.undone()
    assert (back.at, back.choice, back.votes) == (1, None, ((0, "a"),))
    assert back.can_go_on
    again = back.chosen("b").following().chosen("both_bad").following()
    assert again.ballot is None
    assert again.votes == ((0, "a"), (1, "b"), (2, "both_bad"))
    assert again.more(sitting.ballots).ballot is sitting.ballots[0]


@pytest.mark.parametrize(
    ("figures", "longest", "shorter"),
    [
        (
            {
                "timing": Timing(e2e_ms=1900.0, tokens_per_second=112.0),
                "usage": SavedUsage(output_tokens=212),
                "cost": SavedCost(total_usd="0.0123", source="preset"),
            },
            "✓ done 1.90s  112 tok/s  212 tokens  $0.012",
            "✓ done 1.90s  112 tok/s  $0.012",
        ),
        ({"timing": Timing(e2e_ms=1900.0)}, "✓ done 1.90s", "✓ done 1.90s"),
        (
            {"usage": SavedUsage(output_tokens=1), "cost": SavedCost(total_usd="0.0123", source="preset")},
            "✓ done  1 token  $0.012",
            "✓ done  $0.012",
        ),
        ({}, "✓ done", "✓ done"),
    ],
)
def test_what_is_told_after_a_vote_leaves_out_what_is_unknown(figures, longest, shorter):
    rows = told(response("Swift", **figures))
    assert rows[:2] == (longest, shorter)
    assert rows[-1].startswith("✓ done")
