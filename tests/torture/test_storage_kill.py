"""kill -9 while runs are logged, saved and indexed: what was confirmed is there, and every store opens."""

import subprocess
import sys
from pathlib import Path

from ostream_compare.storage.history import History
from ostream_compare.storage.index import Index
from ostream_compare.storage.results import load_comparison
from torture.sizes import size

KILLS = size(20, 1000)
HERE = Path(__file__).parents[1]
TEXT = "a mutex has one owner and a semaphore counts permits"

WRITER = """
import os, random, signal, sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from ostream_compare.storage.history import History
from ostream_compare.storage.results import save_comparison
from ostream_compare.storage.run_log import RunLog, recorded_comparison
from storage.runs import answer, ended, header

folder, kills, text = Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
chance = random.Random(7)

def write(number, told):
    history = History(folder)
    while True:
        log = RunLog.create(header(number), folder / "runs")
        for record in answer(0, text):
            log.append(record)
        log.append(*answer(1, text), ended())
        log.sync()
        log.close()
        path = save_comparison(recorded_comparison(log.path), folder / "results")
        history.refresh()
        os.write(told, f"{number} {path.name}\\n".encode())
        number += 1

for kill in range(kills):
    hears, tells = os.pipe()
    child = os.fork()
    if not child:
        try:
            write(kill * 1000, tells)
        finally:
            os._exit(1)
    os.close(tells)
    confirmed = os.read(hears, 1 << 16)
    time.sleep(chance.uniform(0, 0.04))  # a random point is what is wanted
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while data := os.read(hears, 1 << 16):
        confirmed += data
    os.close(hears)
    sys.stdout.write(confirmed.decode())
"""


def test_nothing_that_was_confirmed_is_lost_and_every_store_opens(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(HERE), str(tmp_path), str(KILLS), TEXT],
        capture_output=True,
        check=True,
        timeout=60 * KILLS,
    )
    confirmed = [line.split() for line in done.stdout.decode().splitlines()]
    assert len(confirmed) >= KILLS
    index = Index.open(tmp_path / "history.sqlite")
    indexed = index.stamps()
    assert len(indexed) >= len(confirmed), "without a refresh"
    index.close()
    history = History(tmp_path)
    history.refresh()
    assert history.notices == [], "nothing had to be repaired"
    runs = {run.id: run for run in history.page(limit=-1)}
    saved = {load_comparison(path).id for path in (tmp_path / "results").glob("*.toml")}
    for number, name in confirmed:
        comparison = load_comparison(tmp_path / "results" / name)
        assert {response.content for response in comparison.responses} == {TEXT}
        assert comparison.id in saved
        assert comparison.id in indexed
        assert runs[comparison.id].state == "finished"
        assert comparison.id.endswith(f"-{int(number):04x}")
    assert {run.state for run in runs.values()} <= {"finished", "interrupted"}
    for run in runs:
        assert all(TEXT.startswith(r.content.strip()) for r in history.load(run).responses)
    history.close()
