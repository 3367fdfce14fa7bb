"""How far the parent may fall behind the child: a call waits with its next chunk while the pipe is full.

Stamps are taken before, where the socket is read, so that they tell nothing of this.
"""

import asyncio

from typing_extensions import override

BEHIND = 4 * 1024 * 1024
"""Bytes of reports that are not read yet."""


class Outlet(asyncio.Protocol):
    """The child's end of the pipe on which it reports."""

    def __init__(self) -> None:
        self.room = asyncio.Event()
        """Set while more may be reported."""
        self.room.set()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.set_write_buffer_limits(high=BEHIND)

    @override
    def pause_writing(self) -> None:
        self.room.clear()

    @override
    def resume_writing(self) -> None:
        self.room.set()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.room.set()
