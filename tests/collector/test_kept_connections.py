"""What a connection that is kept for later calls keeps of the ones before."""

import asyncio
import gc
import weakref

from collector.rig import order
from collector.test_turns import heard, orders, start
from ostream_compare.collector.clients import Launch, make_endpoint
from ostream_compare.collector.lag import LagMeter
from ostream_compare.collector.lane_call import LaneCall
from ostream_compare.collector.protocol import Finished, Grew, Sent
from ostream_compare.collector.turns import Turns
from ostream_compare.domain.preset import Prompt
from wire.cases import Answer
from wire.script import plain_stream


def test_a_connection_that_is_kept_keeps_no_answer(serve):
    site = serve(plain_stream())

    async def play():
        endpoint = make_endpoint(site.base_url, None)
        launch = Launch()
        launch.join(0)
        said = []
        lane = order(0, site.base_url, key=None)
        call = LaneCall(
            run="r",
            origin=0,
            order=lane,
            prompt=Prompt(user="Say hello"),
            endpoint=endpoint,
            refuses_usage=set(),
            say=said.append,
            lag=LagMeter(),
        )
        task = asyncio.create_task(call.run(launch, Turns().of(lane.preset.provider)))
        await launch.fire(60)
        await task
        assert said[-1].event.response.content == "Hello"
        assert not site.connections[0].over.is_set(), "the connection is kept"
        known = weakref.ref(call)
        del call, task, launch
        gc.collect()
        assert known() is None
        await endpoint.client.close()

    asyncio.run(play())


def test_what_came_too_late_to_a_kept_connection_is_sent_anew_and_told_so(serve):
    kept = plain_stream()
    site = serve(kept, Answer(framing="silent", end="rst"), kept)
    reports = heard([start(f"r/{prompt}", orders([site]), concurrency=1) for prompt in range(2)])
    first, second = [report.event.response for report in reports if isinstance(report, Finished)]
    assert (first.content, first.warnings) == ("Hello", [])
    assert (second.content, second.warnings, second.attempt) == ("Hello", ["sent_again"], 1)
    told = [type(report) for report in reports if getattr(report, "run", "") == "r/1"]
    assert told.index(Grew) > max(at for at, kind in enumerate(told) if kind is Sent)
    assert len(site.requests) == 3
