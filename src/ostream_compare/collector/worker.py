"""The child process: reads orders from its stdin, makes the calls, writes what comes to its stdout.

It knows no screen, and ends when its stdin does, which is when its parent does.
"""

import asyncio
import os
import signal
import sys
import time

import httpx2
import openai
from openai import AsyncOpenAI

from ostream.clients import LOOPBACK_WITHOUT_PROXY, tls_context
from ostream.pricing import load_prices
from ostream_compare.collector.lag import LagMeter
from ostream_compare.collector.lane_call import LaneCall
from ostream_compare.collector.outcome import refused
from ostream_compare.collector.protocol import (
    COMMANDS,
    Cancel,
    Finished,
    LaneOrder,
    Ready,
    Report,
    StartRun,
    Stop,
    to_line,
)
from ostream_compare.demo import DemoServer
from ostream_compare.domain.events import LaneEnded
from ostream_compare.domain.preset import Provider

_NO_KEY = "none"
"""The SDK wants a key; where none is named, the call leaves out its header."""
_LAST_WORDS = 0.5
"""Seconds in which stopped calls may hand in their verdicts."""
_CONNECTIONS = httpx2.Limits(max_connections=1_000, max_keepalive_connections=100, keepalive_expiry=60.0)


class Worker:
    """All runs of one child."""

    def __init__(self, out: asyncio.WriteTransport) -> None:
        self._out = out
        self._demo = DemoServer()
        self._clients: dict[tuple[Provider, str | None], AsyncOpenAI] = {}
        self._turns: dict[Provider, asyncio.Semaphore] = {}
        self._refuses_usage: set[str] = set()
        self._lag = LagMeter()
        self._calls: dict[tuple[str, int], tuple[LaneCall, asyncio.Task[None]]] = {}
        self._starting_demo: asyncio.Task[str] | None = None

    async def run(self, orders: asyncio.StreamReader) -> None:
        """Take orders until the parent stops or is gone."""
        self.say(Ready(pid=os.getpid()))
        try:
            while line := await orders.readline():
                command = COMMANDS.validate_json(line)
                if isinstance(command, Stop):
                    break
                if isinstance(command, Cancel):
                    self._cancel(command)
                else:
                    await self._start(command)
        finally:
            await self._close()

    def say(self, report: Report) -> None:
        """Write one report; the pipe's transport buffers what the parent does not read at once."""
        self._out.write(to_line(report))

    async def _start(self, command: StartRun) -> None:
        for order in command.lanes:
            if order.missing_key is not None:
                response = refused(order.preset, order.missing_kind, order.missing_key)
                at = time.perf_counter_ns() - command.origin
                event = LaneEnded(lane=order.lane, at=at, response=response)
                self.say(Finished(run=command.run, event=event))
                continue
            call = LaneCall(
                run=command.run,
                origin=command.origin,
                order=order,
                prompt=command.prompt,
                client=await self._client(order),
                refuses_usage=self._refuses_usage,
                say=self.say,
                lag=self._lag,
            )
            place = command.run, order.lane
            task = asyncio.create_task(call.run(self._turn(order.preset.provider)))
            self._calls[place] = call, task
            task.add_done_callback(lambda done, place=place: self._ended(place, done))

    def _ended(self, place: tuple[str, int], task: asyncio.Task[None]) -> None:
        known = self._calls.get(place)
        if known is not None and known[1] is task:
            del self._calls[place]
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error  # a fault of the program: the loop's handler ends the process, and the parent says so

    def _cancel(self, command: Cancel) -> None:
        for (run, lane), (call, _) in list(self._calls.items()):
            if run == command.run and command.lane in {None, lane}:
                call.cancel()

    async def _client(self, order: LaneOrder) -> AsyncOpenAI:
        provider = order.preset.provider
        place = provider, order.key
        if place not in self._clients:
            base_url = await self._demo.start() if provider.kind == "demo" else provider.base_url
            self._clients[place] = make_client(base_url or "", order.key)
        return self._clients[place]

    def _turn(self, provider: Provider) -> asyncio.Semaphore:
        if provider not in self._turns:
            self._turns[provider] = asyncio.Semaphore(provider.max_parallel or 1_000_000)
        return self._turns[provider]

    async def _close(self) -> None:
        tasks = [task for _, task in self._calls.values()]
        for call, _ in list(self._calls.values()):
            call.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
        for task in tasks:
            task.cancel()
        await self._demo.stop()
        for client in self._clients.values():
            await client.close()


def make_client(base_url: str, key: str | None) -> AsyncOpenAI:
    """A client of one endpoint."""
    http = openai.DefaultAsyncHttpxClient(
        verify=tls_context(), mounts=LOOPBACK_WITHOUT_PROXY, limits=_CONNECTIONS, follow_redirects=False
    )
    return AsyncOpenAI(api_key=key or _NO_KEY, base_url=base_url, http_client=http, max_retries=0)


async def main() -> None:
    """Speak the protocol over stdin and stdout."""
    loop = asyncio.get_running_loop()
    failed = loop.create_future()
    loop.set_exception_handler(lambda _, context: failed.done() or failed.set_result(context))
    orders = asyncio.StreamReader(limit=1 << 28)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin.buffer)
    out, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(os.dup(sys.stdout.fileno()), "wb", 0))
    load_prices()
    working = asyncio.create_task(Worker(out).run(orders))
    await asyncio.wait({working, failed}, return_when=asyncio.FIRST_COMPLETED)
    if failed.done():
        error = failed.result().get("exception")
        raise error if error is not None else RuntimeError(failed.result().get("message"))
    working.result()
    out.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(main())
