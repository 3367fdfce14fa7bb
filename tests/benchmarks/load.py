"""What a call's end takes, what stalled lanes cost the others, and whether many rounds take more memory.

    load.py [verdicts] [lanes] [rounds]

Verdicts: the collector alone, against servers that stay connected: how long after `[DONE]`, after a finish
reason, and after a stop it takes until the verdict is there or the socket is closed; the bracket tells how
late this script's own loop was meanwhile, which is the machine's other work. Lanes: the whole program at
200x50 with 32 models, 4 of which say one word and no more; a key is timed from its byte to its effect, in
turns with an idle Textual app's. What the program's main thread waited for a core meanwhile, which the kernel
counts, is taken off: it is the machine's, not the program's. Rounds: the whole program asks 8 models 100
times, with and without a screen; the memory of both processes is sampled.

Late verdicts and keys prove nothing where the idle one's take half of the goal: the machine is busy, and it
says so. Exits with 1 when a goal is missed.
"""

import asyncio
import re
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server import FIRST, HEAD, TOKEN, chunk, framed
from sweep import PAGE, Watched, sweep_server
from ui_terminal import python, terminal

from ostream.limits import Limits
from ostream.timeline import percentile
from ostream_compare.collector.client import Collector
from ostream_compare.collector.protocol import Cancel, Finished, Grew, LaneOrder, Ready, StartRun
from ostream_compare.domain.preset import Preset, Prompt, Provider

TIMES = 12
"""How often each verdict is timed."""
GRACE = 0.3
ENDS = {
    "done": framed(b"data: [DONE]\n\n"),
    "finish": chunk({}, "stop"),
    "stopped": b"",
}
"""What a server says last, by the model that it is asked for; after it the connection stays open."""
LIMIT = 10.0
"""Seconds for any one of them."""
RIGHT, STALLED = 28, 4
ANSWER = "200@20"
SILENT = "2@0.01"
"""One word at once, the second after 100 s."""
KEYS, PAUSE = 60, 0.06
ROUNDS, MODELS = 100, 8
ROUND_ANSWER = "40"
GROWTH = 20.0
"""MB, from two fifths of the rounds on to the last one."""
_ENDED = re.compile(rb'"type":"ended"\}')


@dataclass(frozen=True)
class Verdict:
    """A figure and its goal; the same of something that does nothing, where that tells how busy it is."""

    goal: str
    what: str
    value: float
    most: float
    idle: float = 0.0

    @property
    def word(self):
        if self.value <= self.most:
            return "met"
        return f"not told, the idle one's is {self.idle:.0f}" if self.idle > self.most / 2 else "MISSED"


class Held(asyncio.Protocol):
    """One connection that is answered, and never closed from this side; stamps of what happens to it."""

    said: float
    closed: asyncio.Future[float]

    def __init__(self, opened):
        self.received = b""
        self.opened = opened

    def connection_made(self, transport):
        self.transport = transport
        self.closed = asyncio.get_running_loop().create_future()
        self.opened.append(self)

    def connection_lost(self, error):
        del error
        self.closed.set_result(time.perf_counter())

    def data_received(self, data):
        self.received += data
        found = re.search(rb'"model": ?"(\w+)"', self.received)
        if found:
            self.received = b""
            self.transport.write(HEAD + FIRST + TOKEN + ENDS[found[1].decode()])
            self.said = time.perf_counter()


def order(url, model):
    provider = Provider(name="p", base_url=url)
    limits = Limits(grace=GRACE, first_token=LIMIT, idle=LIMIT, total=LIMIT)
    return LaneOrder(lane=0, preset=Preset(name="m", provider=provider, model=model, timeout=limits))


async def timed(link, reports, opened, start, model):
    """Seconds until one verdict, and after a stop until the socket is closed."""
    link.send(start)
    async for report in reports:
        if isinstance(report, Grew) and model == "stopped":
            asked = time.perf_counter()
            link.send(Cancel(run=start.run))
        elif isinstance(report, Finished):
            assert report.event.response.content == " word", report
            if model == "stopped":
                return await asyncio.wait_for(opened[-1].closed, LIMIT) - asked
            return report.event.at / 1e9 - opened[-1].said
    raise AssertionError("the collector ended")


async def late(found):
    """How late this loop is, again and again, in ms."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(0.005)
        found.append((time.perf_counter() - asked - 0.005) * 1000)


async def verdict_times():
    """Goal 6."""
    opened = []
    server = await asyncio.get_running_loop().create_server(lambda: Held(opened), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    link = Collector()
    link.start()
    reports = link.reports()
    assert isinstance(await anext(reports), Ready)
    goals = {"done": 300, "finish": GRACE * 1000 + 200, "stopped": 500}
    words = {
        "done": "[DONE] to verdict",
        "finish": "finish held open to verdict",
        "stopped": "stop to closed",
    }
    found = []
    print(f"{'goal 6':34}{'p50':>9}{'most':>9}{'own loop':>11}{'goal':>9}")
    for model, goal in goals.items():
        own, times = [], []
        beating = asyncio.create_task(late(own))
        for number in range(TIMES):
            run = f"{model}{number}"
            start = StartRun(run=run, origin=0, prompt=Prompt(user="x"), lanes=(order(url, model),))
            async with asyncio.timeout(2 * LIMIT):
                times.append(await timed(link, reports, opened, start, model) * 1000)
        beating.cancel()
        most, beside = max(times), max(own, default=0)
        middle = percentile(sorted(times), 50)
        print(
            f"  {words[model]:32}{middle:6.0f} ms{most:6.0f} ms  ({beside:4.0f} ms){goal:6.0f} ms", flush=True
        )
        found.append(Verdict("6", f"{words[model]}, the longest in ms", most, goal, beside))
    await link.stop()
    server.close()
    return found


def models_toml(url, models):
    """A file of models of one server."""
    tables = "".join(
        f'[[models]]\nname = "m{number}"\nprovider = "p"\nmodel = "{model}"\n'
        for number, model in enumerate(models)
    )
    limits = "timeout = { connect = 60, first_token = 120, idle = 120, total = 300 }"
    price = "price = { free = true }"
    return f'version = 1\n[providers.p]\nbase_url = "{url}"\n[defaults]\n{limits}\n{price}\n{tables}'


def verdicts_in(home):
    """How many verdicts the run logs of a home have."""
    logs = Path(home, ".local/share/ostream-compare/runs").glob("*.jsonl")
    return sum(len(_ENDED.findall(log.read_bytes())) for log in logs)


def program(home, url, models, *flags):
    """The program's command, its models in `home`."""
    file = Path(home, "models.toml")
    file.write_text(models_toml(url, models))
    return [sys.executable, "-m", "ostream_compare", str(file), "-p", "hi", *flags]


def waited(shown):
    """Milliseconds that a program's main thread has waited for a core."""
    try:
        return int(Path(f"/proc/{shown.process.pid}/schedstat").read_text().split()[1]) / 1e6
    except OSError:  # a kernel that does not count them
        return 0.0


def stalled_lanes():
    """Goal 7: 32 lanes in a terminal, 4 of which say no more."""
    keys, own, idle = [], [], []
    with (
        tempfile.TemporaryDirectory() as home,
        sweep_server() as (url, _),
        terminal(python("ui_scene.py", "idle", 1, 0, 0, 1, "mixed", 2)) as beside,
        terminal(program(home, url, [ANSWER] * RIGHT + [SILENT] * STALLED), HOME=home) as shown,
    ):
        beside.drain(1)
        assert shown.until(b"word", 20) is not None, "no answer came"
        shown.drain(1)
        wall, cpu = time.perf_counter(), shown.cpu()
        for turn in range(KEYS):
            shown.drain(PAUSE)
            before = waited(shown)
            keys.append(shown.key_latency())
            own.append(max(0.0, keys[-1] - (waited(shown) - before)))
            if turn % 3 == 0:
                beside.drain(PAUSE / 2)
                idle.append(beside.key_latency())
        share = (shown.cpu() - cpu) / (time.perf_counter() - wall)
        end = time.perf_counter() + 20
        while (ended := verdicts_in(home)) < RIGHT and time.perf_counter() < end:
            shown.drain(0.2)
    print(f"\n{RIGHT + STALLED} lanes, {STALLED} stalled: {ended} finished; screen {share:.0%} of a core")
    for what, times in (("key", keys), ("less waiting", own), ("an idle app's", idle)):
        times.sort()
        middle, p99 = percentile(times, 50), percentile(times, 99)
        print(f"  {what:16}p50 {middle:4.0f} ms   p99 {p99:4.0f} ms", flush=True)
    return [
        Verdict("7", f"lanes that stalled ones held up, of {RIGHT}", RIGHT - ended, 0),
        Verdict(
            "7", "key p99 in ms, less waiting for a core", percentile(own, 99), 100, percentile(idle, 99)
        ),
    ]


def memory_of(pids):
    """MB of each process that is there."""
    found = {}
    for name, pid in pids.items():
        with suppress(OSError):
            found[name] = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return found


def rounds_on_screen():
    """Memory at tenths of 100 rounds of 8 models, in a terminal."""
    samples = []
    wanted = ROUNDS * MODELS
    with (
        tempfile.TemporaryDirectory() as home,
        sweep_server() as (url, _),
        terminal(program(home, url, [ROUND_ANSWER] * MODELS, "--repeat", str(ROUNDS)), HOME=home) as shown,
    ):
        ended, end = 0, time.perf_counter() + 60
        while ended < wanted and time.perf_counter() < end and shown.process.poll() is None:
            shown.drain(0.1)
            ended = verdicts_in(home)
            pid = shown.process.pid
            with suppress(OSError, IndexError):
                child = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
                samples.append((ended, memory_of({"program": pid, "collector": child})))
    return samples, wanted - ended


def rounds_without_screen():
    """The same, headless; what is sampled after the last call is the writing of the result."""
    with tempfile.TemporaryDirectory() as home, sweep_server() as (url, _):
        folder = Path(home)
        run = Watched(folder, url, [ROUND_ANSWER] * MODELS, 1, "--repeat", str(ROUNDS))
        ended, asking = verdicts_in(home), run.last_call()
    samples = [(ROUNDS * MODELS * at / asking, memory) for at, memory in run.samples if at <= asking]
    return samples, ROUNDS * MODELS - ended


def many_rounds():
    """Whether memory grows with the rounds."""
    found = []
    print(f"\n{ROUNDS} rounds of {MODELS} models, MB at fifths of the verdicts")
    for where, take in (("screen", rounds_on_screen), ("headless", rounds_without_screen)):
        samples, missing = take()
        found.append(Verdict("-", f"{where}: verdicts that are missing", missing, 0))
        for name in ("program", "collector"):
            told = [(ended, memory[name]) for ended, memory in samples if name in memory]
            line = [
                max((size for ended, size in told if ended <= ROUNDS * MODELS * part / 5), default=0.0)
                for part in range(1, 6)
            ]
            print(f"  {where:10}{name:10}" + "".join(f"{size:7.0f}" for size in line), flush=True)
            what = f"{where}: MB that the {name} grows by, after the second fifth"
            found.append(Verdict("-", what, line[-1] - line[1], GROWTH))
    return found


PARTS = {
    "verdicts": lambda: asyncio.run(verdict_times()),
    "lanes": stalled_lanes,
    "rounds": many_rounds,
}


def main(names):
    found = [verdict for name in names for verdict in PARTS[name]()]
    print()
    for verdict in found:
        figure = f"{verdict.what} = {verdict.value:.1f}"
        print(f"goal {verdict.goal}: {figure}, goal {verdict.most:g}: {verdict.word}")
    return 1 if any(verdict.word == "MISSED" for verdict in found) else 0


if __name__ == "__main__":
    sys.exit(main([name for name in sys.argv[1:] if name in PARTS] or PARTS))
