"""The child process: reads orders from its stdin, makes the calls, writes what comes to its stdout.

It knows no screen, and ends when its stdin does, which is when its parent does.
"""

import asyncio
import gc
import os
import resource
import signal
import sys
import time
from contextlib import suppress

from ostream.pricing import load_prices
from ostream_compare.collector.budget import Budget
from ostream_compare.collector.clients import Endpoint, Launch, make_endpoint, prime
from ostream_compare.collector.lag import LagMeter
from ostream_compare.collector.lane_call import LaneCall
from ostream_compare.collector.outcome import refused
from ostream_compare.collector.outlet import Outlet
from ostream_compare.collector.protocol import (
    COMMANDS,
    HEARTBEAT,
    Alive,
    Cancel,
    Finished,
    LaneOrder,
    OverBudget,
    Ready,
    Report,
    StartRun,
    Stop,
    to_line,
)
from ostream_compare.collector.tidy import Tidier
from ostream_compare.collector.turns import Turns
from ostream_compare.demo import DemoServer
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.events import LaneEnded
from ostream_compare.domain.preset import Provider

_LAST_WORDS = 0.5
"""Seconds in which stopped calls may hand in their verdicts."""
_WARMING = 2.0
"""Seconds for opening connections ahead of a run; the calls' own limits come after."""
_MAKING = 0.5
"""Seconds in which the requests of a launch are made; one that takes longer leaves after the others."""
_COLLECTIONS = (700, 50, 1000)
"""Young objects are looked at as ever; old ones hardly, as that holds up every stamp: between runs."""
_COLLECT_AFTER = 500
"""Calls of a set that never pauses: what they leave in cycles is some MB, and a look at it takes some ms."""
_SOCKETS = 20_000
"""Open files that are asked for: more than there are calls at once."""


class Worker:
    """All runs of one child."""

    def __init__(self, out: asyncio.WriteTransport, room: asyncio.Event | None = None) -> None:
        self._out = out
        self._room = room
        self._demo = DemoServer()
        self._endpoints: dict[tuple[Provider, str | None], Endpoint] = {}
        self._turns = Turns()
        self._budgets: dict[str, Budget] = {}
        """Of sets of prompts, by the run's id."""
        self._refuses_usage: set[str] = set()
        self._lag = LagMeter()
        self._calls: dict[tuple[str, int], tuple[LaneCall, asyncio.Task[None]]] = {}
        self._warming: set[asyncio.Task[None]] = set()
        self._tidier = Tidier()
        self._uncollected = 0
        """Calls that ended since the last collection."""
        self._said: list[bytes] = []
        """Lines that are not written yet."""
        self._heart: asyncio.TimerHandle | None = None
        """Beats while there are calls."""

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

    def say(self, report: Report | Alive) -> None:
        """Write one report, in one write with all that this turn of the loop brings.

        The pipe's transport buffers what the parent does not read at once.
        """
        if not self._said:
            asyncio.get_running_loop().call_soon(self._write)
        self._said.append(to_line(report))

    def _write(self) -> None:
        lines, self._said = self._said, []
        self._out.write(b"".join(lines))

    async def _start(self, command: StartRun) -> None:
        """Put the calls in place; those of one endpoint leave together, once its connections are open."""
        launches: dict[tuple[Provider, str | None], Launch] = {}
        launching: dict[Launch, list[LaneCall]] = {}
        self._turns.limit(command.concurrency)
        self._tidier.busy()
        budget = self._budget(command)
        for order in command.lanes:
            refusal = await self._refusal(order)
            if refusal is not None:
                at = time.perf_counter_ns() - command.origin
                event = LaneEnded(lane=order.lane, at=at, response=refusal)
                self.say(Finished(run=command.run, event=event))
                continue
            provider = order.preset.provider
            launch = launches.setdefault((provider, order.key), Launch())
            launch.join(order.lane)
            call = LaneCall(
                run=command.run,
                origin=command.origin,
                order=order,
                prompt=command.prompt,
                endpoint=self._endpoints[provider, order.key],
                refuses_usage=self._refuses_usage,
                say=self.say,
                lag=self._lag,
                budget=budget,
                room=self._room,
            )
            place = command.run, order.lane
            launching.setdefault(launch, []).append(call)
            task = asyncio.create_task(call.run(launch, self._turns.of(provider)))
            self._calls[place] = call, task
            task.add_done_callback(lambda done, place=place: self._ended(place, done))
        if self._heart is None:
            self._heart = asyncio.get_running_loop().call_later(HEARTBEAT, self._beat)
        for (provider, key), launch in launches.items():
            warming = asyncio.create_task(self._warm(provider, key, launch, launching[launch]))
            self._warming.add(warming)
            warming.add_done_callback(self._warmed)

    def _beat(self) -> None:
        self._heart = None
        if self._calls:
            self.say(Alive())
            self._heart = asyncio.get_running_loop().call_later(HEARTBEAT, self._beat)

    def _budget(self, command: StartRun) -> Budget | None:
        if command.max_cost_usd is None:
            return None
        run, slash, _ = command.run.partition("/")
        if run in self._budgets:
            return self._budgets[run]

        def reached() -> None:
            self._cancel(Cancel(run=run))
            self.say(OverBudget(run=run))

        budget = Budget(command.max_cost_usd, reached)
        if slash:
            self._budgets = {run: budget}  # an earlier set is over
        return budget

    async def _warm(self, provider: Provider, key: str | None, launch: Launch, calls: list[LaneCall]) -> None:
        """Open the connections of a launch, prepare its calls meanwhile, and make them."""
        try:
            async with asyncio.TaskGroup() as tasks:
                if provider.warm:
                    count = min(launch.calls, provider.max_parallel or launch.calls)
                    tasks.create_task(self._endpoints[provider, key].warm(count, _WARMING))
                for call in calls:
                    await call.prepare()
        finally:
            await launch.fire(_MAKING)

    def _warmed(self, task: asyncio.Task[None]) -> None:
        self._warming.discard(task)
        _raise(task)

    def _ended(self, place: tuple[str, int], task: asyncio.Task[None]) -> None:
        known = self._calls.get(place)
        if known is not None and known[1] is task:
            del self._calls[place]
            self._uncollected += 1
            if not self._calls or self._uncollected >= _COLLECT_AFTER:
                self._uncollected = 0
                gc.collect()
            if not self._calls:
                self._tidier.idle()
        _raise(task)

    def _cancel(self, command: Cancel) -> None:
        for (run, lane), (call, _) in list(self._calls.items()):
            if command.run in {run, run.partition("/")[0]} and command.lane in {None, lane}:
                call.cancel()

    async def _refusal(self, order: LaneOrder) -> Response | None:
        """The record of a call that cannot be made; else its endpoint is in place."""
        preset = order.preset
        if order.missing_key is not None:
            return refused(preset, order.missing_kind, order.missing_key)
        place = preset.provider, order.key
        if place not in self._endpoints:
            is_demo = preset.provider.kind == "demo"
            base_url = await self._demo.start() if is_demo else preset.provider.base_url or ""
            try:
                self._endpoints[place] = make_endpoint(base_url, order.key)
            except (ImportError, ValueError) as error:
                return refused(preset, "connect", f"the proxy of the environment cannot be used: {error}")
        return None

    async def _close(self) -> None:
        tasks = [task for _, task in self._calls.values()]
        for call, _ in list(self._calls.values()):
            call.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
        for task in tasks:
            task.cancel()
        await self._demo.stop()
        for endpoint in self._endpoints.values():
            await endpoint.client.close()
        self._write()


def _raise(task: asyncio.Task[None]) -> None:
    """A fault of the program: the loop's handler ends the process, and the parent says so."""
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error


def _allow_sockets() -> None:
    """As many open files as the system lets a user have: each call is a socket."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _SOCKETS if hard == resource.RLIM_INFINITY else min(_SOCKETS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _freeze() -> None:
    """Never look again at what was imported: a full collection of it would hold up stamps by 30 to 60 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


async def main() -> None:
    """Speak the protocol over stdin and stdout."""
    loop = asyncio.get_running_loop()
    failed = loop.create_future()
    loop.set_exception_handler(lambda _, context: failed.done() or failed.set_result(context))
    orders = asyncio.StreamReader(limit=1 << 28)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin.buffer)
    out, outlet = await loop.connect_write_pipe(Outlet, os.fdopen(os.dup(sys.stdout.fileno()), "wb", 0))
    _allow_sockets()
    load_prices()
    await prime()
    _freeze()
    working = asyncio.create_task(Worker(out, outlet.room).run(orders))
    await asyncio.wait({working, failed}, return_when=asyncio.FIRST_COMPLETED)
    if failed.done():
        error = failed.result().get("exception")
        raise error if error is not None else RuntimeError(failed.result().get("message"))
    working.result()
    out.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(main())
