"""The program's own screen, its calls made in one of three places; run in a terminal by `accuracy.py`.

    placed_ui.py PLACE BASE_URL MODELS ROUNDS RESULTS OUT

PLACE is a key of `PLACES`, MODELS are the models' names with commas between, RESULTS is the folder for what
is saved. When the last verdict is in, one line of JSON goes to the file descriptor OUT: for each model its
streams in order, each as `[saved TTFT in ms, [[stamp, text] of each burst]]`, stamps as of
`time.perf_counter_ns()`. The screen then stays until somebody leaves it.
"""

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

from ostream.pricing import load_prices
from ostream_compare.collector.client import Collector
from ostream_compare.collector.clients import prime
from ostream_compare.collector.protocol import Alive, Finished, Grew, StartRun, to_line
from ostream_compare.collector.worker import Worker
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.run import Repeats
from ostream_compare.tui.app import run
from ostream_compare.tui.session import Machine


class TellingWorker(Worker):
    """What else runs in the child, its reports handed to a function."""

    def __init__(self, tell):
        super().__init__(out=None)
        self.say = lambda report: None if isinstance(report, Alive) else tell(report)


class Orders(asyncio.Queue):
    """As much of a `StreamReader` as the worker needs."""

    async def readline(self):
        return await self.get()


class UILoop:
    """Makes the calls on the event loop of the screen."""

    def __init__(self):
        self.orders, self.news = Orders(), asyncio.Queue()

    def start(self):
        asyncio.run(prime())

    def send(self, command):
        self.orders.put_nowait(to_line(command))

    async def reports(self):
        working = asyncio.create_task(TellingWorker(self.news.put_nowait).run(self.orders))
        try:
            while True:
                yield await self.news.get()
        finally:
            working.cancel()

    async def stop(self, timeout=2.0):  # noqa: ASYNC109 - the collector's own contract
        pass

    def kill(self):
        pass


class Thread(UILoop):
    """Makes the calls on an event loop of their own in the screen's process."""

    def __init__(self):
        super().__init__()
        self.running = threading.Event()
        self.screen = self.loop = None

    def start(self):
        threading.Thread(target=lambda: asyncio.run(self.work()), daemon=True).start()
        self.running.wait(60)

    async def work(self):
        await prime()
        self.loop = asyncio.get_running_loop()
        self.running.set()
        await TellingWorker(self.tell).run(self.orders)

    def tell(self, report):
        if self.screen is not None:
            self.screen.call_soon_threadsafe(self.news.put_nowait, report)

    def send(self, command):
        self.loop.call_soon_threadsafe(self.orders.put_nowait, to_line(command))

    async def reports(self):
        self.screen = asyncio.get_running_loop()
        while True:
            yield await self.news.get()


PLACES = {"child": Collector, "thread": Thread, "UI's loop": UILoop}


class Recorded:
    """A link that passes everything on, and tells what it saw when all is over."""

    def __init__(self, link, models, rounds, out):
        self.link = link
        self.models = models
        self.left = len(models) * rounds
        self.out = out
        self.origin = 0
        self.bursts = [[] for _ in models]
        self.streams = {model: [] for model in models}
        self.start, self.stop, self.kill = link.start, link.stop, link.kill

    def send(self, command):
        if isinstance(command, StartRun):
            self.origin = command.origin
        self.link.send(command)

    async def reports(self):
        async for report in self.link.reports():
            if isinstance(report, Grew):
                self.bursts[report.event.lane].append((report.event.at + self.origin, report.event.text))
            yield report
            if isinstance(report, Finished):
                self.end(report.event)

    def end(self, event):
        assert event.response.state == "complete", event.response
        self.streams[self.models[event.lane]].append((event.response.timing.ttft_ms, self.bursts[event.lane]))
        self.bursts[event.lane] = []
        self.left -= 1
        if self.left == 0:
            with os.fdopen(self.out, "w") as pipe:
                print(json.dumps(self.streams), file=pipe)


def main(place, url, models, rounds, *, results, out):
    load_prices()
    provider = Provider(name="loopback", base_url=url)
    presets = tuple(
        Preset(name=f"m{lane}", provider=provider, model=model) for lane, model in enumerate(models)
    )
    link = Recorded(PLACES[place](), models, rounds, out)
    link.start()
    return run(
        Config(path=None, sha256=None, presets=presets),
        (),
        prompt=Prompt(user="Count, please"),
        start_now=True,
        collector=link,
        machine=Machine(environ={}, results=results, repeats=Repeats(rounds=rounds)),
    )


if __name__ == "__main__":
    _, place, url, models, rounds, results, out = sys.argv
    sys.exit(main(place, url, models.split(","), int(rounds), results=Path(results), out=int(out)))
