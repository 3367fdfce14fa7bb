import math
import random

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.ranking import LEAST_VOTES, PRIOR_DEVIATION, fit, rank

SCALE = 400 / math.log(10)
NAMES = ["A", "B", "C", "D"]


def drawn(count=200, names=NAMES, ties=0.2, seed=1):
    source = random.Random(seed)
    strength = {name: 1.6**place for place, name in enumerate(names)}
    votes = []
    for _ in range(count):
        a, b = source.sample(names, 2)
        if source.random() >= strength[a] / (strength[a] + strength[b]):
            a, b = b, a
        votes.append(Vote(winner=a, loser=b, tie=source.random() < ties))
    return votes


def by_choix(votes, names):
    """Ties as half a win each: every vote is given twice, and the penalty doubled with it."""
    place = {name: index for index, name in enumerate(names)}
    data = []
    for vote in votes:
        pair = place[vote.winner], place[vote.loser]
        data += [pair, pair[::-1]] if vote.tie else [pair, pair]
    alpha = (SCALE / PRIOR_DEVIATION) ** 2 / 2
    strengths = choix.opt_pairwise(len(names), data, alpha=2 * alpha, tol=1e-12)
    information = choix.opt.PairwiseFcts(data, 2 * alpha).hessian(strengths) / 2
    centring = np.eye(len(names)) - 1 / len(names)
    covariance = centring @ np.linalg.inv(information) @ centring
    return strengths, np.sqrt(np.diag(covariance))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [60, 400])
def test_ratings_and_intervals_are_choixs(count, seed):
    votes = drawn(count, seed=seed)
    strengths, deviations = by_choix(votes, NAMES)
    ranking = rank(votes)
    assert ranking.missing == ()
    found = {of.name: of for of in ranking.standings}
    for place, name in enumerate(NAMES):
        of = found[name]
        assert of.rating == pytest.approx(1000 + SCALE * strengths[place], abs=0.01)
        assert of.high - of.rating == pytest.approx(1.959964 * SCALE * deviations[place], abs=0.01)
        assert of.rating - of.low == pytest.approx(of.high - of.rating)
    assert sum(of.rating for of in ranking.standings) / len(NAMES) == pytest.approx(1000)


def test_the_best_stands_first_and_n_is_told():
    ranking = rank(drawn(600))
    assert [(of.rank, of.name) for of in ranking.standings] == [(1, "D"), (2, "C"), (3, "B"), (4, "A")]
    assert ranking.votes == 600
    assert sum(of.votes for of in ranking.standings) == 2 * 600
    assert sum(of.wins for of in ranking.standings) == sum(of.losses for of in ranking.standings)


def test_one_that_never_lost_has_a_finite_rating():
    best, other = rank([Vote(winner="A", loser="B")] * 50).standings
    assert best.name == "A"
    assert 1000 < best.rating < 3000
    assert best.rating - 1000 == pytest.approx(1000 - other.rating)


def test_nothing_but_ties_is_one_rank():
    ranking = rank([Vote(winner="A", loser="B", tie=True, both_bad=n % 2 == 0) for n in range(12)])
    assert [(of.rank, round(of.rating), of.ties) for of in ranking.standings] == [
        (1, 1000, 12),
        (1, 1000, 12),
    ]


@pytest.mark.parametrize(
    ("votes", "missing"),
    [
        ([], ["there are no votes"]),
        ([Vote(winner="A", loser="B")] * 9, ["A has 9 votes, 1 more needed", "B has 9 votes, 1 more needed"]),
        (
            [*[Vote(winner="A", loser="B")] * 10, *[Vote(winner="C", loser="D", tie=True)] * 10],
            ["no vote links these groups: A, B; C, D"],
        ),
        (
            [*[Vote(winner="A", loser="B")] * 10, Vote(winner="C", loser="B")],
            ["C has 1 vote, 9 more needed"],
        ),
    ],
)
def test_before_there_is_enough_there_are_no_ranks(votes, missing):
    ranking = rank(votes)
    assert list(ranking.missing) == missing
    assert all(of.rank is None and of.rating is None for of in ranking.standings)


def test_models_are_linked_through_third_ones():
    votes = [Vote(winner="A", loser="B"), Vote(winner="B", loser="C")] * LEAST_VOTES
    assert [of.name for of in rank(votes).standings] == ["A", "B", "C"]


@pytest.mark.parametrize(
    "vote",
    [
        Vote(),
        Vote(winner="A"),
        Vote(loser="A", tie=True),
        Vote(winner="A", loser="A"),
        Vote(winner="", loser="B"),
    ],
)
def test_a_vote_without_two_models_counts_for_nothing(vote):
    assert rank([vote]).votes == 0


@settings(deadline=None)
@given(
    wins=st.integers(1, 6).flatmap(
        lambda size: st.lists(
            st.lists(st.integers(0, 10_000), min_size=size, max_size=size), min_size=size, max_size=size
        )
    )
)
def test_any_votes_have_a_fit_at_which_nothing_pulls(wins):
    size = len(wins)
    strengths, deviations = fit(wins)
    assert all(math.isfinite(of) for of in (*strengths, *deviations))
    assert sum(strengths) == pytest.approx(0, abs=1e-6)
    penalty = (SCALE / PRIOR_DEVIATION) ** 2
    for i in range(size):
        expected = sum(
            (wins[i][j] + wins[j][i]) / (1 + math.exp(strengths[j] - strengths[i]))
            for j in range(size)
            if j != i
        )
        won = sum(wins[i][j] for j in range(size) if j != i)
        assert won - expected - penalty * strengths[i] == pytest.approx(0, abs=1e-4)
