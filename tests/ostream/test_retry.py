"""When a failed attempt is followed by another one, and after how long."""

import pytest

from ostream.errors import ErrorKind, make_error
from ostream.retry import retry_wait

NEVER: list[ErrorKind] = [
    "bad_request", "auth", "payment", "permission", "not_found", "unprocessable", "missing_key", "insecure",
    "dns", "tls", "protocol", "redirect", "stall_first", "stall", "total_timeout", "stream_error", "bad_json",
    "too_large", "not_a_stream", "empty",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["rate_limit", "server", "connect", "connection_lost"])
def test_what_may_pass_is_tried_again(kind: ErrorKind) -> None:
    error = make_error(kind, "no")
    waits = [retry_wait(error, attempt=attempt, retries=6, left=600) for attempt in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 8, None]


@pytest.mark.parametrize("kind", NEVER)
def test_what_will_not_pass_is_not(kind: ErrorKind) -> None:
    assert retry_wait(make_error(kind, "no", retry_after=1), attempt=1, retries=5, left=600) is None


@pytest.mark.parametrize(
    "code", ["insufficient_quota", "billing_hard_limit_reached", "quota_exceeded", "billing_not_active"]
)
def test_an_exhausted_quota_is_not(code: str) -> None:
    assert retry_wait(make_error("rate_limit", "no", code=code), attempt=1, retries=5, left=600) is None


@pytest.mark.parametrize(
    ("asked", "left", "wait"),
    [
        (3.0, 600, 3.0),
        (0.0, 600, 0.0),
        (30.0, 30.5, 30.0),
        (30.0, 30.0, None),
        (30.0, 5.0, None),
        (None, 0.5, None),
    ],
)
def test_the_server_s_word_counts_within_what_is_left(
    asked: float | None, left: float, wait: float | None
) -> None:
    error = make_error("rate_limit", "slow down", retry_after=asked)
    assert retry_wait(error, attempt=1, retries=1, left=left) == wait


def test_without_retries_there_is_one_attempt() -> None:
    assert retry_wait(make_error("server", "no"), attempt=1, retries=0, left=600) is None
