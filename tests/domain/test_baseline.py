import random
from datetime import UTC, datetime, timedelta

import pytest
from scipy import stats

from ostream_compare.domain import baseline_rows
from ostream_compare.domain.baseline import against
from ostream_compare.domain.comparison import (
    Comparison,
    Response,
    SavedConfig,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedTurn,
    SavedUsage,
    Timing,
)
from ostream_compare.domain.pairs import holm
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


def response(name="A", prompt=0, number=1, ms=100.0, **more):
    made = {
        "name": name,
        "prompt": prompt,
        "round": number,
        "provider": "p",
        "model": "m",
        "state": "complete",
        "finish_reason": "stop",
        "content": "the same words",
        "timing": Timing(ttft_ms=ms, e2e_ms=None if ms is None else 2 * ms),
        "cost": SavedCost(total_usd="0.001", source="preset", bound="exact"),
    }
    return Response.model_validate(made | more)


def comparison(responses, prompts=("hi",), **more):
    made = {
        "id": "run",
        "started_at": NOW - timedelta(days=2),
        "program_version": "0.1.0",
        "prompts": [SavedPrompt(user=user) for user in prompts],
        "rounds": max((r.round for r in responses), default=1),
        "responses": responses,
        "definitions": 1,
        "config": SavedConfig(path="a.toml", sha256="aa"),
    }
    return Comparison.model_validate(made | more)


def rounds(n, base, *, name="A", seed=0, **more):
    source = random.Random(f"{seed} {n} {base}")
    return [
        response(name, number=number, ms=base * source.lognormvariate(0, 0.1), **more)
        for number in range(1, n + 1)
    ]


def change(baseline, figure="ttft_ms", model=0):
    return next(of for of in baseline.models[model].changes if of.figure == figure)


@pytest.mark.parametrize(("n", "m"), [(10, 10), (8, 12), (6, 6)])
def test_rounds_are_compared_unpaired_and_p_is_scipys(n, m):
    now, before = rounds(n, 100, seed=1), rounds(m, 180, seed=2)
    found = change(against(comparison(now), comparison(before)))
    samples = [[r.timing.ttft_ms for r in side] for side in (now, before)]
    assert found.p == pytest.approx(stats.mannwhitneyu(*samples, method="exact").pvalue)
    assert (found.n, found.n_before) == (n, m)
    assert found.low < found.ratio < found.high < 1
    assert found.median == pytest.approx(stats.scoreatpercentile(samples[0], 50))
    count = f"n={n}" if n == m else f"n={n} and {m}"
    assert found.wording == (
        f"{1 / found.ratio:.1f}x faster ({1 / found.high:.1f} to {1 / found.low:.1f}, {count})"
    )


def test_p_is_adjusted_over_the_models():
    now = [*rounds(8, 100, name="A"), *rounds(8, 100, name="B"), *rounds(8, 100, name="C")]
    before = [*rounds(8, 112, name="A"), *rounds(8, 300, name="B"), *rounds(8, 103, name="C")]
    found = [change(against(comparison(now), comparison(before)), model=model) for model in range(3)]
    assert [of.p_adjusted for of in found] == pytest.approx(holm([of.p for of in found]))
    assert "faster" in found[1].wording


def test_a_model_that_cannot_be_tested_is_no_test_to_adjust_for():
    now = [*rounds(8, 100, name="A"), *rounds(8, 100, name="B"), *rounds(5, 100, name="C")]
    before = [*rounds(8, 300, name="A"), *rounds(8, 103, name="B"), *rounds(8, 300, name="C")]
    found = [change(against(comparison(now), comparison(before)), model=model) for model in range(3)]
    assert found[0].p_adjusted == 2 * found[0].p
    assert (found[2].p, found[2].p_adjusted) == (None, None)


@pytest.mark.parametrize(
    ("n", "m", "said"),
    [
        (1, 1, "no clear difference (n=1)"),
        (5, 50, "no clear difference (n=5 and 50)"),
        (0, 9, "no clear difference (n=0)"),
    ],
)
def test_too_few_answers_are_told_and_not_tested(n, m, said):
    now = rounds(n, 100) or [response(state="failed", error=SavedError(kind="dns", message="x"))]
    found = change(against(comparison(now), comparison(rounds(m, 900))))
    assert (found.wording, found.p, found.ratio) == (said, None, None)


def test_prompts_that_were_answered_once_are_pairs():
    prompts = [f"prompt {number}" for number in range(8)]
    base = [100 * 3**number for number in range(8)]  # far apart: unpaired, nothing could be told
    now = [response(prompt=i, ms=ms) for i, ms in enumerate(base)]
    before = [response(prompt=i, ms=ms * (1.5 + i / 100)) for i, ms in enumerate(base)]
    found = change(against(comparison(now, prompts), comparison(before, prompts)))
    assert found.p == pytest.approx(2 / 2**8)
    assert found.wording.startswith("1.5x faster (1.5 to 1.6, n=8")


def test_prompts_are_known_by_what_they_say_and_only_those_of_both_runs_count():
    now = comparison([response(prompt=0, ms=1), response(prompt=1, ms=100)], ("new", "old"))
    before = comparison([response(prompt=0, ms=100), response(prompt=1, ms=9)], ("old", "gone"))
    found = against(now, before)
    assert (change(found).median, change(found).median_before) == (100, 100)
    assert found.notes == ["1 of 3 prompts are in both runs; only they are compared"]
    assert found.models[0].n == 1


@pytest.mark.parametrize(
    "other",
    [
        SavedPrompt(user="other"),
        SavedPrompt(user="hi", system="be brief"),
        SavedPrompt(user="hi", turns=[SavedTurn(run="r", user="before")]),
    ],
)
def test_another_prompt_is_said_and_nothing_is_compared(other):
    before = comparison(rounds(8, 100), prompts=()).model_copy(update={"prompts": [other]})
    found = against(comparison(rounds(8, 900)), before)
    assert found.notes == ["the prompt is another one: nothing is compared"]
    assert change(found).wording == "no clear difference (n=0)"
    assert baseline_rows.table(found) == []


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"config": SavedConfig(sha256="bb")}, "the config file is another one, or was changed"),
        ({"config": SavedConfig()}, "the config is another one"),
        ({"demo": True}, "the demo server answered the baseline alone"),
        ({"definitions": None}, "the figures are defined differently: version 1, was unknown"),
    ],
)
def test_what_else_is_not_the_same_is_said(changed, note):
    found = against(comparison([response()]), comparison([response()], **changed))
    assert found.notes == [note]


def test_a_name_that_stands_for_another_model_is_said():
    now = comparison([response(served_model="m-2026-11")])
    before = comparison([response(served_model="m-2026-08", model="n")])
    assert against(now, before).notes == [
        "A is asked for as m, was n",
        "A is served as m-2026-11, was m-2026-08",
    ]


def test_models_of_one_run_alone_are_named():
    found = against(comparison([response("A"), response("B")]), comparison([response("B"), response("C")]))
    assert ([model.name for model in found.models], found.only_now, found.only_before) == (
        ["B"],
        ["A"],
        ["C"],
    )
    assert baseline_rows.remarks(found) == ["only in this run: A", "only in the baseline: C"]


def test_answers_are_the_same_or_changed_by_so_much():
    now = [response(number=1), response(number=2, content="one two three four"), response(number=3)]
    before = [
        response(number=1),
        response(number=2, content="one two five four"),
        response(number=3, content=""),
    ]
    (model,) = against(comparison(now), comparison(before)).models
    assert (model.answers, model.answers_same) == (3, 1)
    assert model.similarity == pytest.approx((0.75 + 0) / 2)
    row = baseline_rows.table(against(comparison(now), comparison(before)))[-1]
    assert row == ("A", "Answers", "3", "3", "2 of 3 changed, similarity 0.38")


@pytest.mark.parametrize(
    ("now", "before", "answers", "same", "similarity"),
    [
        ("a b c", "c a b", 3, 3, None),
        ("a a b", "b a a", 3, 3, None),
        ("a a b", "a b b", 3, 2, 0.0),  # each of them once
        ("a b c", "c a", 2, 2, None),  # a round that the earlier run has not
        ("a", "c b a", 1, 1, None),
        ("a b", "b ?", 1, 1, None),  # an answer that is not whole
        ("? a", "a ?", 1, 1, None),
        ("x_y_z a p_q", "p_r x_y_w a", 3, 1, (2 / 3 + 1 / 2) / 2),  # with the one most like it
        ("p", "q", 1, 0, 0.0),
        ("?", "a", 0, 0, None),
    ],
)
def test_answers_to_a_prompt_have_no_order(now, before, answers, same, similarity):
    def run(texts):
        return comparison(
            [
                response(number=number, content=text.replace("_", " "))
                if text != "?"
                else response(number=number, content="", state="cancelled")
                for number, text in enumerate(texts.split(), start=1)
            ]
        )

    (model,) = against(run(now), run(before)).models
    assert (model.answers, model.answers_same) == (answers, same)
    assert model.similarity == (similarity if similarity is None else pytest.approx(similarity))


def test_an_answer_is_no_counterpart_of_one_to_another_prompt():
    now = [response(prompt=0, content="a"), response(prompt=1, content="b")]
    before = [response(prompt=0, content="b"), response(prompt=1, content="a")]
    found = against(comparison(now, ("one", "two")), comparison(before, ("one", "two")))
    assert (found.models[0].answers, found.models[0].answers_same) == (2, 0)


def test_very_many_changed_answers_are_paired_in_their_order():
    now = [response(number=number, content=f"now {number}") for number in range(1, 130)]
    before = [response(number=number, content=f"before {number}") for number in range(1, 130)]
    (model,) = against(comparison(now), comparison(before)).models
    assert (model.answers, model.answers_same, model.similarity) == (129, 0, 0.5)


def test_more_answers_that_ended_alike_are_no_change():
    found = against(comparison(rounds(2, 100)), comparison(rounds(7, 100)))
    assert "Ended by" not in [row[1] for row in baseline_rows.table(found)]


def test_tool_calls_are_answers_too():
    call = {"id": "1", "name": "f", "arguments": "{}"}
    now = comparison([response(content="", tool_calls=[call])])
    before = comparison([response(content="", tool_calls=[call | {"id": "2", "arguments": '{"a": 1}'}])])
    assert against(now, before).models[0].answers_same == 0


def test_endings_and_new_failures():
    busy = {"state": "failed", "error": SavedError(kind="rate_limit", message="slow down"), "content": ""}
    gone = {"state": "failed", "error": SavedError(kind="dns", message="no such host"), "content": ""}
    now = [response(number=1, **busy), response(number=2, **gone), response(number=3, finish_reason="length")]
    before = [response(number=1), response(number=2, **busy), response(number=3)]
    found = against(comparison(now), comparison(before))
    (model,) = found.models
    assert model.finish_reasons == {"dns": 1, "length": 1, "rate_limit": 1}
    assert model.finish_reasons_before == {"rate_limit": 1, "stop": 2}
    assert model.new_failures == ["no such host (round 2)"], "429 was there before"
    rows = {row[1]: row[2:] for row in baseline_rows.table(found)}
    assert rows["Failed"] == ("2 of 3", "1 of 3", "more")
    assert rows["Ended by"] == ("dns 1, length 1, rate_limit 1", "rate_limit 1, stop 2", "")
    assert "A: new failure: no such host (round 2)" in baseline_rows.remarks(found)


def test_a_retry_that_answered_is_no_failure():
    failed = response(state="failed", error=SavedError(kind="rate_limit", message="x"))
    found = against(comparison([failed, response(attempt=2)]), comparison([response()]))
    assert (found.models[0].failures, found.models[0].new_failures) == (0, [])


def test_money_is_compared_and_stays_a_string():
    def costing(usd):
        return [
            response(
                number=number, cost=SavedCost(total_usd=f"{usd}{number}", source="preset", bound="exact")
            )
            for number in range(1, 8)
        ]

    found = against(comparison(costing("0.002")), comparison(costing("0.001")))
    model, cost = found.models[0], change(found, "cost_usd")
    assert (model.cost_usd, model.cost_before_usd) == ("0.0024", "0.0014")
    assert (cost.median, cost.median_before) == (None, None)
    assert "dearer" in cost.wording
    row = next(row for row in baseline_rows.table(found) if row[1] == "Cost")
    assert row[2:4] == ("$0.0024", "$0.0014")


def test_nothing_against_something_has_no_ratio():
    free = [response(number=n, cost=SavedCost(total_usd="0", source="preset")) for n in range(1, 8)]
    paid = [response(number=n) for n in range(1, 8)]
    assert change(against(comparison(paid), comparison(free)), "cost_usd").wording == (
        "no ratio, a figure is 0 (n=7)"
    )
    same = change(against(comparison(free), comparison(free)), "cost_usd")
    assert (same.ratio, same.p, same.wording) == (1.0, 1.0, "no clear difference (n=7)")


@pytest.mark.parametrize(("spell", "read"), [(to_toml, from_toml), (to_json, from_json)])
def test_it_is_saved_with_the_run(spell, read):
    now = comparison(rounds(7, 100))
    saved = now.model_copy(update={"baseline": against(now, comparison(rounds(7, 200)))})
    assert read(spell(saved)) == saved


@pytest.mark.parametrize("now", [[], [response(state="cancelled", content="")]])
def test_a_run_of_nothing_compares_with_anything(now):
    for one, other in ((now, [response()]), ([response()], now), (now, now)):
        found = against(comparison(one, prompts=("hi",) if one else ()), comparison(other))
        assert all(len(row) == 5 for row in baseline_rows.table(found))


def test_medians_carry_the_signs_of_every_other_table():
    timing = Timing(ttft_ms=100.0, e2e_ms=900.0, tokens_per_second=50.0, clock_lag_p99_ms=30.0)
    usage = SavedUsage(input_tokens=1, output_tokens=9, reasoning_tokens=4, source="api")
    plain = Timing(ttft_ms=100.0, e2e_ms=900.0, tokens_per_second=40.0)
    now = [response(timing=timing, usage=usage), response("B", timing=plain)]
    before = [response(timing=plain), response("B", ms=None)]
    rows = baseline_rows.table(against(comparison(now), comparison(before)))
    cells = {row[:2]: row[2:4] for row in rows}
    assert cells["A", "TTFT"] == ("0.10s⚠", "0.10s")
    assert cells["A", "tok/s"] == ("50.0*", "40.0")
    assert cells["A", "Total"] == ("0.90s", "0.90s")
    assert cells["B", "TTFT"] == ("0.10s", "—")
    again = baseline_rows.table(against(comparison(before), comparison(now)))
    assert {row[:2]: row[2:4] for row in again}["A", "TTFT"] == ("0.10s", "0.10s⚠")
