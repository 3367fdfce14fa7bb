"""The whole program without a screen, under many streams and many prompts; ends with 1 if a goal is missed.

    sweep.py [--quick] [--streams] [--prompts]

1,000 streams at once from one process, 20 chunks a second each: every chunk must arrive. Beside the CPU of a
chunk stands what the library alone takes (goal 1), measured in the same run. Then 10,000 prompts for two
models, with the memory of both processes sampled: it must not grow with the prompts.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from run import measure
from run import server as paced_server

HERE = Path(__file__).parent
STREAMS, RATE = 1_000, 20
SHORT, LONG = 5, 20
"""Seconds of streaming; what a longer one takes more is what chunks take."""
PROMPTS, ANSWER = 10_000, 5
LIMIT = 900
CPU_GOAL = 2.0
"""Times what the library takes for a chunk by itself."""
GROWTH_GOAL = 20.0
"""MB, from a fifth of the prompts on to the last one."""
PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6
TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def sweep_server():
    """The server's address, and a list that holds what it has sent once it is left."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "sweep_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = []
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1", told
        told.append(json.loads(process.communicate(timeout=10)[0]))
    finally:
        process.kill()
        process.communicate()


class Watched:
    """The program and its child, sampled while they run."""

    def __init__(self, folder, url, models, prompts, *flags):
        tables = "".join(
            f'[[models]]\nname = "m{number}"\nprovider = "p"\nmodel = "{model}"\n'
            for number, model in enumerate(models)
        )
        (folder / "models.toml").write_text(
            f'version = 1\n[providers.p]\nbase_url = "{url}"\n[defaults]\n'
            f"timeout = {{ connect = 60, first_token = 120, idle = 120, total = 300 }}\n"
            f"price = {{ free = true }}\n{tables}"
        )
        lines = (json.dumps({"user": f"question {number}"}) + "\n" for number in range(prompts))
        (folder / "prompts.jsonl").write_text("".join(lines))
        command = [
            sys.executable,
            "-m",
            "ostream_compare",
            "models.toml",
            "-f",
            "prompts.jsonl",
            "-q",
            *flags,
        ]
        self.samples = []
        self.busy = []
        self.cpu = {}
        with (folder / "stdout").open("wb") as out:
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "HOME": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=out,
            )
            while self.process.poll() is None and time.monotonic() - self.began < LIMIT:
                self._sample()
                time.sleep(0.1)
        self.process.kill()
        self.code = self.process.wait()
        self.seconds = time.monotonic() - self.began

    def _sample(self):
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            pids = {"program": self.process.pid, **({"collector": int(children[0])} if children else {})}
            memory = {}
            for name, pid in pids.items():
                memory[name] = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                self.cpu[name] = (int(fields[11]) + int(fields[12])) / TICK
        except (OSError, IndexError):  # it has just ended
            return
        self.samples.append((time.monotonic() - self.began, memory))
        self.busy.append((time.monotonic() - self.began, self.cpu.get("collector", 0.0)))

    def last_call(self):
        """When the collector had made its last call: after it, it does next to nothing."""
        return max(at for at, cpu in self.busy if cpu < self.busy[-1][1] - 0.1)

    def memory(self, name):
        return [(at, sample[name]) for at, sample in self.samples if name in sample]


def streams_of(folder, seconds):
    """1,000 streams at once for so long: the run, whole answers, and the most that were open at once."""
    chunks = RATE * seconds
    with sweep_server() as (url, told):
        run = Watched(
            folder, url, [f"{chunks}@{RATE}"], STREAMS,
            "--concurrency", str(STREAMS), "--format", "json",
        )  # fmt: skip
    responses = json.loads((folder / "stdout").read_text())["responses"]
    whole = sum(r["state"] == "complete" and r["content"].count(" word") == chunks for r in responses)
    print(f"{STREAMS} streams x {RATE} chunks a second for {seconds} s, at once: {told[0]['at_once']}")
    print(f"  whole answers {whole} of {STREAMS}, run took {run.seconds:.1f} s")
    errors = Counter(r["error"]["message"][:100] for r in responses if r["error"])
    for message, count in errors.most_common(5):
        print(f"    {count} x {message}")
    return run, whole


def alone(model, streams, chunks):
    """The library by itself on the program's own sockets: CPU a chunk."""
    with paced_server(tls=False) as url:
        return min(measure("ostream-collector", url, model, streams, chunks) for _ in range(3))


def many_streams(folder, short, long):
    """CPU and memory of 1,000 streams: what a longer answer takes more than a short one; the verdicts."""
    (brief, first), (run, second) = (streams_of(folder, seconds) for seconds in (short, long))
    full_speed, paced = alone("20000", 1, 20_000), alone("200@20", 64, 200)
    further = STREAMS * RATE * (long - short)
    chunk = {name: (run.cpu[name] - brief.cpu[name]) / further * 1e6 for name in run.cpu}
    for name, us in chunk.items():
        memory = [size for _, size in run.memory(name)]
        begun = (brief.cpu[name] - us * STREAMS * RATE * short / 1e6) / STREAMS * 1e3
        print(
            f"  {name:<10} CPU a chunk {us:6.1f} us, a stream beside its chunks {begun:5.2f} ms; "
            f"memory {max(memory):4.0f} MB, a stream {(max(memory) - memory[0]) / STREAMS * 1e3:4.0f} KB"
        )
    print(f"  the library by itself: CPU a chunk {full_speed:.1f} us at full speed, {paced:.1f} us paced")
    return [
        ("15", "streams lost", 2 * STREAMS - first - second, 0),
        (
            "15",
            "CPU a chunk of the process with the streams / goal 1's",
            chunk["collector"] / full_speed,
            CPU_GOAL,
        ),
    ]


def many_prompts(folder, count):
    """10,000 prompts for two models; the verdicts."""
    with sweep_server() as (url, _):
        run = Watched(
            folder, url, [str(ANSWER), str(ANSWER)], count,
            "--concurrency", "16", "-o", "out.json", "--fail-if", "failures > 0",
        )  # fmt: skip
    with (folder / "out.json").open() as file:
        rows = json.load(file)
    whole = sum(response["state"] == "complete" for response in rows["responses"])
    print(f"\n{count} prompts x 2 models: {whole} whole answers, exit code {run.code}, {run.seconds:.0f} s")
    verdicts = [("", "answers lost", 2 * count - whole, 0)]
    asking = run.last_call()
    for name in ("program", "collector"):
        memory = [(at, size) for at, size in run.memory(name) if at <= asking]
        line = [max(size for at, size in memory if at <= asking * part / 10) for part in range(1, 11)]
        tenths = " ".join(f"{size:.0f}" for size in line)
        most = max(size for _, size in run.memory(name))
        print(f"  {name:<10} MB at tenths of the asking: {tenths}; at the most {most:.0f}")
        verdicts.append(
            ("", f"MB that the {name} grows by, after the first fifth", line[-1] - line[1], GROWTH_GOAL)
        )
    return verdicts


def main(*, quick):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        verdicts = []
        if "--prompts" not in sys.argv:
            verdicts += many_streams(Path(one), 2 if quick else SHORT, 6 if quick else LONG)
        if "--streams" not in sys.argv:
            verdicts += many_prompts(Path(other), PROMPTS // 4 if quick else PROMPTS)
    print()
    for number, what, value, goal in verdicts:
        verdict = "met" if value <= goal else "MISSED"
        print(f"goal {number or '-'}: {what} = {value:.2f}, goal {goal:g}: {verdict}")
    return 1 if any(value > goal for _, _, value, goal in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv))
