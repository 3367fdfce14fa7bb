"""Whether each preset can run: its key, its price, and what its endpoint says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ostream_compare.collector.keys import Key, find_key
from ostream_compare.collector.listing import Listing, is_listed, nearest_id
from ostream_compare.domain.preset import Preset, Provider
from ostream_compare.domain.prices import Quote, quote
from ostream_compare.domain.safe_text import clean_line

LIMIT = 2.0
"""Seconds for each endpoint, all at once."""

KeyState = Literal["present", "missing", "not_needed", "refused"]
EndpointState = Literal["built_in", "reachable", "not_listed", "unreachable", "not_asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What one preset's endpoint says of it."""

    state: EndpointState
    word: str
    """For the table."""
    message: str | None = None
    """What a person should know; cleaned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """One preset, examined."""

    preset: Preset
    key: KeyState
    key_message: str | None
    """Why there is none; cleaned."""
    price: Quote
    endpoint: Endpoint

    @property
    def can_run(self) -> bool:
        """Whether nothing speaks against a call."""
        return self.key in {"present", "not_needed"} and self.endpoint.state in {"built_in", "reachable"}


_BUILT_IN = Endpoint(state="built_in", word="built in")
_NOT_ASKED = Endpoint(state="not_asked", word="not asked")
_WORDS = {
    "no_list": "reachable",
    "not_an_api": "no API",
    "auth": "auth 401",
    "server": "in trouble",
    "redirect": "redirects",
    "connect": "refused",
    "dns": "no such host",
    "tls": "not secure",
    "proxy": "proxy",
    "protocol": "no HTTP",
    "timeout": "no answer",
}

_Place = tuple[Provider, tuple[tuple[str, str], ...]]
"""An endpoint as it is asked: with the headers that a file adds."""


def examine(
    presets: Sequence[Preset], environ: Mapping[str, str], *, limit: float = LIMIT, trusted: bool = False
) -> tuple[Readiness, ...]:
    """Every preset's readiness, in order. No prompt is sent; each endpoint is asked once.

    Args:
        presets: What to examine.
        environ: Where keys are looked up.
        limit: Seconds for each endpoint.
        trusted: Whether the user allowed well-known keys for the addresses of this file.
    """
    keys: dict[Provider, Key] = {}
    for preset in presets:  # one after the other: a command that gives a key may ask for a password
        if preset.provider not in keys:
            keys[preset.provider] = find_key(preset.provider, environ, trusted=trusted)
    listings = _ask(presets, keys, limit)
    return tuple(
        Readiness(
            preset=preset,
            key=_key_state(keys[preset.provider]),
            key_message=_cleaned(keys[preset.provider].missing),
            price=quote(preset),
            endpoint=_endpoint(preset, listings.get(_place(preset))),
        )
        for preset in presets
    )


def _place(preset: Preset) -> _Place:
    headers: Mapping[str, str] = preset.params.get("extra_headers", {})
    return preset.provider, tuple(sorted(headers.items()))


def _ask(presets: Sequence[Preset], keys: Mapping[Provider, Key], limit: float) -> Mapping[_Place, Listing]:
    # Imported here, because the HTTP client takes longer to load than `--help` may.
    from ostream_compare.collector.probe import Question, ask_all  # noqa: PLC0415 - see above

    places = dict.fromkeys(
        _place(preset) for preset in presets if not preset.is_demo and keys[preset.provider].missing is None
    )
    questions = [
        Question(base_url=provider.base_url or "", key=keys[provider].value, headers=dict(headers))
        for provider, headers in places
    ]
    return dict(zip(places, ask_all(questions, limit=limit), strict=True))


def _key_state(key: Key) -> KeyState:
    if key.missing is not None:
        return "refused" if key.kind == "insecure" else "missing"
    return "not_needed" if key.value is None else "present"


def _endpoint(preset: Preset, listing: Listing | None) -> Endpoint:
    if preset.is_demo:
        return _BUILT_IN
    if listing is None:
        return _NOT_ASKED
    if not listing.is_reachable:
        return Endpoint(state="unreachable", word=_WORDS[listing.state], message=listing.message)
    if listing.models is None:
        return Endpoint(state="reachable", word="reachable", message=listing.message)
    if is_listed(preset.model, listing.models):
        return Endpoint(state="reachable", word="reachable")
    near = nearest_id(preset.model, listing.models)
    hint = f" (did you mean {clean_line(near)}?)" if near else ""
    message = f"its server lists no model {clean_line(preset.model)}{hint}"
    return Endpoint(state="not_listed", word="not listed", message=message)


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean_line(text)
