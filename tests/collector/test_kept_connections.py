"""What a connection that is kept for later calls keeps of the ones before."""

import asyncio
import gc
import weakref

from collector.rig import order
from ostream_compare.collector.clients import Launch, make_endpoint
from ostream_compare.collector.lag import LagMeter
from ostream_compare.collector.lane_call import LaneCall
from ostream_compare.collector.turns import Turns
from ostream_compare.domain.preset import Prompt
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
