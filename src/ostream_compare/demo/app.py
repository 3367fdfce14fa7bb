"""The routes of the demo server: OpenAI's `/v1/models` and `/v1/chat/completions`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import islice

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from ostream_compare.demo.models import MODELS
from ostream_compare.demo.reply import Reply, compose, error_body
from ostream_compare.demo.request import BadRequestError, parse_chat_request

Client = tuple[str, int]
"""Address and port of a connection's other end."""

_BREAK_DELAY = 0.1
_CLIENT_CLOSED_REQUEST = 499
_MODELS_CREATED = 1_767_225_600  # a fixed day, 2026-01-01, so that the list is the same everywhere


def app(*, pace: float = 1.0, abort: Callable[[Client], None] | None = None) -> Starlette:
    """The ASGI application.

    Args:
        pace: Factor on every delay; 0 answers as fast as possible.
        abort: Cuts the connection with that client. Without it a broken answer ends unfinished, and the
            server that runs this application closes the connection.
    """

    async def chat(request: Request) -> Response:
        clock = _Clock(pace)
        order = parse_chat_request(await request.body())
        model = MODELS.get(order.model)
        if model is None:
            message = f"The model `{order.model}` does not exist. The demo has: {', '.join(MODELS)}."
            return _error(404, message, param="model", code="model_not_found")
        reply = compose(model, order, int(time.time()))

        def cut() -> None:
            if abort is not None and request.client is not None:
                abort((request.client.host, request.client.port))

        return _PacedResponse(reply, clock, stream=order.stream, cut=cut)

    return Starlette(
        routes=[
            Route("/v1/models", _models, methods=["GET"]),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ],
        exception_handlers={
            BadRequestError: _bad_request,
            HTTPException: _http_error,
            ClientDisconnect: _gone,
        },
    )


class _Clock:
    """Waits for the moments of one reply's schedule, counted from the arrival of its request."""

    def __init__(self, pace: float) -> None:
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()

    async def until(self, at: float) -> None:
        """Return when `at` seconds, times the pace, have passed; other tasks get their turn in any case."""
        await asyncio.sleep(max(0.0, self._started + at * self._pace - self._loop.time()))


class _PacedResponse(StreamingResponse):
    """A reply whose headers and tokens leave when its schedule says so, and that may break half way."""

    def __init__(self, reply: Reply, clock: _Clock, *, stream: bool, cut: Callable[[], None]) -> None:
        self._clock = clock
        self._cut = cut if reply.breaks_after is not None else None
        if stream:
            self._opens_at = reply.timing.opens_at
            super().__init__(
                _streamed(reply, clock), media_type="text/event-stream", headers={"cache-control": "no-cache"}
            )
        else:
            body = reply.completion()
            sent = body if reply.breaks_after is None else body[: len(body) // 2]
            self._opens_at = reply.timing.ends_at(reply.sent_tokens)
            super().__init__(
                _at_once(sent), media_type="application/json", headers={"content-length": str(len(body))}
            )

    async def stream_response(self, send: Send) -> None:
        await self._clock.until(self._opens_at)
        if self._cut is None:
            await super().stream_response(send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for part in self.body_iterator:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        self._cut()
        await asyncio.sleep(
            0
        )  # the transport reports its end before the server looks for an unfinished answer


async def _streamed(reply: Reply, clock: _Clock) -> AsyncIterator[bytes]:
    """The reply's events, several in one part where its schedule says so."""
    yield reply.opening()
    events = reply.events()
    sent = 0
    for write in reply.timing.writes:
        if sent >= reply.sent_tokens:
            break
        await clock.until(write.at)
        yield b"".join(islice(events, write.upto - sent))
        sent = write.upto
    if reply.breaks_after is None:
        yield reply.closing()
    else:
        await clock.until(reply.timing.ends_at(reply.sent_tokens) + _BREAK_DELAY)


async def _at_once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _models(_request: Request) -> Response:
    data = [
        {"id": name, "object": "model", "created": _MODELS_CREATED, "owned_by": "ostream-compare-demo"}
        for name in MODELS
    ]
    return JSONResponse({"object": "list", "data": data})


async def _bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequestError)
    return _error(400, error.message, param=error.param, code=error.code)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "unknown_url", 405: "method_not_supported"}
    message = f"{error.detail}: {request.method} {request.url.path}"
    return _error(error.status_code, message, code=codes.get(error.status_code), headers=error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    """Nobody reads this: the client left before its request was whole."""
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def _error(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return JSONResponse(error_body(message, param=param, code=code), status_code=status, headers=headers)
