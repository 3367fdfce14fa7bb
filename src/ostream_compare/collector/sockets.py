"""Sockets for httpcore2 on bare asyncio: stamped where the bytes come in, and opened before they are needed.

The stamp of a read is the kernel's where there is one, else it is taken in the protocol's `data_received`:
neither a busy loop nor the HTTP client's own work is in it. Every piece is handed out as the socket gave it:
one read, one burst.
"""

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

import httpcore2
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType] - its addresses are bare tuples
from httpcore2 import AsyncNetworkBackend, AsyncNetworkStream
from typing_extensions import override

from ostream.reads import Reads, read_begins, read_brought
from ostream_compare.collector.stamped_socket import StampedSocket

_HIGH_WATER = 1 << 20
"""Bytes that were received and not read at which the socket is left alone."""


class _Protocol(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop, sock: StampedSocket) -> None:
        self.loop = loop
        self.sock = sock
        self.pieces: deque[tuple[int, bytes]] = deque()
        self.size = 0
        self.over = False
        self.error: Exception | None = None
        self.transport: asyncio.Transport | None = None
        self.reader: asyncio.Future[None] | None = None
        self.drained: asyncio.Future[None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self.pieces.append((self.sock.received_at or time.perf_counter_ns(), data))
        self.size += len(data)
        if self.size > _HIGH_WATER and self.transport is not None:
            self.transport.pause_reading()
        self._wake()

    @override
    def eof_received(self) -> bool:
        self.over = True
        self._wake()
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self.error = exc
        self._wake()
        self.resume_writing()

    @override
    def pause_writing(self) -> None:
        self.drained = self.loop.create_future()

    @override
    def resume_writing(self) -> None:
        if self.drained is not None and not self.drained.done():
            self.drained.set_result(None)
        self.drained = None

    def take(self) -> tuple[int, bytes]:
        """The oldest piece with its stamp."""
        at, data = self.pieces.popleft()
        self.size -= len(data)
        if self.size <= _HIGH_WATER and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
        return at, data

    async def wait(self, limit: float | None) -> None:
        """Wait for a piece or the end."""
        self.reader = self.loop.create_future()
        alarm = None if limit is None else self.loop.call_later(limit, self._time_out)
        try:
            await self.reader
        finally:
            self.reader = None
            if alarm is not None:
                alarm.cancel()

    def _wake(self) -> None:
        if self.reader is not None and not self.reader.done():
            self.reader.set_result(None)

    def _time_out(self) -> None:
        if self.reader is not None and not self.reader.done():
            self.reader.set_exception(httpcore2.ReadTimeout("nothing was received in time"))


class SocketStream(AsyncNetworkStream):
    """One connection."""

    def __init__(self, transport: asyncio.Transport, protocol: _Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._secured: SocketStream | None = None
        self.ostream_reads = Reads()
        self.ostream_opened_before = False
        """Looked for by `ostream`, like the reads before it."""

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        protocol = self._protocol
        read_begins()
        while not protocol.pieces:
            if protocol.error is not None:
                raise httpcore2.ReadError(str(protocol.error)) from protocol.error
            if protocol.over:
                return b""
            await protocol.wait(timeout)
        self.ostream_reads.at, data = protocol.take()
        read_brought(data)
        if len(data) > max_bytes:
            protocol.pieces.appendleft((self.ostream_reads.at, data[max_bytes:]))
            protocol.size += len(data) - max_bytes
        return data[:max_bytes]

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._transport.is_closing():
            raise httpcore2.WriteError("the connection is closed")
        self._transport.write(buffer)
        drained = self._protocol.drained
        if drained is not None:
            try:
                async with asyncio.timeout(timeout):
                    await drained
            except TimeoutError:
                raise httpcore2.WriteTimeout("the server takes no more") from None

    @override
    async def aclose(self) -> None:
        self._transport.abort()

    @override
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncNetworkStream:
        if self._secured is not None:
            self._secured.ostream_opened_before = self.ostream_opened_before
            return self._secured
        protocol = self._protocol
        try:
            async with asyncio.timeout(timeout):
                transport = await protocol.loop.start_tls(
                    self._transport, protocol, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError:
            self._transport.abort()
            raise httpcore2.ConnectTimeout("the TLS handshake took too long") from None
        except OSError as error:  # ssl.SSLError is one
            self._transport.abort()
            raise httpcore2.ConnectError(str(error) or "the TLS handshake broke") from error
        if transport is None:
            raise httpcore2.ConnectError("the connection broke in the TLS handshake")
        protocol.transport = transport
        self._secured = SocketStream(transport, protocol)
        return self._secured

    @override
    def get_extra_info(self, info: str) -> Any:
        protocol = self._protocol
        if info == "is_readable":
            return protocol.over or bool(protocol.pieces)
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))


class Sockets(AsyncNetworkBackend):
    """Opens connections; some of them before they are asked for."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, int], deque[SocketStream]] = {}

    async def prepare(self, host: str, port: int, context: ssl.SSLContext | None, limit: float) -> float:
        """Open one connection ahead of its use.

        Returns:
            Seconds that DNS, TCP and TLS took.

        Raises:
            httpcore2.ConnectError: It could not be opened.
            httpcore2.ConnectTimeout: Not in time.
        """
        began = time.perf_counter()
        stream = await _open(host, port, limit)
        if context is not None:
            context.set_alpn_protocols(["http/1.1"])
            await stream.start_tls(context, host, limit)
        self._ready.setdefault((host, port), deque()).append(stream)
        return time.perf_counter() - began

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        ready = self._ready.get((host, port))
        while ready:
            stream = ready.popleft()
            if not stream.get_extra_info("is_readable"):  # readable without having been asked: it was closed
                stream.ostream_opened_before = True
                return stream
            await stream.aclose()
        return await _open(host, port, timeout)

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def aclose(self) -> None:
        """Close what was opened and never used."""
        for streams in self._ready.values():
            for stream in streams:
                await stream.aclose()
        self._ready.clear()


async def _open(host: str, port: int, limit: float | None) -> SocketStream:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(limit):
            addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            sock = await start_connection(
                addresses, happy_eyeballs_delay=0.25, loop=loop, socket_factory=StampedSocket.of
            )
            assert isinstance(sock, StampedSocket)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                transport, protocol = await loop.create_connection(lambda: _Protocol(loop, sock), sock=sock)
            except BaseException:  # the time is up, or nobody waits any more
                sock.close()
                raise
    except TimeoutError:
        raise httpcore2.ConnectTimeout(f"no connection to {host}:{port} in time") from None
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from error
    return SocketStream(transport, protocol)
