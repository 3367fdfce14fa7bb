import asyncio
from dataclasses import replace

import pytest

from collector.rig import Sent, order, run_lanes
from ostream_compare.collector.clients import Launch, prime
from wire.script import DONE, finish, stream, text, usage

HELLO = (text("Hel"), text("lo"), finish("stop"), usage(3, 2), DONE)


def launched(scene, *, limit=60):
    """Play `scene` with a launch of three lanes; the order in which things happened."""
    happened = []

    async def hold(launch, lane):
        await launch.begun()
        happened.append(f"{lane} is made")
        await launch.hold(lane)
        happened.append(f"{lane} leaves")

    async def play():
        launch = Launch()
        for lane in range(3):
            launch.join(lane)
        async with asyncio.TaskGroup() as tasks:
            await scene(launch, lambda lane: tasks.create_task(hold(launch, lane)))
            await launch.fire(limit)
        assert launch.due is not None

    asyncio.run(play())
    return happened


def test_no_request_leaves_before_all_are_made():
    async def scene(launch, make):
        for lane in range(3):
            make(lane)
        await asyncio.sleep(0)

    happened = launched(scene)
    assert sorted(happened[:3]) == ["0 is made", "1 is made", "2 is made"]
    assert sorted(happened[3:]) == ["0 leaves", "1 leaves", "2 leaves"]


def test_a_call_that_came_to_nothing_is_not_waited_for():
    async def scene(launch, make):
        make(0)
        make(2)
        launch.leave(1)

    assert sorted(launched(scene)) == ["0 is made", "0 leaves", "2 is made", "2 leaves"]


def test_a_request_that_is_never_made_holds_up_the_others_for_a_while_only():
    async def scene(launch, make):
        make(0)
        make(1)

    assert sorted(launched(scene, limit=0.01)) == ["0 is made", "0 leaves", "1 is made", "1 leaves"]


def test_calls_of_one_endpoint_are_due_at_once(serve):
    site = serve(stream(*HELLO))
    first = order(0, site.base_url)
    heard = run_lanes([replace(first, lane=lane) for lane in range(3)])
    due = []
    for lane in range(3):
        timing = heard.responses[lane].timing
        (sent,) = heard.of(Sent, lane)
        assert timing.queue_ms is not None
        due.append(sent.at / 1e6 - timing.queue_ms - timing.connect_ms)
    assert due == pytest.approx([due[0]] * 3, abs=1e-6)


def test_what_is_primed_leaves_nothing_open():
    async def play():
        await prime()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(play(), debug=True) == set()


def test_a_machine_without_loopback_starts_unprimed(monkeypatch):
    async def refused(*_, **__):
        raise PermissionError

    monkeypatch.setattr(asyncio, "start_server", refused)
    asyncio.run(prime())
