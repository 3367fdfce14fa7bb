"""A key that a server puts into its answer is not shown and not kept: it is no part of what was asked for."""

import json
import re
from collections.abc import Iterable, Sequence

from ostream.errors import redact
from ostream_compare.collector.protocol import LaneOrder
from ostream_compare.domain.body_secrets import MASK, SHORTEST
from ostream_compare.domain.body_secrets import secrets_of as secrets_in
from ostream_compare.domain.comparison import Response, SavedError

_REASONS = frozenset({"stop", "length", "tool_calls", "function_call", "content_filter"})
"""Why answers end, in OpenAI's words: they tell no secret, whatever a key is."""
_QUOTED = re.compile(r'(\\?")[^"\\]*\1')
"""A word that is masked in quotes alone, as it is or as JSON has it inside of a text."""


def secrets_of(order: LaneOrder) -> tuple[str, ...]:
    """What of a request must not be told: its key, headers that hold one, and what its body calls one."""
    keys = () if order.key is None else (order.key,)
    return keys + secrets_in(order.preset.params)


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """How `secrets` stand in texts: as they are, and as JSON writes them.

    Each once and the longest first, for one may stand in another; very short ones are left out.
    """
    found = {
        spelled
        for secret in secrets
        if len(secret) >= SHORTEST
        for written in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
        for spelled in (secret, written, written.replace("/", "\\/"))
    }
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))


class Masker:
    """Masks secrets in a text that comes in pieces.

    Args:
        secrets: What must not be told; very short ones are passed over.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = spellings(secrets)
        self._any = _any_of(self._secrets)
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
            told += whole[start : found.start()], _mask(found)
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
        return self._any.sub(_mask, held) if held else held


def masked(response: Response, secrets: Sequence[str]) -> Response:
    """`response` without the secrets in what the server said; what the program itself says stays as it is."""
    hidden = spellings(secrets)
    if not hidden:
        return response
    pattern = _any_of(hidden)

    def clear(text: str) -> str:
        return pattern.sub(_mask, text)

    served, reason, error = response.served_model, response.finish_reason, response.error
    return response.model_copy(
        update={
            "served_model": clear(served) if served and served != response.model else served,
            "finish_reason": clear(reason) if reason and reason not in _REASONS else reason,
            "error": None if error is None else masked_error(error, secrets),
            "content": clear(response.content),
            "reasoning": None if response.reasoning is None else clear(response.reasoning),
            "refusal": None if response.refusal is None else clear(response.refusal),
            "tool_calls": [
                call.model_copy(
                    update={
                        "id": clear(call.id),
                        "name": clear(call.name),
                        "arguments": clear(call.arguments),
                    }
                )
                for call in response.tool_calls
            ],
        }
    )


def masked_error(error: SavedError, secrets: Sequence[str]) -> SavedError:
    """`error` without the secrets; a message is cut to a length, so that pieces of them count as well."""
    hidden = spellings(secrets)
    quoted = tuple(secret for secret in hidden if _QUOTED.fullmatch(secret))
    whole = tuple(secret for secret in hidden if secret not in quoted)
    words = _any_of(quoted)

    def clear(text: str) -> str:
        return redact(words.sub(_mask, text) if quoted else text, whole)

    what, colon, which = (error.hint or "").partition(":")
    return error.model_copy(
        update={
            "message": clear(error.message),
            "code": None if error.code is None else clear(error.code),
            "hint": None if error.hint is None else what + colon + clear(which),
        }
    )


def _mask(found: re.Match[str]) -> str:
    """What stands in a secret's place; a word that is one in quotes alone keeps them."""
    quoted = _QUOTED.fullmatch(found[0])
    return f"{quoted[1]}{MASK}{quoted[1]}" if quoted else MASK


def _any_of(secrets: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, secrets)))


def _begun(secret: str, text: str) -> int:
    """How many characters at the end of `text` are the beginning of `secret`."""
    size = len(text)
    at = text.find(secret[0], max(0, size - len(secret) + 1))
    while at >= 0 and not secret.startswith(text[at:]):
        at = text.find(secret[0], at + 1)
    return 0 if at < 0 else size - at
