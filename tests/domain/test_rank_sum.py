import math
import random
from itertools import combinations, product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ostream_compare.domain import rank_sum
from ostream_compare.domain.rank_sum import Stratum, rank_sum_p, rank_sum_shift

TIED = st.lists(st.integers(0, 4).map(float), min_size=1, max_size=4)


def drawn(n, m, seed=0, shift=0.6):
    source = random.Random(f"{n} {m} {seed}")
    return [source.gauss(shift, 1) for _ in range(n)], [source.gauss(0, 1) for _ in range(m)]


def by_enumeration(strata):
    """Two-sided p over all ways to choose A's ranks within every stratum."""
    sums = []
    observed = 0.0
    for stratum in strata:
        ranks = stats.rankdata([*stratum.a, *stratum.b])
        observed += sum(ranks[: len(stratum.a)])
        sums.append([sum(chosen) for chosen in combinations(ranks, len(stratum.a))])
    totals = [sum(parts) for parts in product(*sums)]
    at_most = sum(total <= observed + 1e-9 for total in totals) / len(totals)
    at_least = sum(total >= observed - 1e-9 for total in totals) / len(totals)
    return min(1.0, 2 * min(at_most, at_least))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 5), (6, 6), (6, 20), (10, 9), (20, 20), (30, 30), (58, 2)])
def test_p_without_ties_is_scipys(n, m, seed):
    a, b = drawn(n, m, seed)
    expected = stats.mannwhitneyu(a, b, method="exact").pvalue
    assert rank_sum_p([Stratum.of(a, b)]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_p_with_ties_is_scipys_permutation(seed):
    source = random.Random(seed)
    a = [float(source.randint(0, 5)) for _ in range(6)]
    b = [float(source.randint(1, 6)) for _ in range(6)]
    expected = stats.mannwhitneyu(a, b, method=stats.PermutationMethod()).pvalue
    assert rank_sum_p([Stratum.of(a, b)]) == pytest.approx(expected, rel=1e-9)


@settings(deadline=None)
@given(strata=st.lists(st.tuples(TIED, TIED), min_size=1, max_size=3))
def test_p_in_strata_is_that_of_all_ways_to_choose(strata):
    drawn_strata = [Stratum.of(*samples) for samples in strata]
    assert rank_sum_p(drawn_strata) == pytest.approx(by_enumeration(drawn_strata), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_many_values_have_scipys_approximation(seed):
    source = random.Random(seed)
    a = [float(source.randint(0, 30)) for _ in range(80)]
    b = [float(source.randint(2, 30)) for _ in range(70)]
    expected = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True).pvalue
    assert rank_sum_p([Stratum.of(a, b)]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shift", [0, 0.3, 0.5, 0.8])
def test_where_the_approximation_takes_over_it_is_near(shift):
    a, b = drawn(rank_sum.MOST_EXACT // 2, rank_sum.MOST_EXACT // 2 + 1, shift=shift)
    expected = stats.mannwhitneyu(a, b, method="exact").pvalue
    assert rank_sum_p([Stratum.of(a, b)]) == pytest.approx(expected, abs=3e-3)


@pytest.mark.parametrize(("n", "m"), [(6, 6), (6, 9), (10, 10), (15, 12)])
def test_the_interval_is_all_that_the_test_does_not_reject(n, m):
    a, b = drawn(n, m)
    shift = rank_sum_shift([Stratum.of(a, b)])
    assert shift.center == pytest.approx(median(x - y for x in a for y in b))

    def p_at(center):
        return rank_sum_p([Stratum.of([x - center for x in a], b)])

    step = 1e-6
    assert p_at(shift.low - step) <= 0.05 < p_at(shift.low + step)
    assert p_at(shift.high + step) <= 0.05 < p_at(shift.high - step)
    assert p_at(shift.low - step) == pytest.approx(1 - shift.confidence)


def test_places_of_the_published_tables():
    """Critical values of U at 0.05, two-sided: 5 for 6 and 6, 23 for 10 and 10."""
    assert rank_sum._interval_place(((6, 6),))[0] == 5 + 1
    assert rank_sum._interval_place(((10, 10),))[0] == 23 + 1
    assert rank_sum._interval_place(((3, 3),))[0] == 0


def test_three_against_three_bound_no_interval():
    assert rank_sum_shift([Stratum.of([1, 2, 3], [4, 5, 6])]) is None


def test_strata_keep_apart_what_a_mixture_confounds():
    """One prompt takes ten times as long as the other; A is 10 % slower at both."""
    short = Stratum.of(
        [math.log(1.1 + i / 1000) for i in range(6)], [math.log(1 + i / 1000) for i in range(6)]
    )
    long = Stratum.of(
        [math.log(11 + i / 1000) for i in range(6)], [math.log(10 + i / 1000) for i in range(6)]
    )
    mixed = Stratum.of([*short.a, *long.a], [*short.b, *long.b])
    assert rank_sum_p([short, long]) < 1e-4
    assert rank_sum_p([mixed]) > 0.03
    assert math.exp(rank_sum_shift([short, long]).center) == pytest.approx(1.1, rel=1e-3)


def test_values_that_all_tie_say_nothing():
    assert rank_sum_p([Stratum.of([1.0] * 8, [1.0 + 1e-15] * 8)]) == 1.0
    assert rank_sum_p([Stratum.of([1.0] * 80, [1.0] * 80)]) == 1.0
    assert rank_sum_p([]) == 1.0
