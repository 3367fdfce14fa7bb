"""Model servers on this machine, found where they usually listen."""

from collections.abc import Sequence
from dataclasses import dataclass

from ostream_compare.collector.probe import Question, ask_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A port of this machine and what usually listens there."""

    port: int
    name: str
    """As its makers call it."""
    max_parallel: int | None = 1
    """How many requests it answers at once; `None` for as many as come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """A server that lists models."""

    place: Place
    base_url: str
    models: tuple[str, ...]
    """Ids as it spells them; not cleaned."""


PLACES = (
    Place(port=11434, name="Ollama"),
    Place(port=1234, name="LM Studio"),
    Place(port=8080, name="llama.cpp"),
    Place(port=8000, name="vLLM", max_parallel=None),
)
LIMIT = 0.25
"""Seconds for each, all at once."""
_MOST_BYTES = 64 * 1024


def find_local_servers(places: Sequence[Place] = PLACES, *, limit: float = LIMIT) -> tuple[LocalServer, ...]:
    """The servers that answer with OpenAI's list of models; whatever else listens there is passed over.

    Only this machine is asked, with no key and through no proxy.
    """
    urls = [f"http://127.0.0.1:{place.port}/v1" for place in places]
    questions = [Question(base_url=url, strict=True, most_bytes=_MOST_BYTES) for url in urls]
    answers = zip(places, urls, ask_all(questions, limit=limit), strict=True)
    return tuple(
        LocalServer(place=place, base_url=url, models=listing.models.ids)
        for place, url, listing in answers
        if listing.models is not None
    )
