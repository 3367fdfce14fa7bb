"""Measures how late the program's stamps are, with its screen running, and how fast requests leave it.

    accuracy.py [--quick]

A server in a process of its own stamps each chunk just before it writes it; the program runs in a terminal
of 200x50. Each figure is the program's stamp less the server's. Beside the program as it is, whose calls are
made in a child process, stands the same reader in a thread of the screen's process and on the screen's event
loop; and at the same time a process that only stamps one stream more: what the machine takes meanwhile.
Exits with 1 when a goal is missed.
"""

import asyncio
import fcntl
import json
import os
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from ostream.timeline import percentile
from ostream_compare.collector.client import Collector
from ostream_compare.collector.protocol import Finished, LaneOrder, Sent, StartRun
from ostream_compare.domain.preset import Preset, Prompt, Provider

HERE = Path(__file__).parent
PLACES = ("child", "thread", "UI's loop")
GOAL_SCENE = (8, 100)
SCENES = ((4, 60), (4, 200), (8, 60), GOAL_SCENE, (8, 200))
ROUNDS = 3
SECONDS = 3
"""Of one round's answers."""
STAMP_GOALS = {50: 0.3, 99: 3.0}
LAUNCH_GOAL = 5.0
LAUNCHES = 20
TOGETHER = 8
SIZE = (50, 200)
BARE_CHUNKS = 8_000
"""More than come while the program runs."""
START_LIMIT = 60
LEAVE_LIMIT = 10
CTRL_Q = b"\x11"
EPILOGUE = 4000
"""Bytes of a screen's last words that are shown when it did not come to its end."""


class Server:
    """The stamping server."""

    def __init__(self, process):
        self._process = process
        self.port = int(process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def stamps(self):
        """What was stamped since the last time, by model."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def stamping_server():
    command = [sys.executable, str(HERE / "stamping_server.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        process.stdout.close()


# The program in a terminal


def shown(place, url, models, rounds):
    """What the program saw, by model; it runs in a terminal whose other end is read all the time."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    seen, out = os.pipe()
    with tempfile.TemporaryDirectory() as results:
        program = subprocess.Popen(
            [
                sys.executable,
                str(HERE / "placed_ui.py"),
                place,
                url,
                ",".join(models),
                str(rounds),
                results,
                str(out),
            ],
            env=environment(results),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(out,),
            preexec_fn=lambda: os.login_tty(slave),  # noqa: PLW1509 - one thread; the only way to a controlling terminal
        )
        os.close(slave)
        os.close(out)
        try:
            return json.loads(watched(program, master, seen, START_LIMIT + rounds * (SECONDS + 1)))
        finally:
            program.kill()
            program.wait()
            os.close(master)
            os.close(seen)


def environment(home):
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("OPENAI_")}
    return kept | {"HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def watched(program, master, seen, limit):
    """The line that the program writes to `seen`; it is left with a key then, as a person would."""
    end = time.monotonic() + limit
    line, screen = b"", b""
    while time.monotonic() < end and program.poll() is None:
        for ready in select.select([master, seen], [], [], 0.2)[0]:
            data = read(ready)
            if ready == master:
                screen = (screen + data)[-EPILOGUE:]
            else:
                line += data
        if line.endswith(b"\n") and end - time.monotonic() > LEAVE_LIMIT:
            os.write(master, CTRL_Q)
            end = time.monotonic() + LEAVE_LIMIT - 1
    assert line.endswith(b"\n"), f"the screen did not come to its end: {screen.decode(errors='replace')}"
    assert program.poll() == 0, f"the screen was left with {program.poll()}"
    return line


def read(descriptor):
    try:
        return os.read(descriptor, 1 << 18)
    except OSError:  # the terminal's other end is closed
        return b""


# Errors of stamps


@contextmanager
def bare_reader(server, rate):
    """Reads one more stream all the time; what it saw is in the list that it gives once it is left."""
    command = [sys.executable, str(HERE / "bare_reader.py"), str(server.port), f"{BARE_CHUNKS}@{rate}#bare"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    found = []
    try:
        yield found
        found += json.loads(process.communicate(timeout=10)[0])
    finally:
        process.kill()
        process.communicate()


def errors(server, place, scene, rounds):
    """Milliseconds by which each chunk's stamp, each TTFT and each stamp of the bare reader are off."""
    streams, rate = scene
    models = [f"{rate * SECONDS}@{rate}#{lane}" for lane in range(streams)]
    server.stamps()
    with bare_reader(server, rate) as bare:
        client = shown(place, server.url, models, rounds)
    written = server.stamps()
    chunks, firsts, ends = [], [], []
    for model in models:
        assert len(written[model]) == len(client[model]) == rounds
        for (request, sent), (ttft, bursts) in zip(written[model], client[model], strict=True):
            got = {int(number): at for at, text in bursts for number in text.split()}
            assert sorted(got) == list(range(len(sent))), "every chunk has one stamp"
            chunks += [(got[number] - at) / 1e6 for number, at in enumerate(sent)]
            firsts.append(ttft - (sent[0] - request) / 1e6)
            ends += sent[0], sent[-1]
    [(_, sent)] = written[f"{BARE_CHUNKS}@{rate}#bare"]
    floor = [(at - sent[number]) / 1e6 for at, number in bare if min(ends) <= sent[number] <= max(ends)]
    return sorted(chunks), sorted(firsts), sorted(floor)


def row(values):
    return "".join(f"{value:7.2f}" for value in (percentile(values, 50), percentile(values, 99), values[-1]))


def measure_stamps(server, scenes, rounds):
    """Prints the table; the verdicts of goal 9."""
    print(f"Program's stamp less server's, ms; {rounds} x {SECONDS} s, screen of 200x50\n")
    print(f"{'models x':22}{'each chunk':^21}   {'TTFT':^21}   {'bare, meanwhile':^21}")
    print(f"{'chunks/s':10}{'calls in':12}" + "   ".join([f"{'p50':>7}{'p99':>7}{'max':>7}"] * 3))
    verdicts = []
    for scene in scenes:
        for place in PLACES:  # in turns, so that a slow minute of the machine hits all
            found = errors(server, place, scene, rounds)
            name = f"{scene[0]} x {scene[1]}"
            print(f"{name:10}{place:12}" + "   ".join(map(row, found)), flush=True)
            if place == "child" and scene == GOAL_SCENE:
                for percent, goal in STAMP_GOALS.items():
                    value, floor = (percentile(values, percent) for values in (found[0], found[2]))
                    what = f"stamp error, {name} a second, p{percent} (bare {floor:.2f})"
                    verdicts.append(("9", what, value, goal))
    return verdicts


# Launches


async def launches(url, count):
    """Milliseconds to the last request's first byte, for each launch: since it was due, since the order."""
    provider = Provider(name="loopback", base_url=url)
    orders = tuple(
        LaneOrder(lane=lane, preset=Preset(name=f"m{lane}", provider=provider, model=f"20@100#{lane}"))
        for lane in range(TOGETHER)
    )
    collector = Collector()
    collector.start()
    try:
        reports = collector.reports()
        await anext(reports)  # it is ready
        found = [
            await asyncio.wait_for(launch(collector, reports, orders, str(n)), 30) for n in range(count + 1)
        ]
        await collector.stop()
    finally:
        collector.kill()
    return found[1:]  # the first one opens the connections


async def launch(collector, reports, orders, run):
    collector.send(StartRun(run=run, origin=time.perf_counter_ns(), prompt=Prompt(user="x"), lanes=orders))
    sent, due = {}, {}
    while len(due) < len(orders):
        report = await anext(reports)
        event = report.event
        if isinstance(report, Sent):
            sent[event.lane] = event.at / 1e6
        elif isinstance(report, Finished):
            timing = event.response.timing
            due[event.lane] = sent[event.lane] - timing.queue_ms - timing.connect_ms
    return max(sent.values()) - min(due.values()), max(sent.values())


def measure_launches(server, count):
    """Prints the figures; the verdict of goal 12."""
    found = asyncio.run(launches(server.url, count))
    print(f"\nLast of {TOGETHER} requests fired together, ms to its first byte; {count} warm launches")
    for what, values in zip(("since due", "since the order"), zip(*found, strict=True), strict=True):
        print(
            f"  {what:<18}median {statistics.median(values):.2f}   ({min(values):.2f} to {max(values):.2f})"
        )
    median = statistics.median(due for due, _ in found)
    return [("12", f"last of {TOGETHER} together, due to first byte, median", median, LAUNCH_GOAL)]


def main(*, quick):
    with stamping_server() as server:
        verdicts = (
            measure_stamps(server, (GOAL_SCENE,), 1) if quick else measure_stamps(server, SCENES, ROUNDS)
        )
        verdicts += measure_launches(server, LAUNCHES)
    print()
    for number, what, value, goal in verdicts:
        verdict = "met" if value <= goal else "MISSED"
        print(f"goal {number}: {what} = {value:.2f} ms, goal {goal:g} ms: {verdict}")
    return 1 if any(value > goal for _, _, value, goal in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv))
