"""Runs the demo application on loopback, inside the asyncio loop of its caller."""

import asyncio
import logging
import os
import socket
from types import TracebackType
from typing import Self

import uvicorn

from ostream_compare.demo.answers import library
from ostream_compare.demo.app import Client, app

_HOST = "127.0.0.1"
_BACKLOG = 512
_KEEP_ALIVE = 3600  # seconds; a shorter one may close a pooled connection just as its client uses it


class DemoServer:
    """The demo server. It installs no signal handlers, logs nothing and starts no thread.

    Args:
        pace: Factor on every delay of the answers; 0 answers as fast as possible.
        port: Port to listen on; 0 lets the system choose.
    """

    def __init__(self, *, pace: float = 1.0, port: int = 0) -> None:
        self._pace = pace
        self._port = port
        self._running: uvicorn.Server | None = None
        self._base_url = ""

    async def start(self) -> str:
        """Listen, and return the `base_url`; the one that stands when it already listens.

        Raises:
            OSError: the port is taken or may not be used.
        """
        if self._running is not None:
            return self._base_url
        library()  # read before the first request, whose timing is shown
        server = self._configured()
        listener = _bound_socket(self._port)
        base_url = f"http://{_HOST}:{listener.getsockname()[1]}/v1"
        try:
            # Not `serve()`: that takes the signals of the process and wakes ten times a second.
            await server.startup(sockets=[listener])
        except BaseException:
            listener.close()
            raise
        self._running, self._base_url = server, base_url
        return base_url

    async def stop(self) -> None:
        """Cut every open stream and close the port. Calling it again, or before `start`, does nothing."""
        server, self._running = self._running, None
        if server is None:
            return
        self._base_url = ""
        for listener in server.servers:
            listener.close()
        for connection in tuple(server.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the connections learn that they are lost
        await server.shutdown()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """Where `/chat/completions` is appended; empty while it does not listen."""
        return self._base_url

    def _configured(self) -> uvicorn.Server:
        config = uvicorn.Config(
            app(pace=self._pace, abort=self._abort),
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            backlog=_BACKLOG,
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        return server

    def _abort(self, client: Client) -> None:
        if self._running is None:
            return
        for connection in tuple(self._running.server_state.connections):
            if connection.transport.get_extra_info("peername") == client:
                connection.transport.abort()


def _bound_socket(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option would let another program take the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
