"""Temporary files of a writer that was killed are removed when they are old; nothing else ever is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ostream_compare.storage.leftovers import remove_leftovers
from ostream_compare.storage.recorder import Recorder
from storage.runs import header
from torture.program import LIMIT, PROGRAM, Home

HERE = Path(__file__).parents[1]
DAY = 24 * 60 * 60
NAME = ".0123456789abcdef.tmp"

KILLED = """
import os
def last_words(_descriptor):
    print("written", flush=True)
    sys.stdin.read()
os.fsync = last_words
from pathlib import Path
from ostream_compare.storage.prompts import Draft, PromptStore
from ostream_compare.storage.results import save_comparison
from ostream_compare.storage.settings import SettingsFile
from ostream_compare.domain.retelling import comparison_of, retold
from storage.runs import header
{step}
"""
STEPS = {
    "results": "save_comparison(comparison_of(retold(header(), [])))",
    "state": "SettingsFile.of_user().remember_theme('nord')",
    "data": "PromptStore().keep_draft(Draft(user='hi'))",
}


def killed(home, step):
    """The file that a writer leaves behind when it is killed before its file has its name."""
    folder = getattr(home, step)
    script = f"import sys\nsys.path[:0] = {[str(HERE)]!r}\n{KILLED.format(step=STEPS[step])}"
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=home.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    (left,) = folder.glob(".*.tmp")
    return left


def aged(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2, follow_symlinks=False)
    return path


def test_the_next_run_removes_what_killed_writers_left_long_ago(tmp_path):
    home = Home(tmp_path)
    old = [aged(killed(home, step), 2 * DAY) for step in STEPS]
    (tmp_path / "mine").mkdir()
    others = [home.data / ".mine", home.results / "mine.tmp", tmp_path / "mine" / NAME, tmp_path / NAME]
    for path in others:
        path.touch()
        aged(path, 9 * DAY)
    others.append(home.results / NAME)
    others[-1].touch()  # a living writer's
    arguments = ["demo", "--headless", "-p", "hi", "-m", "Terse"]
    subprocess.run(
        [sys.executable, *PROGRAM, *arguments],
        env=home.environ,
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=LIMIT,
    )
    assert [path for path in old if path.exists()] == []
    assert [path for path in others if not path.exists()] == []


@pytest.mark.parametrize(
    ("name", "age", "goes"),
    [
        (NAME, 2 * DAY, True),
        (".ffffffffffffffff.tmp", 400 * DAY, True),
        (NAME, DAY - 60, False),
        (NAME, 0, False),
        (NAME, -9 * DAY, False),
        ("0123456789abcdef.tmp", 2 * DAY, False),
        (".0123456789abcde.tmp", 2 * DAY, False),
        (".0123456789ABCDEF.tmp", 2 * DAY, False),
        (".0123456789abcdef.tmp~", 2 * DAY, False),
        (".0123456789abcdef.tmp\n", 2 * DAY, False),
        (".mine.tmp", 2 * DAY, False),
        ("20261122-073012-4f2a.toml", 2 * DAY, False),
    ],
)
def test_only_old_files_of_that_name_go(tmp_path, name, age, goes):
    path = tmp_path / name
    path.write_text("x")
    aged(path, age)
    assert remove_leftovers([tmp_path]) == ([path] if goes else [])
    assert path.exists() != goes


def test_links_folders_and_what_lies_deeper_stay(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    folder = tmp_path / "data"
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / NAME).touch()
    link = folder / ".fedcba9876543210.tmp"
    link.symlink_to(victim)
    for path in (victim, folder / NAME / NAME, folder / NAME, link):
        aged(path, 9 * DAY)
    assert remove_leftovers([folder, tmp_path / "none", victim]) == []
    assert victim.read_text() == "as it was"
    assert link.is_symlink()
    assert (folder / NAME / NAME).exists()


def test_a_second_name_of_a_saved_file_goes_and_the_file_stays(tmp_path):
    saved = tmp_path / "saved.toml"
    saved.write_text("all of it")
    os.link(saved, tmp_path / NAME)  # killed between the two names
    aged(saved, 2 * DAY)
    assert remove_leftovers([tmp_path]) == [tmp_path / NAME]
    assert saved.read_text() == "all of it"


def test_what_another_user_left_stays(tmp_path, monkeypatch):
    (tmp_path / NAME).touch()
    aged(tmp_path / NAME, 9 * DAY)
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert remove_leftovers([tmp_path]) == []
    assert (tmp_path / NAME).exists()


def test_it_is_looked_once_in_a_sitting(tmp_path):
    recorder = Recorder(tmp_path)
    (tmp_path / "results").mkdir()
    for number in range(2):
        path = tmp_path / "results" / NAME
        path.touch()
        aged(path, 2 * DAY)
        recorder.begin(header(number))
        recorder._clerk.stop(LIMIT)
        assert path.exists() == bool(number)
    recorder.close()
