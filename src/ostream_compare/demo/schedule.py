"""When each token of a demo answer leaves: seeded, so that a run can be repeated."""

import hashlib
import random
from dataclasses import dataclass

from ostream_compare.demo.models import DemoModel

_LARGEST_BURST = 6
_SHORTEST_GAP = 0.002
_STALL = (0.25, 0.6)


@dataclass(frozen=True, slots=True)
class Write:
    """One write to the connection."""

    at: float
    """Seconds after the request arrived."""
    upto: int
    """Tokens sent once it is done, those of earlier writes included."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The timing of one whole answer."""

    opens_at: float
    """When the headers and the chunk with the role leave."""
    writes: tuple[Write, ...]
    """At rising times; the last one sends the last token."""

    def ends_at(self, tokens: int) -> float:
        """When the write that sends the token numbered `tokens` (from 1) leaves."""
        return next((write.at for write in self.writes if write.upto >= tokens), self.opens_at)


def schedule(model: DemoModel, prompt: str, seed: int | None, tokens: int) -> Schedule:
    """The timing of `tokens` tokens: the same for the same model, prompt and seed."""
    source = f"{model.id}\0{seed}\0{prompt}".encode(errors="surrogatepass")
    rng = random.Random(hashlib.sha256(source).digest())  # noqa: S311 - timing of a demo, not a secret
    first = model.first_token * rng.uniform(0.8, 1.25)
    opens_at = first * rng.uniform(0.3, 0.6)
    writes: list[Write] = []
    at, sent = first, 0
    while sent < tokens:
        size = rng.randint(2, _LARGEST_BURST) if rng.random() < model.burst_chance else 1
        size = min(size, tokens - sent)
        sent += size
        writes.append(Write(at, sent))
        at += max(_SHORTEST_GAP, size / model.rate * rng.gammavariate(4, 0.25))
        if rng.random() < model.stall_chance:
            at += rng.uniform(*_STALL)
    return _within(model.longest, Schedule(opens_at, tuple(writes)))


def _within(longest: float, plan: Schedule) -> Schedule:
    """`plan`, sped up evenly if it would end after `longest` seconds."""
    end = plan.writes[-1].at if plan.writes else plan.opens_at
    if end <= longest:
        return plan
    factor = longest / end
    writes = tuple(Write(write.at * factor, write.upto) for write in plan.writes)
    return Schedule(plan.opens_at * factor, writes)
