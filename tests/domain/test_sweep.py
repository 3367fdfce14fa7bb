"""A set of prompts: how much of it is under way, and what it adds up to."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ostream_compare.domain.comparison import Response, SavedCost, SavedError, SavedUsage, Timing
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.run import Repeats
from ostream_compare.domain.summary import final_attempts, summaries, summary
from ostream_compare.domain.sweep import Accounts, Plan, placed, set_comparison

PROVIDER = Provider(name="p", base_url="http://127.0.0.1:9/v1")


def plan(prompts, models, concurrency=None, rounds=1):
    return Plan(
        id="20261122-073012-4f2a",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        prompts=tuple(Prompt(user=str(number)) for number in range(prompts)),
        presets=tuple(Preset(name=f"m{n}", provider=PROVIDER, model="m") for n in range(models)),
        repeats=Repeats(rounds=rounds, seed=1),
        concurrency=concurrency,
    )


@pytest.mark.parametrize(
    ("prompts", "models", "concurrency", "calls", "under_way"),
    [
        (1, 3, None, None, 1),
        (1, 3, 2, 2, 2),
        (100, 2, None, 8, 5),
        (100, 1, None, 8, 9),
        (100, 20, None, 20, 2),
        (100, 3, 1, 1, 2),
        (100, 3, 1000, 1000, 335),
    ],
)
def test_as_many_prompts_are_under_way_as_keep_the_calls_busy(prompts, models, concurrency, calls, under_way):
    found = plan(prompts, models, concurrency)
    assert (found.calls_at_once, found.prompts_at_once) == (calls, under_way)


def answer(name, number, state="complete", **more):
    return Response(
        name=name,
        round=number,
        provider="p",
        model="m",
        state=state,
        timing=Timing(ttft_ms=100.0 * number, e2e_ms=None if number == 2 else 200.0),
        usage=SavedUsage(output_tokens=number),
        cost=SavedCost(total_usd=f"0.{number}", source="preset", bound="exact"),
        **more,
    )


def test_a_ledger_sums_up_what_its_responses_do():
    responses = [
        *(answer("a", number) for number in range(1, 25)),
        answer("b", 1, "failed", error=SavedError(kind="auth", message="no")),
        answer("b", 1, attempt=2),
        answer("b", 2, "truncated"),
        answer("b", 3, "cancelled"),
    ]
    assert summaries(Ledger(final_attempts(responses))) == summary(responses)
    rows = summary(responses)
    assert [(row.n, row.complete, row.failures) for row in rows] == [(24, 24, 0), (3, 1, 1)]
    assert rows[0].spreads["ttft_ms"].p95 == pytest.approx(2285)
    assert rows[0].spreads["e2e_ms"].n == 23


def test_accounts_count_every_attempt_and_what_is_not_kept():
    found = plan(2, 1)
    accounts = Accounts(ledger=Ledger(), discarded=[])
    for prompt in (0, 1):
        run = found.run(prompt, 0)
        retried = [answer("m0", 1, "failed"), answer("m0", 1, attempt=2)]
        accounts.close(run, placed(retried, prompt))
    assert accounts.spent == Decimal("0.4")
    assert (accounts.ledger.n, accounts.ledger.is_whole) == (2, True)
    saved = set_comparison(found, Config(path=None, sha256=None, presets=found.presets), accounts)
    assert (saved.responses, [row.n for row in saved.summary], len(saved.prompts)) == ([], [2], 2)
    assert saved.launch_order == [["m0"]]
