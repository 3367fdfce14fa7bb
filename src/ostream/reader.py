"""What both readers have in common: the items that they hand to a stream, and when an attempt is repeated."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ostream.errors import OStreamError
from ostream.limits import Limits
from ostream.retry import retry_wait
from ostream.session import Attempt
from ostream.translate import translate
from ostream.transport import CallTrace

AHEAD_BYTES = 8 * 1024 * 1024
"""Received and not yet taken by the consumer at which the socket is left alone for a while."""

DRAIN_SECONDS = 0.1
"""How long the end of the body is awaited after the verdict, so that the connection can be used again."""

_STOOD_STILL = 250_000_000
"""Nanoseconds by which a deadline that is noticed late says that the process did not run in between."""


def patience(until: int, now: int) -> int:
    """`until`, or a moment from `now` where it passed while the process was stopped or the machine slept.

    What came meanwhile, be it the news that the connection is gone, is heard before a verdict.
    """
    return now + _STOOD_STILL if now - until > _STOOD_STILL else until


@dataclass(slots=True)
class Bytes:
    """One socket read."""

    at: int
    data: bytes

    def add(self, more: bytes) -> None:
        """What else the same read brought; for as long as nobody has taken it."""
        self.data += more


@dataclass(frozen=True, slots=True)
class Again:
    """An attempt failed and another one follows."""

    at: int
    failed: Attempt


@dataclass(frozen=True, slots=True)
class End:
    """The body ended; by `error`, if there is one. `crash` is an exception that is not the network's."""

    at: int
    error: OStreamError | None = None
    crash: Exception | None = None


Item = Bytes | Again | End


@dataclass(slots=True)
class Inbox:
    """Where a reader leaves its items; appended by the reader, emptied by the stream."""

    limits: Limits
    retries: int
    secrets: tuple[str, ...]
    clock: Callable[[], int] = time.perf_counter_ns
    items: deque[Item] = field(default_factory=deque[Item])
    trace: CallTrace = field(default_factory=CallTrace)
    attempt: int = 1
    launched: int = 0
    stopped: bool = False
    """Nobody wants more."""
    ahead: int = 0
    """Bytes in `items`."""
    on_room: Callable[[], None] = field(default=lambda: None)
    """Called when a full inbox has room again."""

    @property
    def is_full(self) -> bool:
        """Whether the reader should wait for the consumer."""
        return self.ahead > AHEAD_BYTES and not self.stopped

    def received(self, data: bytes, *, join: bool = False) -> None:
        """Leave what a read brought, with the socket's stamp.

        Args:
            data: A piece of the body; one read may bring many.
            join: Put it to the piece before it, if that is of the same read and still here. Only where
                reader and consumer share a thread.
        """
        self.ahead += len(data)
        at = self.trace.received_at()
        last = self.items[-1] if join and self.items else None
        if isinstance(last, Bytes) and last.at == at:
            last.add(data)
        else:
            self.items.append(Bytes(at, data))

    def take(self) -> Item:
        """The next item, for the stream."""
        item = self.items.popleft()
        if isinstance(item, Bytes):
            before = self.ahead
            self.ahead -= len(item.data)
            if self.ahead <= AHEAD_BYTES < before:
                self.on_room()
        return item

    def failed(self, error: Exception, *, began: bool) -> float | None:
        """Leave the item for a failed attempt; seconds until the next one, `None` if there is none.

        Args:
            error: As it was raised.
            began: Whether the answer had begun; it is never asked for twice then.
        """
        at = self.clock()
        ours = translate(error, self.secrets)
        if ours is None:
            self.items.append(End(at, crash=error))
            return None
        left = self.limits.total - (at - self.launched) / 1e9
        wait = None
        if not began and not self.stopped:
            wait = retry_wait(ours, attempt=self.attempt, retries=self.retries, left=left)
        if wait is None:
            self.items.append(End(at, ours))
            return None
        self.items.append(Again(at, Attempt(self.attempt, ours, wait)))
        self.attempt += 1
        self.trace = CallTrace(self.clock, on_sent=self.trace.on_sent)
        return wait
