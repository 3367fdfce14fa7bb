"""The models that the demo server offers: their names, their manner and their speed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModel:
    """One model; times are seconds, before the server's pace is applied."""

    id: str
    """As in a request."""
    voice: str
    """Whose authored answers it gives: the name of a table in the answer files."""
    first_token: float
    """Typical delay of the first token."""
    rate: float
    """Typical tokens a second after the first."""
    longest: float
    """A slower plan is sped up until the whole answer ends by then."""
    burst_chance: float = 0.12
    """How often several tokens leave in one write."""
    stall_chance: float = 0.01
    """How often a write is followed by a pause."""
    breaks_after: int | None = None
    """Its connection is cut after so many tokens, and never later than half way."""


MODELS: Mapping[str, DemoModel] = {
    model.id: model
    for model in (
        DemoModel(id="demo/swift", voice="swift", first_token=0.18, rate=115, longest=2.6),
        DemoModel(
            id="demo/careful", voice="careful", first_token=0.7, rate=85, longest=6.0, stall_chance=0.02
        ),
        DemoModel(id="demo/terse", voice="terse", first_token=0.16, rate=95, longest=0.9, stall_chance=0.0),
        DemoModel(id="demo/coder", voice="coder", first_token=0.4, rate=105, longest=4.0, burst_chance=0.3),
        DemoModel(id="demo/flaky", voice="swift", first_token=0.3, rate=45, longest=8.0, breaks_after=16),
    )
}
