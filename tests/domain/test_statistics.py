import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ostream_compare.domain.statistics import median_ranks, spread

FIGURES = st.floats(min_value=0, max_value=1e9)


@pytest.mark.parametrize(
    ("n", "low", "high", "percent"),
    [(6, 1, 6, 96.9), (7, 1, 7, 98.4), (8, 1, 8, 99.2), (9, 2, 8, 96.1), (10, 2, 9, 97.9), (20, 6, 15, 95.9)],
)
def test_ranks_of_the_medians_interval(n, low, high, percent):
    found = spread(float(value) for value in range(1, n + 1)).interval

    assert found is not None
    assert (found.low_rank, found.high_rank) == (low, high)
    assert (found.low, found.high) == (low, high)
    assert round(100 * found.confidence, 1) == percent


def test_no_interval_below_six():
    assert [n for n in range(12) if median_ranks(n) is None] == [0, 1, 2, 3, 4, 5]
    assert spread([1.0] * 5).interval is None


@pytest.mark.parametrize("n", [*range(6, 60), 100, 199, 1_000, 2_500])
def test_confidence_is_the_binomials_and_the_next_ranks_would_have_too_little(n):
    rank, confidence = median_ranks(n) or (0, 0.0)

    assert confidence == pytest.approx(1 - 2 * stats.binom.cdf(rank - 1, n, 0.5), abs=1e-12)
    assert confidence >= 0.95
    assert 1 - 2 * stats.binom.cdf(rank, n, 0.5) < 0.95


@pytest.mark.parametrize(
    ("n", "p90", "p95", "p99"),
    [
        (9, False, False, False),
        (10, True, False, False),
        (19, True, False, False),
        (20, True, True, False),
        (99, True, True, False),
        (100, True, True, True),
    ],
)
def test_percentiles_only_from_their_n(n, p90, p95, p99):
    found = spread(float(value) for value in range(n))

    assert [found.p90 is not None, found.p95 is not None, found.p99 is not None] == [p90, p95, p99]


@settings(deadline=None)
@given(values=st.lists(FIGURES, min_size=100, max_size=120))
def test_a_large_samples_figures_are_numpys(values):
    found = spread(values)

    expected = np.percentile(values, [0, 50, 90, 95, 99, 100])
    assert (found.low, found.median, found.p90, found.p95, found.p99, found.high) == pytest.approx(expected)


def test_one_value_is_median_and_range_and_nothing_else():
    found = spread([3.5])

    assert (found.n, found.median, found.low, found.high) == (1, 3.5, 3.5, 3.5)
    assert (found.p90, found.interval, found.relative_half_width) == (None, None, None)


def test_no_value_is_unknown_not_zero():
    found = spread([])

    assert (found.n, found.attempts) == (0, 0)
    assert (found.median, found.low, found.high, found.failure_rate) == (None, None, None, None)


@pytest.mark.parametrize("odd", [None, math.nan, math.inf, -math.inf, -1.0])
def test_an_unknown_figure_is_counted_apart_and_moves_nothing(odd):
    found = spread([1.0, odd, 3.0], failures=1)

    assert (found.n, found.unknown, found.failures, found.attempts) == (2, 1, 1, 4)
    assert (found.low, found.median, found.high) == (1, 2, 3)


def test_failures_stay_in_the_denominator():
    found = spread([0.2] * 6, failures=2)

    assert (found.n, found.attempts, found.failure_rate) == (6, 8, 0.25)
    assert spread([], failures=3).failure_rate == 1
    assert spread([0.2, None]).failure_rate == 0


def test_relative_half_width():
    assert spread([8, 9, 10, 10, 11, 12]).relative_half_width == pytest.approx(0.2)
    assert spread([0.0] * 6).relative_half_width is None


@settings(deadline=None)
@given(values=st.lists(FIGURES, max_size=30), failures=st.integers(0, 5))
def test_order_of_attempts_does_not_matter(values, failures):
    assert spread(values, failures=failures) == spread(reversed(values), failures=failures)
