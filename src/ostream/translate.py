"""The door where errors of the SDK and of its HTTP clients become ours."""

import socket
import ssl
import time
from collections.abc import Iterator

import httpx2
import openai

from ostream.error_shapes import status_error
from ostream.errors import ErrorKind, OStreamError, make_error, redact

_AIOHTTP_KINDS: dict[str, ErrorKind] = {
    "ClientConnectorDNSError": "dns",
    "ClientSSLError": "tls",
    "ClientConnectorSSLError": "tls",
    "ClientConnectorCertificateError": "tls",
    "ServerFingerprintMismatch": "tls",
    "ConnectionTimeoutError": "connect",
    "ClientConnectorError": "connect",
    "ClientProxyConnectionError": "connect",
    "SocketTimeoutError": "stall_first",
    "ServerDisconnectedError": "connection_lost",
    "ClientOSError": "connection_lost",
    "ClientConnectionResetError": "connection_lost",
    "ClientPayloadError": "connection_lost",
    "ContentLengthError": "connection_lost",
    "ContentEncodingError": "protocol",
    "ClientResponseError": "protocol",
    "BadHttpMessage": "protocol",
}
"""aiohttp's classes by name, most of them reached through an exception's base classes."""

_HTTPX_KINDS: tuple[tuple[type[BaseException], ErrorKind], ...] = (
    (httpx2.ConnectTimeout, "connect"),
    (ssl.SSLError, "tls"),
    (httpx2.PoolTimeout, "connect"),
    (httpx2.TimeoutException, "stall_first"),
    (httpx2.ConnectError, "connect"),
    (httpx2.ProxyError, "connect"),
    (httpx2.TooManyRedirects, "redirect"),
    (httpx2.NetworkError, "connection_lost"),
    (httpx2.ProtocolError, "protocol"),
    (httpx2.DecodingError, "protocol"),
    (httpx2.UnsupportedProtocol, "connect"),
    (httpx2.InvalidURL, "connect"),
)

_LOST_WORDS = ("disconnected", "peer closed", "incomplete chunked read", "not enough data")
_PROTOCOL_WORDS = ("chunk size", "chunk header", "invalid character")


def translate(error: BaseException, secrets: tuple[str, ...]) -> OStreamError | None:
    """`error` as one of ours, or `None` if it is none of the network's (a programmer's, then).

    Args:
        error: As the SDK raised it.
        secrets: Never to stand in the message.
    """
    if isinstance(error, OStreamError):
        return error
    if isinstance(error, openai.APIStatusError):
        response = error.response
        return status_error(response.status_code, response.headers, response.content, secrets, time.time())
    chain = list(_chain(error))
    known = (openai.APIConnectionError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError)
    if not isinstance(error, known) and not any(_is_aiohttp(item) for item in chain):
        return None
    kind = _kind(chain)
    return make_error(kind, redact(_message(kind, chain), secrets))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what caused it; bounded, because chains can be circular."""
    current: BaseException | None = error
    for _ in range(12):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__


def _is_aiohttp(error: BaseException) -> bool:
    return type(error).__module__.startswith("aiohttp")


def _kind(chain: list[BaseException]) -> ErrorKind:
    text = " ".join(str(item) for item in chain).lower()
    if any(isinstance(item, socket.gaierror) for item in chain):
        return "dns"
    kind = _by_aiohttp(chain) or _by_httpx(chain) or "connection_lost"
    return _lost_or_protocol(kind, text) if kind in {"connection_lost", "protocol"} else kind


def _by_httpx(chain: list[BaseException]) -> ErrorKind | None:
    for kind_class, kind in _HTTPX_KINDS:
        if any(isinstance(item, kind_class) for item in chain):
            return kind
    return None


def _by_aiohttp(chain: list[BaseException]) -> ErrorKind | None:
    for item in reversed(chain):
        for base in type(item).__mro__ if _is_aiohttp(item) else ():
            if base.__name__ in _AIOHTTP_KINDS:
                return _AIOHTTP_KINDS[base.__name__]
    return None


def _lost_or_protocol(kind: ErrorKind, text: str) -> ErrorKind:
    """The clients' classes mix both up; their words do not."""
    if any(word in text for word in _LOST_WORDS):
        return "connection_lost"
    return "protocol" if any(word in text for word in _PROTOCOL_WORDS) else kind


_DETAIL = 300
"""Characters of a client's own words; some of them quote the whole body."""

_WORDS: dict[str, str] = {
    "dns": "the host name is not known",
    "tls": "no secure connection",
    "connect": "no connection",
    "connection_lost": "the connection broke",
    "protocol": "the server does not speak HTTP as it should",
    "stall_first": "nothing came in time",
    "redirect": "the server redirects to nowhere that a call may follow",
}


def _message(kind: ErrorKind, chain: list[BaseException]) -> str:
    details = [
        " ".join(str(item).split()) for item in chain if not isinstance(item, openai.APIConnectionError)
    ]
    detail = next((text for text in reversed(details) if text), "")[:_DETAIL]
    words = _WORDS.get(kind, kind)
    return f"{words}: {detail}" if detail else words
