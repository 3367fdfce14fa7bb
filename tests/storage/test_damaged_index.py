"""An index that is damaged is made anew from the logs, whenever the damage shows, and one line says so."""

import os
import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from ostream_compare.domain.preset import Retention
from ostream_compare.storage.history import History
from ostream_compare.storage.index import Index, is_damage
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, ended, header

PAGE = 4096
RUNS = 12
FOREIGN = 100
"""Number of the first run of another folder."""


def log(folder, number, text="a mutex has one owner"):
    run = RunLog.create(header(number), folder / "runs")
    run.append(*answer(0, f"{text} word-{number}-"), *answer(1, "both limit access"), ended())
    run.close()
    return run.run


def made(folder, *numbers):
    """A folder with runs and their index."""
    for number in numbers:
        log(folder, number)
    with closing(History(folder)) as history:
        history.refresh()
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return made(tmp_path_factory.mktemp("whole"), *range(RUNS))


@pytest.fixture(scope="module")
def truth(whole):
    return pages(whole)


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "data")


def pages(folder, notices=0):
    """All that the history of a folder says."""
    with closing(History(folder)) as history:
        history.refresh()
        found = [history.page(limit=-1), *(history.page(f"word-{number}-") for number in range(RUNS))]
        assert len(history.notices) <= notices, history.notices
        return found


def put_aside(folder):
    return [path.name for path in folder.iterdir() if "damaged" in path.name]


def place_of(content, needle):
    place = content.find(needle)
    assert place > 0
    return place


def changed_title(content):
    place = place_of(content, b"mutex")
    return content[:place] + b"MUTEX" + content[place + 5 :]


def noise_in(needle):
    def damage(content):
        start = place_of(content, needle) // PAGE * PAGE
        return content[:start] + random.Random(1).randbytes(PAGE) + content[start + PAGE :]

    return damage


DAMAGES = {
    "a letter": changed_title,
    "a page of rows": noise_in(b"mutex"),
    "the tables": lambda content: content[:100] + bytes(PAGE - 100) + content[PAGE:],
    "a page twice": lambda content: content[:PAGE] * 2 + content[2 * PAGE :],
    "cut in the middle": lambda content: content[: len(content) // 2],
    "cut in a page": lambda content: content[: 5 * PAGE + 77],
    "empty": lambda _: b"",
    "a byte": lambda _: b"S",
    "zeroes": lambda content: bytes(len(content)),
    "text": lambda _: b"nothing of ours\n" * 999,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_index_says_what_the_logs_say(folder, truth, damage):
    path = folder / "history.sqlite"
    path.write_bytes(damage(path.read_bytes()))
    assert pages(folder, notices=1) == truth
    assert pages(folder) == truth, "and is whole from then on"


@pytest.mark.parametrize("damage", [changed_title, noise_in(b"mutex"), noise_in(b"word-1-")])
@pytest.mark.parametrize("step", ["page", "search", "count", "refresh", "delete", "retain"])
def test_damage_is_met_at_any_step_and_told_in_one_line(folder, truth, damage, step):
    path = folder / "history.sqlite"
    content = path.read_bytes()
    run = header(RUNS).id
    with closing(History(folder)) as history:  # whole when it was opened
        path.write_bytes(damage(content))
        log(folder, RUNS)
        match step:
            case "page":
                history.page()
            case "search":
                history.page("word-1-")
            case "count":
                history.count("word")
            case "refresh":
                history.refresh()
            case "delete":
                assert history.delete([run]) == [run]
            case _:
                history.retain(Retention(runs=RUNS))
        history.refresh()
        history.delete([run])
        ids = {found.id for found in history.page(limit=-1)}
        assert ids >= {header(number).id for number in range(1, RUNS)}
        assert len(history.notices) <= 1
    if step != "retain":
        assert pages(folder, notices=1) == truth


def test_what_was_damaged_is_kept_under_a_name_with_a_date(folder):
    path = folder / "history.sqlite"
    damaged = b"nothing of ours\n" * 999
    path.write_bytes(damaged)
    with closing(History(folder)) as history:
        (name,) = put_aside(folder)
        assert history.notices == [
            f"{path} was damaged: it is kept as {name}, and was made anew from the logs"
        ]
    assert (folder / name).read_bytes() == damaged


def test_a_folder_in_its_place_is_put_aside_with_all_that_is_in_it(folder, truth):
    path = folder / "history.sqlite"
    path.unlink()
    path.mkdir()
    (path / "mine").write_text("as it was")
    assert pages(folder, notices=1) == truth
    (name,) = put_aside(folder)
    assert (folder / name / "mine").read_text() == "as it was"
    assert path.is_file()
    assert pages(folder) == truth


def logged_ahead(path):
    """The log of a database that is still open, and what belongs to it."""
    return {ending: path.with_name(path.name + ending).read_bytes() for ending in ("-wal", "-shm")}


def of_other_runs(folder):
    for number in range(FOREIGN, FOREIGN + 2 * RUNS):
        log(folder, number, "another folder's")
    with closing(History(folder)) as history:
        history.refresh()
        return logged_ahead(folder / "history.sqlite")


def of_another_program(folder):
    folder.mkdir()
    path = folder / "other.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE runs (x)")
        other.executemany("INSERT INTO runs VALUES (?)", [("x" * 500,)] * 200)
        return logged_ahead(path)


def of_nobody(_folder):
    return {"-wal": os.urandom(9 * PAGE), "-shm": os.urandom(8 * PAGE)}


@pytest.mark.parametrize("beside", [of_other_runs, of_another_program, of_nobody])
@pytest.mark.parametrize("endings", [("-wal",), ("-wal", "-shm"), ("-shm",)], ids="+".join)
def test_what_another_file_has_left_beside_it_gives_nothing_wrong(folder, truth, tmp_path, beside, endings):
    for ending, content in beside(tmp_path / "other").items():
        if ending in endings:
            (folder / f"history.sqlite{ending}").write_bytes(content)
    assert pages(folder, notices=1) == truth
    assert pages(folder) == truth


def test_a_full_disk_is_no_damage(folder, truth):
    with closing(History(folder)) as history:
        history.refresh()
        connection = history._index._connection
        (pages_now,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages_now}")
        log(folder, RUNS, " ".join(f"long-{number}" for number in range(3000)))
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError, match="full") as full:
                history.refresh()
            assert not is_damage(full.value)
        assert [history.page(limit=-1), *truth[1:]] == truth, "what was there is as it was"
        connection.execute("PRAGMA max_page_count = 100000")
        history.refresh()
        assert history.page()[0].id == header(RUNS).id
        assert history.notices == []
    assert put_aside(folder) == []


def test_a_whole_index_is_opened_without_a_word_and_its_texts_are_not_looked_through(folder):
    path = folder / "history.sqlite"
    content = path.read_bytes()
    path.write_bytes(noise_in(b"word-1-")(content))
    Index.open(path).close()
    path.write_bytes(noise_in(b"mutex")(content))
    with pytest.raises(sqlite3.DatabaseError):
        Index.open(path)
