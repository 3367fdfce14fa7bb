"""A key that a server puts into its answer is not shown and not kept: it is no part of what was asked for."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import cast

from ostream.errors import header_secrets
from ostream_compare.collector.protocol import LaneOrder
from ostream_compare.domain.comparison import Response

MASK = "[key]"
_SHORTEST = 8
"""Characters of a key that is masked; shorter ones are words."""
_NAME = re.compile(
    r"(api|access|auth|secret|private|session)[-_ ]?(key|token)|authorization|bearer|passw|passphrase"
    r"|credential|^secret|secret$",
    re.IGNORECASE,
)
"""What a secret is called inside a request; a mere `token` or `key` there is a word of the models' own."""


def secrets_of(order: LaneOrder) -> tuple[str, ...]:
    """What of a request must not be told: its key, headers that hold one, and what its body calls one."""
    keys = () if order.key is None else (order.key,)
    params = order.preset.params
    return keys + header_secrets(params.get("extra_headers")) + tuple(_called(params.get("extra_body")))


def _called(value: object, *, secret: bool = False) -> Iterator[str]:
    """Texts of at least some length that stand under a name of secrets, at any depth."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            yield from _called(inner, secret=secret or _NAME.search(name) is not None)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _called(inner, secret=secret)
    elif secret and isinstance(value, str) and len(value) >= _SHORTEST:
        yield value


class Masker:
    """Masks secrets in a text that comes in pieces.

    Args:
        secrets: What must not be told; very short ones are passed over.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = _long(secrets)
        self._any = re.compile("|".join(map(re.escape, self._secrets)))
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be told after `text`; an end that may be the beginning of a secret is held back."""
        if not self._secrets or not (text or self._held):
            return text
        whole = self._held + text
        told: list[str] = []
        start, end = 0, len(whole) - self._begun(whole)
        for found in self._any.finditer(whole):
            if found.start() >= end:  # it may be the beginning of a longer one
                break
            told += whole[start : found.start()], MASK
            start = found.end()
            if start > end:
                end = len(whole) - self._begun(whole[start:])
        self._held = whole[end:]
        return "".join((*told, whole[start:end]))

    def _begun(self, text: str) -> int:
        return max(_begun(secret, text) for secret in self._secrets)

    def rest(self) -> str:
        """What was held back, at the end."""
        held, self._held = self._held, ""
        return self._any.sub(MASK, held) if held else held


def masked(response: Response, secrets: Iterable[str]) -> Response:
    """`response` without the secrets, wherever the server put them."""
    hidden = [json.dumps(secret)[1:-1] for secret in _long(secrets)]
    if not hidden:
        return response
    text = clear = response.model_dump_json()
    for secret in hidden:
        clear = clear.replace(secret, MASK)
    return response if clear == text else Response.model_validate_json(clear)


def _long(secrets: Iterable[str]) -> list[str]:
    """Those that are masked, each once and the longest first: one may stand in another."""
    return sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True)


def _begun(secret: str, text: str) -> int:
    """How many characters at the end of `text` are the beginning of `secret`."""
    most = min(len(secret) - 1, len(text))
    return next((size for size in range(most, 0, -1) if secret.startswith(text[-size:])), 0)
