"""The states of a stream."""

from enum import StrEnum


class StreamState(StrEnum):
    """Where a stream stands; the last four are verdicts and never change."""

    PENDING = "pending"
    """The request has not left."""
    STREAMING = "streaming"
    """The answer is awaited or coming in."""
    COMPLETE = "complete"
    """The model ended its answer: a finish reason or `[DONE]` came."""
    TRUNCATED = "truncated"
    """The body ended cleanly with neither of them."""
    CANCELLED = "cancelled"
    """The caller stopped it."""
    FAILED = "failed"
    """`error` says why; what came is kept."""

    @property
    def is_over(self) -> bool:
        """Whether it is a verdict."""
        return self in _VERDICTS


_VERDICTS = frozenset(
    {StreamState.COMPLETE, StreamState.TRUNCATED, StreamState.CANCELLED, StreamState.FAILED}
)
