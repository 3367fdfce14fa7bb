"""Runs of one folder sort in the order in which they began: at once, by a wrong clock, beside old ones."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ostream_compare.domain.preset import Retention
from ostream_compare.domain.run_ids import new_run_id
from ostream_compare.storage.history import History
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import RunLog, read_run
from storage.runs import STARTED, answer, ended, header

HERE = Path(__file__).parents[1]
WRITERS = 4
EACH = 40


def begun(folder, *moments):
    """Runs that one program begins at these moments; their ids."""
    recorder = Recorder(folder)
    ids = []
    for moment in moments:
        run = recorder.begin(replace(header(), id=new_run_id(moment), started_at=moment))
        recorder.add(run, *answer(0, "a mutex"), ended())
        ids.append(run)
    recorder.close()
    return ids


@pytest.mark.parametrize(
    "step", [timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=1), timedelta(days=-1)]
)
def test_the_history_has_the_runs_in_the_order_in_which_they_began(tmp_path, step):
    moments = [STARTED + number * step for number in range(9)]
    made = begun(tmp_path, *moments[:5]) + begun(tmp_path, *moments[5:])  # and by two programs
    assert made == sorted(set(made))
    assert [read_run(tmp_path / "runs" / f"{run}.jsonl").header.id for run in made] == made
    with closing(History(tmp_path)) as history:
        history.refresh()
        assert [run.id for run in history.page()] == made[::-1]
        assert [run.started_at for run in history.page()] == [
            at.isoformat(timespec="seconds") for at in reversed(moments)
        ]
        assert history.find("last") == made[-1]
        history.retain(Retention(runs=2))
        assert {run.id for run in history.page()} == set(made[-2:])
        assert history.retain(Retention(days=1), now=STARTED + timedelta(hours=1)) == []


def test_a_log_of_the_future_does_not_keep_those_that_come_after_it_for_ever(tmp_path):
    wrong = STARTED + timedelta(days=30_000)
    made = begun(tmp_path, wrong, STARTED, STARTED + timedelta(days=2))
    assert made == sorted(made)
    for run, days in zip(made, (0, 0, 2), strict=True):
        at = (STARTED + timedelta(days=days)).timestamp()
        os.utime(tmp_path / "runs" / f"{run}.jsonl", (at, at))
    with closing(History(tmp_path)) as history:
        now = STARTED + timedelta(days=2, hours=1)
        assert history.retain(Retention(days=3), now=now) == []
        assert sorted(history.retain(Retention(days=1), now=now)) == made[:2]


def test_new_runs_come_after_old_ones_whose_ids_end_by_lot(tmp_path):
    old = ["20261122-073012-ffff", "20261122-073011-4f2a", "20251122-073012-0001"]
    for run in old:
        log = RunLog.create(replace(header(), id=run), tmp_path / "runs")
        log.append(*answer(0, "a mutex"), ended())
        log.close()
    made = begun(tmp_path, STARTED, STARTED + timedelta(seconds=5))
    assert made == ["20261122-073013-0000", "20261122-073017-0000"]
    with closing(History(tmp_path)) as history:
        history.refresh()
        assert [run.id for run in history.page()] == [*made[::-1], *old]
        assert history.load("20251122").id == old[-1]


def test_a_file_that_is_no_run_of_ours_has_no_say(tmp_path):
    (tmp_path / "runs").mkdir()
    for name in ("zz.jsonl", "99991231-235959-ffff.jsonl", "20269999-999999-ffff.jsonl"):
        (tmp_path / "runs" / name).write_text("none\n")
    assert begun(tmp_path, STARTED) == ["20261122-073012-0000"]


def test_a_link_in_the_way_is_not_followed(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "20261122-073012-0000.jsonl").symlink_to(tmp_path / "victim")
    assert begun(tmp_path, STARTED) == ["20261122-073012-0001"]
    assert not (tmp_path / "victim").exists()


def test_a_run_that_cannot_be_logged_keeps_the_id_that_it_has(tmp_path):
    (tmp_path / "runs").write_text("in the way")
    said = []
    recorder = Recorder(tmp_path)
    recorder.tell = said.append
    assert recorder.begin(header()) == header().id
    recorder.close()
    assert "not logged any further" in said[0]


BEGINS = """
from dataclasses import replace
from pathlib import Path
from ostream_compare.domain.run_ids import new_run_id
from ostream_compare.storage.run_log import RunLog
from storage.runs import STARTED, header
sys.stdout.write("here\\n")
sys.stdout.flush()
sys.stdin.read()
for number in range(int(sys.argv[2])):
    log = RunLog.create_last(replace(header(), id=new_run_id(STARTED)), Path(sys.argv[1]))
    sys.stdout.write(log.run + "\\n")
    log.close()
"""


def test_programs_that_begin_runs_at_the_same_moment_get_each_its_own(tmp_path):
    script = f"import sys\nsys.path[:0] = {[str(HERE)]!r}\n{BEGINS}"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "runs"), str(EACH)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(WRITERS)
    ]
    assert [process.stdout.readline() for process in processes] == [b"here\n"] * WRITERS
    for process in processes:
        process.stdin.close()
    given = []
    for process in processes:
        given.append(process.stdout.read().decode().split())
        process.stdout.close()
        assert process.wait(60) == 0
    everything = [run for runs in given for run in runs]
    assert len(set(everything)) == WRITERS * EACH == len(list((tmp_path / "runs").iterdir()))
    assert all(runs == sorted(runs) for runs in given)
    for run in everything:
        assert read_run(tmp_path / "runs" / f"{run}.jsonl").header.id == run


def test_the_clock_of_now_gives_a_run_of_now(tmp_path):
    before = datetime.now(UTC)
    (run,) = begun(tmp_path, datetime.now(UTC))
    assert new_run_id(before) <= run <= new_run_id(datetime.now(UTC))
