"""One stream from its bytes to its verdict: no input or output, time is an argument.

Bytes and the end of the body go in (`feed`, `end`, `cancel`), chunks come out one at a time (`step`), so
that the state is never ahead of what the consumer has been given. `deadline` says when to call `expire`.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ostream.error_shapes import page_title
from ostream.errors import ErrorKind, OStreamError, make_error, redact
from ostream.interpreter import Arrived, Interpreter
from ostream.limits import Limits
from ostream.recording import Recording
from ostream.sse import MAX_EVENT_BYTES, Decoder, ServerEvent, TooLargeError
from ostream.state import StreamState
from ostream.timeline import Timeline

_STRAY = 256
"""Bytes of memory that a line outside of the protocol takes beside its own."""

Expiry = Literal["stall_first", "stall", "grace", "total_timeout"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that failed before its answer began, and was followed by another."""

    number: int
    error: OStreamError
    wait: float
    """Seconds until the next one."""
    timeline: Timeline | None = None
    """Its own stamps."""


@dataclass(frozen=True, slots=True)
class _Clocks:
    """The limits in nanoseconds."""

    connect: int
    first_token: int
    idle: int
    grace: int
    total: int

    @classmethod
    def of(cls, limits: Limits) -> "_Clocks":
        names = ("connect", "first_token", "idle", "grace", "total")
        return cls(*(int(getattr(limits, name) * 1_000_000_000) for name in names))


class Session:
    """The state of one call.

    Args:
        limits: Its clocks.
        launched: Stamp at which the request was due.
        secrets: Never to stand in an error's message.
        wanted: Choices that were asked for.
        asks_usage: Whether a count of tokens was asked for.
    """

    def __init__(
        self,
        limits: Limits,
        launched: int,
        secrets: tuple[str, ...] = (),
        *,
        wanted: int = 1,
        asks_usage: bool = True,
    ) -> None:
        self.limits = limits
        self._clocks = _Clocks.of(limits)
        self.timeline = Timeline(launched=launched)
        self.reading = Interpreter(secrets, wanted=wanted)
        self.recording = Recording()
        self.state = StreamState.STREAMING
        self.error: OStreamError | None = None
        self.attempts: list[Attempt] = []
        self.consumed = 0
        """Events that `step` has taken."""
        self._launched = launched
        self._wanted = wanted
        self._asks_usage = asks_usage
        self._began = launched
        self._secrets = secrets
        self._decoder = Decoder()
        self._events: deque[tuple[ServerEvent, int]] = deque()
        self._last_payload: int | None = None
        self._end: tuple[int, OStreamError | None] | None = None
        self._received: int | None = None
        """Stamp of the last bytes: what only the end of the body makes readable came with them."""
        self._stray_bytes = 0
        self._cancelled = False
        self._notes: list[str] = []
        """Warnings about the sending, which no event brings."""
        self._is_grace_over = False
        self._body_at: int | None = None

    @property
    def awaits_input(self) -> bool:
        """Whether bytes are still wanted."""
        return not self.state.is_over and self._end is None

    @property
    def has_events(self) -> bool:
        """Whether `step` has something to read."""
        return bool(self._events)

    @property
    def can_step(self) -> bool:
        """Whether `step` has something to do."""
        return bool(self._events) or self._end is not None or self._cancelled

    @property
    def is_open(self) -> bool:
        """Whether `step` may still give something."""
        return not self.state.is_over or (self._cancelled and bool(self._events))

    def snapshot(self) -> Interpreter:
        """What was taken so far, in a reading of its own that does not grow."""
        reading = Interpreter(self._secrets, wanted=self._wanted)
        for warning in self._notes:
            reading.warn(warning)
        for _ in self.replay(reading):
            pass
        reading.flush()
        return reading

    def replay(self, reading: Interpreter) -> Iterator[Arrived]:
        """Read again, into `reading`, what was taken so far."""
        for event, at in self.recording.events(self.consumed):
            arrived = reading.read(event, at)
            if arrived is not None:
                yield arrived
        if self._body_at is not None and (body := reading.read_body(self._body_at)) is not None:
            yield body

    def note(self, warning: str) -> None:
        """Add a warning about the sending, once."""
        if warning not in self._notes:
            self._notes.append(warning)
            self.reading.warn(warning)

    def launch(self, at: int) -> None:
        """The request is due now, and not when the session was made."""
        self.timeline.launched = self._launched = self._began = at

    def begin_attempt(self, at: int, failed: Attempt | None = None) -> None:
        """A request is about to leave; its figures start anew."""
        if failed is not None:
            self.attempts.append(replace(failed, timeline=self.timeline))
            self.timeline = Timeline(launched=at)
        self._began = at

    def feed(self, data: bytes, at: int) -> None:
        """Bytes that one socket read brought at `at`."""
        if self._end is not None:
            return
        self._received = at
        try:
            events = self._decoder.feed(data)
        except TooLargeError as error:
            self._end = at, make_error("too_large", str(error))
            return
        self._take(events, at)

    def end(self, at: int, error: OStreamError | None = None) -> None:
        """The body ended: cleanly, or by `error`."""
        if self._end is not None:
            return
        self._take(self._decoder.finish(), at if self._received is None else self._received)
        self._end = self._end or (at, error)

    def expire(self, expiry: Expiry, at: int) -> None:
        """The deadline passed."""
        if self._end is not None:
            return
        limits = self.limits
        words: dict[Expiry, tuple[ErrorKind, str]] = {
            "stall_first": ("stall_first", f"nothing came within {limits.first_token:g} s"),
            "stall": ("stall", f"nothing more came for {limits.idle:g} s"),
            "grace": ("stall", f"nothing more came for {limits.grace:g} s after the finish reason"),
            "total_timeout": ("total_timeout", f"the call took longer than {limits.total:g} s"),
        }
        kind, message = words[expiry]
        self._end = at, make_error(kind, message)
        self._is_grace_over = expiry == "grace"

    def cancel(self, at: int) -> None:
        """The caller wants no more: the verdict is given now.

        What was received and not taken yet stays readable, and if it turns out to hold the end of the
        answer, the answer is complete.
        """
        if self.state.is_over:
            return
        self.timeline.ended = at
        if not self._events:
            self.reading.flush()
        if self._end is None or not self._events:
            self._end = at, None
        self._cancelled = True
        if self.reading.is_surely_finished:
            self._conclude(at)
        else:
            self.state = StreamState.CANCELLED

    def deadline(self) -> tuple[int, Expiry]:
        """When the call has failed if nothing more comes, in nanoseconds of the clock."""
        clocks = self._clocks
        if self._last_payload is None:
            sent = self.timeline.sent
            at = clocks.first_token + (self._began + clocks.connect if sent is None else sent)
            expiry: Expiry = "stall_first"
        elif self.reading.is_surely_finished:
            at, expiry = self._last_payload + clocks.grace, "grace"
        else:
            at, expiry = self._last_payload + clocks.idle, "stall"
        total = self._launched + clocks.total
        return (total, "total_timeout") if total < at else (at, expiry)

    def step(self) -> Arrived | None:
        """The next chunk; `None` when more input is needed or the stream is over."""
        events = self._events
        while events and self.is_open:
            event, at = events.popleft()
            arrived = self.reading.read(event, at)
            self.consumed += 1  # afterwards: a snapshot from another thread is never ahead of the reading
            self._stamp(arrived, at)
            if self.reading.done or self.reading.error is not None:
                self._conclude(at)
            if arrived is not None:
                return arrived
        if self._end is not None and (not self.state.is_over or self._is_late_finish):
            ended = self._end[0]
            self._body_at = ended if self._received is None else self._received
            arrived = self.reading.read_body(self._body_at)
            self._stamp(arrived, self._body_at)
            self._conclude(ended)
            return arrived
        if self._cancelled:
            self.reading.flush()
        return None

    def _stamp(self, arrived: Arrived | None, at: int) -> None:
        if arrived is not None and arrived.has_content:
            answer = bool(arrived.chunk.content or arrived.chunk.audio_transcript)
            self.timeline.content(at, answer=answer)

    @property
    def _is_late_finish(self) -> bool:
        """What was left when the caller cancelled brought the finish reason after all."""
        return self.state is StreamState.CANCELLED and self.reading.is_surely_finished

    def _take(self, events: list[ServerEvent], at: int) -> None:
        for event in events:
            if event.stray:
                self._stray_bytes += len(event.data) + _STRAY
                if self._stray_bytes > MAX_EVENT_BYTES:
                    self._end = (
                        at,
                        make_error("too_large", "the body is larger than 16 MiB and no stream of events"),
                    )
                    return
            if event.data and event.data != b"null" and (not event.stray or event.data.startswith(b"{")):
                self._last_payload = at
            record = event, at
            self._events.append(record)
            self.recording.add(record)
        if self.recording.is_full:
            self._end = at, make_error("too_large", "the stream is larger than can be kept")

    def _conclude(self, at: int) -> None:
        """Give the verdict."""
        self.timeline.ended = at
        reading = self.reading
        reading.flush()
        error = reading.error
        if error is None and reading.done and not reading.is_finished and not reading.has_output:
            error = make_error("empty", "the stream ended before it began: `[DONE]`, no text and no reason")
        if error is None and not reading.done:
            error = self._verdict_without_done()
            if self.state.is_over:
                return
        if error is not None:
            self.error = error
            self.state = StreamState.FAILED
            return
        self.state = StreamState.COMPLETE
        self._warn_at_the_end()

    def _verdict_without_done(self) -> OStreamError | None:
        """The error that ended the body, if the answer was not whole before; may give the verdict itself."""
        reading = self.reading
        error = None if self._end is None else self._end[1]
        if reading.is_finished:
            if "not_streamed" not in reading.warnings:
                reading.warn("no_done")
            is_missing = reading.raw_usage is None and reading.usage().source == "none"
            if self._is_grace_over and self._asks_usage and is_missing:
                reading.warn(f"usage_late:{self.limits.grace:g}")
            if error is not None and error.kind in {"connection_lost", "protocol"}:
                reading.warn("unclean_end")
            return None
        if error is not None:
            return error
        if reading.chunks:
            self.state = StreamState.TRUNCATED
            return None
        return self._nothing_came()

    def _nothing_came(self) -> OStreamError:
        body = b"\n".join(self.reading.stray)
        if not body.strip():
            return make_error("empty", "the server sent an empty answer")
        text = redact(body[:4096].decode("utf-8", "replace"), self._secrets)
        title = page_title(text)
        what = f"a web page: {title}" if title else f"no stream of events: {text[:200]}"
        return make_error("not_a_stream", f"the server sent {what}", hint="wrong_path" if title else None)

    def _warn_at_the_end(self) -> None:
        reading = self.reading
        if reading.done and not reading.is_finished:
            reading.warn("no_finish_reason")
        if not reading.has_output:
            reading.warn("empty_output")
        if any(choice.was_repaired for choice in reading.choices.values()):
            reading.warn("bad_unicode")
        usage = reading.usage()
        for warning in usage.warnings:
            reading.warn(warning)
        if usage.unattributed:
            reading.warn("usage_unattributed")
        if reading.raw_usage is None and usage.source == "none" and reading.done:
            reading.warn("usage_absent")
