"""A raw loopback server, byte-exact, in a thread of its own; it plays scripts and records what it saw."""

import asyncio
import contextlib
import email.utils
import http
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from measuring import in_a_thread
from wire.cases import Answer

CERTIFICATE = Path(__file__).parent / "localhost_test_only.pem"
CONNECTION_SECONDS = 500.0
"""No connection outlives its last request by more, whatever the client does."""

_TLS_HELLO = b"\x16"
"""First byte of a client that wants TLS; a plain server takes it for a bad request."""

_HEAD_LIMIT = 256 * 1024
_NO_LINGER = struct.pack("ii", 1, 0)
_REASONS = {status.value: status.phrase for status in http.HTTPStatus}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its bytes came in."""

    head: bytes
    body: bytes

    @property
    def target(self) -> str:
        """The path with its query."""
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        """Header values by lower-case name."""
        lines = (line.partition(b":") for line in self.head.split(b"\r\n")[1:] if line)
        return {name.decode().lower(): value.strip().decode() for name, _, value in lines}

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(slots=True)
class Connection:
    """One accepted connection, and who ended it."""

    over: threading.Event = field(default_factory=threading.Event)
    client_closed: bool = False
    """The client closed its socket before the server's script came to its own end."""


class Site:
    """One listening port with its script; a record of the requests and connections that it got."""

    def __init__(self, port: int, *, tls: bool) -> None:
        self.port = port
        self.tls = tls
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self.other: Site | None = None
        self.requested = threading.Event()
        """Set when the first request has come in."""

        self.loop: asyncio.AbstractEventLoop | None = None
        self.gate = asyncio.Event()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What an OpenAI client is given as its base URL."""
        return f"{self.origin}/v1"

    def release(self) -> None:
        """Let the server send the frame that is held back, and all that follow."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.gate.set)

    def client_closed_first(self, within: float = 15.0) -> bool:
        """Whether every connection was closed by the client before the server's script ended it."""
        return bool(self.connections) and all(
            c.over.wait(within) and c.client_closed for c in self.connections
        )


Serve = Callable[..., Site]
"""Starts a site with these answers and closes it after the test (the fixture `serve`)."""


class WireServer:
    """The thread and the loop that all sites of a test run share."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=in_a_thread(self._loop.run_forever), name="wire-server", daemon=True
        )
        self._handlers: dict[Site, set[asyncio.Task[None]]] = {}
        self._listeners: dict[Site, asyncio.Server] = {}
        self._sockets: dict[Site, list[socket.socket]] = {}
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(CERTIFICATE)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for site in list(self._handlers):
            self.close(site)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def serve(self, *answers: Answer, tls: bool = False) -> Site:
        """Listen on a port of the system's choice; request n gets answer n, the last one repeats."""
        return self._run(self._serve(answers, tls=tls))

    def refuse(self) -> Site:
        """A port that is taken and on which nothing listens."""
        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        return self._socket_site(taken)

    def swallow(self) -> Site:
        """A port whose queue of connections is full: the kernel drops every further SYN."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        return self._socket_site(listener, *fillers)

    def close(self, site: Site) -> None:
        """Stop listening, end every connection and wait until all is closed."""
        for held in self._sockets.pop(site, ()):
            held.close()
        if site in self._handlers:
            self._run(self._close(site))
        if site.other is not None:
            self.close(site.other)

    def _socket_site(self, first: socket.socket, *more: socket.socket) -> Site:
        site = Site(first.getsockname()[1], tls=False)
        self._sockets[site] = [first, *more]
        self._handlers[site] = set()
        return site

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _serve(self, answers: Sequence[Answer], *, tls: bool) -> Site:
        listening = socket.create_server(("127.0.0.1", 0))
        site = Site(listening.getsockname()[1], tls=tls)
        site.loop = self._loop
        tasks = self._handlers[site] = set()
        elsewhere = [a for a in answers if not any(value.startswith("@other") for _, value in a.headers)]
        if len(elsewhere) < len(answers):
            site.other = await self._serve(elsewhere or [Answer(204, (), "none")], tls=tls)

        def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(_Handler(site, answers, reader, writer).run())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        context = self._tls if tls else None
        self._listeners[site] = await asyncio.start_server(
            accepted, sock=listening, limit=_HEAD_LIMIT, ssl=context
        )
        return site

    async def _close(self, site: Site) -> None:
        listener = self._listeners.pop(site, None)
        if listener is not None:
            listener.close()
        tasks = list(self._handlers.pop(site))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _ClientClosedError(Exception):
    """The client closed its socket while the script still had something to do."""


class _Handler:
    """Plays a site's script on one connection."""

    def __init__(
        self,
        site: Site,
        answers: Sequence[Answer],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.site = site
        self.answers = answers
        self.reader = reader
        self.writer = writer
        self.connection = Connection()
        # So that drain() means: all of it is with the kernel.
        writer.transport.set_write_buffer_limits(high=0)
        site.connections.append(self.connection)

    async def run(self) -> None:
        """Answer requests until the script or the client ends the connection."""
        try:
            async with asyncio.timeout(CONNECTION_SECONDS) as limit:
                while (request := await self._read_request()) is not None:
                    limit.reschedule(asyncio.get_running_loop().time() + CONNECTION_SECONDS)
                    answer = self.answers[min(len(self.site.requests), len(self.answers) - 1)]
                    self.site.requests.append(request)
                    self.site.requested.set()
                    await self._play(answer)
                    if not answer.keep_alive:
                        break
                else:
                    self.connection.client_closed = True
        except TimeoutError:
            self.connection.client_closed = False
        except (_ClientClosedError, OSError):
            self.connection.client_closed = True
        finally:
            self.connection.over.set()
            self.writer.transport.abort()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await self.writer.wait_closed()

    async def _read_request(self) -> Request | None:
        try:
            start = await self.reader.readexactly(1)
            if start == _TLS_HELLO:
                await self._write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", None)
                return None
            head = start + await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        length = int(Request(head, b"").headers.get("content-length", "0"))
        try:
            return Request(head, await self.reader.readexactly(length))
        except asyncio.IncompleteReadError:
            return None

    async def _play(self, answer: Answer) -> None:
        gone = None if answer.keep_alive else asyncio.create_task(self._client_closes())
        try:
            await self._write(self._head(answer), gone)
            for frame in answer.frames:
                if frame.wait_ms:
                    await self._stay(gone, frame.wait_ms / 1000)
                if frame.held:
                    await self._wait_for_gate(gone)
                await self._write(_framed(answer.framing, frame.data), gone)
            await self._end(answer, gone)
        finally:
            if gone is not None:
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)

    async def _client_closes(self) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while await self.reader.read(65536):
                pass

    async def _stay(self, gone: asyncio.Task[None] | None, seconds: float) -> None:
        if gone is None:
            await asyncio.sleep(seconds)
            return
        done, _ = await asyncio.wait({gone}, timeout=seconds)
        if done:
            raise _ClientClosedError

    async def _wait_for_gate(self, gone: asyncio.Task[None] | None) -> None:
        opened = asyncio.create_task(self.site.gate.wait())
        try:
            done, _ = await asyncio.wait({opened, *([gone] if gone else [])}, return_when="FIRST_COMPLETED")
        finally:
            opened.cancel()
        if opened not in done:
            raise _ClientClosedError

    async def _write(self, data: bytes, gone: asyncio.Task[None] | None) -> None:
        if not data:
            return
        if self.writer.is_closing() or (gone is not None and gone.done()):
            raise _ClientClosedError
        self.writer.write(data)
        # A client that closed may leave a full buffer behind that the kernel waits on for a minute.
        drained = asyncio.create_task(self.writer.drain())
        try:
            await asyncio.wait({drained, *([gone] if gone else [])}, return_when="FIRST_COMPLETED")
            if not drained.done():
                raise _ClientClosedError
            drained.result()
        finally:
            drained.cancel()

    def _head(self, answer: Answer) -> bytes:
        if answer.framing in {"raw", "silent"}:
            return b""
        lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {self._filled(value)}" for name, value in answer.headers]
        if answer.framing == "chunked":
            lines.append("transfer-encoding: chunked")
        elif answer.framing == "length":
            lines.append(f"content-length: {sum(len(f.data) for f in answer.frames)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _filled(self, value: str) -> str:
        if value.startswith("@self"):
            return value.replace("@self", self.site.origin, 1)
        if value.startswith("@other") and self.site.other is not None:
            return value.replace("@other", self.site.other.origin, 1)
        if value.startswith("@httpdate"):
            return email.utils.formatdate(time.time() + float(value.removeprefix("@httpdate")), usegmt=True)
        return value

    async def _end(self, answer: Answer, gone: asyncio.Task[None] | None) -> None:
        if answer.end == "hang":
            await self._stay(gone, answer.hold_ms / 1000)
            return
        if answer.end == "rst":
            raw: socket.socket = self.writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.writer.transport.abort()
            return
        if answer.end == "fin" and answer.framing == "chunked":
            await self._write(b"0\r\n\r\n", gone)
        if gone is not None and self.writer.can_write_eof():
            # Half-closed: the client gets a proper end, and its own close is still seen.
            self.writer.write_eof()
            await self._stay(gone, CONNECTION_SECONDS)


def _framed(framing: str, data: bytes) -> bytes:
    if framing != "chunked":
        return data
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
