"""Reads an asynchronous response in a task, so that a slow consumer changes no stamp."""

import asyncio
from collections.abc import AsyncIterable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import httpx2

from ostream.inflate import aunpacked
from ostream.reader import DRAIN_SECONDS, End, Inbox, patience
from ostream.transport import CallTrace

AsyncOpener = Callable[[CallTrace], AbstractAsyncContextManager[httpx2.Response]]
"""Makes the request of one attempt; entering it waits for the headers."""


class TaskReader:
    """One call's reading task. `inbox.items` is filled until an `End`.

    The task knows the reader and nothing of the stream, so that a stream that nobody holds any more can
    be collected and stop it.
    """

    def __init__(self, inbox: Inbox, opener: AsyncOpener) -> None:
        self.inbox = inbox
        self._open = opener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        inbox.on_room = self._room.set
        inbox.trace.on_sent = self._tell
        self._until = 0
        self._alarm_at = 0

    def start(self) -> None:
        """Send the request, from the running loop."""
        self._loop = asyncio.get_running_loop()
        self.inbox.launched = self.inbox.clock()
        self._task = self._loop.create_task(self._run(), name="ostream-reader")

    async def wait(self, until: int) -> bool:
        """Wait for an item; whether there is one before `until` (nanoseconds of the clock) or the sending."""
        assert self._loop is not None
        if self.inbox.items:
            return True
        self._until = until
        if self._alarm is None or until < self._alarm_at:
            now = self.inbox.clock()
            self._until = patience(until, now)
            if self._until <= now:
                return False
            self._set_alarm()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
        return bool(self.inbox.items)

    def stop(self, *, drain: bool) -> None:
        """Give the connection back: at once, or (`drain`) after a moment for the end of the body."""
        self.inbox.stopped = True
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._task is None or self._loop is None or self._task.done() or self._loop.is_closed():
            return
        if drain:
            self._loop.call_later(DRAIN_SECONDS, self._task.cancel)
        else:
            self._task.cancel()

    def stop_from_anywhere(self) -> None:
        """`stop` for a finaliser, which may run in any thread."""
        if self._loop is not None and not self._loop.is_closed() and self._task is not None:
            self._loop.call_soon_threadsafe(self.stop_now)

    def stop_now(self) -> None:
        """`stop` without draining."""
        self.stop(drain=False)

    async def closed(self) -> None:
        """Wait until the connection was given back."""
        if self._task is not None and self._task is not asyncio.current_task():
            await asyncio.wait([self._task])

    def _set_alarm(self) -> None:
        """One timer for the whole call: deadlines mostly move on, so it looks only when it goes off."""
        assert self._loop is not None
        if self._alarm is not None:
            self._alarm.cancel()
        now = self.inbox.clock()
        self._until = patience(self._until, now)
        left = (self._until - now) / 1e9
        if left <= 0:
            self._alarm = None
            self._tell()
        else:
            self._alarm_at = self._until
            self._alarm = self._loop.call_later(left, self._set_alarm)

    async def _run(self) -> None:
        try:
            for _ in range(self.inbox.retries + 1):
                wait = await self._attempt()
                if wait is None:
                    break
                await asyncio.sleep(wait)
        except asyncio.CancelledError:
            self.inbox.items.append(End(self.inbox.clock()))
        finally:
            self._tell()

    async def _attempt(self) -> float | None:
        """Read one attempt to its end; seconds until the next one, if there is to be one."""
        inbox = self.inbox
        began = False
        try:
            async with self._open(inbox.trace) as body:
                began = True
                stream = aunpacked(body) if "content-encoding" in body.headers else _below(body.stream)
                async for data in stream:
                    inbox.received(data, join=True)
                    waiter = self._waiter
                    if waiter is not None and not waiter.done():
                        waiter.set_result(None)
                    if inbox.is_full:
                        self._room.clear()
                        await self._room.wait()
            inbox.items.append(End(inbox.clock()))
        except Exception as error:  # noqa: BLE001 - whatever the request raises is told to the consumer
            wait = inbox.failed(error, began=began)
            self._tell()
            return wait
        return None

    def _tell(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _below(stream: Any) -> AsyncIterable[bytes]:
    """What a body that is not encoded comes from, below layers of httpx2 that would cost with every chunk."""
    inner: Any = getattr(stream, "_stream", None)
    is_httpx2s = type(stream).__name__ == "BoundAsyncStream" and isinstance(inner, AsyncIterable)
    return cast("AsyncIterable[bytes]", inner if is_httpx2s else stream)
