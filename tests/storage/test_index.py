"""The index of the history: it follows the logs, is made anew when it is damaged, and takes many writers."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.preset import Prompt
from ostream_compare.domain.recorded import Voted
from ostream_compare.storage.index import VERSION, Index
from ostream_compare.storage.run_log import RunLog
from storage.histories import history, ids, log
from storage.runs import header

HERE = Path(__file__).parents[1]
WRITES = int(os.environ.get("WRITES", "25"))
"""Of each of 8 writers; `WRITES=200` for the whole of it."""


def test_without_full_text_search_the_same_is_found(folder, monkeypatch):
    monkeypatch.setattr(
        "ostream_compare.storage.index._TEXTS", "CREATE VIRTUAL TABLE texts USING fts99(body)"
    )
    made = log(folder, 0)
    log(folder, 1, "something else", prompt=Prompt(user="x"))
    opened = history(folder)
    assert ids(opened.page("one OWNER")) == [made]


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


WRITER = """
from dataclasses import replace
from pathlib import Path
from ostream_compare.storage.history import History
from ostream_compare.storage.run_log import RunLog
from storage.histories import history, ids, log
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
