"""Events of a run, in the order in which the collector stamps them: the line that a replay enters at.

Stamps (`at`) are nanoseconds of `time.perf_counter_ns()` less the run's origin.
"""

from dataclasses import dataclass

from ostream_compare.domain.comparison import Response, SavedError


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent:
    """The first byte of a lane's request left (or is about to, where the client cannot tell)."""

    lane: int
    at: int
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A burst of a lane's answer: everything that one socket read brought."""

    lane: int
    at: int
    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool: str = ""
    """Text of tool calls as a person reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """An attempt failed and another one follows after `wait` seconds."""

    lane: int
    at: int
    attempt: int
    error: SavedError
    wait: float
    queue_ms: float | None = None
    """Of this attempt alone, as the next two."""
    connect_ms: float | None = None
    ttfb_ms: float | None = None
    cold_connect_ms: float | None = None
    """Of the endpoint's connections that were opened ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneEnded:
    """A lane's verdict, with the whole response as constructed by `construct_call_response()`."""

    lane: int
    at: int
    response: Response


LaneEvent = RequestSent | Delta | AttemptFailed | LaneEnded
