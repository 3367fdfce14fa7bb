"""The five clocks of a call, with a clock of the test's own: when each runs out, and what is said then."""

import pytest

from ostream import Limits
from ostream.errors import ErrorKind, make_error
from ostream.reader import Again, End, Inbox
from ostream.session import Attempt, Session
from ostream.transport import CallTrace
from wire.script import DONE, finish, text, usage

LIMITS = Limits(connect=2, first_token=10, idle=5, grace=1, total=60)
SECOND = 1_000_000_000
COMMENT = b": still there\n\n"
ROLE = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'


def seconds(value: float) -> int:
    return int(value * SECOND)


def session(
    *reads: tuple[float, bytes], limits: Limits = LIMITS, sent: float | None = 0.5, asks_usage: bool = True
) -> Session:
    """A call launched at 0 whose request left at `sent`, after these socket reads."""
    made = Session(limits, 0, asks_usage=asks_usage)
    made.timeline.sent = None if sent is None else seconds(sent)
    for at, data in reads:
        made.feed(data, seconds(at))
        while made.step() is not None:
            pass
    return made


@pytest.mark.parametrize(
    ("reads", "sent", "expected"),
    [
        pytest.param([], None, (12, "stall_first"), id="before the request: connecting counts too"),
        pytest.param([], 0.5, (10.5, "stall_first"), id="first token, from the request on"),
        pytest.param([(3, COMMENT), (9, COMMENT)], 0.5, (10.5, "stall_first"), id="comments are no token"),
        pytest.param([(3, b"data: \n\n")], 0.5, (10.5, "stall_first"), id="nor is an event without data"),
        pytest.param([(3, b"data: null\n\n")], 0.5, (10.5, "stall_first"), id="nor is a null"),
        pytest.param([(3, b"event: ping\n\n")], 0.5, (10.5, "stall_first"), id="nor is a name alone"),
        pytest.param([(3, text("a")[:-9])], 0.5, (10.5, "stall_first"), id="nor is half an event"),
        pytest.param([(3, text("a"))], 0.5, (8, "stall"), id="idle, from the last payload on"),
        pytest.param([(3, text("a")), (7, text("b"))], 0.5, (12, "stall"), id="each payload counts anew"),
        pytest.param([(3, text("a")), (7, COMMENT)], 0.5, (8, "stall"), id="comments keep nothing alive"),
        pytest.param([(3, text("a")), (4, finish())], 0.5, (5, "grace"), id="grace after the finish reason"),
        pytest.param(
            [(3, finish()), (3.5, text("b"))], 0.5, (8.5, "stall"), id="no grace for one that goes on"
        ),
        pytest.param(
            [(3, finish() + text("b")), (4, finish())], 0.5, (9, "stall"), id="nor once it has gone on"
        ),
        pytest.param(
            [(3, text("a") + text("b", 1) + finish())], 0.5, (8, "stall"), id="every choice must have ended"
        ),
        pytest.param(
            [(3, text("a") + text("b", 1) + finish() + finish("length", 1))],
            0.5,
            (4, "grace"),
            id="both ended",
        ),
        pytest.param([(58, text("a"))], 0.5, (60, "total_timeout"), id="the total cuts every other short"),
    ],
)
def test_deadline(reads: list[tuple[float, bytes]], sent: float | None, expected: tuple[float, str]) -> None:
    at, expiry = session(*reads, sent=sent).deadline()
    assert (at / SECOND, expiry) == expected


def test_a_new_attempt_has_its_own_first_token_and_the_same_total() -> None:
    made = session(sent=None)
    made.begin_attempt(seconds(55), Attempt(1, make_error("server", "no"), 3.0))
    assert made.deadline() == (seconds(60), "total_timeout")
    assert made.timeline.launched == seconds(55)
    assert [attempt.wait for attempt in made.attempts] == [3.0]


@pytest.mark.parametrize(
    ("reads", "state", "kind", "words"),
    [
        ([], "failed", "stall_first", "10 s"),
        ([(3, text("a"))], "failed", "stall", "5 s"),
        ([(3, text("a")), (4, finish())], "complete", None, ""),
        ([(3, finish()), (4, text("a"))], "complete", None, ""),
        ([(58, text("a"))], "failed", "total_timeout", "60 s"),
    ],
)
def test_what_expiry_means(
    reads: list[tuple[float, bytes]], state: str, kind: ErrorKind | None, words: str
) -> None:
    made = session(*reads)
    at, expiry = made.deadline()
    made.expire(expiry, at)
    assert made.step() is None
    assert made.state == state
    assert (made.error.kind if made.error else None) == kind
    assert made.error is None or words in made.error.message
    assert ("no_done" in made.reading.warnings) == (state == "complete")
    assert made.timeline.ended == at


@pytest.mark.parametrize(
    ("end", "asked", "warnings"),
    [
        pytest.param(finish(), True, ["usage_late:1"], id="no count of tokens"),
        pytest.param(finish() + usage(3, 2), True, [], id="a count of tokens"),
        pytest.param(finish() + usage(-3, 2), True, ["usage_odd"], id="a count that cannot be one"),
        pytest.param(finish() + usage(0, 0), True, ["usage_zero"], id="a count of nothing"),
        pytest.param(finish(), False, [], id="none was asked for"),
    ],
)
def test_a_count_that_does_not_come_in_time_is_told(end: bytes, asked: bool, warnings: list[str]) -> None:
    made = session((3, text("a")), (4, end), asks_usage=asked)
    made.expire("grace", seconds(6))
    made.step()
    assert made.state == "complete"
    assert made.reading.warnings == ["no_done", *warnings]


def test_nothing_that_comes_after_the_expiry_is_taken() -> None:
    made = session((3, text("a")))
    made.expire("stall", seconds(8))
    made.feed(text("b") + DONE, seconds(8))
    made.end(seconds(9))
    assert made.step() is None
    assert (made.state, str(made.reading.choices[0].raw)) == ("failed", "a")


@pytest.mark.parametrize("name", ["connect", "first_token", "idle", "grace", "total"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_must_be_positive(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"limits\.{name} must be a positive number"):
        Limits(**{name: value})


# Retries, and the total that they share


def inbox(at: float, *, retries: int = 2) -> Inbox:
    return Inbox(LIMITS, retries, (), clock=lambda: seconds(at))


@pytest.mark.parametrize(
    ("at", "asked", "waits"),
    [
        (1, 30.0, True),
        (29, 30.0, True),
        (31, 30.0, False),  # 29 s are left
        (1, 61.0, False),
        (59.9, None, False),  # the usual half second does not fit either
        (1, None, True),
    ],
)
def test_a_wait_longer_than_what_is_left_of_the_total_is_not_waited(
    at: float, asked: float | None, waits: bool
) -> None:
    box = inbox(at)
    error = make_error("rate_limit", "slow down", retry_after=asked, hint="retry_after:30.0")
    wait = box.failed(error, began=False)
    [item] = box.items
    if waits:
        assert wait == (asked or 0.5)
        assert isinstance(item, Again)
        assert (item.failed.number, item.failed.error, item.failed.wait) == (1, error, wait)
        assert box.attempt == 2
    else:
        assert wait is None
        assert item == End(seconds(at), error)  # the server's own kind and hint, at once
        assert box.attempt == 1


@pytest.mark.parametrize(
    ("began", "stopped"), [(True, False), (False, True)], ids=["answer began", "nobody waits"]
)
def test_no_second_attempt_once(began: bool, stopped: bool) -> None:
    box = inbox(1)
    box.stopped = stopped
    assert box.failed(make_error("server", "no"), began=began) is None
    assert isinstance(box.items[0], End)


def test_each_attempt_has_a_trace_of_its_own() -> None:
    box = inbox(1)
    first = box.trace
    box.failed(make_error("server", "no"), began=False)
    assert isinstance(box.trace, CallTrace)
    assert box.trace is not first
    assert box.trace.clock() == seconds(1)


def test_a_programmer_s_error_is_no_network_error() -> None:
    box = inbox(1)
    crash = KeyError("mine")
    assert box.failed(crash, began=False) is None
    assert box.items[0] == End(seconds(1), crash=crash)
