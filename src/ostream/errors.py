"""Everything that `ostream` raises, and the door where foreign errors become ours.

    OStreamError
    ├── ConnectionFailed    connect, dns, tls, insecure, connection_lost, protocol, redirect
    ├── TimedOut            stall_first, stall, total_timeout
    ├── RequestRefused      bad_request, auth, payment, permission, not_found, unprocessable,
    │                       rate_limit, server, missing_key
    ├── BadStream           stream_error, bad_json, too_large, not_a_stream, empty
    └── ToolError           bad_tool (on a tool, never raised by iteration)

The names in the second column are the values of `kind`. `truncated` and `cancelled` are states of a
stream, not errors.
"""

import re
from collections.abc import Mapping
from typing import Literal

ErrorKind = Literal[
    "connect", "dns", "tls", "insecure", "connection_lost", "protocol", "redirect",
    "stall_first", "stall", "total_timeout",
    "bad_request", "auth", "payment", "permission", "not_found", "unprocessable", "rate_limit", "server",
    "missing_key",
    "stream_error", "bad_json", "too_large", "not_a_stream", "empty",
    "bad_tool",
]  # fmt: skip
"""The kinds of error; `collector` is added by the program for its own child process."""


class OStreamError(Exception):
    """Base of all errors.

    Attributes:
        kind: What happened, one of `ErrorKind`.
        message: For a person; the API key never stands in it.
        status: HTTP status, where there was one.
        code: The server's own code, as a string.
        hint: What to do: `unsupported_param:NAME`, `model_not_found`, `wrong_path`, `retry_after:SECONDS`.
        retry_after: Seconds that the server asked to wait.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.message = message
        self.status = status
        self.code = code
        self.hint = hint
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class ConnectionFailed(OStreamError):  # noqa: N818 - the name says what happened
    """No connection, a broken one, or one that does not speak HTTP."""


class TimedOut(OStreamError):  # noqa: N818 - the name says what happened
    """One of the clocks of `Limits` ran out."""


class RequestRefused(OStreamError):  # noqa: N818 - the name says what happened
    """The server answered with an HTTP error."""


class BadStream(OStreamError):  # noqa: N818 - the name says what happened
    """The answer began, and is not what it should be."""


class ToolError(OStreamError):
    """A tool call that cannot be used: unknown name, broken JSON or arguments that do not fit.

    It stands on the tool (`tool.error`); `tool.call()` raises it.
    """


_CLASSES: dict[ErrorKind, type[OStreamError]] = {
    **dict.fromkeys(
        ("connect", "dns", "tls", "insecure", "connection_lost", "protocol", "redirect"), ConnectionFailed
    ),
    **dict.fromkeys(("stall_first", "stall", "total_timeout"), TimedOut),
    **dict.fromkeys(
        (
            "bad_request",
            "auth",
            "payment",
            "permission",
            "not_found",
            "unprocessable",
            "rate_limit",
            "server",
        ),
        RequestRefused,
    ),
    "missing_key": RequestRefused,
    **dict.fromkeys(("stream_error", "bad_json", "too_large", "not_a_stream", "empty"), BadStream),
    "bad_tool": ToolError,
}

_STATUS_KINDS: dict[int, ErrorKind] = {
    401: "auth",
    402: "payment",
    403: "permission",
    404: "not_found",
    422: "unprocessable",
    429: "rate_limit",
}

MAX_MESSAGE = 2_000
"""Characters of a server's message that are kept."""

_KEY_RUN = 8
"""Characters of a key in a row that give it away."""
_SECRET_NAME = re.compile(
    r"(?:^|[-_])(?:api)?(?:keys?|tokens?|secrets?|pass|passw(?:or)?d|passphrase|credentials?|auth|authorization|cookie|session)$",
    re.IGNORECASE,
)
"""Names of headers that end in a word for a secret; `X-Session-Mode` and `X-Portkey-Provider` tell none."""
_PLAIN_NAME = re.compile(
    r"(?:^|[-_])(?:accept|agent|app|beta|charset|class|country|date|deployment|encoding|env|environment"
    r"|experiment|features?|flags?|format|language|level|locale|mode|models?|name|origin|policy|priority|provider"
    r"|purpose|referer|region|route|source|tags?|tier|timeout|title|type|version|zone)$"
    r"|^(?:accept|content)-",
    re.IGNORECASE,
)
"""Names of headers that end in a word for what is no secret, whatever it looks like."""
_PIECE = re.compile(r"[^\s;,=&:\"'(){}<>\[\]]+")
"""What stands between the signs of a header's value."""
_DRAWN = re.compile(r"(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{8}|[0-9]{10}|[A-Za-z]{16}")
"""What is in keys and in no word, date, version, region or name of a model."""
_WITH_SCHEME = re.compile(r"[A-Za-z]+ [^ ]+")


def make_error(
    kind: ErrorKind,
    message: str,
    *,
    status: int | None = None,
    code: str | None = None,
    hint: str | None = None,
    retry_after: float | None = None,
) -> OStreamError:
    """The error of the class that belongs to `kind`."""
    text = message.strip()
    if len(text) > MAX_MESSAGE:
        text = text[: MAX_MESSAGE - 1] + "…"
    return _CLASSES[kind](kind, text, status=status, code=code, hint=hint, retry_after=retry_after)


def kind_of_status(status: int) -> ErrorKind:
    """The kind of an HTTP status that is not a success."""
    if status in _STATUS_KINDS:
        return _STATUS_KINDS[status]
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
        return "redirect"
    return "server" if status >= 500 else "bad_request"  # noqa: PLR2004 - the class of server errors


def header_secrets(headers: Mapping[str, object] | None) -> tuple[str, ...]:
    """What of request headers is never told: what stands in those that a secret goes by, without `Bearer`.

    Of a header whose name says nothing, that is what has the look of a key. Words of less than eight
    characters are none: they would be found in any text.
    """
    found: list[str] = []
    for name, value in (headers or {}).items():
        if not isinstance(value, str) or _PLAIN_NAME.search(name):
            continue
        if _SECRET_NAME.search(name):
            found.append(value.rpartition(" ")[2] if _WITH_SCHEME.fullmatch(value) else value)
        else:
            parts = value.split("/") if "://" in value else [value]
            found += (piece for part in parts for piece in _PIECE.findall(part) if _DRAWN.search(piece))
    return tuple(value for value in found if len(value) >= _KEY_RUN)


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """`text` with every run of eight characters or more that also stands in a secret replaced by `[key]`."""
    runs = {secret[i : i + _KEY_RUN] for secret in secrets for i in range(len(secret) - _KEY_RUN + 1)}
    hits = [i for i in range(len(text) - _KEY_RUN + 1) if text[i : i + _KEY_RUN] in runs] if runs else []
    if not hits:
        return text
    masked = list(text)
    for i in hits:  # all of them at once: what is masked of one secret may be a part of another
        masked[i : i + _KEY_RUN] = "\0" * _KEY_RUN
    return re.sub("\0+", "[key]", "".join(masked))
