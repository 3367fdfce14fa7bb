"""Leaving while the disk is slow, or takes nothing, and a signal comes meanwhile."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from ostream_compare.tui import keeping
from ostream_compare.tui.keeping import save_all
from ostream_compare.tui.leaving import Deadline
from tui.harness import Stage, play


@pytest.mark.parametrize(("signals", "code"), [((143,), 143), ((129, 143), 129)], ids=["one", "two"])
def test_a_signal_while_a_save_fails_is_obeyed(tmp_path, signals, code):
    asked, goes_on = threading.Event(), threading.Event()

    def fail(_run, *, compared):
        asked.set()
        goes_on.wait(5)
        raise OSError(28, "No space left on device", str(compared))

    async def scene(stage: Stage) -> None:
        for lane in range(4):
            stage.fake.end(lane, "ok")
        await stage.ended()
        stage.app.session.save = fail
        leaving = asyncio.create_task(stage.app.action_quit())
        await stage.until(asked.is_set)
        for signal in signals:
            await stage.app.leave(signal)
        goes_on.set()
        await leaving

    app = play(scene, tmp_path)
    assert app.return_value == code
    assert any("Could not save run" in line for line in app.last_words)


def test_runs_that_a_slow_disk_has_no_time_for_are_told(monkeypatch):
    now = [0.0]
    limits: list[float] = []

    async def slow(call, limit):
        limits.append(limit)
        if limit < 0.35:
            now[0] += limit
            raise TimeoutError
        now[0] += 0.35
        return call()

    monkeypatch.setattr(keeping, "monotonic", lambda: now[0])
    monkeypatch.setattr(keeping, "in_background", slow)
    runs = [SimpleNamespace(id=str(number), responses=()) for number in range(16)]
    kept = asyncio.run(save_all(runs, lambda run, *, compared: Path(run.id)))
    assert [str(path) for path in kept.paths] == ["0", "1", "2"]
    assert kept.lost == {str(number): "the disk is too slow" for number in range(3, 16)}
    assert sum(limits[:3]) == pytest.approx(1.5)
    assert now[0] == pytest.approx(1.2)


def test_the_deadline_ends_with_the_last_code(monkeypatch):
    ends: list[int] = []
    timers = []

    def timer(_patience, end):
        timers.append(SimpleNamespace(start=lambda: None, cancel=lambda: None, end=end))
        return timers[-1]

    monkeypatch.setattr(threading, "Timer", timer)
    deadline = Deadline(ends.append, patience=1)
    deadline.arm(2)
    deadline.arm(0)
    (only,) = timers
    only.end()
    assert ends == [0]
