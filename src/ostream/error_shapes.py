"""One reader for every shape in which servers report an error: in JSON, in a list, in a page of HTML."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from ostream.errors import ErrorKind, OStreamError, kind_of_status, make_error, redact
from ostream.json_text import BadJSONError, is_array, is_object, parse, repaired


@dataclass(frozen=True, slots=True)
class Reported:
    """What a server says went wrong."""

    message: str
    code: str | None = None
    param: str | None = None
    wait: float | None = None
    """Seconds to wait, where the body says so."""


_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,500}>")
_RETRY_IN = re.compile(
    r"(?:retry|try again) (?:in|after) ([0-9]+(?:\.[0-9]+)?) ?(ms|s\b|sec|m\b)?", re.IGNORECASE
)
_PARAM = re.compile(
    r"(?:unsupported (?:parameter|value)|unrecognized request argument(?: supplied)?"
    r"|unknown (?:parameter|name|field)"
    r"|extra inputs?|unexpected (?:keyword argument|field))\W{1,4}[`'\"]?([a-z_]+(?:\.[a-z_]+)*)",
    re.IGNORECASE,
)
_STREAM_OPTIONS = re.compile(r"\bstream_options\b")


def error_in_chunk(raw: Any) -> Reported | None:
    """The error that an event of a stream carries, or `None`: a null or empty one is none."""
    if not is_object(raw):
        return None
    choices = raw.get("choices")
    holders = [raw, raw.get("x_groq"), *(choices if is_array(choices) else ())]
    for holder in holders:
        if is_object(holder) and holder.get("error"):
            return read_error(holder)
    if choices:
        return None
    if raw.get("object") == "error" or raw.get("type") == "error" or raw.get("error_code"):
        return read_error(raw)
    bare = choices is None and "usage" not in raw
    if bare and (raw.get("detail") or (raw.get("message") and "code" in raw)):
        return read_error(raw)
    return None


def read_error(raw: Any) -> Reported:
    """The error in any JSON value."""
    if isinstance(raw, str):
        return Reported(repaired(raw))
    if is_array(raw):
        if not raw:
            return Reported("the server reports an error without a word")
        found = [read_error(item) for item in raw[:3]]
        return Reported(
            "; ".join(item.message for item in found), found[0].code, found[0].param, found[0].wait
        )
    if not is_object(raw):
        return Reported(str(raw))
    data = raw
    inner = data.get("error")
    if inner and not isinstance(inner, bool):
        deeper = read_error(inner)
        return Reported(deeper.message, deeper.code or _code(data), deeper.param, deeper.wait or _wait(data))
    return Reported(_message(data), _code(data), _param(data), _wait(data))


def _message(data: dict[str, Any]) -> str:
    for key in ("message", "detail", "details", "msg", "text", "error_description", "title", "reason"):
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return repaired(value)
        if isinstance(value, dict | list) and value:
            return read_error(value).message
    return repaired(str(data)) if data else "the server reports an error without a word"


def _code(data: dict[str, Any]) -> str | None:
    for key in ("code", "error_code", "status", "type"):
        value = data.get(key)
        if isinstance(value, str | int) and value != "" and not isinstance(value, bool):
            return repaired(str(value))
    return None


def _param(data: dict[str, Any]) -> str | None:
    value = data.get("param")
    if isinstance(value, str) and value:
        return value
    location = data.get("loc")
    if is_array(location):
        names = [item for item in location if isinstance(item, str) and item not in {"body", "query"}]
        return names[0] if names else None
    for key in ("message", "detail"):
        value = data.get(key)
        for item in value if is_array(value) else [value]:
            if is_object(item):
                found = _param(item)
                if found:
                    return found
    return None


def _wait(data: dict[str, Any]) -> float | None:
    details = data.get("details")
    if is_array(details):
        for item in details:
            delay = item.get("retryDelay") if is_object(item) else None
            if isinstance(delay, str) and (match := re.fullmatch(r"([0-9.]{1,12})s", delay)):
                return _number(match.group(1))
    message = data.get("message")
    if isinstance(message, str) and (match := _RETRY_IN.search(message)):
        value = _number(match.group(1))
        factor = {"ms": 0.001, "m": 60.0}.get((match.group(2) or "s").lower(), 1.0)
        return None if value is None else value * factor
    return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None  # noqa: PLR2004 - thirty years is no waiting time


def page_title(text: str) -> str | None:
    """The title of an HTML page, or `None` if `text` is no such page."""
    head = text.lstrip()[:200].lower()
    if (
        not head.startswith(("<!doctype", "<html", "<head", "<body", "<?xml"))
        and "</html>" not in text.lower()
    ):
        return None
    match = _TITLE.search(text)
    words = match.group(2) if match else _TAG.sub(" ", text)
    return " ".join(html.unescape(_TAG.sub(" ", words)).split())[:300] or "an empty HTML page"


def read_body(body: bytes) -> Reported:
    """The error in the body of an HTTP response of any type."""
    try:
        value, _ = parse(body)
    except BadJSONError:
        text = body.decode("utf-8", "replace").strip()
        return Reported(page_title(text) or text[:500])
    return read_error(value) if value is not None else Reported("")


def status_error(
    status: int, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: float
) -> OStreamError:
    """The error of an HTTP response that is not a success.

    Args:
        status: Its code.
        headers: Looked up in lower case.
        body: As much of it as was read.
        secrets: Never to stand in the message.
        now: Seconds since the epoch, for a `Retry-After` that is a date.
    """
    reported = read_body(body)
    kind = kind_of_status(status)
    wait = _header_wait(headers, now)
    if wait is None:
        wait = reported.wait
    message = reported.message or f"HTTP {status} with an empty body"
    if kind == "redirect":
        target = headers.get("location", "nowhere")
        message = f"HTTP {status} sends the request on to {target}; the base URL is not right"
    elif not message.startswith(f"{status} "):
        message = f"HTTP {status}: {message}" if reported.message else message
    return make_error(
        kind,
        redact(message, secrets),
        status=status,
        code=redact(reported.code, secrets) if reported.code else None,
        hint=_hint(kind, reported, body, headers, wait),
        retry_after=wait,
    )


def _header_wait(headers: Mapping[str, str], now: float) -> float | None:
    for name, factor in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name)
        if not text:
            continue
        value = _number(text.strip())
        if value is not None:
            return value * factor
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _hint(
    kind: ErrorKind, reported: Reported, body: bytes, headers: Mapping[str, str], wait: float | None
) -> str | None:
    if kind in {"bad_request", "unprocessable"}:
        if _STREAM_OPTIONS.search(body.decode("utf-8", "replace")):
            return "unsupported_param:stream_options"
        code = reported.code or ""
        match = _PARAM.search(reported.message)
        if match or "unsupported" in code or "unknown_parameter" in code:
            param = reported.param or (match.group(1) if match else None)
            return f"unsupported_param:{param}" if param else None
    if kind == "redirect":
        return "wrong_path"
    if kind == "not_found":
        page = (
            "html" in headers.get("content-type", "")
            or page_title(body.decode("utf-8", "replace")) is not None
        )
        named = "model" in f"{reported.message} {reported.code}".lower()
        return (
            "model_not_found"
            if named and not page
            else "wrong_path"
            if page or not reported.message
            else None
        )
    if wait is not None:
        return f"retry_after:{wait:.1f}"
    return None
