"""The whole program but for the terminal: real screen, real child, real logs; told what to do line by line.

    sitting.py FOLDER [COLUMNS LINES]

Each line of stdin is one JSON object, each is answered by one on stdout:

    {"begin": [[name, base_url], ...], "limits": {...}, "wait": true}   a run of these models
    {"until": "over" | {"verdicts": N} | {"text": NAME}}                wait for a run that was begun
    {"press": [key, ...]}                                               keys; the screen as it is then
    {"measure": true}                                                   figures; peaks count from here on
"""

import asyncio
import ctypes
import gc
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from ostream.limits import Limits
from ostream_compare.collector.client import Collector
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.storage.recorder import Recorder
from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.session import Session

PATIENCE = 500.0
"""Seconds that any one line may take."""


class Sitting:
    """One app with one child."""

    def __init__(self, app, pilot, link, recorder):
        self.app, self.pilot, self.link, self.recorder = app, pilot, link, recorder

    @property
    def session(self):
        return self.app.session

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - what is waited for is the program's own state
                await asyncio.sleep(0.005)

    async def do(self, line):
        if "begin" in line:
            await self.begin(line["begin"], Limits(**line.get("limits", {})))
            if line.get("wait", True):
                await self.wait("over")
        if "until" in line:
            await self.wait(line["until"])
        if "press" in line:
            await self.pilot.press(*line["press"])
            await self.pilot.pause()
        answer = {"lanes": self.lanes(), "toasts": [str(note.message) for note in self.app._notifications]}
        if "press" in line:
            strips = self.app.screen._compositor.render_strips()
            answer["screen"] = "\n".join(strip.text for strip in strips)
            answer["title"] = type(self.app.screen).__name__
        if "measure" in line:
            await asyncio.sleep(0.01)  # lets the child go on
            answer["ui"], answer["child"] = figures(os.getpid()), figures(self.link.pid)
            answer["ui"]["tasks"] = len(asyncio.all_tasks())
        return answer

    async def begin(self, models, limits):
        presets = tuple(
            Preset(name=name, provider=Provider(name=f"p{place}", base_url=url), model="m", timeout=limits)
            for place, (name, url) in enumerate(models)
        )
        number = self.session.number
        self.session.choose(presets)
        self.app._main.begin(Prompt(user="Say hello"))
        await self.until(lambda: self.session.number > number)

    async def wait(self, what):
        run = self.session
        if what == "over":
            main = self.app._main
            # With its last picture; to wait until the whole process is idle would take longer than the run.
            await self.until(lambda: run.run is not None and not run.is_running and not main._ticking)
            return
        if "verdicts" in what:
            await self.until(lambda: run.run.ended >= what["verdicts"])
        else:
            names = [preset.name for preset in run.presets]
            place = names.index(what["text"])
            await self.until(lambda: run.run.lanes[place].content.length > 0)
        await self.pilot.pause()

    def lanes(self):
        run = self.session.run
        return {} if run is None else dict(map(self.lane, run.presets, run.lanes))

    @staticmethod
    def lane(preset, lane):
        if not isinstance(lane, Ended):
            return preset.name, {"state": "open", "text": str(lane.content)[:100]}
        response = lane.response
        return preset.name, {
            "state": response.state,
            "kind": response.error.kind if response.error else None,
            "message": response.error.message[:300] if response.error else None,
            "text": response.content[:4000],
            "length": len(response.content) + len(response.reasoning or ""),
            "tools": len(response.tool_calls),
            "warnings": response.warnings,
            "e2e": response.timing.e2e_ms,
            "gap": response.timing.icl_max_ms,
        }


def figures(pid):
    """Memory in KiB, now and at most since the last look; open files."""
    if pid == os.getpid():
        gc.collect()
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    found = {"now": int(status["VmRSS"].split()[0]), "peak": int(status["VmHWM"].split()[0])}
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return found | {"files": sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())}


async def main(folder, columns=120, lines=40):
    recorder = Recorder(folder / "data")
    link = Collector()
    link.start()
    machine = Machine(environ={}, results=folder / "results", recorder=recorder)
    session = Session(Config(path=None, sha256=None, presets=()), link, machine)
    app = CompareApp(session, (), prompt=None, start_now=False)
    try:
        async with app.run_test(size=(columns, lines), notifications=True) as pilot:
            sitting = Sitting(app, pilot, link, recorder)
            while line := await asyncio.to_thread(sys.stdin.readline):
                print(json.dumps(await sitting.do(json.loads(line))), file=sys.__stdout__, flush=True)
            await app.leave(0)
    finally:
        link.kill()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(int, sys.argv[2:4])))
