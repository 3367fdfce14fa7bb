import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ostream_compare.domain.pairs import PairedRatio, Words, compare_all, holm, paired_ratio, verdict

TIME = Words(lower="faster", higher="slower")
P_VALUES = st.lists(st.floats(0, 1), max_size=12)
# Round figures, so that ratios tie.
ROUNDS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=6, max_size=14)


def sample(n, seed, middle=1.0, sigma=0.2):
    source = random.Random(f"{n} {seed}")
    return [middle * source.lognormvariate(0, sigma) for _ in range(n)]


def test_p_and_estimate_are_of_the_log_ratios():
    a, b = sample(12, "a"), sample(12, "b", middle=1.8)

    found = paired_ratio(a, b)

    logs = [math.log(first / second) for first, second in zip(a, b, strict=True)]
    walsh = sorted((logs[i] + logs[j]) / 2 for i in range(12) for j in range(i, 12))
    assert found.p == pytest.approx(stats.wilcoxon(logs, method="exact").pvalue)
    assert found.ratio == pytest.approx(math.exp((walsh[38] + walsh[39]) / 2))
    # 14 is the place for n = 12 of Hollander & Wolfe's table: 2 P(W <= 13) = 0.0425.
    assert (found.low, found.high) == pytest.approx((math.exp(walsh[13]), math.exp(walsh[-14])))
    assert found.confidence == pytest.approx(0.9575, abs=1e-4)


@settings(deadline=None)
@given(rounds=ROUNDS, scale=st.floats(1e-6, 1e6))
def test_the_unit_of_the_figure_does_not_matter(rounds, scale):
    a, b = zip(*rounds, strict=True)

    plain = paired_ratio(a, b)
    scaled = paired_ratio([scale * value for value in a], [scale * value for value in b])

    assert scaled.p == plain.p
    assert (scaled.ratio, scaled.low, scaled.high) == pytest.approx((plain.ratio, plain.low, plain.high))


@settings(deadline=None)
@given(rounds=ROUNDS)
def test_swapping_the_sides_inverts_the_ratio(rounds):
    a, b = zip(*rounds, strict=True)

    there, back = paired_ratio(a, b), paired_ratio(b, a)

    assert there.p == back.p
    assert there.ratio is not None
    assert there.low is not None
    assert there.high is not None
    inverse = (1 / there.ratio, 1 / there.high, 1 / there.low)
    assert (back.ratio, back.low, back.high) == pytest.approx(inverse)


@pytest.mark.parametrize("gone", [None, math.nan, math.inf, -1.0])
def test_a_round_without_both_figures_is_left_out_and_counted(gone):
    a, b = sample(10, "a"), sample(10, "b")

    found = paired_ratio([gone, *a, 5.0, gone], [1.0, *b, gone, gone])

    whole = paired_ratio(a, b)
    assert (found.n, found.left_out) == (10, 3)
    assert (found.ratio, found.low, found.high, found.p) == (whole.ratio, whole.low, whole.high, whole.p)


def test_five_pairs_say_nothing():
    assert paired_ratio([1.0] * 5 + [None], [2.0] * 6) == PairedRatio(n=5, left_out=1)


def test_sides_of_unequal_length_are_refused():
    with pytest.raises(ValueError):
        paired_ratio([1.0] * 6, [1.0] * 7)


def test_equal_figures_also_zeros_have_ratio_one():
    found = paired_ratio([0.0, 0, 0, 2, 3, 4], [0.0, 0, 0, 2, 3, 4])

    assert (found.ratio, found.low, found.high, found.p, found.without_ratio) == (1, 1, 1, 1, 0)


def test_a_zero_against_a_figure_leaves_no_ratio():
    found = paired_ratio([0.0] * 2 + [1.0] * 8, [0.5] * 10)

    assert (found.n, found.without_ratio, found.ratio, found.p) == (10, 2, None, None)
    assert verdict(found, None, TIME) == "no ratio, a figure is 0 (n=10)"


def test_enormous_ratios_stay_finite():
    small, large = [1e-300] * 8, [1e300] * 8

    words = [
        verdict(found := paired_ratio(*sides), found.p, TIME) for sides in ((small, large), (large, small))
    ]

    figures = "(1.0e+304 to 1.0e+304, n=8)"
    assert words == [f"1.0e+304x faster {figures}", f"1.0e+304x slower {figures}"]


def test_holm_of_a_worked_example():
    # 0.005 x 4; 0.01 x 3; 0.03 x 2; 0.04 x 1, which is below the one before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.4, 0.6]) == pytest.approx([0.8, 0.8])
    assert holm([0.7, 0.9, 0.8]) == [1, 1, 1]
    assert holm([]) == []


@settings(deadline=None)
@given(p_values=P_VALUES, alpha=st.floats(0.001, 0.999))
def test_holm_rejects_what_its_step_down_rejects(p_values, alpha):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    rejected = set()
    for step, index in enumerate(order):
        if p_values[index] * (len(p_values) - step) > alpha:
            break
        rejected.add(index)

    assert {index for index, p in enumerate(holm(p_values)) if p <= alpha} == rejected


@settings(deadline=None)
@given(p_values=P_VALUES)
def test_holm_lies_between_no_adjustment_and_bonferronis(p_values):
    for plain, adjusted in zip(p_values, holm(p_values), strict=True):
        assert plain <= adjusted <= min(1, len(p_values) * plain) + 1e-12


def result(ratio, low, high, n=12, left_out=0):
    return PairedRatio(n=n, left_out=left_out, ratio=ratio, low=low, high=high, confidence=0.95, p=0.001)


@pytest.mark.parametrize(
    ("compared", "adjusted_p", "wording"),
    [
        (result(0.556, 0.4545, 0.667), 0.01, "1.8x faster (1.5 to 2.2, n=12)"),
        (result(1.8, 1.5, 2.2), 0.01, "1.8x slower (1.5 to 2.2, n=12)"),
        (result(1.8, 1.5, 2.2), 0.05, "1.8x slower (1.5 to 2.2, n=12)"),
        (result(1.8, 1.5, 2.2), 0.0501, "no clear difference (n=12)"),
        (result(1.8, 1.5, 2.2, left_out=3), 0.01, "1.8x slower (1.5 to 2.2, n=12 of 15)"),
        (result(1.8, 1.5, 2.2, left_out=3), 0.2, "no clear difference (n=12 of 15)"),
        (result(1.0, 1.0, 1.3), 0.01, "no clear difference (n=12)"),
        (result(0.7, 0.5, 1.0), 0.01, "no clear difference (n=12)"),
        (result(1.06, 1.03, 1.5), 0.01, "1.06x slower (1.03 to 1.50, n=12)"),
        (result(1.06, 1.003, 1.5), 0.01, "1.060x slower (1.003 to 1.500, n=12)"),
        (result(12.34, 9.96, 123.4), 0.01, "12x slower (10 to 120, n=12)"),
        (result(2_000, 9.9, 3_456_789), 0.01, "2000x slower (9.9 to 3.5e+06, n=12)"),
        (PairedRatio(n=5, left_out=0), None, "no clear difference (n=5)"),
        (PairedRatio(n=5, left_out=0, without_ratio=2), None, "no clear difference (n=5)"),
        (PairedRatio(n=0, left_out=4), None, "no clear difference (n=0 of 4)"),
    ],
)
def test_verdicts(compared, adjusted_p, wording):
    assert verdict(compared, adjusted_p, TIME) == wording


def test_a_few_differing_pairs_among_equal_ones_are_no_clear_difference():
    found = paired_ratio([2.0] * 7 + [1.0] * 60, [1.0] * 67)

    assert found.p == 2 / 2**7
    assert verdict(found, found.p, TIME) == "no clear difference (n=67)"


def test_the_table_has_every_pair_in_the_order_of_the_models():
    samples = {"Swift": sample(12, "s"), "Careful": sample(12, "c", middle=4), "Terse": sample(12, "t")}

    rows = compare_all(samples, TIME)

    assert [(row.a, row.b) for row in rows] == [
        ("Swift", "Careful"),
        ("Swift", "Terse"),
        ("Careful", "Terse"),
    ]
    assert [row.adjusted_p for row in rows] == holm([row.paired.p or 0 for row in rows])
    assert [row.wording.split()[1] for row in rows] == ["faster", "clear", "slower"]
    assert rows[0].paired == paired_ratio(samples["Swift"], samples["Careful"])


def test_a_pair_with_too_few_rounds_does_not_weigh_on_the_others():
    a, b = sample(8, "a"), sample(8, "b", middle=9)
    seldom = [1.0, *[None] * 7]

    rows = {(row.a, row.b): row for row in compare_all({"A": a, "seldom": seldom, "B": b}, TIME)}

    assert rows["A", "B"].adjusted_p == rows["A", "B"].paired.p == 2 / 2**8
    assert rows["A", "seldom"].adjusted_p is None
    assert rows["A", "seldom"].wording == "no clear difference (n=1 of 8)"


def test_more_models_need_more_rounds():
    # Six rounds tell one pair apart, not three: 3 x 2 / 2**6 is above 0.05.
    two = {"A": [1.0, 1.1, 1.2, 1.3, 1.4, 1.5], "B": [9.0, 8, 7, 9, 8, 7]}
    three = {**two, "C": [50.0, 60, 70, 80, 90, 99]}

    assert compare_all(two, TIME)[0].wording.endswith("(4.7 to 9.0, n=6)")
    assert {row.wording for row in compare_all(three, TIME)} == {"no clear difference (n=6)"}


@pytest.mark.parametrize("samples", [{}, {"alone": [1.0] * 6}])
def test_nothing_to_compare(samples):
    assert compare_all(samples, TIME) == []
