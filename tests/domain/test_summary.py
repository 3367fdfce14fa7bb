import pytest

from ostream_compare.domain.comparison import Estimate, Response, SavedCost, SavedError, SavedUsage, Timing
from ostream_compare.domain.rows import REPEAT_COLUMNS, repeat_row
from ostream_compare.domain.summary import final_attempts, pairs, summary


def response(name, round_=1, ms=None, state="complete", *, attempt=1, usd=None, bound="exact"):
    return Response(
        name=name,
        provider="p",
        model="m",
        round=round_,
        attempt=attempt,
        state=state,
        timing=Timing(ttft_ms=ms, e2e_ms=None if ms is None else ms * 2),
        usage=SavedUsage(output_tokens=None if ms is None else int(ms)),
        cost=SavedCost(total_usd=usd, source="preset", bound=bound),
        error=SavedError(kind="server", message="x") if state == "failed" else None,
    )


def test_counts_medians_and_ranges_over_the_rounds():
    rows = summary(
        [
            response("A", 1, 10, usd="0.1"),
            response("A", 2, 9999, "failed"),
            response("A", 2, 20, attempt=2, usd="0.3", bound="estimated"),
            response("A", 3, 7777, "truncated"),
            response("A", 4, 5555, "cancelled"),
            response("A", 5),
            response("B", state="failed"),
        ]
    )
    a, b = rows
    assert (a.name, a.n, a.failures, a.complete) == ("A", 5, 1, 3)
    assert (a.ttft_ms, a.e2e_ms, a.output_tokens) == (15, 30, 10)
    assert (a.cost_usd, a.cost_min_usd, a.cost_max_usd, a.cost_bound) == ("0.2", "0.1", "0.3", "estimated")
    spread = a.spreads["ttft_ms"]
    assert (spread.n, spread.median, spread.min, spread.max) == (2, 15, 10, 20)
    assert "tokens_per_second" not in a.spreads, "nobody reported one"
    assert (b.n, b.failures, b.complete, b.ttft_ms, b.cost_bound, b.spreads) == (1, 1, 0, None, None, {})


def test_medians_carry_the_marks_of_their_answers():
    def answer(round_, *, reasoning_tokens=None, lag=None, state="complete"):
        return response("A", round_, 100, state).model_copy(
            update={
                "timing": Timing(ttft_ms=100, tokens_per_second=50, clock_lag_p99_ms=lag),
                "usage": SavedUsage(output_tokens=90, reasoning_tokens=reasoning_tokens),
            }
        )

    (plain,) = summary([answer(1), answer(2, reasoning_tokens=40, lag=9, state="truncated")])
    assert (plain.hidden_reasoning, plain.late_clock) == (None, None), "what is cut is in no median"
    cells = dict(zip(REPEAT_COLUMNS, repeat_row(plain), strict=True))
    assert (cells["TTFT"], cells["tok/s"]) == ("0.10s", "50.0")
    (marked,) = summary([answer(1), answer(2, reasoning_tokens=40, lag=9)])
    assert (marked.hidden_reasoning, marked.late_clock) == (True, True)
    cells = dict(zip(REPEAT_COLUMNS, repeat_row(marked), strict=True))
    assert (cells["TTFT"], cells["tok/s"]) == ("0.10s⚠ (0.10s-0.10s)", "50.0* (50.0-50.0)")


@pytest.mark.parametrize(
    ("n", "p90", "p95", "interval"),
    [
        (5, None, None, None),
        (6, None, None, (1, 6)),
        (9, None, None, (2, 8)),
        (10, 9.1, None, (2, 9)),
        (19, 17.2, None, (5, 15)),
        (20, 18.1, 19.05, (6, 15)),
    ],
)
def test_percentiles_and_intervals_begin_at_their_least_n(n, p90, p95, interval):
    (row,) = summary(response("A", number, float(number)) for number in range(1, n + 1))
    spread = row.spreads["ttft_ms"]
    assert (spread.p90, spread.p95, spread.p99) == (
        None if p90 is None else pytest.approx(p90),
        None if p95 is None else pytest.approx(p95),
        None,
    )
    ends = None if spread.median_low is None else (spread.median_low, spread.median_high)
    assert ends == interval
    assert spread.confidence is None or 0.95 <= spread.confidence < 1


def test_pairs_are_compared_round_by_round_and_a_failure_leaves_its_round_out():
    both = [
        response(name, r, ms * (1 + r / 100)) for r in range(1, 10) for name, ms in (("A", 10), ("B", 20))
    ]
    failed = [response("A", 10, 1, "failed"), response("B", 10, 20)]
    ttft, total = pairs([*both, *failed])[:2]
    assert (ttft.figure, ttft.a, ttft.b, ttft.n, ttft.left_out) == ("ttft_ms", "A", "B", 9, 1)
    assert ttft.ratio == pytest.approx(0.5)
    assert ttft.p_adjusted == ttft.p == pytest.approx(2 / 2**9)
    assert ttft.wording == "2.0x faster (2.0 to 2.0, n=9 of 10)"
    assert total.figure == "e2e_ms"


def test_holm_adjusts_over_the_pairs_of_a_figure():
    responses = [
        response(name, r, ms * (1 + r / 100)) for r in range(6) for name, ms in (("A", 1), ("B", 2), ("C", 4))
    ]
    compared = [pair for pair in pairs(responses) if pair.figure == "ttft_ms"]
    assert [(pair.a, pair.b) for pair in compared] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert [pair.p_adjusted for pair in compared] == [pytest.approx(3 * 2 / 2**6)] * 3
    assert {pair.wording for pair in compared} == {"no clear difference (n=6)"}


def test_one_round_is_compared_with_nothing():
    assert pairs([response("A", 1, 1), response("B", 1, 9)]) == []


def test_the_last_attempt_counts_wherever_it_stands():
    responses = [response("A", 1, attempt=2), response("A", 1, attempt=1, state="failed")]
    assert [r.attempt for r in final_attempts(responses)] == [2]


def test_estimated_counts_over_rounds_are_shown_as_estimates_and_not_mixed_with_reported_ones():
    def answer(round_, *, out=None, guess=None):
        return response("A", round_).model_copy(
            update={
                "usage": SavedUsage(output_tokens=out),
                "estimate": Estimate(input_tokens=guess and 7, output_tokens=guess),
            }
        )

    (guessed,) = summary([answer(1, guess=30), answer(2, guess=10), answer(3, guess=20)])
    cells = dict(zip(REPEAT_COLUMNS, repeat_row(guessed), strict=True))
    assert (cells["In"], cells["Out"], guessed.output_tokens) == ("~7", "~20", None)
    (mixed,) = summary([answer(1, guess=30), answer(2, out=10)])
    assert dict(zip(REPEAT_COLUMNS, repeat_row(mixed), strict=True))["Out"] == "10 n=1"


@pytest.mark.parametrize(
    ("states", "planned", "said"),
    [
        (["complete"] * 3, 3, "✓ 3/3"),
        (["complete"] * 3, 20, "■ 3/20"),
        (["complete", "cancelled"], 20, "■ 1/20"),
        (["complete", "failed"], 20, "✗ 1/20"),
        (["complete"] * 3, 0, "✓ 3/3"),
    ],
)
def test_whole_answers_are_counted_of_those_that_were_planned(states, planned, said):
    answers = [
        Response(name="A", provider="p", model="m", round=number, state=state)
        for number, state in enumerate(states, 1)
    ]
    (of,) = summary(answers)
    assert dict(zip(REPEAT_COLUMNS, repeat_row(of, planned), strict=True))["State"] == said
