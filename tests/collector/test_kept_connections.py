"""What a connection that is kept for later calls keeps of the ones before, and what it costs them."""

import asyncio
import gc
import weakref

from collector.rig import order
from ostream_compare.collector.clients import Launch, make_endpoint
from ostream_compare.collector.lag import LagMeter
from ostream_compare.collector.lane_call import LaneCall
from ostream_compare.collector.protocol import Finished, Grew, Sent
from ostream_compare.collector.turns import Turns
from ostream_compare.domain.preset import Prompt
from wire.cases import Answer
from wire.script import plain_stream

LIMIT = 60


async def ask(site, endpoint):
    """One call over an endpoint, and its connection given back: the call, and its reports."""
    launch, said, lane = Launch(), [], order(0, site.base_url, key=None)
    launch.join(0)
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
    await launch.fire(LIMIT)
    await task
    await call._stream.aclose()
    return call, said


def test_a_connection_that_is_kept_keeps_no_answer(serve):
    site = serve(plain_stream())

    async def play():
        endpoint = make_endpoint(site.base_url, None)
        call, said = await ask(site, endpoint)
        assert said[-1].event.response.content == "Hello"
        assert not site.connections[0].over.is_set(), "the connection is kept"
        known = weakref.ref(call)
        del call
        gc.collect()
        assert known() is None
        await endpoint.client.close()

    asyncio.run(play())


def test_what_came_too_late_to_a_kept_connection_is_sent_anew_and_told_so(serve):
    kept = plain_stream()
    site = serve(kept, Answer(framing="silent", end="rst"), kept)

    async def play():
        endpoint = make_endpoint(site.base_url, None)
        told = [(await ask(site, endpoint))[1] for _ in range(2)]
        await endpoint.client.close()
        return told

    told = asyncio.run(play())
    answers = [report.event.response for said in told for report in said if isinstance(report, Finished)]
    assert [answer.content for answer in answers] == ["Hello", "Hello"]
    assert [answer.warnings for answer in answers] == [[], ["sent_again"]]
    assert [answer.attempt for answer in answers] == [1, 1]
    kinds = [type(report) for report in told[1]]
    assert kinds.index(Grew) > max(at for at, kind in enumerate(kinds) if kind is Sent)
    assert (len(site.requests), len(site.connections)) == (3, 2)
