"""Runs the benchmarks side by side and prints their table; exits with 1 when a goal is missed.

    run.py [--quick]

Absolute figures drift with the machine; each goal is a ratio of two medians that were measured in turns.
"""

import json
import statistics
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
MIRASCOPE_ENV = HERE.parents[1] / ".venv" / "mirascope"
MIRASCOPE = "mirascope[openai]==1.25.7"
ROUNDS = 5

FULL_SPEED = (
    "ostream-aiohttp",
    "ostream-httpx2",
    "ostream-collector",
    "sdk-httpx2",
    "sdk-aiohttp",
    "mirascope",
)
PACED = ("ostream-aiohttp", "ostream-httpx2", "ostream-collector", "sdk-httpx2", "sdk-aiohttp")

SCENES = {
    "full speed, 1 stream": ("20000", 1, 20_000, False, FULL_SPEED),
    "full speed, 8 streams": ("5000", 8, 5_000, False, FULL_SPEED),
    "8 x 200 a second, TLS": ("600@200", 8, 600, True, PACED),
}

GOALS = (
    ("1", "full speed, 1 stream", "ostream-aiohttp", "sdk-httpx2", 1 / 10),
    ("1", "full speed, 8 streams", "ostream-aiohttp", "sdk-httpx2", 1 / 10),
    ("2", "full speed, 1 stream", "ostream-httpx2", "sdk-httpx2", 1 / 5),
    ("2", "full speed, 8 streams", "ostream-httpx2", "sdk-httpx2", 1 / 5),
    ("2", "full speed, 1 stream", "ostream-httpx2", "mirascope", 1 / 5),
    ("2", "full speed, 8 streams", "ostream-httpx2", "mirascope", 1 / 5),
    ("3", "8 x 200 a second, TLS", "ostream-aiohttp", "sdk-httpx2", 1 / 4),
)


@contextmanager
def server(*, tls):
    command = [sys.executable, str(HERE / "server.py"), *(["--tls"] if tls else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline())
        yield f"https://localhost:{port}/v1" if tls else f"http://127.0.0.1:{port}/v1"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def mirascope_python():
    """The interpreter of mirascope's own environment: it needs an older SDK."""
    python = MIRASCOPE_ENV / "bin" / "python"
    if not python.exists():
        venv.create(MIRASCOPE_ENV, with_pip=True)
        subprocess.run([python, "-m", "pip", "--quiet", "install", MIRASCOPE], check=True)
    return str(python)


def measure(way, url, model, streams, chunks):
    python = mirascope_python() if way == "mirascope" else sys.executable
    command = [python, str(HERE / "reader.py"), way, url, model, str(streams), str(chunks)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return json.loads(done.stdout)["us"]


def main(rounds):
    medians = {}
    print(f"CPU a chunk, microseconds: median (lowest to highest) of {rounds} rounds\n")
    for scene, (model, streams, chunks, tls, ways) in SCENES.items():
        found = {way: [] for way in ways}
        with server(tls=tls) as url:
            for _ in range(rounds):
                for way in ways:  # in turns, so that a slow minute of the machine hits all
                    found[way].append(measure(way, url, model, streams, chunks))
        print(scene)
        for way, values in found.items():
            medians[scene, way] = statistics.median(values)
            print(f"  {way:<18}{medians[scene, way]:8.1f}   ({min(values):.1f} to {max(values):.1f})")
    print()
    missed = 0
    for number, scene, way, against, goal in GOALS:
        ratio = medians[scene, way] / medians[scene, against]
        missed += ratio > goal
        verdict = "met" if ratio <= goal else "MISSED"
        print(
            f"goal {number}: {scene}: {way} / {against} = 1/{1 / ratio:.1f}, goal 1/{1 / goal:.0f}: {verdict}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(2 if "--quick" in sys.argv else ROUNDS))
