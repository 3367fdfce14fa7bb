"""What is known of a connection's reads: the stamp of the last one, and what a request heard meanwhile."""

import inspect
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

ATTRIBUTE = "ostream_reads"
"""Of a network stream: its `Reads`."""


class Reads:
    """The last read of one connection that brought bytes."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: int | None = None


@dataclass(slots=True)
class Hearing:
    """What one request heard before its response's headers were whole."""

    listens: bool = False
    """Its connection's reads are watched, and one was begun."""
    heard: bool = False
    """One brought bytes."""


_hearing: ContextVar[Hearing | None] = ContextVar("hearing", default=None)
"""Of the request that this task or thread waits with."""


@contextmanager
def hearing() -> Generator[Hearing]:
    """Hear of the reads of this task or thread."""
    ours = Hearing()
    token = _hearing.set(ours)
    try:
        yield ours
    finally:
        _hearing.reset(token)


def read_begins() -> None:
    """A connection's read is begun."""
    if (ours := _hearing.get()) is not None:
        ours.listens = True


def read_brought(data: bytes) -> None:
    """It ended; without bytes, the connection did."""
    if data and (ours := _hearing.get()) is not None:
        ours.heard = True


def watch_reads(stream: Any, clock: Callable[[], int]) -> None:
    """Stamp every read of a network stream of httpcore2, sync or async, for as long as it lives."""
    read = getattr(stream, "read", None)
    if read is None or hasattr(stream, ATTRIBUTE):
        return
    reads = Reads()
    if inspect.iscoroutinefunction(read):

        async def aread(*args: Any, **kwargs: Any) -> bytes:
            read_begins()
            data: bytes = await read(*args, **kwargs)
            reads.at = clock()
            read_brought(data)
            return data

        stream.read = aread
    else:

        def read_stamped(*args: Any, **kwargs: Any) -> bytes:
            read_begins()
            data: bytes = read(*args, **kwargs)
            reads.at = clock()
            read_brought(data)
            return data

        stream.read = read_stamped
    setattr(stream, ATTRIBUTE, reads)
