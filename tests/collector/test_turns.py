"""Calls at once over all providers, and prompts of a set that share a budget and an end."""

import asyncio
import time
from decimal import Decimal

from cli.forking import forked_worker
from collector.rig import LIMITS
from ostream_compare.collector.client import Collector
from ostream_compare.collector.protocol import Cancel, Finished, Grew, LaneOrder, OverBudget, Sent, StartRun
from ostream_compare.collector.turns import Turns
from ostream_compare.domain.preset import Preset, Price, Prompt, Provider
from wire.script import DONE, finish, stream, text, usage

HELLO = (text("Hel"), text("lo"), finish("stop"), usage(3, 2), DONE)
LIMIT = 60


def orders(sites, **fields):
    return tuple(
        LaneOrder(
            lane=lane,
            preset=Preset(
                name=str(lane),
                provider=Provider(name=f"p{lane}", base_url=site.base_url),
                model="m",
                timeout=LIMITS,
                **fields,
            ),
        )
        for lane, site in enumerate(sites)
    )


def heard(starts, *, meanwhile=lambda *_: None):
    """Every report until all lanes of all `starts` have ended."""
    collector = Collector(child=forked_worker())
    collector.start()
    reports = []

    async def listen():
        for start in starts:
            collector.send(start)
        left = sum(len(start.lanes) for start in starts)
        async for report in collector.reports():
            reports.append(report)
            left -= isinstance(report, Finished)
            meanwhile(collector, report)
            if not left:
                break
        await collector.stop()

    try:
        asyncio.run(asyncio.wait_for(listen(), LIMIT))
    finally:
        collector.kill()
    return reports


def start(run, lanes, **more):
    return StartRun(run=run, origin=time.perf_counter_ns(), prompt=Prompt(user="x"), lanes=lanes, **more)


def test_so_many_calls_at_once_over_all_providers_and_the_rest_waits_as_queue(serve):
    sites = [serve(stream(*HELLO)) for _ in range(3)]
    lanes = orders(sites)
    reports = heard([start(f"r/{prompt}", lanes, concurrency=2) for prompt in range(3)])
    out, most = set(), 0
    for report in reports:
        if isinstance(report, Sent):
            out.add((report.run, report.event.lane))
            most = max(most, len(out))
        elif isinstance(report, Finished):
            out.discard((report.run, report.event.lane))
    assert 1 <= most <= 2
    ended = [report.event.response for report in reports if isinstance(report, Finished)]
    assert [response.content for response in ended] == ["Hello"] * 9
    assert sum(response.timing.queue_ms > response.timing.ttft_ms for response in ended) >= 3
    sent = {(r.run, r.event.lane): r.event.at for r in reports if isinstance(r, Sent)}
    first = {}
    for report in reports:
        if isinstance(report, Grew):
            first.setdefault((report.run, report.event.lane), report.event.at)
    for report in reports:
        if isinstance(report, Finished):
            place = report.run, report.event.lane
            assert abs(report.event.response.timing.ttft_ms - (first[place] - sent[place]) / 1e6) < 0.01


def test_prompts_of_a_set_share_a_budget(serve):
    site = serve(stream(*HELLO))
    lanes = orders([site], price=Price(input=Decimal(0), output=Decimal(300_000)))  # 60 cents an answer
    starts = [start(f"r/{prompt}", lanes, max_cost_usd=Decimal(1), concurrency=1) for prompt in range(4)]
    reports = heard(starts)
    states = {r.run: r.event.response.state for r in reports if isinstance(r, Finished)}
    assert [report.run for report in reports if isinstance(report, OverBudget)] == ["r"]
    assert list(states.values()).count("complete") == 2
    assert list(states.values()).count("cancelled") == 2
    assert len(site.requests) <= 3


def test_a_set_is_stopped_as_a_whole_and_another_run_goes_on(serve):
    held = serve(stream(text("Hel"), end="hang"))
    free = serve(stream(*HELLO))
    starts = [start(f"r/{prompt}", orders([held])) for prompt in range(3)] + [
        start("other/0", orders([free]))
    ]
    begun = set()

    def stop_once_all_have_begun(collector, report):
        if isinstance(report, Grew) and report.run.startswith("r/"):
            begun.add(report.run)
            if len(begun) == 3:
                collector.send(Cancel(run="r"))

    reports = heard(starts, meanwhile=stop_once_all_have_begun)
    states = {
        r.run: (r.event.response.state, r.event.response.content) for r in reports if isinstance(r, Finished)
    }
    assert states == {
        "r/0": ("cancelled", "Hel"),
        "r/1": ("cancelled", "Hel"),
        "r/2": ("cancelled", "Hel"),
        "other/0": ("complete", "Hello"),
    }


def test_a_turn_that_is_given_up_is_given_back():
    async def go():
        turns = Turns()
        turns.limit(1)
        first, second = turns.of(Provider(name="a")), turns.of(Provider(name="b", max_parallel=1))
        async with first:
            assert second.locked()
            waiting = asyncio.create_task(second.__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        assert not second.locked()
        turns.limit(None)
        async with second:
            assert first.locked()

    asyncio.run(asyncio.wait_for(go(), LIMIT))
