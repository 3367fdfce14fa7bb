"""Whether, and after how long, a call is tried again. Pure."""

from ostream.errors import OStreamError

_RETRIED = frozenset({"rate_limit", "server", "connect", "connection_lost"})
_EXHAUSTED = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded", "billing_not_active"}
)
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 8.0


def retry_wait(error: OStreamError, *, attempt: int, retries: int, left: float) -> float | None:
    """Seconds to wait before the next attempt, `None` if there is none.

    Args:
        error: Why the attempt failed; it failed before its answer began.
        attempt: Its number, from 1.
        retries: Attempts after the first.
        left: Seconds that are left of the whole call's limit; a longer wait is not waited.
    """
    if attempt > retries or error.kind not in _RETRIED or error.code in _EXHAUSTED:
        return None
    wait = error.retry_after
    if wait is None:
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    return wait if wait < left else None
