"""One screen under a load that is made inside its own process; run in a terminal by the `ui_*` benchmarks.

    ui_scene.py SCREEN LANES RATE PRELOAD SECONDS SAMPLE OUT

SCREEN is `panes` (the program's main screen), `markdown` (Textual's own Markdown stream, one a lane), `idle`
(an app with one line that answers keys) or `empty`. Each lane gets PRELOAD tokens at once and then RATE a
second, of the text SAMPLE. After a warm-up, SECONDS are measured and told to the file descriptor OUT as JSON;
the load goes on until somebody quits.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

WARM_UP = 1.5
BEAT = 0.005
TICK = 0.01
MIXED = """\
## Locks, in short

A **mutex** has *one* owner; a `semaphore` counts permits, and so it may be given back by somebody else.
See [the manual](https://docs.python.org/3/library/threading.html) for what each of them promises.

1. take it before you touch what is shared
2. give it back, whatever happens
   - also when an exception is raised
   - and when the task is cancelled

```python
class Account:
    def __init__(self, balance: int = 0) -> None:
        self.lock = threading.Lock()  # one owner
        self.balance = balance

    def deposit(self, amount: int) -> None:
        with self.lock:
            self.balance += amount
```

| | mutex | semaphore |
|---|---|---|
| owner | one task | none |
| count | 1 | N |

> Whoever waits for a lock while holding another should know the order of all locks.

互斥锁保护共享数据。信号量限制并发数量。The same in other words: one key, or a bowl with N of them 🔑.

"""
SAMPLES = {"mixed": MIXED, "line": "one endless line of words and no end of it "}


def tokens_of(text):
    """Pieces of about four characters, as a model sends them."""
    return re.findall(r" ?\w{1,5}| +|\n+|[^\w\s]", text)


class Load:
    """How many tokens are due by now, and what they are."""

    def __init__(self, lanes, rate, preload, sample):
        self.tokens = tokens_of(SAMPLES[sample])
        self.lanes, self.rate, self.preload = lanes, rate, preload
        self.given = 0
        self.began = None
        self.running = asyncio.Event()

    def begin(self):
        self.began = time.perf_counter()
        self.running.set()
        text = "".join(self.tokens[number % len(self.tokens)] for number in range(self.preload))
        self.given = self.preload
        return text

    @property
    def due(self):
        return self.preload + int((time.perf_counter() - self.began) * self.rate)

    def characters(self, count):
        """Of the first `count` tokens."""
        rounds, rest = divmod(count, len(self.tokens))
        return rounds * sum(map(len, self.tokens)) + sum(map(len, self.tokens[:rest]))

    def next(self):
        """The tokens of each lane that are due and not given."""
        first, self.given = self.given, self.due
        return [self.tokens[number % len(self.tokens)] for number in range(first, self.given)]


class Feed:
    """A link to no other process."""

    def __init__(self, load):
        self.load = load
        self.orders = asyncio.Queue()
        self.left = asyncio.Event()

    def start(self):
        pass

    def kill(self):
        pass

    def send(self, command):
        self.orders.put_nowait(command)

    async def stop(self, timeout=2.0):  # noqa: ASYNC109 - the collector's own contract
        self.left.set()

    async def reports(self):
        from ostream_compare.collector.protocol import Grew, Sent
        from ostream_compare.domain.events import Delta, RequestSent

        run = (await self.orders.get()).run
        began = time.perf_counter_ns()

        def now():
            return time.perf_counter_ns() - began

        for lane in range(self.load.lanes):
            yield Sent(run=run, event=RequestSent(lane=lane, at=now()))
        text = self.load.begin()
        for lane in range(self.load.lanes):
            yield Grew(run=run, event=Delta(lane=lane, at=now(), text=text))
        while not self.left.is_set():
            for token in self.load.next():
                for lane in range(self.load.lanes):
                    yield Grew(run=run, event=Delta(lane=lane, at=now(), text=token))
            await asyncio.sleep(TICK)


async def heartbeat(late, busy):
    """How late the loop gets back to somebody who asked for a moment, and the CPU that it took meanwhile."""
    while True:
        asked, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(BEAT)
        late.append((time.perf_counter() - asked - BEAT) * 1000)
        busy.append((time.process_time() - cpu) * 1000)


async def measure(load, seconds, arrived, out):
    """Tell what `seconds` of the load cost, and what of it arrived."""
    await load.running.wait()
    await asyncio.sleep(WARM_UP)
    wall, cpu, before = time.perf_counter(), time.process_time(), arrived()
    due = load.due
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    delivered = (arrived() - before) / max(1, load.characters(load.due) - load.characters(due))
    late, busy = [], []
    beating = asyncio.create_task(heartbeat(late, busy))
    await asyncio.sleep(seconds)
    beating.cancel()
    with os.fdopen(out, "w") as pipe:
        print(
            json.dumps({"cpu": share, "delivered": delivered, "late": sorted(late), "busy": sorted(busy)}),
            file=pipe,
        )


def panes(load, seconds, out):
    from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
    from ostream_compare.tui.app import CompareApp
    from ostream_compare.tui.session import Machine, Session

    demo = Provider(name="demo", kind="demo")
    presets = tuple(
        Preset(name=f"model {lane}", provider=demo, model="demo/swift") for lane in range(load.lanes)
    )
    results = Path(tempfile.mkdtemp())
    session = Session(
        Config(path=None, sha256=None, presets=presets), Feed(load), Machine(environ={}, results=results)
    )

    def arrived():
        return min(lane.content.length for lane in session.run.lanes)

    class Measured(CompareApp):
        async def on_mount(self):
            self.measuring = asyncio.create_task(measure(load, seconds, arrived, out))

    return Measured(session, (), prompt=Prompt(user="Count, please"), start_now=True)


def markdown(load, seconds, out):
    from textual.app import App
    from textual.binding import Binding
    from textual.containers import Grid, VerticalScroll
    from textual.widgets import Markdown, Static

    class Streams(App):
        BINDINGS = (Binding("tab", "mark", "Mark", priority=True),)
        CSS = "Grid { grid-size: 4; } VerticalScroll { border: round $primary; } Static { height: 1; }"
        marks = 0

        def compose(self):
            yield Static("-", id="mark")
            with Grid():
                for _ in range(load.lanes):
                    with VerticalScroll():
                        yield Markdown()

        async def on_mount(self):
            self.arrived = 0
            for scroll in self.query(VerticalScroll):
                scroll.can_focus = False
                scroll.anchor()
            self.feeding = asyncio.create_task(self.feed())
            self.measuring = asyncio.create_task(measure(load, seconds, lambda: self.arrived, out))

        async def feed(self):
            views = list(self.query(Markdown))
            text = load.begin()
            for view in views:
                await view.update(text)
            streams = [Markdown.get_stream(view) for view in views]
            while True:
                text = load.next()
                for stream in streams:
                    await stream.write("".join(text))
                self.arrived += sum(map(len, text))
                await asyncio.sleep(TICK)

        def action_mark(self):
            self.marks += 1
            self.query_one("#mark", Static).update(f"┏ {self.marks}")

    return Streams()


def empty(load, seconds, out):
    del load, seconds, out
    from textual.app import App
    from textual.widgets import Static

    class Empty(App):
        def compose(self):
            yield Static("┏ here")

    return Empty()


def idle(load, seconds, out):
    """A still screen that answers a key: what the terminal and the machine's other work take of a latency."""
    del load, seconds, out
    from textual.app import App
    from textual.binding import Binding
    from textual.widgets import Static

    class Idle(App):
        BINDINGS = (Binding("tab", "mark", "Mark", priority=True),)
        marks = 0

        def compose(self):
            yield Static("-")

        def action_mark(self):
            self.marks += 1
            self.query_one(Static).update(f"┏ {self.marks}")

    return Idle()


SCREENS = {"panes": panes, "markdown": markdown, "empty": empty, "idle": idle}


def main(screen, lanes, rate, preload, *, seconds, sample, out):
    from ostream_compare.tui import memory, terminal_keys

    load = Load(lanes, rate, preload, sample)
    if screen == "panes":
        terminal_keys.teach()
    app = SCREENS[screen](load, seconds, out)
    app.run()
    memory.thaw()
    os._exit(0)


if __name__ == "__main__":
    _, screen, lanes, rate, preload, seconds, sample, out = sys.argv
    main(screen, int(lanes), int(rate), int(preload), seconds=float(seconds), sample=sample, out=int(out))
