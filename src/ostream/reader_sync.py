"""Reads a synchronous response in a thread, so that a slow consumer changes no stamp."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from openai import APIResponse

from ostream.inflate import unpacked
from ostream.reader import DRAIN_SECONDS, End, Inbox, patience
from ostream.transport import CallTrace

Opener = Callable[[CallTrace], AbstractContextManager[APIResponse[object]]]
"""Makes the request of one attempt; entering it waits for the headers."""


class ThreadReader:
    """One call's reading thread. `inbox.items` is filled until an `End`."""

    def __init__(self, inbox: Inbox, opener: Opener) -> None:
        self.inbox = inbox
        self._open = opener
        self._news = threading.Condition()
        inbox.on_room = self._tell
        inbox.trace.on_sent = self._request_left
        self._has_left = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ostream-reader", daemon=True)

    def start(self) -> None:
        """Send the request."""
        self.inbox.launched = self.inbox.clock()
        self._thread.start()

    def wait(self, until: int) -> bool:
        """Wait for an item; whether there is one before `until` (nanoseconds), a `stop` or the sending."""
        with self._news:
            while not self.inbox.items and not self.inbox.stopped:
                if self._has_left:
                    self._has_left = False
                    return False
                now = self.inbox.clock()
                until = patience(until, now)
                left = (until - now) / 1e9
                if left <= 0:
                    return False
                self._news.wait(left)
            return bool(self.inbox.items)

    def stop(self, *, drain: bool) -> None:
        """Give the connection back: at once, or (`drain`) after a moment for the end of the body."""
        if self._over.is_set() or not self._thread.is_alive():
            return
        if drain and self._over.wait(DRAIN_SECONDS):
            return
        self.inbox.stopped = True
        self.inbox.trace.wake()
        with self._news:
            self._news.notify_all()

    def _run(self) -> None:
        try:
            while (wait := self._attempt()) is not None:
                with self._news:
                    self._news.wait_for(lambda: self.inbox.stopped, wait)
                if self.inbox.stopped:
                    return
        finally:
            self._over.set()
            self._tell()

    def _attempt(self) -> float | None:
        """Read one attempt to its end; seconds until the next one, if there is to be one."""
        inbox = self.inbox
        began = False
        try:
            with self._open(inbox.trace) as response:
                began = True
                body = response.http_response
                encoded = "content-encoding" in body.headers
                for data in unpacked(body) if encoded else body.iter_raw():
                    inbox.received(data)
                    self._tell()
                    if inbox.is_full:
                        with self._news:
                            self._news.wait_for(lambda: not inbox.is_full)
                    if inbox.stopped:
                        return None
            inbox.items.append(End(inbox.clock()))
        except Exception as error:  # noqa: BLE001 - whatever the request raises is told to the consumer
            return inbox.failed(error, began=began)
        return None

    def _request_left(self) -> None:
        self._has_left = True
        self._tell()

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()
