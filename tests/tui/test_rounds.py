"""Rounds and budgets on the screen."""

from decimal import Decimal

import pytest

from ostream_compare.collector.protocol import OverBudget
from ostream_compare.domain.comparison import SavedCost, SavedError, Timing
from ostream_compare.domain.run import Repeats
from ostream_compare.domain.spelling import from_toml
from ostream_compare.tui.session import Machine
from tui.fake_collector import config
from tui.harness import Stage, play

CENT = SavedCost(total_usd="0.01", source="provider", bound="exact")


def machine(tmp_path, **repeats):
    return Machine(environ={}, results=tmp_path, repeats=Repeats(**repeats))


async def answer(stage: Stage, number: int, lanes=range(4), **changes) -> None:
    """All lanes of the round that is the `number`th to start."""
    await stage.started(number)
    for lane in lanes:
        timing = Timing(ttft_ms=100.0 * number + lane, e2e_ms=200.0 * number)
        stage.fake.end(lane, f"answer {number}", **({"timing": timing} | changes))


def saved(tmp_path):
    (path,) = tmp_path.glob("*.toml")
    return from_toml(path.read_text())


def test_rounds_are_shown_counted_and_saved(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "warm-up 1/1" in stage.screen_text()
        await answer(stage, 1)
        await stage.until(lambda: "round 1/3" in stage.screen_text())
        assert "0/4 done" in stage.screen_text()
        assert "queued" in stage.text(0), "the round before is no answer to this one"
        await answer(stage, 2)
        await stage.started(3)
        for lane in (0, 1, 2):
            stage.fake.end(lane, "answer 3", timing=Timing(ttft_ms=500.0, e2e_ms=900.0))
        stage.fake.end(3, state="failed", error=SavedError(kind="auth", message="bad key"))
        await answer(stage, 4)
        await stage.ended()
        assert "round 3/3" in stage.screen_text()
        assert "4/4 done" in stage.screen_text()
        assert stage.text(0) == "answer 4"
        assert len(stage.fake.starts) == 4
        assert len({start.run for start in stage.fake.starts}) == 1
        await stage.press("t")
        screen = stage.screen_text()
        (row,) = [line for line in screen.splitlines() if "3/3  " in line and " Swift " in line]
        assert row.split()[:4] == ["1", "Swift", "✓", "3/3"]
        assert "0.40s (0.20s-0.50s)" in row
        (row,) = [line for line in screen.splitlines() if "2/3  " in line and " Flaky " in line]
        assert row.split()[2:4] == ["✗", "2/3"]
        assert "TTFT:" in screen
        assert "no clear difference (n=3)" in screen
        assert "no clear difference (n=2 of 3)" in screen
        await stage.press("escape", "s")

    play(scene, tmp_path, machine=machine(tmp_path, rounds=3, warmup=1, seed=5), size=(160, 40))
    run = saved(tmp_path)
    assert [(r.name, r.round) for r in run.responses] == [
        (name, number) for number in (1, 2, 3) for name in ("Swift", "Careful", "Terse", "Flaky")
    ]
    assert [r.content for r in run.responses if r.name == "Swift"] == ["answer 2", "answer 3", "answer 4"]
    assert (run.seed, run.warmup, len(run.launch_order)) == (5, 1, 3)


def test_calls_leave_in_the_recorded_order(tmp_path):
    async def scene(stage: Stage) -> None:
        for number in (1, 2, 3):
            await answer(stage, number)
        await stage.ended()
        asked = [[order.preset.name for order in start.lanes] for start in stage.fake.starts]
        await stage.press("s")
        assert saved(tmp_path).launch_order == asked

    play(scene, tmp_path, machine=machine(tmp_path, rounds=3))


def test_leaving_waits_for_no_long_comparison(tmp_path, monkeypatch):
    monkeypatch.setattr("ostream_compare.tui.keeping.QUICKLY_COMPARED", 7)

    async def scene(stage: Stage) -> None:
        for number in (1, 2):
            await answer(stage, number)
        await stage.ended()
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2))
    assert (len(saved(tmp_path).responses), saved(tmp_path).pairs) == (8, [])


def test_the_table_in_the_middle_of_a_run_says_how_many_there_are(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("t")
        assert "▶ 0/2" in stage.screen_text()
        await answer(stage, 1)
        await stage.until(lambda: "▶ 1/2" in stage.screen_text())
        assert "n=2 repeats   sort: total ▲" in stage.screen_text()

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2), size=(160, 40))


def test_the_table_before_the_first_run_knows_nothing(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("escape", "t")
        (row,) = [line for line in stage.screen_text().splitlines() if " Swift " in line]
        assert set(row.split()[2:]) == {"—"}

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2), size=(160, 40), start_now=False)


def test_a_stop_ends_the_run_and_no_round_follows(tmp_path):
    async def scene(stage: Stage) -> None:
        await answer(stage, 1)
        await stage.started(2)
        stage.fake.say(0, "half")
        await stage.until(lambda: stage.text(0) == "half")
        await stage.press("X")
        await stage.ended()
        assert len(stage.fake.starts) == 2
        await stage.press("r")
        await stage.started(3)
        assert [order.lane for order in stage.fake.starts[2].lanes] == [0]
        stage.fake.end(0, "whole")
        await stage.ended()
        assert len(stage.fake.starts) == 3
        await stage.press("s")

    play(scene, tmp_path, machine=machine(tmp_path, rounds=3))
    run = saved(tmp_path)
    assert [(r.name, r.round, r.state) for r in run.responses[4:]] == [
        ("Swift", 2, "complete"),
        ("Careful", 2, "cancelled"),
        ("Terse", 2, "cancelled"),
        ("Flaky", 2, "cancelled"),
    ]
    assert run.rounds == 3


def test_stopping_one_lane_goes_on_with_the_next_round(tmp_path):
    async def scene(stage: Stage) -> None:
        await answer(stage, 1, lanes=(1, 2, 3))
        await stage.press("1", "x")
        await stage.started(2)
        assert len(stage.fake.starts[1].lanes) == 4

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2))


def test_a_lane_that_is_rerun_holds_its_round(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "half")
        await stage.until(lambda: stage.text(0) == "half")
        for lane in (1, 2, 3):
            stage.fake.end(lane, "ok")
        await stage.press("1", "r")
        await stage.started(2)
        assert stage.app.session.run.round == 1
        assert [order.lane for order in stage.fake.starts[1].lanes] == [0]
        stage.fake.end(0, "whole")
        await stage.started(3)
        assert stage.app.session.run.round == 2

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2))


def test_a_spent_budget_ends_the_run_and_is_said(tmp_path):
    async def scene(stage: Stage) -> None:
        assert stage.fake.starts[0].max_cost_usd == Decimal("0.05")
        await answer(stage, 1, cost=CENT)
        await stage.started(2)
        assert stage.fake.starts[1].max_cost_usd == Decimal("0.01")
        stage.fake.end(0, "ok", cost=CENT)
        stage.fake._queue.put_nowait(OverBudget(run=stage.fake.run))
        for lane in (1, 2, 3):
            stage.fake.end(lane, state="cancelled")
        await stage.ended()
        assert "over budget" in stage.screen_text()
        assert any("Over budget $0.050 of $0.050" in toast for toast in stage.toasts)
        await stage.press("r")
        assert any("ctrl+r begins a new one" in toast for toast in stage.toasts)
        assert len(stage.fake.starts) == 2
        await stage.press("ctrl+r")
        await stage.started(3)
        assert stage.fake.starts[2].max_cost_usd == Decimal("0.05")

    limited = config(max_cost_usd=Decimal("0.05"))
    play(scene, tmp_path, configuration=limited, machine=machine(tmp_path, rounds=3), size=(120, 40))


def test_a_budget_reported_late_stops_the_round_that_began_meanwhile(tmp_path):
    async def scene(stage: Stage) -> None:
        await answer(stage, 1)
        await stage.started(2)
        stage.fake._queue.put_nowait(OverBudget(run=stage.fake.run))
        await stage.ended()
        assert len(stage.fake.cancels) == 1
        assert len(stage.fake.starts) == 2

    play(scene, tmp_path, configuration=config(max_cost_usd=Decimal(1)), machine=machine(tmp_path, rounds=3))


def test_a_retried_attempt_is_saved_beside_the_answer(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.retry(0, "slow down")
        await stage.until(lambda: "attempt 1 failed" in stage.text(0).replace("\n", ""))
        await answer(stage, 1, attempt=2)
        await stage.ended()
        await stage.press("s")

    play(scene, tmp_path)
    swift = [r for r in saved(tmp_path).responses if r.name == "Swift"]
    assert [(r.attempt, r.state, r.error and r.error.message) for r in swift] == [
        (1, "failed", "slow down"),
        (2, "complete", None),
    ]


def test_a_collector_that_dies_ends_all_rounds(tmp_path):
    async def scene(stage: Stage) -> None:
        await answer(stage, 1)
        await stage.started(2)
        stage.fake.die()
        await stage.ended()
        assert len(stage.fake.starts) == 2
        assert [r.error and r.error.kind for r in stage.app.session.run.responses] == [None] * 4 + [
            "collector"
        ] * 4

    play(scene, tmp_path, machine=machine(tmp_path, rounds=3))


@pytest.mark.parametrize("size", [(160, 40), (60, 20)])
def test_the_race_of_a_run_that_was_stopped_in_its_warm_up_says_so(tmp_path, size):
    async def scene(stage: Stage) -> None:
        await stage.press("t", "a")
        assert "warm-up 1 of 1: not recorded" in stage.screen_text()
        await stage.press("escape", "X")
        await stage.ended()
        await stage.press("t", "a")
        assert "stopped in the warm-up: not recorded" in stage.screen_text()
        assert "0s" in stage.screen_text(), "the axis is there"

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2, warmup=1), size=size)
