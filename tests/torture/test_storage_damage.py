"""Damaged stores: set aside under a dated name, what can be read recovered, one notice; and newer ones."""

import random
import re
import shutil
import sqlite3
from contextlib import closing

import pytest

from ostream_compare.domain.errors import UserError
from ostream_compare.storage.history import History
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, ended, header
from torture.program import LIMIT, Home, models_toml, without_screen
from torture.sizes import size
from wire.script import plain_stream

DAMAGES = size(32, 2000)
RUNS = 12
_DATED = re.compile(r"history-damaged-\d{8}-\d{6}-\d+\.sqlite(-wal|-shm)?")


def flipped(data, chance):
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data, chance):
    return data[: chance.randrange(len(data))]


def zeroed(data, chance):
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((1, 100, 4096, len(data))))
    return data[:start] + bytes(end - start) + data[end:]


def noise(data, chance):
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((16, 4096)))
    return data[:start] + chance.randbytes(end - start) + data[end:]


WAYS = (flipped, cut, zeroed, noise)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with runs and their index."""
    folder = tmp_path_factory.mktemp("whole")
    for number in range(RUNS):
        log = RunLog.create(header(number), folder / "runs")
        log.append(*answer(0, f"answer {number} has words"), *answer(1, "another answer"), ended())
        log.close()
    with closing(History(folder)) as history:
        history.refresh()
    return folder


def test_a_damaged_index_is_set_aside_and_the_history_is_whole(whole, tmp_path):
    names = {path.stem for path in (whole / "runs").iterdir()}
    chance = random.Random(3)
    aside = 0
    for number in range(DAMAGES):
        folder = shutil.copytree(whole, tmp_path / str(number))
        path = folder / "history.sqlite"
        path.write_bytes(WAYS[number % len(WAYS)](path.read_bytes(), chance))
        with closing(History(folder)) as history:
            history.refresh()
            page = history.page(limit=-1)
            history.page("words")
            assert {run.id for run in page} == names, number
            assert len(history.notices) <= 1, history.notices
            kept = [found.name for found in folder.iterdir() if "damaged" in found.name]
            assert all(_DATED.fullmatch(name) for name in kept)
            assert bool(kept) == bool(history.notices)
            if kept:
                aside += 1
                assert kept[0] in history.notices[0] or kept[0].removesuffix("-wal") in history.notices[0]
        shutil.rmtree(folder)
    assert aside > DAMAGES // 4


def test_of_a_damaged_log_everything_else_is_read_and_nothing_but_a_user_error_raised(whole, tmp_path):
    chance = random.Random(4)
    for number in range(DAMAGES):
        folder = shutil.copytree(whole, tmp_path / str(number))
        path = sorted((folder / "runs").iterdir())[number % RUNS]
        before = path.read_bytes().split(b"\n")
        path.write_bytes(WAYS[number % len(WAYS)](path.read_bytes(), chance))
        after = path.read_bytes().split(b"\n")
        with closing(History(folder)) as history:
            history.refresh()
            others = {run.id for run in history.page(limit=-1)} - {path.stem}
            assert len(others) == RUNS - 1
            is_readable = bool(after) and after[0] == before[0]
            if not is_readable:
                with pytest.raises(UserError, match=path.name):
                    history.load(path.stem)
                continue
            comparison = history.load(path.stem)
            assert len(history.notices) <= 2, history.notices
            for lane in (0, 1):
                verdict = next(line for line in before if b'"ended"' in line and b'"lane":%d' % lane in line)
                if verdict in after:
                    assert comparison.responses[lane].state == "complete", number
        shutil.rmtree(folder)


def test_the_program_starts_with_a_damaged_history_and_says_so_once(whole, tmp_path, serve):
    home = Home(tmp_path)
    shutil.copytree(whole, home.data)
    index = home.data / "history.sqlite"
    index.write_bytes(b"\0" * len(index.read_bytes()))
    index.write_bytes(b"not a database at all" + index.read_bytes())
    site = serve(plain_stream())
    with without_screen(home, home.file(models_toml(site.base_url)), "-p", "hi") as process:
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err
    assert err.count(b"was damaged: it is kept as history-damaged-") == 1
    with closing(History(home.data)) as history:
        assert history.count() == RUNS + 1


def test_what_a_newer_version_keeps_is_read_around_and_never_written(whole, tmp_path, serve):
    home = Home(tmp_path)
    shutil.copytree(whole, home.data)
    index = home.data / "history.sqlite"
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA user_version = 99")
    before = index.read_bytes()
    site = serve(plain_stream())
    with without_screen(home, home.file(models_toml(site.base_url)), "-p", "hi") as process:
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err
    assert err.count(b"is a newer version's") == 1
    assert index.read_bytes() == before
    assert len(home.saved()) == 1
