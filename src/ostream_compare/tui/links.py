"""Which addresses in an answer may be opened at all: those of the web that are what they look like."""

import re
import webbrowser
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_ODD = re.compile(r"[^\x21-\x7e\u00a1-\ud7ff\uf900-\ufffd\U00010000-\U000dffff]|[\\<>\"`{|}^]")
"""Blanks, control characters, backslashes and what no address may hold."""
_HIDDEN = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SCHEMES = ("http", "https")
_LONGEST = 2_000
_DECODINGS = 3


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address that may be shown and asked about."""

    url: str
    """What is opened, to the letter."""
    host: str
    """Whom it leads to; letters beyond ASCII in their encoded form, for they may imitate others."""


def web_address(url: str) -> WebAddress | None:
    """The address in `url`, or `None` where it is not plainly one of http or https."""
    if len(url) > _LONGEST or not _is_plain(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not host or "@" in parts.netloc or "%" in parts.netloc:
        return None
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return WebAddress(url, name if port is None else f"{name}:{port}")


def _is_plain(url: str) -> bool:
    """Whether nothing in it is hidden, however often it is decoded."""
    if _HIDDEN.search(url) or _ODD.search(url):
        return False
    decoded = url
    for _ in range(_DECODINGS):
        decoded = unquote(decoded)
        if not decoded.lower().startswith(("http://", "https://")) or _CONTROL.search(decoded):
            return False
    return True


def has_browser() -> bool:
    """Whether a link can be opened by a program with a window of its own: others would take the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    takes_terminal = isinstance(browser, webbrowser.GenericBrowser)
    return not takes_terminal or isinstance(browser, webbrowser.BackgroundBrowser)
