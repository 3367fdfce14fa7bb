"""The language of --fail-if: what holds, what does not, what is unknown, and what is refused where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.comparison import Response, SavedCost, SavedError, SavedUsage, Timing
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.gate_parser import parse_gate
from ostream_compare.domain.ledger import Ledger


def answer(name, ttft=None, *, state="complete", cost=None, out=None, tps=None, e2e=None):
    return Response(
        name=name,
        provider="p",
        model="m",
        state=state,
        error=SavedError(kind="auth", message="no") if state == "failed" else None,
        timing=Timing(ttft_ms=ttft, e2e_ms=e2e, tokens_per_second=tps),
        usage=SavedUsage(output_tokens=out),
        cost=SavedCost(total_usd=cost, source="preset", bound="exact") if cost else SavedCost(),
    )


TWO = Ledger(
    [
        answer("Swift", 200, cost="0.01", out=10, tps=100.0, e2e=900),
        answer("Swift", 400, cost="0.02", out=20, tps=50.0, e2e=1100),
        answer("Swift", 900, state="truncated"),
        answer("Careful", 800, cost="0.03", e2e=5000),
        answer("Careful", 1000, cost="0.05", e2e=7000),
    ]
)
TWENTY = Ledger([answer("A", number * 50.0) for number in range(1, 21)])


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ttft > 0.8", True),
        ("ttft > 0.9", False),
        ("ttft >= 0.9", True),
        ("ttft == 0.9", True),
        ("ttft == 300ms", True),
        ("0.89 < ttft", True),
        ("ttft > 899ms", True),
        ("ttft_max > 0.9s", True),
        ("ttft_max > 1 s", False),
        ("ttft_min < 0.2", False),
        ("ttft_min <= 0.2", True),
        ("ttft_mean == 0.3", True),
        ("ttft_p50 == 0.3", True),
        ("total > 0.09min", True),
        ("total > 0.1min", False),
        ("e2e_sum > 11", True),
        ("tps < 80", True),
        ("tps < 70", None),
        ('model("Swift").tps < 80', True),
        ('Model."Careful".tps < 80', None),
        ("model('swift').ttft < 1", True),
        ("Model.Swift.ttft > 1", False),
        ("cost > 0.03", True),
        ("cost > $0.04", False),
        ("cost_sum >= 0.08usd", True),
        ("cost_max == 0.05", True),
        ("failures > 0", True),
        ("failures > 1", False),
        ("failure_rate > 33%", True),
        ("failure_rate > 0.34", False),
        ("n == 3", True),
        ("answers < 2", False),
        ("output_tokens < 16", True),
        ("input_tokens > 0", None),
        ("not ttft < 0.5", True),
        ("NOT (ttft < 0.5 OR ttft > 0.8)", False),
        ("ttft > 0.8 and failures > 0", False),
        ("ttft > 0.8 or failures > 0", True),
        ('model("Careful").ttft > 0.8 and model("Swift").failures > 0', True),
        ('model("Careful").ttft > model("Swift").ttft', True),
        ('ttft > model("Swift").ttft_max', True),
        ("ttft_p95 > 0.8", None),
        ("ttft_p95 > 0.8 or failures > 0", True),
        ("ttft_p95 > 0.8 and failures > 5", False),
        ("not ttft_p95 > 0.8", None),
        ("failures > 5 or ttft_p95 > 0.8", None),
        ("output_tokens_sum > 5", True),
        ("failures > 0 and ttft > 0.8 or cost < 1", True),
        ("failures > 5 and (ttft > 0.8 or cost < 1)", False),
    ],
)
def test_what_an_expression_comes_to(text, holds):
    assert parse_gate(text, ["Swift", "Careful"]).verdict(TWO).holds is holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ttft_p95 > 0.95", True),
        ("ttft_p95 > 0.96", False),
        ("ttft_p90 > 0.9", True),
        ("ttft_p99 > 0", None),
        ("cost > 0", None),
        ("cost_sum == 0", None),
    ],
)
def test_percentiles_need_their_least_number_of_answers(text, holds):
    assert parse_gate(text).verdict(TWENTY).holds is holds


def test_a_verdict_tells_the_figures_of_the_models_that_it_is_about():
    held = parse_gate("ttft > 0.8 and cost > 0.02").verdict(TWO)
    assert held.reasons == ("Careful: ttft is 0.9 s", "Careful: cost is $0.04")
    unknown = parse_gate('model("Swift").ttft_p95 > 1').verdict(TWO)
    assert unknown.reasons == ("Swift: ttft_p95 is unknown: it takes 20 answers that have it, there are 2",)
    assert parse_gate("failures > 9").verdict(TWO).reasons == ()


def test_nothing_that_came_is_unknown_and_not_passed():
    nothing = Ledger([answer("A", state="failed")])
    assert parse_gate("ttft > 9").verdict(nothing).reasons == (
        "A: ttft is unknown: there is no whole answer",
    )
    assert parse_gate("ttft > 9").verdict(Ledger()).holds is None
    assert parse_gate("failures == 1").verdict(nothing).holds is True


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "expected a figure or a number, and it ends here"),
        ("ttfd > 1", 1, "unknown figure ttfd (did you mean ttft?)"),
        ("ttft_p59 > 1", 1, "unknown figure ttft_p59 (of ttft there are: p50, p90,"),
        ("ttft > 1 or tfft_p95 > 1", 13, "did you mean ttft_p95?"),
        ("ttft_ms > 1", 1, "ttft is in seconds, or give the number a unit: ttft > 800ms"),
        ("failures_max > 1", 1, "unknown figure failures_max"),
        ("ttft", 5, "expected a comparison such as > 0.8, and it ends here"),
        ("ttft > ", 8, "expected a figure or a number"),
        ("ttft > 1 ttfa", 10, "expected and, or, or the end, not ttfa"),
        ("(ttft > 1", 10, "expected ), and it ends here"),
        ("ttft > 1)", 9, "not )"),
        ("ttft = 3", 6, "= is no comparison (did you mean ==?)"),
        ("1 > 2", 1, "compares no figure"),
        ("cost > 3s", 8, "s is no unit of cost (units: $, usd)"),
        ("ttft > $3", 8, "$ is no unit of ttft (units: s, ms, min)"),
        ("n > 3s", 5, "it takes no unit"),
        ("cost > $3usd", 8, "has two units"),
        ("ttft > cost", 1, "ttft and cost are not of one kind"),
        ("ttft > -1", 8, "ttft is never negative"),
        ("ttft > - 1", 8, "- has no meaning here"),
        ("ttft_ratio > -1", 14, "ttft_ratio is never negative"),
        ("ttft_chnge > 1", 1, "of ttft there are: p50, p90, p95, p99, min, max, mean, sum, ratio, change"),
        ("ttft_change > 3s", 15, "s is no unit of ttft_change (units: %)"),
        ("ttft_change > ttft_ratio", 1, "ttft_change and ttft_ratio are not of one kind"),
        ("baseline.ttft_ratio > 1", 10, "ttft_ratio is against the baseline already"),
        ("baseline.tfft > 1", 10, "did you mean ttft?"),
        ("baseline > 1", 1, "unknown figure baseline"),
        ("ttft > 1; import os", 9, "; has no meaning here"),
        ("__import__('os') > 1", 1, "unknown figure __import__"),
        ('model("Swft").ttft > 1', 7, "no model of this run is called Swft (did you mean Swift?)"),
        ('model("Zzz").ttft > 1', 7, "models: Swift, Careful"),
        ("model(3).ttft > 1", 7, "expected a model's name in quotes"),
        ('model("Swift") > 1', 16, "expected ., not >"),
        ("(" * 60 + "ttft > 1" + ")" * 60, 51, "nested too deeply"),
        ("not " * 5000 + "ttft > 1", 1, "over 2000 characters"),
    ],
)
def test_a_wrong_expression_is_refused_with_its_column_marked(text, column, said):
    with pytest.raises(UserError) as caught:
        parse_gate(text, ["Swift", "Careful"])
    (problem,) = caught.value.problems
    assert problem.message.startswith(f"column {column}: ")
    assert said in str(problem)
    assert problem.excerpt[1].index("^") == column + 1
    assert caught.value.exit_code == 2


NOW = Ledger(
    [
        answer("A", 300, cost="0.02", tps=50.0),
        answer("A", 500, state="truncated"),
        answer("B", 400, cost="0.01", tps=80.0),
        answer("New", 100),
    ]
)
BEFORE = Ledger(
    [
        answer("A", 200, cost="0.01", tps=100.0),
        answer("A", 200, cost="0.01", tps=100.0),
        answer("B", 400, tps=80.0),
    ]
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('model("A").ttft_ratio > 1.4', True),
        ('model("A").ttft_ratio > 151%', False),
        ('model("A").ttft_change > 49%', True),
        ('model("A").ttft_change > 0.51', False),
        ('model("A").ttft_max_change >= 50%', True),
        ('model("A").tps_change < -49%', True),
        ('model("A").tps_change < -51%', False),
        ('model("A").cost_ratio == 2', True),
        ('model("B").ttft_change != 0', False),
        ('model("B").cost_change > 0', None),
        ('model("A").failure_rate > model("A").baseline.failure_rate', True),
        ('model("A").failures_ratio > 1', None),
        ('model("A").ttft > model("B").baseline.ttft', False),
        ('Model."A".baseline.ttft_p50 < 250ms', True),
        ('model("New").ttft_change > 0', None),
        ("ttft_change > 40%", True),
        ("ttft_change > 60%", None),
        ("n > 0 and ttft > baseline.ttft", True),
        ("ttft_change > 60% and ttft > 9", False),
        ("baseline.answers > 1", True),
    ],
)
def test_figures_against_the_baseline(text, holds):
    gate = parse_gate(text, ["A", "B", "New"])
    assert gate.verdict(NOW, shared=NOW, before=BEFORE).holds is holds


def test_figures_against_the_baseline_are_of_the_prompts_that_both_runs_have():
    shared = Ledger([answer("A", 300)])
    for text, holds in (
        ("ttft > 1", True),
        ("ttft_ratio > 1.6", False),
        ("ttft > baseline.ttft and ttft > 1", True),
        ("ttft == baseline.ttft", False),
    ):
        run = Ledger([answer("A", 300), answer("A", 9000)])
        assert parse_gate(text).verdict(run, shared=shared, before=BEFORE).holds is holds, text


NOT_BEFORE = "the baseline has no answer of this model to the same prompt"


@pytest.mark.parametrize("text", ["ttft_change > 0", "baseline.ttft > 1", "failures_ratio > 1"])
def test_that_no_prompt_is_in_both_runs_is_said(text):
    reasons = parse_gate(text).verdict(NOW, shared=Ledger(), before=Ledger()).reasons
    assert len(reasons) == len(NOW.accounts)
    assert all(reason.endswith(" is unknown: no prompt is in both runs") for reason in reasons)


def test_a_verdict_tells_how_a_figure_changed_and_why_that_is_unknown():
    held = parse_gate("ttft_change > 40% and ttft > baseline.ttft").verdict(NOW, shared=NOW, before=BEFORE)
    assert held.reasons == (
        "A: ttft_change is +50%",
        "A: ttft is 0.3 s",
        "A: baseline.ttft is 0.2 s",
    )
    for text, said in (
        ('model("B").cost_ratio > 1', "B: cost_ratio is unknown: in the baseline no answer has it"),
        ('model("New").ttft_ratio > 1', f"New: ttft_ratio is unknown: {NOT_BEFORE}"),
        ('model("New").baseline.ttft > 1', f"New: baseline.ttft is unknown: {NOT_BEFORE}"),
        ('model("A").failures_change > 1', "A: failures_change is unknown: it was 0 before"),
    ):
        assert parse_gate(text).verdict(NOW, shared=NOW, before=BEFORE).reasons == (said,)


@pytest.mark.parametrize(("text", "column"), [("n > 0 or ttft_change > 1", 10), ("ttft > baseline.ttft", 8)])
def test_without_a_baseline_nothing_is_set_against_it(text, column):
    with pytest.raises(UserError) as caught:
        parse_gate(text, has_baseline=False)
    assert f"column {column}: " in str(caught.value.problems[0])
    assert "needs a baseline (add --baseline with" in str(caught.value.problems[0])


@given(st.text(alphabet=st.sampled_from("tfps_90>=<()\"' .ndor%$Model1"), max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        gate = parse_gate(text)
    except UserError:
        return
    assert gate.verdict(TWO).holds in {True, False, None}
