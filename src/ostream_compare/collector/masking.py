"""A key that a server puts into its answer is not shown and not kept: it is no part of what was asked for."""

import json

from ostream_compare.domain.comparison import Response

MASK = "[key]"
_SHORTEST = 8
"""Characters of a key that is masked; shorter ones are words."""


class Masker:
    """Masks a key in a text that comes in pieces.

    Args:
        key: What must not be told; `None` or a very short one masks nothing.
    """

    def __init__(self, key: str | None) -> None:
        self._key = key if key is not None and len(key) >= _SHORTEST else ""
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be told after `text`; an end that may be the beginning of the key is held back."""
        key = self._key
        if not key or not (text or self._held):
            return text
        whole = (self._held + text).replace(key, MASK)
        most = min(len(key) - 1, len(whole))
        held = next((size for size in range(most, 0, -1) if key.startswith(whole[-size:])), 0)
        self._held = whole[len(whole) - held :]
        return whole[: len(whole) - held]

    def rest(self) -> str:
        """What was held back, at the end."""
        held, self._held = self._held, ""
        return held


def masked(response: Response, key: str | None) -> Response:
    """`response` without the key, wherever the server put it."""
    if key is None or len(key) < _SHORTEST:
        return response
    text, hidden = response.model_dump_json(), json.dumps(key)[1:-1]
    return Response.model_validate_json(text.replace(hidden, MASK)) if hidden in text else response
