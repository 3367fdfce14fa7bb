"""Where the program writes: folders that it may not write to, links in its way, modes, clocks that jump."""

import json
import os
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ostream_compare.domain.errors import UserError
from ostream_compare.domain.recorded import RunEnded
from ostream_compare.storage.history import History
from ostream_compare.storage.paths import opened_at_once
from ostream_compare.storage.prompts import Draft, PromptStore
from ostream_compare.storage.results import save_comparison
from ostream_compare.storage.run_log import RunLog, recorded_comparison
from ostream_compare.storage.settings import SettingsFile
from ostream_compare.storage.trust import is_trusted, trust
from storage.runs import STARTED, answer, ended, header
from torture.program import LIMIT, PROGRAM, Home, Terminal, models_toml, without_screen
from torture.sizes import size
from wire.script import plain_stream

_POWERLESS = """
import ctypes, os, sys
for capability in (1, 2):  # what lets root write where nobody may
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "ostream_compare", *sys.argv[1:]])
"""
POWERLESS = ("-c", _POWERLESS) if os.geteuid() == 0 else PROGRAM


def test_a_folder_that_may_not_be_written_to_costs_the_history_alone(tmp_path, serve):
    home = Home(tmp_path)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    site = serve(plain_stream())
    file = home.file(models_toml(site.base_url))
    places = {"XDG_DATA_HOME": str(locked)}
    with without_screen(home, file, "-p", "hi", "-o", "out.json", program=POWERLESS, **places) as process:
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err
    assert b"Traceback" not in err
    assert err.count(b"not logged any further") == err.count(b"could not be saved") == 1
    assert err.count(f"{locked}/ostream-compare: Permission denied".encode()) == 2, "it names the folder"
    assert b"M7" in out
    assert len(json.loads((tmp_path / "out.json").read_text())["responses"]) == 8


def test_a_folder_that_may_not_be_entered_is_said_before_anything_is_asked(tmp_path):
    home = Home(tmp_path)
    (tmp_path / "closed").mkdir(mode=0)
    with without_screen(home, "demo", "-p", "hi", "-o", "closed/x.json", program=POWERLESS) as process:
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert err.splitlines()[-1].endswith(b": closed may not be entered")


def test_the_screen_runs_without_a_place_to_write_and_says_so(tmp_path, serve):
    home = Home(tmp_path)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    site = serve(plain_stream(("all ", "of it")))
    places = {"XDG_DATA_HOME": str(locked / "data"), "XDG_STATE_HOME": str(locked / "state")}
    file = home.file(models_toml(site.base_url))
    with Terminal(home, file, "-p", "hi", program=POWERLESS, **places) as terminal:
        terminal.until_said(b"8/8 done")
        terminal.press(b"\x11")
        terminal.until_said(b"Could not save this run")
        terminal.press(b"\x11")
        assert terminal.exit_code() == 2
        assert terminal.is_restored()
    told = terminal.seen.rpartition(b"\x1b[?1049l")[2]
    assert b"Could not save" in told
    assert b"Permission denied" in told
    assert b"[Errno" not in told
    assert str(locked).encode() in told
    assert b"Traceback" not in terminal.seen


def test_all_files_are_the_users_alone_while_and_after_it_runs(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(plain_stream())
    before = os.umask(0)
    try:
        with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
            terminal.until_said(b"8/8 done")
            wanted = {"history.sqlite", "history.sqlite-wal", "history.sqlite-shm"}
            terminal.until(lambda: wanted <= {path.name for path in home.data.iterdir()}, "it is indexed")
            terminal.press(b"\x13")  # ctrl+s
            terminal.until(home.saved, "it is saved")
            assert_private(home)
            terminal.press(b"\x11")
            assert terminal.exit_code() == 0
    finally:
        os.umask(before)
    assert_private(home)


def assert_private(home):
    for root in (home.data, home.state):
        for path in (root, *root.rglob("*")) if root.exists() else ():
            mode = stat.S_IMODE(path.lstat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), (path, oct(mode))


def log_run(folder):
    log = RunLog.create(header(), folder / "runs")
    log.append(*answer(0, "words"), ended())
    log.close()
    return log.path


def index_runs(folder):
    with closing(History(folder)) as history:
        log_run(folder)
        history.refresh()


def save_run(folder):
    return save_comparison(recorded_comparison(log_run(folder)), folder / "results")


def export_run(folder):
    command = [sys.executable, "-m", "ostream_compare", "export", "last", "-o", str(folder / "out.json")]
    data = folder / "share"
    log_run(data / "ostream-compare")
    environ = {"HOME": str(folder), "XDG_DATA_HOME": str(data), "PATH": os.environ["PATH"]}
    subprocess.run(command, env=environ, check=False, capture_output=True, timeout=LIMIT)


def init_file(folder):
    command = [sys.executable, "-m", "ostream_compare", "init", str(folder / "models.toml")]
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    subprocess.run(command, env=environ, check=False, capture_output=True, timeout=LIMIT)


STEM = f"{header().id}-mutex"
WRITES = {
    "a log": (f"runs/{header().id}.jsonl", log_run),
    "the index": ("history.sqlite", index_runs),
    "the index's log": ("history.sqlite-wal", index_runs),
    "the index's memory": ("history.sqlite-shm", index_runs),
    "a result": (f"results/{STEM}.toml", save_run),
    "the prompts": ("prompts.jsonl", lambda folder: PromptStore(folder).add("a prompt")),
    "the prompts' lock": (".prompts.lock", lambda folder: PromptStore(folder).add("a prompt")),
    "the draft": ("draft.json", lambda folder: PromptStore(folder).keep_draft(Draft(user="a draft"))),
    "the settings": (
        "settings.json",
        lambda folder: SettingsFile(folder / "settings.json").remember_theme("nord"),
    ),
    "trust": ("trusted", lambda folder: trust("0" * 64, "models.toml", folder)),
    "an export": ("out.json", export_run),
    "a starter file": ("models.toml", init_file),
}


def refusal(write, folder):
    """The folder that a refused write is about; nothing for one that was done."""
    try:
        write(folder)
    except OSError as error:
        return str(folder) if str(folder) in str(error) else str(error)
    return ""


@pytest.mark.parametrize("content", size([b""], [b"", b"precious"]))
@pytest.mark.parametrize("name", WRITES)
def test_no_link_is_written_through(tmp_path, name, content):
    place, write = WRITES[name]
    folder, victim = tmp_path / "data", tmp_path / "victim"
    victim.write_bytes(content)
    victim.chmod(0o644)
    link = folder / place
    link.parent.mkdir(parents=True)
    link.symlink_to(victim)
    assert refusal(write, folder) in {"", str(folder)}, "it says where"
    assert victim.read_bytes() == content
    assert stat.S_IMODE(victim.stat().st_mode) == 0o644


@pytest.mark.parametrize("name", WRITES)
def test_no_link_that_leads_nowhere_makes_a_file_there(tmp_path, name):
    place, write = WRITES[name]
    folder, victim = tmp_path / "data", tmp_path / "elsewhere" / "victim"
    victim.parent.mkdir()
    link = folder / place
    link.parent.mkdir(parents=True)
    link.symlink_to(victim)
    assert refusal(write, folder) in {"", str(folder)}, "it says where"
    assert not victim.exists()


# Clocks


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)])
def test_a_wall_clock_that_jumps_changes_no_duration_and_no_order(tmp_path, jump):
    paths = []
    for number, shift in enumerate((timedelta(0), jump)):
        log = RunLog.create(header(number), tmp_path / "runs")
        log.append(*answer(0, "one two"), *answer(1, "three"), RunEnded(how="finished", at=STARTED + shift))
        log.close()
        os.utime(log.path, ((STARTED + shift).timestamp(),) * 2)
        paths.append(log.path)
    steady, jumped = (recorded_comparison(path).responses for path in paths)
    assert [response.timing for response in steady] == [response.timing for response in jumped]
    with closing(History(tmp_path)) as history:
        history.refresh()
        assert [run.id for run in history.page()] == [paths[1].stem, paths[0].stem]
        assert history.find("last") == paths[1].stem


def test_times_are_kept_in_utc_and_shown_as_local_ones_across_a_change_of_the_clocks(tmp_path):
    home = Home(tmp_path)
    # The same wall clock twice: summer time ended at 01:00 UTC.
    moments = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    for number, at in enumerate(moments):
        head = header(number)
        changes = {"id": f"{at:%Y%m%d-%H%M%S}-{number:04x}", "started_at": at}
        head = type(head)(**{name: getattr(head, name) for name in head.__dataclass_fields__} | changes)
        log = RunLog.create(head, home.runs)
        log.append(*answer(0, "words"), ended())
        log.close()
    shown = {}
    for zone in ("CET-1CEST,M3.5.0,M10.5.0/3", "UTC0", "NST3:30"):
        done = subprocess.run(
            [sys.executable, "-m", "ostream_compare", "history"],
            env=home.environ | {"TZ": zone},
            capture_output=True,
            check=True,
            timeout=LIMIT,
        )
        lines = done.stdout.decode().splitlines()[1:3]
        shown[zone[:3]] = [line.split()[2] for line in lines]
        assert [line.split()[0] for line in lines] == ["20261025-013000-0001", "20261025-003000-0000"]
    assert shown == {"CET": ["02:30", "02:30"], "UTC": ["01:30", "00:30"], "NST": ["22:00", "21:00"]}
    assert b'"started_at":"2026-10-25T00:30:00Z"' in home.logged()


@pytest.mark.parametrize("holds", [False, True], ids=["nobody", "somebody"])
def test_a_pipe_in_the_place_of_a_file_is_waited_for_by_nobody(tmp_path, holds):
    """Whether nobody or somebody, who says nothing, holds it open for writing."""
    folder = tmp_path / "data"
    (folder / "runs").mkdir(parents=True)
    for name in (
        "history.jsonl",
        "draft.json",
        "trusted",
        "settings.json",
        "runs/20261122-000000-aaaa.jsonl",
    ):
        os.mkfifo(folder / name)
    held = [os.open(path, os.O_RDWR) for path in folder.rglob("*") if path.is_fifo() and holds]
    assert not is_trusted("0" * 64, folder)
    if not holds:
        with pytest.raises(OSError, match="No such device"):
            trust("0" * 64, "models.toml", folder)
    assert SettingsFile(folder / "settings.json").peek().theme is None
    with closing(History(folder)) as history:
        history.refresh()
        assert history.page() == []
    with pytest.raises(UserError, match="no log of a run"):
        recorded_comparison(folder / "runs/20261122-000000-aaaa.jsonl")
    store = PromptStore(folder)
    assert store.draft() is None
    assert store.entries() == []
    for descriptor in held:
        os.close(descriptor)


def test_a_folder_in_the_place_of_a_file_leaves_nothing_open(tmp_path):
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(IsADirectoryError):
            opened_at_once(tmp_path)
    assert len(list(Path("/dev/fd").iterdir())) == before
