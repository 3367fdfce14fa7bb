"""The SDK's client of one endpoint, on sockets of our own wherever no proxy stands between."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2
import openai
from openai import AsyncOpenAI
from typing_extensions import override

from ostream import openai_call
from ostream.clients import LOOPBACK_WITHOUT_PROXY, tls_context
from ostream.steady import SteadyAsyncOpenAI
from ostream_compare.collector.keys import is_loopback
from ostream_compare.collector.sockets import Sockets
from ostream_compare.domain.preset import Preset, Provider
from ostream_compare.domain.prices import priced

_Trace = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Takes the trace events of a request."""
_NO_KEY = "none"
"""The SDK wants a key; where none is named, the call leaves out its header."""
_CONNECTIONS = 10_000
_KEPT_ALIVE = 1_000
_EXPIRY = 60.0
_LOCAL = "127.0.0.1"
_PRIMING = 2.0
"""Seconds."""
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_ANSWER = b"""\
data: {"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": "stop"}]}

data: {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}

data: [DONE]

"""


held: "ContextVar[Place | None]" = ContextVar("held", default=None)
"""Where a request of this task waits before it leaves: the SDK in between passes nothing on."""


class Launch:
    """Calls that leave together: each is made up to its first byte, then all are let go.

    Begun one by one, the last of eight would leave some milliseconds after the first, whose answer, if it is
    fast, would hold up the making of the others.
    """

    def __init__(self) -> None:
        self.due: int | None = None
        """Stamp at which their making began: nothing is left out of what they waited."""
        self._making: set[int] = set()
        self._begun = asyncio.Event()
        self._made = asyncio.Event()
        self._gone = asyncio.Event()

    @property
    def calls(self) -> int:
        """How many are awaited."""
        return len(self._making)

    def join(self, lane: int) -> None:
        """Wait for this lane's request."""
        self._making.add(lane)

    def leave(self, lane: int) -> None:
        """Wait for it no longer: it is made, it came to nothing, or it is not its turn yet."""
        self._making.discard(lane)
        if not self._making:
            self._made.set()

    async def begun(self) -> None:
        """Wait until requests are to be made."""
        await self._begun.wait()

    async def hold(self, lane: int) -> None:
        """Wait with a request that is made until all are."""
        self.leave(lane)
        await self._gone.wait()

    async def fire(self, limit: float) -> None:
        """Have the requests made, `limit` seconds at most, and let them go."""
        self.due = time.perf_counter_ns()
        self._begun.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._made.wait()
        self._gone.set()


@dataclass(frozen=True, slots=True)
class Place:
    """One call's place in a launch."""

    launch: Launch
    lane: int

    def holding(self, told: _Trace) -> _Trace:
        """`told` of a request's progress, which waits here before its first byte is sent."""

        async def trace(name: str, info: dict[str, Any]) -> None:
            if name == "http11.send_request_headers.started":
                await self.launch.hold(self.lane)
            elif name == "connection.connect_tcp.started":
                self.launch.leave(self.lane)  # how long that takes is the network's affair
            await told(name, info)

        return trace


class Transport(httpx2.AsyncHTTPTransport):
    """httpx2's own, on our sockets; a request waits here for those that it leaves with."""

    def __init__(self, sockets: Sockets, context: ssl.SSLContext) -> None:
        super().__init__(verify=context)
        self._sockets = sockets
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_KEPT_ALIVE,
            keepalive_expiry=_EXPIRY,
            network_backend=sockets,
        )

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        place = held.get()
        if place is not None:
            request.extensions["trace"] = place.holding(request.extensions["trace"])
        return await super().handle_async_request(request)

    @override
    async def aclose(self) -> None:
        await super().aclose()
        await self._sockets.aclose()


@dataclass(slots=True)
class Endpoint:
    """A client and what is known of its connections."""

    client: AsyncOpenAI
    sockets: Sockets | None
    """`None` behind a proxy, where nothing can be opened ahead."""
    is_warm: bool = False
    cold_connect_ms: float | None = None
    """What DNS, TCP and TLS took when the connections were opened ahead."""

    async def prepare(self, kwargs: Mapping[str, Any]) -> None:
        """Have the SDK do for a call of `chat.completions.create` what it can before the call is due."""
        if isinstance(self.client, SteadyAsyncOpenAI):
            await self.client.prepare(kwargs)

    async def warm(self, count: int, limit: float) -> None:
        """Open `count` connections before they are needed, once; no byte of a request is sent.

        What cannot be opened is left to the calls, which say why.
        """
        if self.is_warm or self.sockets is None:
            return
        self.is_warm = True
        url = self.client.base_url
        port = url.port or (443 if url.scheme == "https" else 80)
        context = tls_context() if url.scheme == "https" else None
        opening = [self.sockets.prepare(url.host, port, context, limit) for _ in range(count)]
        found = await asyncio.gather(*opening, return_exceptions=True)
        times = [seconds for seconds in found if isinstance(seconds, float)]
        if times:
            self.cold_connect_ms = max(times) * 1000


def make_endpoint(base_url: str, key: str | None) -> Endpoint:
    """The client of one endpoint.

    Raises:
        ImportError: The environment names a proxy of a kind that httpx2 cannot use here.
        ValueError: It names one that is none.
    """
    sockets = None if _has_proxy(base_url) else Sockets()
    if sockets is None:
        limits = httpx2.Limits(
            max_connections=_CONNECTIONS, max_keepalive_connections=_KEPT_ALIVE, keepalive_expiry=_EXPIRY
        )
        http = openai.DefaultAsyncHttpxClient(
            verify=tls_context(), mounts=LOOPBACK_WITHOUT_PROXY, limits=limits, follow_redirects=False
        )
        client = AsyncOpenAI(api_key=key or _NO_KEY, base_url=base_url, http_client=http, max_retries=0)
    else:
        http = openai.DefaultAsyncHttpxClient(
            transport=Transport(sockets, tls_context()), follow_redirects=False
        )
        client = SteadyAsyncOpenAI(api_key=key or _NO_KEY, base_url=base_url, http_client=http, max_retries=0)
    return Endpoint(client, sockets)


async def prime() -> None:
    """Make one call over a socket of this machine: what libraries do once is not in a run's first figures.

    Its verdict too: schemas and patterns that are made for the first one would hold up other lanes' stamps.
    """
    try:
        server = await asyncio.start_server(_answer, _LOCAL, 0)
    except OSError:
        return  # there is no loopback; the first figures are then as late as they are said to be
    async with server:
        port = server.sockets[0].getsockname()[1]
        base_url = f"http://{_LOCAL}:{port}"
        endpoint = make_endpoint(base_url, None)
        await endpoint.warm(1, _PRIMING)
        async with endpoint.client as client:

            @openai_call("none", stream=True, client=client)
            async def ask() -> str:
                return "x"

            stream = await ask()
            async for _ in stream:
                pass
    counts = stream.construct_call_response().counts
    priced(counts, Preset(name="none", provider=Provider(name="none"), model="none"), base_url=base_url)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request as a server does: headers first, then the stream in a chunk."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0"
    )
    await reader.readexactly(int(length.partition(b":")[2]))
    writer.write(_HEAD + b"%x\r\n%b\r\n0\r\n\r\n" % (len(_ANSWER), _ANSWER))
    await writer.drain()
    writer.close()


def _has_proxy(base_url: str) -> bool:
    """Whether the environment puts a proxy between; never for this machine, whatever it is called."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    proxies = getproxies()
    return (parts.scheme in proxies or "all" in proxies) and not is_loopback(host) and not proxy_bypass(host)
