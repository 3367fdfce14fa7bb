"""Many models at once, and many runs one after the other."""

import asyncio
import os
import time
from pathlib import Path

from collector.rig import LIMITS
from ostream.limits import Limits
from ostream_compare.collector.client import Collector
from ostream_compare.collector.protocol import Finished, LaneOrder, StartRun
from ostream_compare.domain.preset import Preset, Prompt, Provider
from torture.program import LIMIT, Home, models_toml, without_screen
from torture.sizes import size
from wire.script import plain_stream, stream

RUNS = size(40, 10_000)
WARM = RUNS // 4
LANES = 8
GROWTH_KIB = 20 * 1024


def test_of_32_models_4_stall_and_28_finish(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*[stream(end="hang", hold_ms=30_000)] * 4, plain_stream())
    settings = "[defaults]\ntimeout = { first_token = 3 }"
    file = home.file(models_toml(site.base_url, count=32, settings=settings))
    with without_screen(home, file, "-p", "hi") as process:
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 1, err
    responses = home.saved()[0].responses
    whole = [response for response in responses if response.state == "complete"]
    stalled = [response.error.kind for response in responses if response.state != "complete"]
    assert [response.content for response in whole] == ["Hello"] * 28
    assert stalled == ["stall_first"] * 4
    assert all(response.timing.e2e_ms < 3000 for response in whole), "nobody waits for those that stall"


def test_descriptors_tasks_and_memory_stay_what_they_are_over_many_runs(serve):
    site = serve(plain_stream())
    provider = Provider(name="p", base_url=site.base_url)
    limits = Limits(connect=LIMITS.connect, first_token=20, idle=20, grace=1, total=40)
    presets = [Preset(name=str(n), provider=provider, model="m", timeout=limits) for n in range(LANES)]
    lanes = tuple(LaneOrder(lane=n, preset=preset) for n, preset in enumerate(presets))
    seen = {}

    async def runs():
        collector = Collector()
        collector.start()
        try:
            reports = collector.reports()
            for number in range(RUNS):
                order = StartRun(
                    run=str(number), origin=time.perf_counter_ns(), prompt=Prompt(user="hi"), lanes=lanes
                )
                collector.send(order)
                left = LANES
                async for report in reports:
                    left -= isinstance(report, Finished)
                    if not left:
                        break
                    assert not isinstance(report, Finished) or report.event.response.state == "complete"
                if number in {WARM, RUNS - 1}:
                    seen[number] = measured(collector.pid), measured(os.getpid()), len(asyncio.all_tasks())
            assert collector._out == set()
        finally:
            collector.kill()

    asyncio.run(runs())
    (child, own, tasks), (child_later, own_later, tasks_later) = seen[WARM], seen[RUNS - 1]
    assert tasks_later == tasks
    assert child_later["files"] <= child["files"]
    assert own_later["files"] <= own["files"] + LANES, "the server's connections are in this process"
    assert child_later["memory"] - child["memory"] < GROWTH_KIB
    assert own_later["memory"] - own["memory"] < GROWTH_KIB + RUNS * LANES, "the server keeps requests"


def measured(pid):
    """Open files, and KiB of memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return {"files": len(list(Path(f"/proc/{pid}/fd").iterdir())), "memory": int(memory)}
