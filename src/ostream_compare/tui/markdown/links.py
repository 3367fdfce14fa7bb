"""Which addresses may be links: plain web addresses that say where they lead. Pure."""

import re
from urllib.parse import unquote, urlsplit

from ostream_compare.domain.safe_text import clean

_WEB = re.compile(r"https?://[^\s<>\"'`\\]+\Z", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@/])https?://[^\s<>\"'`\\|]+", re.IGNORECASE)
_LONGEST = 2000
_TRAILING = ".,:;!?*_~'\""


def safe_link(address: str) -> str | None:
    """The address if it is http or https, leads to a plain host and hides nothing; otherwise `None`."""
    if len(address) > _LONGEST or _WEB.match(address) is None:
        return None
    decoded = address
    for _ in range(3):
        decoded = unquote(decoded)
    if clean(decoded) != decoded or "\n" in decoded or "\t" in decoded:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc or "%" in parts.netloc or port == 0:
        return None
    return address


def bare_links(text: str) -> list[tuple[int, int, str]]:
    """Start, end and address of what stands in a text as a plain web address."""
    if "://" not in text:
        return []
    found: list[tuple[int, int, str]] = []
    for match in _BARE.finditer(text):
        address = match.group().rstrip(_TRAILING)
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(_TRAILING)
        if (link := safe_link(address)) is not None:
            found.append((match.start(), match.start() + len(address), link))
    return found
