"""What a sitting logs: telling it again gives the comparison that the live run would have saved."""

import asyncio
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from ostream_compare.collector.client import CollectorDied
from ostream_compare.collector.protocol import OverBudget
from ostream_compare.domain.comparison import SavedCost, SavedError
from ostream_compare.domain.preset import Price, Prompt, Provider, Turn
from ostream_compare.domain.retelling import retold
from ostream_compare.domain.run import Repeats
from ostream_compare.storage.history import History
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import is_being_written, read_run, recorded_comparison, run_logs
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.session import Session
from tui.fake_collector import FakeCollector, config, preset

REAL = Provider(name="real", base_url="http://127.0.0.1:9/v1")
FAILED = SavedError(kind="connection_lost", message="the connection broke")


class Sitting:
    """A session with a fake collector, taken step by step."""

    def __init__(self, folder, repeats=None, **changes):
        self.folder = folder
        self.fake = FakeCollector()
        self.recorder = Recorder(folder)
        self.said = []
        self.recorder.tell = self.said.append
        machine = Machine(
            environ={}, results=folder / "results", repeats=repeats or Repeats(), recorder=self.recorder
        )
        self.session = Session(config("Swift", "Careful", **changes), self.fake, machine)

    async def begin(self, prompt=None):
        await self.session.begin(prompt or self.session.config.prompts[0])

    async def arrive(self):
        """Everything that the collector said reaches the session, and the log."""
        listening = asyncio.create_task(self.session.listen(lambda: None))
        for _ in range(5):
            await asyncio.sleep(0)
        lost = listening.exception() if listening.done() else None
        listening.cancel()
        if isinstance(lost, CollectorDied):
            self.session.lose(lost.reason)
        self.session.flush()
        await asyncio.sleep(0)

    async def whole_round(self, *texts):
        for lane, text in enumerate(texts):
            self.fake.sent(lane, 1)
            self.fake.say(lane, text[:3])
            self.fake.say(lane, text[3:], at=200)
            self.fake.end(lane)
        await self.arrive()


async def finished(sitting):
    await sitting.begin()
    await sitting.whole_round("a mutex has one owner", "both limit access")


async def retried(sitting):
    await sitting.begin()
    sitting.fake.sent(0)
    sitting.fake.retry(0, "too many requests")
    sitting.fake.sent(0, 500)
    sitting.fake.end(0, "the second time", attempt=2)
    sitting.fake.end(1, "both")
    await sitting.arrive()


async def rerun_afterwards(sitting):
    await finished(sitting)
    await sitting.session.rerun([0])
    sitting.fake.sent(0, at=8000)
    sitting.fake.end(0, "another answer", at=9000)
    await sitting.arrive()


async def rerun_meanwhile(sitting):
    await sitting.begin()
    sitting.fake.sent(0)
    sitting.fake.say(0, "what is thrown away")
    await sitting.arrive()
    await sitting.session.rerun([0])
    await sitting.arrive()
    await sitting.whole_round("what is kept", "both limit access")


async def rounds_and_warmups(sitting):
    await sitting.begin()
    for number in range(5):
        await sitting.whole_round(f"answer {number}", f"reply {number}")


async def stopped_in_a_round(sitting):
    await sitting.begin()
    for number in range(3):
        await sitting.whole_round(f"answer {number}", f"reply {number}")
    sitting.fake.sent(0)
    sitting.fake.say(0, "half an ans")
    sitting.session.cancel()
    await sitting.arrive()


async def stopped_in_a_warmup_and_rerun(sitting):
    await sitting.begin()
    sitting.session.cancel()
    await sitting.arrive()
    await sitting.session.rerun([1])
    sitting.fake.sent(1, at=500)
    sitting.fake.end(1, "asked after all")
    await sitting.arrive()


async def one_stopped(sitting):
    await sitting.begin()
    sitting.fake.say(0, "half an ans")
    await sitting.arrive()
    sitting.session.cancel(0)
    sitting.fake.end(1, "both")
    await sitting.arrive()


async def over_budget(sitting):
    await sitting.begin()
    sitting.fake.say(1, "half")
    sitting.fake.end(0, "dear", cost=SavedCost(total_usd="0.3", source="preset", bound="exact"))
    sitting.fake._queue.put_nowait(OverBudget(run=sitting.fake.run))
    await sitting.arrive()
    await sitting.arrive()


async def collector_lost(sitting):
    await sitting.begin()
    sitting.fake.say(0, "half an ans")
    sitting.fake.end(1, "both")
    sitting.fake.die()
    await sitting.arrive()


async def failed_and_cut(sitting):
    await sitting.begin()
    sitting.fake.say(0, "half an ans")
    sitting.fake.end(0, state="failed", error=FAILED)
    sitting.fake.end(1, "cut", state="truncated")
    await sitting.arrive()


async def unfinished(sitting):
    await sitting.begin()
    sitting.fake.sent(0)
    sitting.fake.say(0, "half an ans")
    sitting.fake.say(0, reasoning="thought", at=300)
    sitting.fake.sent(1)
    await sitting.arrive()


async def later_turn(sitting):
    turn = Turn(run="x", user="and before?", answers={"Swift": "that"}, left_out={"Careful": "it failed"})
    await sitting.begin(Prompt(user="And now?", system="Be brief.", turns=(turn,)))
    await sitting.whole_round("this", "that")


ROUNDS = Repeats(rounds=3, warmup=2, seed=7)
SCENES = [
    (finished, None, "finished"),
    (retried, None, "finished"),
    (rerun_afterwards, None, "finished"),
    (rerun_meanwhile, None, "finished"),
    (rounds_and_warmups, ROUNDS, "finished"),
    (stopped_in_a_round, ROUNDS, "cancelled"),
    (stopped_in_a_warmup_and_rerun, ROUNDS, "cancelled"),
    (one_stopped, None, "finished"),
    (over_budget, None, "over_budget"),
    (collector_lost, None, "collector_lost"),
    (failed_and_cut, None, "finished"),
    (unfinished, None, None),
    (later_turn, None, "finished"),
]


def names(scene):
    return getattr(scene, "__name__", "")


@pytest.mark.parametrize(("scene", "repeats", "how"), SCENES, ids=names)
def test_a_log_gives_the_comparison_that_the_run_would_have_saved(tmp_path, scene, repeats, how):
    async def play():
        sitting = Sitting(tmp_path, repeats, max_cost_usd=Decimal("0.25"))
        await scene(sitting)
        (path,) = run_logs(tmp_path / "runs")
        live = sitting.session.comparison_of(sitting.session.run).model_dump()
        told = recorded_comparison(path).model_dump()
        assert live["responses"], "the scene says something"
        for field, value in live.items():
            assert told[field] == value, field
        assert read_run(path).retold().ended == how
        assert is_being_written(path)
        await sitting.session.wind_up()
        assert not is_being_written(path)
        assert read_run(path).retold().ended == (how or "cancelled")
        assert sitting.said == []

    asyncio.run(play())


@pytest.mark.parametrize(("scene", "repeats", "how"), SCENES, ids=names)
def test_a_rebuilt_index_says_what_the_kept_one_says(tmp_path, scene, repeats, how):
    async def play():
        sitting = Sitting(tmp_path, repeats, max_cost_usd=Decimal("0.25"))
        await scene(sitting)
        comparison = sitting.session.comparison_of(sitting.session.run)
        spent = sitting.session.run.spent
        await sitting.session.wind_up()
        return comparison, spent

    comparison, spent = asyncio.run(play())
    kept = History(tmp_path)
    (row,) = kept.page()
    answer = comparison.responses[-1].content
    found = kept.page(answer)
    kept.close()
    for file in tmp_path.glob("history.sqlite*"):
        file.unlink()
    rebuilt = History(tmp_path)
    rebuilt.refresh()
    assert rebuilt.page() == [row]
    assert rebuilt.page(answer) == found == [row]
    assert rebuilt.page("words that nobody said") == []
    rebuilt.close()
    assert Decimal(row.cost_usd or 0) == spent
    assert row.state == (how or "cancelled")
    finals = {(r.name, r.round): r for r in comparison.responses}
    assert row.complete == sum(response.state == "complete" for response in finals.values())


@pytest.mark.parametrize("warmup", [0, 1])
def test_what_a_lost_collector_cut_off_is_paid_for_wherever_it_is_read(tmp_path, warmup):
    price = Price(input=Decimal(10_000), output=Decimal(20_000))
    priced = tuple(preset(name, price=price, provider=REAL) for name in ("Swift", "Careful"))

    async def play():
        sitting = Sitting(tmp_path, Repeats(warmup=warmup), presets=priced)
        await sitting.begin()
        sitting.fake.sent(0)
        sitting.fake.say(0, "half an answer")
        sitting.fake.sent(1)
        sitting.fake.die()
        await sitting.arrive()
        spent = [sitting.session.run.spent]
        await sitting.session.rerun([0])
        free = SavedCost(total_usd="0", source="provider", bound="exact")
        sitting.fake.sent(0, at=8000)
        sitting.fake.end(0, "all of it", at=9000, cost=free)
        await sitting.arrive()
        spent.append(sitting.session.run.spent)
        (path,) = run_logs(tmp_path / "runs")
        without_pieces = retold(read_run(path).header, read_run(path).records(deltas=False))
        spent.append(without_pieces.runs[0].spent)
        await sitting.session.wind_up()
        return spent

    spent = asyncio.run(play())
    opened = History(tmp_path)
    (row,) = opened.page()
    opened.close()
    assert {*spent, Decimal(row.cost_usd)} == {Decimal("0.11")}  # 5 tokens of the prompt, 3 of the answer
    assert (row.cost_bound, row.complete, row.planned) == ("lower", 1, 2)


def test_two_runs_of_a_sitting_have_a_log_each_and_only_the_last_is_open(tmp_path):
    async def play():
        sitting = Sitting(tmp_path)
        await finished(sitting)
        await finished(sitting)
        newest, oldest = run_logs(tmp_path / "runs")
        assert is_being_written(newest)
        await sitting.session.wind_up()
        assert not is_being_written(oldest)
        assert [read_run(path).retold().ended for path in (newest, oldest)] == ["finished", "finished"]

    asyncio.run(play())


def test_what_arrives_is_in_the_log_before_any_frame(tmp_path):
    async def play():
        sitting = Sitting(tmp_path)
        await sitting.begin()
        listening = asyncio.create_task(sitting.session.listen(lambda: None))
        sitting.fake.sent(0)
        sitting.fake.say(0, "not painted yet")
        for _ in range(5):
            await asyncio.sleep(0)
        (path,) = run_logs(tmp_path / "runs")
        assert recorded_comparison(path).responses[0].content == "not painted yet"
        listening.cancel()

    asyncio.run(play())


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from ostream_compare.storage.run_log import read_run, run_logs
from tui.test_recording import Sitting, finished
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path({folder!r})
async def play():
    sitting = Sitting(folder)
    await sitting.begin()
    (path,) = run_logs(folder / "runs")
    header = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (header + {room}, resource.RLIM_INFINITY))
    await sitting.whole_round("a mutex has one owner", "both limit access")
    assert sitting.session.run.is_over
    assert len(sitting.said) == 1, sitting.said
    assert "not logged" in sitting.said[0]
    assert read_run(path).damaged == 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    kept = await sitting.session.keep_all()
    assert len(kept.paths) == 1, kept.told
asyncio.run(play())
"""


@pytest.mark.parametrize("room", [0, 50, 400, 1000])
def test_a_disk_that_fills_up_stops_the_log_and_not_the_run(tmp_path, room):
    code = FULL.format(tests=str(Path(__file__).parents[1]), folder=str(tmp_path), room=room)
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_a_folder_that_takes_no_log_is_told_of_once_and_the_runs_go_on(tmp_path):
    (tmp_path / "runs").write_text("in the way")

    async def play():
        sitting = Sitting(tmp_path)
        await finished(sitting)
        await finished(sitting)
        assert sitting.session.run.is_over
        kept = await sitting.session.keep_all()
        assert len(sitting.said) == 1
        assert "not logged" in sitting.said[0]
        assert len(kept.paths) == 2

    asyncio.run(play())
