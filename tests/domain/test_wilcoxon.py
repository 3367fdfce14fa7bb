import math
import random
from itertools import product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ostream_compare.domain import wilcoxon
from ostream_compare.domain.wilcoxon import SignPatterns, hodges_lehmann, signed_rank_p, walsh_average

# Few sizes, so that ties and zeros abound.
TIED = st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=10)


def untied(n, seed=0, shift=0.3):
    source = random.Random(f"{n} {seed}")
    return [source.gauss(shift, 1) for _ in range(n)]


def by_enumeration(differences):
    """Two-sided p over all sign patterns of the ranks, zeros ranked and then left out."""
    ranks = stats.rankdata([abs(difference) for difference in differences])
    kept = [rank for rank, difference in zip(ranks, differences, strict=True) if difference]
    up = sum(rank for rank, difference in zip(ranks, differences, strict=True) if difference > 0)
    sums = [sum(pattern) for pattern in product(*((0, rank) for rank in kept))]
    at_most = sum(each <= up for each in sums) / len(sums)
    at_least = sum(each >= up for each in sums) / len(sums)
    return min(1.0, 2 * min(at_most, at_least))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [*range(1, 31), 50, 120, 200])
def test_p_without_ties_is_scipys(n, seed):
    differences = untied(n, seed)

    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, rel=1e-9)


@settings(deadline=None)
@given(differences=TIED)
def test_p_with_ties_and_zeros_is_that_of_all_sign_patterns(differences):
    assert signed_rank_p(differences) == pytest.approx(by_enumeration(differences), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_p_with_ties_and_zeros_is_scipys(seed):
    source = random.Random(seed)
    differences = [float(source.randint(-3, 5)) for _ in range(10)]

    expected = stats.wilcoxon(differences, zero_method="pratt", method=stats.PermutationMethod()).pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_above_two_hundred_p_is_scipys_approximation(seed):
    source = random.Random(seed)
    differences = [float(source.randint(-20, 22)) for _ in range(400)]

    expected = stats.wilcoxon(differences, zero_method="pratt", correction=True, method="asymptotic").pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shift", [0, 0.05, 0.1, 0.15, 0.2, 0.3])
def test_where_the_approximation_takes_over_it_is_near(shift):
    differences = untied(wilcoxon.MOST_EXACT + 1, shift=shift)

    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, abs=1e-3)


def test_extremes():
    assert signed_rank_p([]) == 1
    assert signed_rank_p([0.0] * 20) == 1
    assert signed_rank_p([1e-17] * 20) == 1
    assert signed_rank_p([1.0] * 5) == 0.0625
    assert signed_rank_p([1.0, 2, 3, 4, 5, 6]) == 0.03125
    assert signed_rank_p([1.0] * 200) == pytest.approx(2 / 2**200)


def test_rounding_of_equal_ratios_makes_no_difference():
    noisy = [0.3, 0.1 + 0.2, 0.3, -0.3, 1e-17, 0.6]
    exact = [0.3, 0.3, 0.3, -0.3, 0.0, 0.6]

    assert signed_rank_p(noisy) == signed_rank_p(exact) == pytest.approx(by_enumeration(exact))


@settings(deadline=None)
@given(ranks=st.lists(st.integers(1, 12), max_size=9))
def test_sign_patterns_are_counted(ranks):
    counted = [0] * (sum(ranks) + 1)
    for pattern in product(*((0, rank) for rank in ranks)):
        counted[sum(pattern)] += 1

    ways = SignPatterns(ranks)
    assert ways.counts() == counted
    assert [ways.at_least(total) for total in range(len(counted) + 1)] == [
        sum(counted[total:]) for total in range(len(counted) + 1)
    ]


@settings(deadline=None)
@given(differences=st.lists(st.floats(-10, 10) | st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=40))
def test_each_walsh_average_is_found_at_its_place(differences):
    ordered = sorted(differences)
    n = len(ordered)
    walsh = sorted((ordered[i] + ordered[j]) / 2 for i in range(n) for j in range(i, n))

    assert [walsh_average(ordered, place) for place in range(len(walsh))] == walsh


@settings(deadline=None)
@given(differences=st.lists(st.floats(-10, 10), min_size=6, max_size=15))
def test_the_estimate_is_the_median_of_the_walsh_averages(differences):
    n = len(differences)
    walsh = [(differences[i] + differences[j]) / 2 for i in range(n) for j in range(i, n)]

    shift = hodges_lehmann(differences)

    assert shift.center == median(walsh)
    assert shift.low in walsh
    assert shift.high in walsh
    assert shift.low <= shift.center <= shift.high
    assert shift.confidence >= 0.95


@pytest.mark.parametrize("n", [6, 7, 8, 12, 25, 60])
def test_the_interval_is_what_the_test_does_not_reject(n):
    differences = untied(n)
    shift = hodges_lehmann(differences)

    def p_at(center):
        return signed_rank_p([difference - center for difference in differences])

    step = 1e-7
    assert p_at(shift.low - step) <= 0.05 < p_at(shift.low + step)
    assert p_at(shift.high + step) <= 0.05 < p_at(shift.high - step)
    assert p_at(shift.low - step) == pytest.approx(1 - shift.confidence)


@pytest.mark.parametrize(
    ("n", "place", "confidence"), [(6, 1, 0.96875), (8, 4, 0.9609375), (10, 9, 0.951171875)]
)
def test_places_of_the_published_tables(n, place, confidence):
    differences = untied(n)
    walsh = sorted((differences[i] + differences[j]) / 2 for i in range(n) for j in range(i, n))

    shift = hodges_lehmann(differences)

    assert (shift.low, shift.high) == (walsh[place - 1], walsh[-place])
    assert shift.confidence == pytest.approx(confidence)


def test_the_interval_hardly_changes_where_the_approximation_takes_over(monkeypatch):
    differences = untied(150)
    exact = hodges_lehmann(differences)
    wilcoxon._interval_place.cache_clear()
    monkeypatch.setattr(wilcoxon, "MOST_EXACT", 100)

    approximate = hodges_lehmann(differences)
    wilcoxon._interval_place.cache_clear()

    width = exact.high - exact.low
    assert approximate.center == exact.center
    assert math.isclose(approximate.low, exact.low, abs_tol=width / 100)
    assert math.isclose(approximate.high, exact.high, abs_tol=width / 100)
    assert approximate.confidence == pytest.approx(exact.confidence, abs=1e-3)


def test_five_differences_bound_no_interval():
    with pytest.raises(ValueError, match="needs 6 differences, not 5"):
        hodges_lehmann([1.0, 2, 3, 4, 5])
