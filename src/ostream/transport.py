"""Between the SDK and its HTTP client: stamps, no redirect to another origin, bounded error bodies.

The SDK makes the request. For each call it is given a client of ours that passes everything on to the
caller's own HTTP client, so that whatever was set up there (proxies, certificates, pools) stays in force.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from openai import AsyncOpenAI, OpenAI
from typing_extensions import override

from ostream.inflate import aunpacked, unpacked
from ostream.reads import ATTRIBUTE, Hearing, Reads, hearing, watch_reads

MAX_ERROR_BYTES = 64 * 1024
"""Of an error's body, what is read."""
ERROR_SECONDS = 1.0
"""For an error's body, what is waited."""
_MAX_HOPS = 5
_OPENED = tuple(f".{step}.complete" for step in ("connect_tcp", "connect_unix_socket", "start_tls"))
_STALE_NS = 1_000_000_000
"""Within this a server that closed a kept connection is heard of; who fails at the work takes longer."""
_FIRST_ERROR = 300
_KEEPS_METHOD = frozenset({307, 308})
_BODY_HEADERS = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


@dataclass(slots=True)
class CallTrace:
    """What the HTTP client tells about one attempt; stamps in nanoseconds of `clock`."""

    clock: Callable[[], int] = time.perf_counter_ns
    connect_began: int | None = None
    connect_ns: int = 0
    sent: int | None = None
    headers: int | None = None
    stream: Any = None
    """The network stream, where the client shows it: the way to wake a blocked read."""
    find_stream: Callable[[], Any] | None = None
    """Finds it on a connection that was used before, which shows it with the headers only."""
    on_sent: Callable[[], None] | None = None
    """Called when the first byte of the request leaves, where the client tells."""
    has_left: bool = False
    """Whether the client told so; `sent` is a guess until then."""
    is_kept: bool | None = None
    """Whether the connection had served a request before; known from the first that is told of this one."""
    lost_ns: int = 0
    """Nanoseconds from a sending that reached nobody to the end of its connection."""
    _lost: tuple[httpx2.TransportError, int | None] | None = None
    """How it ended, and when it had left."""
    _hearing: Hearing | None = None
    woken: bool = False
    """Nobody waits for the answer any more: a connection that is still to come is of no use."""

    def note(self, name: str, info: dict[str, Any]) -> None:
        """One trace event of httpx2 (`extensions["trace"]`)."""
        if self.is_kept is None:
            self.is_kept = name == "http11.send_request_headers.started"
        if name == "http11.send_request_headers.started" or name.endswith("send_request_headers.started"):
            self.sent = self.clock()
            self.has_left = True
            if self.on_sent is not None:
                self.on_sent()
            if self.woken:
                self.wake()
        elif name.endswith((".connect_tcp.started", ".connect_unix_socket.started")):
            self.connect_began = self.clock()
        elif name.endswith(_OPENED):
            self.stream = info.get("return_value")
            watch_reads(self.stream, self.clock)
            was_open = getattr(self.stream, _OPENED_BEFORE, False)
            if self.connect_began is not None:
                self.connect_ns = 0 if was_open else self.clock() - self.connect_began
            if self.woken:
                self.wake()

    async def anote(self, name: str, info: dict[str, Any]) -> None:
        """The same for the asynchronous client."""
        self.note(name, info)

    def received_at(self) -> int:
        """When the socket gave what was handed out last; now, where the client does not show its reads.

        One read may bring several chunks of the HTTP body: they share its stamp.
        """
        reads: Reads | None = getattr(self.stream, ATTRIBUTE, None)
        return self.clock() if reads is None or reads.at is None else reads.at

    def begin(self) -> None:
        """A request is about to be sent."""
        self.sent = self.clock()  # a client without trace events leaves this one
        self.is_kept = None

    @contextmanager
    def listening(self) -> Generator[None]:
        """Hear what comes back until the headers are there."""
        with hearing() as self._hearing:
            yield

    def lose(self, error: httpx2.TransportError) -> httpx2.TransportError | None:
        """A sending failed: what the request fails with, or nothing where this one reached nobody.

        A server may close a connection that it kept at any time (RFC 9112, 9.3), also while a request is on
        its way. Then the first that is heard is the end, at once and before any byte. A second time it
        would be another matter. Where the other one finds no way, the first one's end is what is known.
        """
        if self._lost is not None and isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
            first, self.sent = self._lost
            self.lost_ns = 0
            return first
        now, heard = self.clock(), self._hearing
        is_at_once = self.sent is not None and now - self.sent < _STALE_NS
        is_end = not isinstance(error, httpx2.TimeoutException)  # a limit says nothing of the connection
        is_silent = heard is not None and heard.listens and not heard.heard
        if self._lost is not None or self.woken:
            return error
        if not (self.is_kept and is_end and is_at_once and is_silent):
            return error
        self._lost = error, self.sent
        self.lost_ns = now - (self.sent or now)
        return None

    @property
    def was_resent(self) -> bool:
        """Whether the request was sent anew because it reached nobody."""
        return self._lost is not None

    def wake(self) -> None:
        """Make a blocked read of the connection return, from another thread."""
        self.woken = True
        stream = self.stream
        if stream is None and self.find_stream is not None:
            stream = self.find_stream()
        info = getattr(stream, "get_extra_info", None)
        sock = info("socket") if info is not None else None
        if isinstance(sock, socket.socket):
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return  # closed already, which is all that was wanted


_OPENED_BEFORE = "ostream_opened_before"
"""True on a network stream that was open before the request asked for one: its connecting took nothing."""


class Unused(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Stands where a transport has to; the inner client has the real one."""


def _prepared(request: httpx2.Request, trace: CallTrace, note: Callable[..., Any]) -> httpx2.Request:
    trace.begin()
    request.extensions["trace"] = note
    return request


def _hop(response: httpx2.Response, hops: int) -> httpx2.Request | None:
    """The request that a redirect within the same origin asks for."""
    onward = response.next_request
    if response.status_code not in _KEEPS_METHOD or onward is None or hops >= _MAX_HOPS:
        return None
    here, there = response.request.url, onward.url
    same = (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port)
    return onward if same else None


def _whole(response: httpx2.Response, body: bytes) -> httpx2.Response:
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _BODY_HEADERS]
    return httpx2.Response(response.status_code, headers=headers, content=body, request=response.request)


class _Gate(httpx2.Client):
    def __init__(self, inner: httpx2.Client, trace: CallTrace) -> None:
        super().__init__(transport=Unused(), trust_env=False)
        self._inner = inner
        self._trace = trace

    @override
    def build_request(self, *args: Any, **kwargs: Any) -> httpx2.Request:
        return self._inner.build_request(*args, **kwargs)

    @override
    def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        kwargs |= {"stream": True, "follow_redirects": False}
        onward: httpx2.Request | None = request
        hops = 0
        self._trace.find_stream = self._find_stream
        while True:
            response = self._sent(onward, kwargs)
            onward = _hop(response, hops)
            if onward is None:
                break
            response.close()
            hops += 1
        self._trace.stream = response.extensions.get("network_stream") or self._trace.stream
        self._trace.headers = self._trace.received_at()
        return (
            response if response.status_code < _FIRST_ERROR else _whole(response, self._error_body(response))
        )

    def _sent(self, request: httpx2.Request, kwargs: dict[str, Any]) -> httpx2.Response:
        failure = None
        while failure is None:
            try:
                with self._trace.listening():
                    return self._inner.send(_prepared(request, self._trace, self._trace.note), **kwargs)
            except httpx2.TransportError as error:
                failure = self._trace.lose(error)
        raise failure  # here, where it is no consequence of another one

    def _find_stream(self) -> Any:
        """The network stream that the pool gave to this attempt, `None` where it cannot be known."""
        transports = [self._inner._transport, *self._inner._mounts.values()]  # noqa: SLF001 - httpx2 shows its pools nowhere else
        for transport in transports:
            pool = getattr(transport, "_pool", None)
            for queued in tuple(getattr(pool, "_requests", ())):
                if queued.request.extensions.get("trace") == self._trace.note:
                    connection = getattr(queued.connection, "_connection", None)
                    return getattr(connection, "_network_stream", None)
        return None

    def _error_body(self, response: httpx2.Response) -> bytes:
        response.request.extensions["timeout"] = {"read": ERROR_SECONDS}
        until = time.monotonic() + ERROR_SECONDS
        body = bytearray()
        try:
            encoded = "content-encoding" in response.headers
            for data in unpacked(response) if encoded else response.iter_raw():
                body += data
                if len(body) >= MAX_ERROR_BYTES or time.monotonic() > until:
                    break
        except httpx2.HTTPError:
            pass  # the status is known; as much of the body as came is better than none
        finally:
            response.close()
        return bytes(body[:MAX_ERROR_BYTES])


class _AsyncGate(httpx2.AsyncClient):
    def __init__(self, inner: httpx2.AsyncClient, trace: CallTrace) -> None:
        super().__init__(transport=Unused(), trust_env=False)
        self._inner = inner
        self._trace = trace
        self.on_send: Callable[[], None] | None = None

    @override
    def build_request(self, *args: Any, **kwargs: Any) -> httpx2.Request:
        return self._inner.build_request(*args, **kwargs)

    @override
    async def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        if self.on_send is not None:
            self.on_send()
        return await asend(self._inner, request, self._trace, **kwargs)


async def asend(
    client: httpx2.AsyncClient, request: httpx2.Request, trace: CallTrace, **kwargs: Any
) -> httpx2.Response:
    """Send one request; its response is whole if it is an error, else its body is still to be read."""
    kwargs |= {"stream": True, "follow_redirects": False}
    onward: httpx2.Request | None = request
    hops = 0
    while True:
        response = await _asent(client, onward, trace, kwargs)
        onward = _hop(response, hops)
        if onward is None:
            break
        await response.aclose()
        hops += 1
    trace.stream = response.extensions.get("network_stream") or trace.stream
    trace.headers = trace.received_at()
    return response if response.status_code < _FIRST_ERROR else _whole(response, await _error_body(response))


async def _asent(
    client: httpx2.AsyncClient, request: httpx2.Request, trace: CallTrace, kwargs: dict[str, Any]
) -> httpx2.Response:
    failure = None
    while failure is None:
        try:
            with trace.listening():
                return await client.send(_prepared(request, trace, trace.anote), **kwargs)
        except httpx2.TransportError as error:
            failure = trace.lose(error)
    raise failure  # as above


async def _error_body(response: httpx2.Response) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(ERROR_SECONDS):
            encoded = "content-encoding" in response.headers
            async for data in aunpacked(response) if encoded else response.aiter_raw():
                body += data
                if len(body) >= MAX_ERROR_BYTES:
                    break
    except (httpx2.HTTPError, TimeoutError):
        pass  # the status is known; as much of the body as came is better than none
    finally:
        await response.aclose()
    return bytes(body[:MAX_ERROR_BYTES])


def gated(client: OpenAI, trace: CallTrace) -> OpenAI:
    """`client` for one attempt: traced, without the SDK's own retries."""
    inner = client._client  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the SDK has no public way to its HTTP client
    if not isinstance(inner, httpx2.Client):  # pyright: ignore[reportUnnecessaryIsInstance] - the SDK also takes a legacy httpx client
        trace.sent = trace.clock()
        return client.with_options(max_retries=0)
    return client.with_options(max_retries=0, http_client=_Gate(inner, trace))


def async_gated(client: AsyncOpenAI, trace: CallTrace) -> AsyncOpenAI:
    """`client` for one attempt: traced, without the SDK's own retries."""
    inner = client._client  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the SDK has no public way to its HTTP client
    if not isinstance(inner, httpx2.AsyncClient):  # pyright: ignore[reportUnnecessaryIsInstance] - the SDK also takes a legacy httpx client
        trace.sent = trace.clock()
        return client.with_options(max_retries=0)
    gate = _AsyncGate(inner, trace)
    ours = client.with_options(max_retries=0, http_client=gate)
    # Each new client of the SDK looks for its platform in a thread: milliseconds, with many calls at once.
    known = vars(client).get("_platform")
    if known is None:
        gate.on_send = lambda: vars(client).update(_platform=vars(ours).get("_platform"))
    else:
        vars(ours)["_platform"] = known
    return ours
