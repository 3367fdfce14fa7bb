"""A client whose requests differ in little: the SDK makes one of a kind, and all are cast from it."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai import AsyncOpenAI
from typing_extensions import override

from ostream.transport import CallTrace, Unused, asend

_TELL_TALE = b"x-stainless-"
"""Headers of the SDK's own statistics: system, architecture, version of Python."""
_KINDS = 1_000
"""That are kept at most."""


class SteadyAsyncOpenAI(AsyncOpenAI):
    """An `AsyncOpenAI` whose key, headers and HTTP client stay what they were when it was made.

    What the SDK does for one request takes a millisecond, most of it for what is the same in the next one.
    Here it makes one request for each set of parameters, which is not sent: all that are sent are cast from
    it, and are byte for byte what the SDK would send, less the headers that tell about the machine.
    """

    def __init__(self, *, http_client: httpx2.AsyncClient, **options: Any) -> None:
        super().__init__(http_client=http_client, **options)
        self._http = http_client
        self._moulds: dict[str, _Mould] = {}

    @property
    @override
    def user_agent(self) -> str:
        return f"{AsyncOpenAI.__name__}/Python {self._version}"

    async def prepare(self, kwargs: Mapping[str, Any]) -> "_Mould":
        """Have the SDK make a request of this kind, if it has not yet; nothing is sent.

        Args:
            kwargs: Of `chat.completions.create`.

        Raises:
            Exception: What the SDK raises for parameters that make no request.
        """
        kind = repr([(name, value) for name, value in kwargs.items() if name != "messages"])
        mould = self._moulds.get(kind)
        if mould is None:
            if len(self._moulds) >= _KINDS:
                self._moulds.clear()
            mould = self._moulds[kind] = _Mould.of(await self._made_by_sdk(kwargs), kwargs)
        return mould

    async def _made_by_sdk(self, kwargs: Mapping[str, Any]) -> httpx2.Request:
        catcher = _Catcher(self._http)
        client = self.with_options(max_retries=0, http_client=catcher)
        vars(client)["_platform"] = vars(self).get("_platform")
        try:
            async with client.chat.completions.with_streaming_response.create(**kwargs):
                raise AssertionError("the SDK answers without a request")
        except _CaughtError as caught:
            # Each new client of the SDK looks for its platform in a thread.
            vars(self)["_platform"] = vars(client).get("_platform")
            return caught.request

    @asynccontextmanager
    async def answer(
        self, kwargs: Mapping[str, Any], trace: CallTrace
    ) -> AsyncGenerator[httpx2.Response, None]:
        """The response to one request, its headers read.

        Raises:
            openai.APIStatusError: Its status is none of success.
            httpx2.HTTPError: There is none.
        """
        mould = await self.prepare(kwargs)
        response = await asend(self._http, mould.cast(kwargs["messages"], self._http.cookies), trace)
        try:
            if not response.is_success:
                raise openai.APIStatusError(f"status {response.status_code}", response=response, body=None)
            yield response
        finally:
            await response.aclose()


@dataclass(frozen=True, slots=True)
class _Mould:
    """What is the same in all requests of a kind."""

    made_of: Mapping[str, Any]
    """Kept, so that no other value can stand where one of these did."""
    url: httpx2.URL
    headers: httpx2.Headers
    body: dict[str, Any]
    """Of another request; its messages are not kept, unless they are no request's own."""
    has_messages: bool
    """Whether all requests of the kind have the same messages, given in `extra_body`."""
    timeout: Any

    @classmethod
    def of(cls, request: httpx2.Request, kwargs: Mapping[str, Any]) -> "_Mould":
        own_cookie = any(name.lower() == "cookie" for name in kwargs.get("extra_headers") or ())
        of_each = (b"content-length",) if own_cookie else (b"content-length", b"cookie")
        left_out = (*of_each, _TELL_TALE)
        headers = httpx2.Headers(
            [item for item in request.headers.raw if not item[0].lower().startswith(left_out)]
        )
        body = json.loads(request.content)
        has_messages = "messages" in (kwargs.get("extra_body") or ())
        if not has_messages:
            body["messages"] = None
        given = {name: value for name, value in kwargs.items() if name != "messages"}
        return cls(given, request.url, headers, body, has_messages, request.extensions.get("timeout"))

    def cast(self, messages: object, cookies: httpx2.Cookies) -> httpx2.Request:
        """The request with these messages."""
        body = self.body if self.has_messages else {**self.body, "messages": messages}
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        request = httpx2.Request(
            "POST",
            self.url,
            headers=self.headers,
            cookies=cookies or None,
            stream=httpx2.ByteStream(content),
            extensions={"timeout": self.timeout},
        )
        request.headers["Content-Length"] = str(len(content))
        return request


class _CaughtError(Exception):
    def __init__(self, request: httpx2.Request) -> None:
        super().__init__()
        self.request = request


class _Catcher(httpx2.AsyncClient):
    """Sends nothing, and gives back what was to be sent."""

    def __init__(self, inner: httpx2.AsyncClient) -> None:
        super().__init__(transport=Unused(), trust_env=False)
        self._inner = inner

    @override
    def build_request(self, *args: Any, **kwargs: Any) -> httpx2.Request:
        return self._inner.build_request(*args, **kwargs)

    @override
    async def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        raise _CaughtError(request)
