"""Endpoints asked for their lists of models: never a prompt, every size and time bounded."""

import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from ostream.errors import header_secrets
from ostream_compare.collector.keys import plain_http_host
from ostream_compare.collector.listing import Listing, ListState, ModelIds, read_ids

MOST_BYTES = 4 * 1024 * 1024
"""Of a list; those with prices and descriptions of hundreds of models take most of one."""
_AT_ONCE = 64
_OK = range(200, 300)
_MOVED = range(300, 400)
_UNAUTHORIZED = 401
_FIRST_SERVER_ERROR = 500
_NOT_IMPLEMENTED = 501


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One endpoint to ask."""

    base_url: str
    """`/models` is appended."""
    key: str | None = field(default=None, repr=False)
    """Sent to this origin and no other: redirects are not followed."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """What the file adds to each request to it."""
    strict: bool = False
    """Take OpenAI's own shape of a list and nothing else."""
    most_bytes: int = MOST_BYTES
    """A longer answer is not read."""


def ask_all(questions: Sequence[Question], *, limit: float) -> tuple[Listing, ...]:
    """Ask all endpoints at the same time; the answers in the same order.

    What has not answered in time is left to a thread that nobody waits for: neither a resolver nor a
    server that sends a byte now and then can hold up the program.

    Args:
        questions: One an endpoint.
        limit: Seconds for each, with looking up its name.
    """
    if not questions:
        return ()
    try:
        context = httpx2.create_ssl_context()
    except OSError as error:  # SSL_CERT_FILE names no certificates
        why = f"the certificates of this machine cannot be read: {error.strerror or error}"
        return tuple(Listing(state="tls", message=why) for _ in questions)
    answers: list[Listing] = []
    for start in range(0, len(questions), _AT_ONCE):
        answers += _ask_together(questions[start : start + _AT_ONCE], context, limit)
    return tuple(answers)


def _ask_together(questions: Sequence[Question], context: ssl.SSLContext, limit: float) -> list[Listing]:
    until = time.monotonic() + limit
    futures: list[Future[Listing]] = []
    for question in questions:
        future: Future[Listing] = Future()
        futures.append(future)
        asking = threading.Thread(target=_settle, args=(future, question, context, until), daemon=True)
        asking.start()
    done, _ = wait(futures, timeout=limit)
    late = Listing(state="timeout", message=f"no answer within {limit:g} s")
    return [future.result() if future in done else late for future in futures]


def _settle(future: Future[Listing], question: Question, context: ssl.SSLContext, until: float) -> None:
    try:
        future.set_result(_ask(question, context, until))
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is taken
        future.set_exception(error)


def _ask(question: Question, context: ssl.SSLContext, until: float) -> Listing:
    url = f"{question.base_url.rstrip('/')}/models"
    limit = max(0.01, until - time.monotonic())
    try:
        client = httpx2.Client(verify=context, trust_env=not _stays_here(url), timeout=limit)
    except (ValueError, ImportError):  # their text may hold the proxy's password
        return Listing(state="proxy", message="the proxy that the environment names cannot be used")
    try:
        with client, client.stream("GET", url, headers=_headers(question)) as response:
            return _answer(response, question, until)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        return _failure(error)


def _stays_here(url: str) -> bool:
    """Whether `url` is on this machine, where no proxy has any business."""
    return plain_http_host(f"http://{urlsplit(url).netloc}") is None


def _headers(question: Question) -> dict[str, str]:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "ostream-compare"}
    headers |= question.headers
    if question.key is not None:
        headers["Authorization"] = f"Bearer {question.key}"
        if urlsplit(question.base_url).hostname == "api.anthropic.com":
            # Its list takes the key only so, unlike its chat completions.
            headers |= {"x-api-key": question.key, "anthropic-version": "2023-06-01"}
    return headers


def _answer(response: httpx2.Response, question: Question, until: float) -> Listing:
    status = response.status_code
    if status in _OK:
        return _list(response, question, until)
    if status == _UNAUTHORIZED:
        said = "401: the key is not accepted" if question.key else "401: it wants a key"
        return Listing(state="auth", message=said)
    if status in _MOVED:
        return Listing(state="redirect", message=f"{status}: it redirects elsewhere, correct base_url")
    if status >= _FIRST_SERVER_ERROR and status != _NOT_IMPLEMENTED:
        return Listing(state="server", message=f"{status}: the server is in trouble")
    return Listing(state="no_list", message=f"it answers, but lists no models ({status})")


def _list(response: httpx2.Response, question: Question, until: float) -> Listing:
    body = bytearray()
    for part in response.iter_raw():
        body += part
        if len(body) > question.most_bytes:
            return Listing(state="no_list", message="it answers, but its list is too long to read")
        if time.monotonic() > until:
            return Listing(state="timeout", message="its list did not end in time")
    models = read_ids(bytes(body), strict=question.strict)
    if models is not None:
        return Listing(state="listed", message="reachable", models=_without_key(models, question))
    if body.lstrip().startswith(b"<"):
        return Listing(state="not_an_api", message="it answers with a web page: check base_url")
    return Listing(state="no_list", message="it answers, but not with a list of models")


def _without_key(models: ModelIds, question: Question) -> ModelIds:
    """A server that lists the key that it was sent does not get it onto the screen."""
    keys = [key for key in (question.key, *header_secrets(question.headers)) if key]
    told = tuple(name for name in models.ids if not any(key in name for key in keys))
    return ModelIds(ids=told, is_whole=models.is_whole)


_FAILURES: tuple[tuple[tuple[type[BaseException], ...], ListState, str], ...] = (
    ((socket.gaierror,), "dns", "no such host"),
    ((ssl.SSLError,), "tls", "no secure connection: its certificate is not trusted, or it speaks no TLS"),
    ((ConnectionRefusedError,), "connect", "connection refused: nothing listens there"),
    ((httpx2.TimeoutException,), "timeout", "no answer in time"),
    ((httpx2.ProxyError,), "proxy", "the proxy does not let it through"),
    ((httpx2.ConnectError, httpx2.InvalidURL, httpx2.UnsupportedProtocol), "connect", "no connection"),
)
"""The first that stands anywhere in an error's causes tells what it was."""


def _failure(error: BaseException) -> Listing:
    chain = _chain(error)
    for kinds, state, message in _FAILURES:
        if any(isinstance(item, kinds) for item in chain):
            return Listing(state=state, message=message)
    return Listing(state="protocol", message="it does not speak HTTP, or broke off")


def _chain(error: BaseException | None) -> Sequence[BaseException]:
    """`error` and what caused it; bounded, because chains can be circular."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
