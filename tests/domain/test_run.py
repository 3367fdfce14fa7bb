from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ostream_compare.domain.comparison import Response, SavedCost, SavedError
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.lane import Cancelled, Waiting
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.record import comparison
from ostream_compare.domain.rows import total_cost
from ostream_compare.domain.run import Repeats, Run, round_words
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml
from ostream_compare.domain.sweep import Accounts

REAL = Provider(name="real", base_url="https://api.example.com/v1")
CONFIG = Config(path="a.toml", sha256="00", presets=())
SLOW_DOWN = SavedError(kind="rate_limit", message="slow down", status=429)


def begun(*names, budget=None, **repeats):
    return Run.begin(
        id="r",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        origin=0,
        prompt=Prompt(user="hi"),
        presets=tuple(Preset(name=name, provider=REAL, model="m") for name in names),
        repeats=Repeats(**repeats),
        max_cost_usd=None if budget is None else Decimal(budget),
    )


def ended(run, lane, content="", *, state="complete", usd=None, attempt=1):
    cost = SavedCost() if usd is None else SavedCost(total_usd=usd, source="provider", bound="exact")
    response = Response(
        name=run.presets[lane].name,
        provider="real",
        model="m",
        state=state,
        content=content,
        cost=cost,
        attempt=attempt,
    )
    return run.applied(LaneEnded(lane=lane, at=1, response=response))


def round_of(run, text="", **more):
    for lane in range(len(run.lanes)):
        run = ended(run, lane, f"{text}{run.round}", **more)
    return run


def places(run):
    return [(r.name, r.round, r.attempt, r.state, r.content) for r in comparison(run, CONFIG).responses]


def test_rounds_follow_each_other_and_all_of_them_are_saved():
    run = begun("A", "B", rounds=2)
    assert round_words(run) == "round 1/2"
    run = round_of(run)
    assert (run.round_is_over, run.is_over) == (True, False)
    run = run.next_round()
    assert run.lanes == (Waiting(), Waiting())
    run = round_of(run)
    assert run.is_over
    assert places(run) == [
        ("A", 1, 1, "complete", "1"),
        ("B", 1, 1, "complete", "1"),
        ("A", 2, 1, "complete", "2"),
        ("B", 2, 1, "complete", "2"),
    ]


def test_a_warm_up_is_in_no_record_but_its_cost():
    run = begun("A", "B", rounds=1, warmup=2)
    words = []
    while not run.is_over:
        run = run.next_round() if run.round_is_over else run
        words.append(round_words(run))
        run = round_of(run, usd="0.1")
    assert words == ["warm-up 1/2", "warm-up 2/2", ""]
    assert [place[:2] for place in places(run)] == [("A", 1), ("B", 1)]
    saved = comparison(run, CONFIG)
    assert (saved.warmup, len(saved.discarded), run.spent) == (2, 4, Decimal("0.6"))


def test_a_run_that_ends_in_its_warm_up_asked_nobody():
    run = round_of(begun("A", "B", warmup=1))
    assert places(run) == [("A", 1, 1, "cancelled", ""), ("B", 1, 1, "cancelled", "")]
    assert comparison(run, CONFIG).launch_order == []


def test_a_rerun_after_a_stop_in_the_warm_up_counts():
    run = Run.restarted(_stopped(round_of(begun("A", "B", warmup=1, rounds=3))), 1)
    assert isinstance(run.lanes[0], Cancelled)
    run = ended(run, 1, "again")
    assert run.is_over
    assert places(run) == [("A", 1, 1, "cancelled", ""), ("B", 1, 1, "complete", "again")]


def _stopped(run):
    return Run(**{name: getattr(run, name) for name in Run.__dataclass_fields__} | {"stopped": True})


def test_launch_orders_are_seeded_recorded_and_differ():
    names = [f"M{number}" for number in range(6)]
    run = begun(*names, rounds=4, warmup=1, seed=7)
    orders = [run.order_of(number) for number in range(5)]
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert len(set(orders)) == 5
    assert orders == [begun(*names, rounds=9, seed=7).order_of(number) for number in range(5)]
    assert orders[1] != begun(*names, rounds=4, seed=8).order_of(1)
    assert begun(*names).order_of(1) == tuple(range(6))
    run = round_of(round_of(run.next_round()).next_round())
    saved = comparison(run, CONFIG)
    assert saved.launch_order == [[names[lane] for lane in orders[number]] for number in (1, 2)]
    assert (saved.seed, saved.rounds) == (7, 4)


def test_a_launch_order_is_the_same_on_every_machine():
    assert begun(*"ABCDEF", seed=1).order_of(1) == (2, 5, 1, 4, 0, 3)


def test_failed_attempts_are_responses_of_their_own_before_the_one_that_followed():
    run = begun("A", "B", rounds=2)
    run = round_of(run).next_round()
    for event in (
        RequestSent(lane=0, at=1),
        Delta(lane=0, at=2, text="ha"),
        AttemptFailed(lane=0, at=3, attempt=1, error=SLOW_DOWN, wait=0),
        AttemptFailed(lane=0, at=4, attempt=2, error=SLOW_DOWN, wait=0),
        RequestSent(lane=0, at=5, attempt=3),
    ):
        run = run.applied(event)
    run = ended(ended(run, 0, "yes", attempt=3), 1, "2")
    assert places(run)[2:] == [
        ("A", 2, 1, "failed", "ha"),
        ("B", 2, 1, "complete", "2"),
        ("A", 2, 2, "failed", ""),
        ("A", 2, 3, "complete", "yes"),
    ]
    saved = comparison(run, CONFIG)
    assert saved.responses[2].error == SLOW_DOWN
    assert [(row.name, row.n, row.failures) for row in saved.summary] == [("A", 2, 0), ("B", 2, 0)]


def test_a_run_stopped_between_two_attempts_has_both():
    run = begun("A").applied(AttemptFailed(lane=0, at=3, attempt=1, error=SLOW_DOWN, wait=9))
    assert places(run) == [("A", 1, 1, "failed", ""), ("A", 1, 2, "cancelled", "")]
    assert places(ended(run, 0, state="cancelled")) == [
        ("A", 1, 1, "failed", ""),
        ("A", 1, 2, "cancelled", ""),
    ]


@pytest.mark.parametrize(("queue", "bursts"), [(None, None), (1.5, 0)])
def test_an_attempt_that_was_sent_and_brought_nothing_brought_no_burst(queue, bursts):
    failed = AttemptFailed(lane=0, at=3, attempt=1, error=SLOW_DOWN, wait=0, queue_ms=queue)
    timing = begun("A").applied(failed).responses[0].timing
    assert (timing.queue_ms, timing.bursts, timing.ttft_ms) == (queue, bursts, None)


def test_a_rerun_replaces_its_answer_and_attempts_and_its_cost_stays_spent():
    run = begun("A", "B").applied(AttemptFailed(lane=0, at=3, attempt=1, error=SLOW_DOWN, wait=0))
    run = ended(ended(run, 0, "first", usd="0.5", attempt=2), 1, "b").restarted(0)
    run = ended(run, 0, "second", usd="0.25")
    assert places(run) == [("A", 1, 1, "complete", "second"), ("B", 1, 1, "complete", "b")]
    assert run.spent == Decimal("0.75")
    assert [cost.total_usd for cost in comparison(run, CONFIG).discarded] == ["0.5"]


def test_a_lost_collector_fails_what_was_out_and_no_round_follows():
    run = ended(begun("A", "B", rounds=3), 0, "a").lost(SavedError(kind="collector", message="gone"), 9)
    assert run.is_over
    assert [(r.name, r.state, r.error and r.error.kind) for r in run.responses] == [
        ("A", "complete", None),
        ("B", "failed", "collector"),
    ]


def test_a_collector_lost_in_the_warm_up_fails_all_models():
    run = ended(begun("A", "B", warmup=1), 0, "a").lost(SavedError(kind="collector", message="gone"), 9)
    assert [(r.round, r.state, r.content) for r in comparison(run, CONFIG).responses] == [
        (1, "failed", "")
    ] * 2


@pytest.mark.parametrize(
    ("budget", "rounds", "usd", "over", "left"),
    [
        (None, 1, "9", False, None),
        ("1", 1, "0.4", False, "0.2"),
        ("1", 1, "0.5", False, "0"),
        ("1", 2, "0.4", False, "0.2"),
        ("1", 2, "0.5", True, "0"),
        ("1", 1, "0.6", True, "0"),
        ("0", 2, "0", False, "0"),
        ("0", 2, None, False, "0"),
        ("0", 1, "0.1", True, "0"),
    ],
)
def test_a_budget_ends_a_run_when_it_is_passed_or_used_up_with_rounds_left(budget, rounds, usd, over, left):
    run = round_of(begun("A", "B", budget=budget, rounds=rounds), usd=usd)
    assert (run.over_budget, run.left) == (over, None if left is None else Decimal(left))
    assert run.is_over == (over or rounds == 1)
    saved = comparison(run, CONFIG)
    assert (saved.over_budget, saved.max_cost_usd) == (over, budget)


def test_the_new_fields_survive_both_spellings():
    run = round_of(
        round_of(begun(*"ABC", rounds=2, warmup=1, seed=3, budget="0.250"), usd="0.01").next_round()
    )
    run = round_of(run.next_round(), usd="1")
    saved = comparison(run, CONFIG)
    assert saved.pairs
    assert saved.discarded
    assert from_toml(to_toml(saved)) == saved
    assert from_json(to_json(saved)) == saved


def test_a_file_of_before_still_loads():
    old = from_toml(
        'version = 1\nid = "a"\nstarted_at = 2026-11-22T07:30:12Z\nprogram_version = "0.1.0"\n'
        'rounds = 1\n[[prompts]]\nuser = "hi"\n'
        '[[responses]]\nname = "A"\nprovider = "p"\nmodel = "m"\nstate = "complete"\n'
        '[[summary]]\nname = "A"\nn = 1\nfailures = 0\nttft_ms = 3.5\n'
    )
    assert (old.definitions, old.seed, old.launch_order, old.pairs, old.over_budget) == (
        None,
        None,
        [],
        [],
        False,
    )
    assert (old.summary[0].spreads, old.summary[0].complete) == ({}, None)


def test_a_warm_up_that_the_budget_ends_is_in_every_total():
    run = round_of(begun("A", warmup=2, rounds=5, budget="0.3"), usd="0.2").next_round()
    run = round_of(run, usd="0.2")
    assert (run.is_warmup, run.is_over) == (True, True)
    saved = comparison(run, CONFIG)
    assert [cost.total_usd for cost in saved.discarded] == ["0.2", "0.2"]
    assert total_cost(saved).startswith("$0.40 ($0.40 of it")
    assert run.spent == Decimal("0.4")
    accounts = Accounts(ledger=Ledger(), discarded=[])
    accounts.close(run, saved.responses)
    assert (accounts.spent, len(accounts.discarded)) == (run.spent, 2)


@pytest.mark.parametrize(
    ("state", "text", "total"),
    [("failed", "", "—"), ("failed", "some", "1 unpriced"), ("complete", "all", "1 unpriced")],
)
def test_only_what_brought_something_is_unpriced(state, text, total):
    run = ended(begun("A"), 0, text, state=state)
    assert total_cost(comparison(run, CONFIG)) == total
    assert len(run.costs) == (total != "—")
