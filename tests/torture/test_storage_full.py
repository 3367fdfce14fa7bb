"""A disk that takes no more, at every size: what was there stays, the reason is named, and a retry works."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ostream_compare.domain.spelling import from_json
from torture.program import LIMIT, Home, models_toml, without_screen
from torture.sizes import size
from wire.script import plain_stream

HERE = Path(__file__).parents[1]
STEPS = size(24, 400)
"""Sizes that are tried, up to that of the whole file."""

STORES = """
import resource, sqlite3, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from ostream_compare.storage.history import History
from ostream_compare.storage.prompts import Draft, PromptStore
from ostream_compare.storage.results import load_comparison, save_comparison
from ostream_compare.storage.run_log import RunLog, recorded_comparison
from ostream_compare.storage.settings import SettingsFile
from storage.runs import answer, ended, header
from ostream_compare.storage.trust import is_trusted, trust

folder, steps, store = Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
WORDS = "a mutex has one owner and a semaphore counts permits " * 40
number = 0

def log(*, sync=True):
    global number
    number += 1
    made = RunLog.create(header(number), folder / "runs")
    made.append(*answer(0, f"{number} {WORDS}"), *answer(1, WORDS), ended())
    made.close()
    return made.path

class Results:
    def __init__(self):
        self.comparison, self.known = recorded_comparison(log()), {}
        self.write()
    def write(self):
        return save_comparison(self.comparison, folder / "results")
    def seen(self):
        return [self.read(path, path.stat()) for path in sorted((folder / "results").iterdir())]
    def read(self, path, now):
        # A file that nobody touched since it was read would be read four hundred times.
        place = path, now.st_ino, now.st_size, now.st_mtime_ns
        if place not in self.known:
            self.known[place] = load_comparison(path).id
        return self.known[place]

class Prompts:
    def __init__(self):
        self.store, self.count = PromptStore(folder), 0
        self.write()
    def write(self):
        self.count += 1
        self.store.add(f"{self.count} {WORDS}")
    def seen(self):
        return [line[:3] for line in PromptStore(folder).entries()]

class Drafts(Prompts):
    def write(self):
        self.count += 1
        self.store.keep_draft(Draft(user=f"{self.count} {WORDS}"))
    def seen(self):
        return PromptStore(folder).draft()

class Settings(Prompts):
    def write(self):
        self.count += 1
        self.file = SettingsFile(folder / "settings.json")
        self.file.remember_models("a", [f"{self.count} {WORDS}"])
    def seen(self):
        return SettingsFile(folder / "settings.json").load()

class Trust(Prompts):
    def write(self):
        self.count += 1
        trust(f"{self.count:064x}", WORDS, folder)
    def seen(self):
        # Each look reads the file: some of all that there will be, and the newest that there is.
        known = lambda number: is_trusted(f"{number:064x}", folder)
        return [*filter(known, range(1, 2 * steps, 50)), next(filter(known, range(self.count, 0, -1)))]

class Indexed:
    def __init__(self):
        self.history = History(folder)
        self.pending = log()
        self.write()
    def write(self):
        self.history.refresh()
    def prepare(self):
        self.pending = log()
    def seen(self):
        opened = History(folder)
        assert not opened.notices, opened.notices
        found = [(run.id, run.state) for run in opened.page(limit=-1)]
        opened.close()
        return found

KINDS = {"results": Results, "prompts": Prompts, "drafts": Drafts, "settings": Settings, "trust": Trust,
         "index": Indexed}
made = KINDS[store]()
failed = 0
largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file()) + 8192
for step in range(steps):
    getattr(made, "prepare", lambda: None)()
    before = made.seen()
    files = {path for path in folder.rglob("*")}
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest * step // steps, resource.RLIM_INFINITY))
    try:
        made.write()
    except (OSError, sqlite3.OperationalError) as error:
        failed += 1
        reason = error
    else:
        reason = None
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if reason is not None:
        assert made.seen() == before, (step, reason)
        assert not [path for path in folder.rglob("*.tmp")], "nothing half is left behind"
        assert str(reason), "it says why"
        made.write()
    assert made.seen() != before, (step, "a retry works")
print(failed)
"""


@pytest.mark.parametrize("store", ["results", "prompts", "drafts", "settings", "trust", "index"])
def test_the_write_that_fails_leaves_what_was_and_a_retry_works(tmp_path, store):
    done = subprocess.run(
        [sys.executable, "-c", STORES, str(HERE), str(tmp_path), str(STEPS), store],
        capture_output=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) >= 2, "there were writes that failed"


def mounted(path, size_kib):
    """A small file system at `path`; whether this user may have one."""
    path.mkdir(parents=True)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={size_kib}k".encode()
    return libc.mount(b"tmpfs", bytes(path), b"tmpfs", 0, options) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
@pytest.mark.parametrize("kib", size([12], [*range(4, 120, 4)]))
def test_a_full_disk_is_named_and_loses_no_output(tmp_path, serve, kib):
    home = Home(tmp_path)
    site = serve(plain_stream(["word " * 100] * 100))
    file = home.file(models_toml(site.base_url))
    if not mounted(home.data, kib):
        pytest.skip("not even root may mount here")
    try:
        with without_screen(home, file, "-p", "hi", "--format", "json", "-o", "out.json") as process:
            _, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, err
        assert b"Traceback" not in err
        assert err.count(b"No space left on device") >= 1
        assert str(home.data).encode() in err, "it names the file"
        texts = {r.content for r in from_json((home.path / "out.json").read_text()).responses}
        assert texts == {"word " * 10_000}
        assert home.saved() == []
    finally:
        ctypes.CDLL(None).umount2(bytes(home.data), 2)
    with without_screen(home, file, "-p", "hi") as process:
        process.communicate(timeout=LIMIT)
    assert len(home.saved()) == 1, "with room there is a save again"
