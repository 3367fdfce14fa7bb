"""The five clocks that bound one call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits of one call, in seconds.

    They count payload (parsed events that carry something), not bytes: a server that sends
    comments for ever has sent nothing.
    """

    connect: float = 5.0
    """DNS, TCP and TLS."""

    first_token: float = 60.0
    """From the start of the request to the first payload."""

    idle: float = 30.0
    """Between two payloads."""

    grace: float = 2.0
    """After the finish reason, for usage and `[DONE]` that may still come."""

    total: float = 600.0
    """The whole call, retries included."""

    def __post_init__(self) -> None:
        for name in ("connect", "first_token", "idle", "grace", "total"):
            value: float = getattr(self, name)
            if not value > 0:
                raise ValueError(f"limits.{name} must be a positive number of seconds, not {value!r}")
