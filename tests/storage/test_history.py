"""The history: what the logs say, in an index that can be lost, and from many programs at once."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.past_run import cost_words, done_words, state_words
from ostream_compare.domain.preset import Prompt, Retention
from ostream_compare.domain.recorded import Voted, happened
from ostream_compare.storage.history import History
from ostream_compare.storage.index import VERSION, Index
from ostream_compare.storage.run_log import RunLog
from storage.runs import STARTED, answer, ended, header, verdict

OPENED: list[History] = []
HERE = Path(__file__).parents[1]
WRITES = int(os.environ.get("WRITES", "25"))
"""Of each of 8 writers; `WRITES=200` for the whole of it."""


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    while OPENED:
        OPENED.pop().close()


def log(folder, number, text="a mutex has one owner", *, prompt=None, end=True, names=("Swift", "Careful")):
    """A finished run of one answer; its id."""
    head = header(number, names=names, **({"prompt": prompt} if prompt else {}))
    run = RunLog.create(head, folder / "runs")
    run.append(*answer(0, text), *([ended()] if end else []))
    run.close()
    return head.id


def history(folder):
    opened = History(folder)
    OPENED.append(opened)
    opened.refresh()
    return opened


def ids(runs):
    return [run.id for run in runs]


def test_runs_are_listed_newest_first_and_by_pages(folder):
    made = [log(folder, number) for number in range(7)]
    opened = history(folder)
    assert ids(opened.page(limit=3)) == made[:3:-1]
    assert ids(opened.page(limit=3, offset=3)) == made[3:0:-1]
    assert ids(opened.page(limit=-1)) == made[::-1]
    assert opened.count() == 7


@pytest.mark.parametrize(
    ("states", "how", "said"),
    [
        (("complete", "complete"), "finished", "✓ 2/2"),
        (("failed", "failed"), "finished", "✗ 0/2"),
        (("complete", "truncated"), "finished", "✗ 1/2"),
        (("complete", "cancelled"), "finished", "■ 1/2"),
        (("failed", "cancelled"), "finished", "✗ 0/2"),
        (("complete", "cancelled"), "cancelled", "■ stopped"),
        (("complete", "complete"), "over_budget", "$ over budget"),
        (("complete",), None, "✗ interrupted"),
    ],
)
def test_a_line_tells_how_the_answers_ended(folder, states, how, said):
    run = RunLog.create(header(), folder / "runs")
    for lane, state in enumerate(states):
        run.append(happened(verdict(lane, "a mutex", state=state)))
    run.append(*([ended(how)] if how else []))
    run.close()
    assert [state_words(run) for run in history(folder).page()] == [said]


@pytest.mark.parametrize(
    ("costs", "shown", "bound"),
    [
        ([("0.001", "exact"), ("0.002", "exact")], "$0.0030", "exact"),
        ([("0.001", "exact"), ("0.002", "estimated")], "~$0.0030", "estimated"),
        ([("0.001", "exact"), ("0.002", "lower")], "≥$0.0030", "lower"),
        ([("0.001", "estimated"), ("0.002", "lower")], "≥~$0.0030", "lower"),
        ([("0.001", "exact"), (None, None)], "≥$0.0010", "lower"),
        ([("0", "exact"), ("0", "lower")], "$0", "exact"),
        ([(None, None), (None, None)], "—", None),
    ],
)
def test_a_line_tells_whether_its_cost_is_exact(folder, costs, shown, bound):
    run = RunLog.create(header(), folder / "runs")
    for lane, (usd, kind) in enumerate(costs):
        state = "truncated" if kind == "lower" else "complete"
        run.append(happened(verdict(lane, "a mutex", state=state, cost=usd, bound=kind)))
    run.append(ended())
    run.close()
    (past,) = history(folder).page()
    assert (cost_words(past), past.cost_bound) == (shown, bound)
    assert past.cost_partial == ((None, None) in costs)


def test_a_line_tells_how_much_of_a_run_is_missing(folder):
    head = replace(header(), prompts=(Prompt(user="a"), Prompt(user="b"), Prompt(user="c")), rounds=2)
    run = RunLog.create(head, folder / "runs")
    run.append(*answer(0, "a mutex"))
    run.close()
    (past,) = history(folder).page()
    assert (done_words(past), past.asked, past.planned) == ("1/12", 2, 12)


def test_a_line_tells_what_the_run_was(folder):
    log(folder, 0)
    (run,) = history(folder).page()
    assert (run.title, run.models, run.complete, run.asked) == ("mutex", ("Swift", "Careful"), 1, 2)
    assert (run.state, run.cost_usd, run.cost_partial, run.demo) == ("finished", "0.001", False, True)
    assert run.started_at == STARTED.isoformat()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", [2, 1, 0]),
        ("owner", [0]),
        ("OWNER mutex", [0]),
        ("own", [0]),
        ("ow", [0]),
        ("owner nothing", []),
        ("straße", [1]),
        ("STRASSE", [1]),
        ("互斥锁", [2]),
        ("锁", [2]),
        ('say "hi', [2]),
        ("100%_*", [2]),
        ("' OR 1=1 --", []),
        ("gpt-5", [1]),
        ("20261122-0731", [1]),
    ],
)
def test_words_are_found_in_ids_prompts_models_and_answers(folder, search, found):
    made = [
        log(folder, 0),
        log(folder, 1, "in der Straße", prompt=Prompt(user="Wo?"), names=("gpt-5", "b")),
        log(folder, 2, '互斥锁 say "hi" 100%_* \x00 end', prompt=Prompt(user="什么")),
    ]
    opened = history(folder)
    assert ids(opened.page(search)) == [made[number] for number in found]
    assert opened.count(search) == len(found)


def test_without_full_text_search_the_same_is_found(folder, monkeypatch):
    monkeypatch.setattr(
        "ostream_compare.storage.index._TEXTS", "CREATE VIRTUAL TABLE texts USING fts99(body)"
    )
    made = log(folder, 0)
    log(folder, 1, "something else", prompt=Prompt(user="x"))
    opened = history(folder)
    assert ids(opened.page("one OWNER")) == [made]


def test_a_run_without_an_end_is_interrupted_or_running(folder):
    interrupted = log(folder, 0, "half an answ", end=False)
    writing = RunLog.create(header(1), folder / "runs")
    writing.append(*answer(0, "xyzzy")[:-1])
    opened = history(folder)
    assert [(run.id, run.state) for run in opened.page()] == [
        (writing.path.stem, "running"),
        (interrupted, "interrupted"),
    ]
    assert opened.delete([writing.path.stem]) == []
    assert writing.path.exists()
    writing.close()
    assert [run.state for run in opened.page()] == ["interrupted", "interrupted"]
    assert ids(opened.page("xyzzy")) == [writing.path.stem]
    assert opened.state_of(interrupted) == "interrupted"


def test_the_index_follows_the_logs(folder):
    first, second = log(folder, 0), log(folder, 1)
    opened = history(folder)
    opened.path_of(first).unlink()
    again = RunLog.reopen(opened.path_of(second))
    again.append(Voted(vote=Vote(winner="Swift", loser="Careful")))
    again.close()
    third = log(folder, 2)
    opened.refresh()
    assert [(run.id, run.votes) for run in opened.page()] == [(third, 0), (second, 1)]


def test_the_index_is_the_users_alone(folder):
    old = os.umask(0)
    try:
        log(folder, 0)
        opened = history(folder)
        files = list(folder.glob("history.sqlite*"))
        assert len(files) == 3, "WAL and SHM, too"
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        opened.close()
    finally:
        os.umask(old)


@pytest.mark.parametrize(
    "damage", [b"no database at all, but long enough" * 200, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_index_is_set_aside_and_made_anew(folder, damage):
    made = log(folder, 0)
    history(folder).close()
    (folder / "history.sqlite").write_bytes(damage)
    opened = history(folder)
    assert ids(opened.page("owner")) == [made]
    (aside,) = folder.glob("history-damaged-*.sqlite")
    assert aside.read_bytes() == damage
    assert [notice for notice in opened.notices if aside.name in notice]
    opened.close()
    assert history(folder).notices == []


def test_an_index_that_is_damaged_inside_is_made_anew_too(folder):
    made = [log(folder, number, "word " * 3000) for number in range(12)]
    history(folder).close()
    path = folder / "history.sqlite"
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\x5a" * (len(content) - 12288)
    path.write_bytes(content)
    log(folder, 12)
    opened = history(folder)
    assert ids(opened.page(limit=20)) == [header(12).id, *made[::-1]]


def test_a_newer_versions_index_is_left_alone_and_the_logs_are_read(folder):
    made = log(folder, 0)
    history(folder).close()
    path = folder / "history.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.execute("DROP TABLE runs")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    opened = history(folder)
    assert ids(opened.page("owner")) == [made]
    assert len(opened.notices) == 1
    assert "newer version" in opened.notices[0]
    opened.close()
    assert path.read_bytes() == before


def test_an_index_that_cannot_be_made_is_done_without(folder):
    made = log(folder, 0)
    (folder / "history.sqlite").symlink_to(folder / "elsewhere")
    opened = history(folder)
    assert ids(opened.page("owner")) == [made]
    assert len(opened.notices) == 1
    assert not (folder / "elsewhere").exists()


def test_a_log_that_cannot_be_read_is_told_of_and_hides_no_other(folder):
    made = log(folder, 0)
    (folder / "runs" / "20270101-000000-beef.jsonl").write_text("nothing of ours\n")
    opened = history(folder)
    opened.refresh()
    assert ids(opened.page()) == [made]
    assert len(opened.notices) == 1


def test_a_log_that_has_only_just_been_made_is_no_damaged_one(folder):
    made = log(folder, 0)
    empty = folder / "runs" / f"{header(1).id}.jsonl"
    empty.touch()
    opened = history(folder)
    assert (ids(opened.page()), opened.notices) == ([made], [])
    empty.unlink()
    assert log(folder, 1) == empty.stem
    opened.refresh()
    assert ids(opened.page()) == [empty.stem, made]


def test_damaged_lines_are_told_of_once(folder):
    made = log(folder, 0)
    path = folder / "runs" / f"{made}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"?" * 50 + b"\n", *lines[3:]]))
    opened = history(folder)
    assert opened.load("last").responses[0].content == "a mutex has one owner"
    assert opened.notices == [f"{path}: 1 damaged line is left out"]


@pytest.mark.parametrize(
    ("name", "number"),
    [("last", 2), ("20261122-073012-0000", 0), ("20261122-0731", 1), ("20261122-073212", 2)],
)
def test_a_run_is_called_by_its_id_its_beginning_or_last(folder, name, number):
    made = [log(folder, number) for number in range(3)]
    assert history(folder).find(name) == made[number]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("20261122-073", "3 runs begin with 20261122-073: .*give more of the id"),
        ("20261122-073012-0001", "did you mean 20261122-073"),
        ("zz\x1b[31m", "no run is called zz␛.*the last one is 20261122-073212-0002"),
        ("", "no run is called"),
        ("../../etc/passwd", "no run is called"),
    ],
)
def test_a_name_that_is_none_gets_the_nearest_ones(folder, name, said):
    for number in range(3):
        log(folder, number)
    with pytest.raises(UserError, match=said):
        history(folder).find(name)


def test_in_an_empty_history_nothing_is_found(folder):
    for name in ("last", "x"):
        with pytest.raises(UserError, match="no run has been logged yet"):
            history(folder).find(name)
    assert history(folder).page() == []


def test_what_is_deleted_is_gone_for_good(folder):
    secrets = [f"xylophone{number} quixotic " * 200 for number in range(20)]
    made = [log(folder, number, secret) for number, secret in enumerate(secrets)]
    opened = history(folder)
    assert opened.delete(made[1:]) == made[1:]
    assert ids(opened.page()) == made[:1]
    opened.close()
    assert ids(history(folder).page("xylophone0")) == made[:1]
    OPENED.pop().close()
    left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"xylophone0" in left
    for number in range(1, 20):
        assert b"xylophone%d " % number not in left


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (Retention(), [3, 2, 1, 0]),
        (Retention(runs=2), [3, 2]),
        (Retention(runs=9), [3, 2, 1, 0]),
        (Retention(days=1), [3, 2]),
        (Retention(days=1, runs=1), [3]),
        (Retention(days=10**9), [3, 2, 1, 0]),
    ],
)
def test_a_rule_keeps_the_newest(folder, rule, kept):
    day = 24 * 60
    made = [log(folder, number) for number in (0, day, 2 * day, 2 * day + 1)]
    opened = history(folder)
    gone = opened.retain(rule, now=STARTED + timedelta(days=2, hours=1))
    assert set(gone) == set(made) - {made[number] for number in kept}
    assert ids(opened.page()) == [made[number] for number in kept]


WRITER = """
from dataclasses import replace
from pathlib import Path
from ostream_compare.storage.history import History
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, ended, header
folder, writer, writes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
history = History(folder)
for number in range(writes):
    head = header(writer * 1000 + number)
    log = RunLog.create(head, folder / "runs")
    log.append(*answer(0, f"answer {number} of writer-{writer}-"), ended())
    log.sync()
    log.close()
    history.refresh()
history.close()
assert not history.notices, history.notices
"""


def test_of_eight_writers_everything_lands(folder):
    script = f"import sys\nsys.path[:0] = {[str(HERE)]!r}\n{WRITER}"
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), str(writer), str(WRITES)])
        for writer in range(8)
    ]
    assert [process.wait(timeout=500) for process in processes] == [0] * 8
    index = Index.open(folder / "history.sqlite")
    assert index.count() == 8 * WRITES, "without a refresh"
    assert [index.count(f"writer-{writer}-") for writer in range(8)] == [WRITES] * 8
    index.close()
    opened = history(folder)
    assert {run.state for run in opened.page(limit=-1)} == {"finished"}
    for run in opened.page(limit=8):
        assert opened.load(run.id).responses[0].state == "complete"


def test_an_index_that_is_rebuilt_from_many_logs_equals_the_kept_one(folder):
    opened = history(folder)
    for number in range(30):
        log(folder, number, f"answer {number}", end=number % 3 > 0)
        opened.refresh()
    kept = opened.page(limit=-1)
    opened.close()
    (folder / "history.sqlite").unlink()
    assert history(folder).page(limit=-1) == kept
    assert len(kept) == 30


def test_an_id_that_the_header_gives_and_the_name_denies_does_not_confuse(folder):
    made = log(folder, 0)
    path = folder / "runs" / f"{made}.jsonl"
    path.rename(path.with_name("20990101-000000-aaaa.jsonl"))
    opened = history(folder)
    opened.refresh()
    assert opened.count() == 1
    assert ids(opened.page()) == ["20990101-000000-aaaa"]
    assert replace(opened.page()[0], id=made).title == "mutex"
