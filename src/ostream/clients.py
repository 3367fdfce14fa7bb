"""The clients that are used when the caller gives none: one for each mode, made once, closable."""

import asyncio
import functools
import os
import ssl
import weakref
from collections.abc import Mapping

import httpx2
import openai
from openai import AsyncOpenAI, OpenAI

from ostream.errors import make_error

LOOPBACK_WITHOUT_PROXY: Mapping[str, None] = dict.fromkeys(
    ("all://localhost", "all://127.0.0.1", "all://[::1]"),
)
"""Mounts that keep loopback away from any proxy."""

_VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")

_sync: dict[tuple[str | None, ...], OpenAI] = {}
_async: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str | None, ...], AsyncOpenAI]]"
_async = weakref.WeakKeyDictionary()


@functools.cache
def tls_context() -> ssl.SSLContext:
    """One TLS context for all clients; making one costs tens of milliseconds."""
    return httpx2.create_ssl_context()


def _settings() -> tuple[str | None, ...]:
    return tuple(os.environ.get(name) for name in _VARIABLES)


def default_client() -> OpenAI:
    """The synchronous client by the environment's `OPENAI_*`.

    Raises:
        RequestRefused: There is no key (`missing_key`).
    """
    settings = _settings()
    if settings not in _sync:
        http = openai.DefaultHttpxClient(verify=tls_context(), mounts=LOOPBACK_WITHOUT_PROXY)
        try:
            _sync[settings] = OpenAI(http_client=http, max_retries=0)
        except openai.OpenAIError as error:
            http.close()
            raise make_error("missing_key", str(error)) from error
    return _sync[settings]


def default_async_client() -> AsyncOpenAI:
    """The asynchronous client of the running loop, by the environment's `OPENAI_*`.

    Raises:
        RequestRefused: There is no key (`missing_key`).
    """
    settings = _settings()
    clients = _async.setdefault(asyncio.get_running_loop(), {})
    if settings not in clients:
        http = openai.DefaultAsyncHttpxClient(verify=tls_context(), mounts=LOOPBACK_WITHOUT_PROXY)
        try:
            clients[settings] = AsyncOpenAI(http_client=http, max_retries=0)
        except openai.OpenAIError as error:
            raise make_error("missing_key", str(error)) from error
    return clients[settings]


def close_default_client() -> None:
    """Close the synchronous default client; the next call makes a new one."""
    while _sync:
        _sync.popitem()[1].close()


async def close_default_async_client() -> None:
    """Close the running loop's default client; the next call makes a new one."""
    clients = _async.pop(asyncio.get_running_loop(), {})
    for client in clients.values():
        await client.close()
