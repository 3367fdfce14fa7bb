"""`OpenAIStream`: an answer as it comes in."""

import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from openai import AsyncOpenAI
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionToolParam,
    ChatCompletionUserMessageParam,
)
from openai.types.chat.chat_completion import Choice
from typing_extensions import override

from ostream.answer import PreparedCall
from ostream.base import BaseStream
from ostream.chunk import OpenAICallResponseChunk
from ostream.errors import OStreamError
from ostream.interpreter import Arrived, Interpreter
from ostream.pairing import Pair, Pairing
from ostream.params import OpenAICallParams, OpenAIDynamicConfig
from ostream.reader import Again, Bytes, Inbox, Item
from ostream.reader_async import TaskReader
from ostream.reader_sync import ThreadReader
from ostream.readers import reader_of
from ostream.response import OpenAICallResponse
from ostream.session import Session
from ostream.state import StreamState
from ostream.timeline import Timeline
from ostream.tool import OpenAITool

if TYPE_CHECKING:
    from ostream.transport import CallTrace

FinishReason = Choice.__annotations__["finish_reason"]
"""The finish reasons that the SDK knows; a server's own ones are kept as they come."""


class OpenAIStream(
    Pairing,
    BaseStream[
        OpenAICallResponse,
        OpenAICallResponseChunk,
        ChatCompletionUserMessageParam,
        ChatCompletionAssistantMessageParam,
        ChatCompletionToolMessageParam,
        ChatCompletionMessageParam,
        OpenAITool,
        ChatCompletionToolParam,
        OpenAIDynamicConfig,
        OpenAICallParams,
        FinishReason,
    ],
):
    """An answer as it comes in: iterate it as `(chunk, tool)`, then construct the response.

    The request leaves on the first iteration, or on `start()`. Stamps are taken when bytes are received.
    Iterating again gives the same chunks again. Leaving the loop, in whatever way, frees the connection.

    Attributes:
        start_time: Milliseconds since the epoch at which the request was due; 0 before.
        on_sent: Called while the stream is iterated, when a request has left.
    """

    def __init__(self, call: PreparedCall, *, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        super().__init__(call)
        self.start_time = 0.0
        self.on_sent: Callable[[], None] | None = None
        self._clock = clock
        self._lock = threading.RLock()
        self._session = Session(
            call.limits, clock(), call.secrets, wanted=call.wanted, asks_usage=call.asks_usage
        )
        self._reader: ThreadReader | TaskReader | None = None
        self._trace: CallTrace | None = None
        self._left: int | None = None
        """Stamp of the last sending that was noted."""
        self._crash: Exception | None = None
        self._last_raw: OpenAICallResponseChunk | None = None
        self._flushed = False
        self._iterating = False
        self._until = 0  # the deadline, when the consumer last had to wait

    @property
    @override
    def _reading(self) -> Interpreter:
        return self._session.reading

    @property
    @override
    def _timeline(self) -> Timeline:
        return self._session.timeline

    @property
    def state(self) -> StreamState:
        """Where the stream stands."""
        state = self._session.state
        return state if self._reader is not None or state.is_over else StreamState.PENDING

    @property
    def error(self) -> OStreamError | None:
        """Why it failed."""
        return self._session.error

    @property
    def end_time(self) -> float:
        """Milliseconds since the epoch of the verdict, by the monotonic clock; while it runs, of now."""
        if self._reader is None:
            return 0.0
        ended = self._session.timeline.ended
        return self.start_time + max(1, (self._clock() if ended is None else ended) - self._launched) / 1e6

    @property
    def attempts(self) -> int:
        """Requests that were sent, the last one included."""
        return 0 if self._reader is None else len(self._session.attempts) + 1

    @property
    def failed_attempts(self) -> list[tuple[OStreamError, float]]:
        """Why each attempt before the last one failed, and the seconds that were waited after it."""
        return [(attempt.error, attempt.wait) for attempt in self._session.attempts]

    @property
    def failed_timelines(self) -> list[Timeline]:
        """The stamps of each of `failed_attempts`."""
        return [attempt.timeline for attempt in self._session.attempts if attempt.timeline is not None]

    # Starting and stopping

    def start(self) -> "OpenAIStream":
        """Send the request now, without waiting for anything. In an async stream it may be awaited.

        Returns:
            The stream itself.
        """
        with self._lock:
            if self._reader is None and not self._session.state.is_over:
                self._launch()
        return self

    def __await__(self) -> Generator[Any, None, "OpenAIStream"]:
        """So that `await stream.start()` reads as it should; there is nothing to wait for."""
        yield from ()
        return self

    def cancel(self) -> None:
        """Stop the stream; what came is kept. Idempotent, from any task or thread of the stream's mode."""
        is_complete = self._session.state is StreamState.COMPLETE
        with self._lock:
            if self._reader is not None and not self._session.state.is_over:
                self._absorb_all(self._reader.inbox)
            self._session.cancel(self._clock())
            self._note_trace()
            self._stop(drain=is_complete)  # the next call may then use the connection

    @override
    def close(self) -> None:
        """Give the connection back; a stream that is not over becomes cancelled. Idempotent."""
        self.cancel()

    @override
    async def aclose(self) -> None:
        """`close`, and wait until the connection was given back."""
        self.cancel()
        if isinstance(self._reader, TaskReader):
            await self._reader.closed()

    def __del__(self) -> None:
        reader = getattr(self, "_reader", None)
        if isinstance(reader, ThreadReader):
            reader.stop(drain=False)
        elif isinstance(reader, TaskReader):
            reader.stop_from_anywhere()

    # Iteration

    @override
    def __iter__(self) -> Generator[Pair, None, None]:
        if isinstance(self._call.client, AsyncOpenAI):
            raise TypeError("this stream is asynchronous: iterate it with `async for`")
        return self._iterate()

    @override
    def __aiter__(self) -> AsyncGenerator[Pair, None]:
        if not isinstance(self._call.client, AsyncOpenAI):
            raise TypeError("this stream is synchronous: iterate it with `for`")
        return self._aiterate()

    def _iterate(self) -> Generator[Pair, None, None]:
        self._enter()
        try:
            yield from self._replay()
            self.start()
            while True:
                while (arrived := self._step()) is not None:
                    yield from self._pairs(arrived, self._reading)
                if not self._session.is_open:
                    break
                self._fill()
            yield from self._rest()
            self._leave()
        except BaseException:  # break, a cancelled task, anything: the connection goes back
            self.cancel()
            raise
        finally:
            self._iterating = False

    async def _aiterate(self) -> AsyncGenerator[Pair, None]:
        self._enter()
        try:
            for pair in self._replay():
                yield pair
            self.start()
            while True:
                while (arrived := self._step()) is not None:
                    for pair in self._pairs(arrived, self._reading):
                        yield pair
                if not self._session.is_open:
                    break
                await self._afill()
            for pair in self._rest():
                yield pair
            self._leave()
        except BaseException:  # break, a cancelled task, anything: the connection goes back
            self.cancel()
            raise
        finally:
            self._iterating = False

    @override
    def construct_call_response(self, *, partial: bool = False) -> OpenAICallResponse:
        """The response that the chunks add up to.

        Args:
            partial: Take what there is, whatever the state.

        Raises:
            ValueError: The stream is not complete; it names the state.
        """
        if self.state is not StreamState.COMPLETE and not partial:
            why = f" ({self.error})" if self.error is not None else ""
            raise ValueError(
                f"the stream is {self.state.value}{why}, not complete: iterate it to its end, or take what "
                "there is with construct_call_response(partial=True)"
            )
        session, timeline = self._session, self._session.timeline
        return OpenAICallResponse(
            self._call,
            session.reading if session.state.is_over else session.snapshot(),
            replace(timeline, bursts=list(timeline.bursts)),
            state=self.state,
            error=self.error,
            start_time=self.start_time,
            end_time=self.end_time,
        )

    # What iteration is made of

    def _enter(self) -> None:
        if self._iterating:
            raise RuntimeError("this stream is being iterated already; one consumer at a time")
        self._iterating = True

    def _leave(self) -> None:
        self._stop(drain=True)
        if self._crash is not None:
            raise self._crash
        if self._session.state is StreamState.FAILED and self._session.error is not None:
            raise self._session.error

    def _replay(self) -> Iterator[Pair]:
        """What was yielded before, read again from what was received."""
        scratch = Interpreter(wanted=self._call.wanted)
        last: OpenAICallResponseChunk | None = None
        for arrived in self._session.replay(scratch):
            last = arrived.chunk
            yield from self._pairs(arrived, scratch)
        if self._flushed and last is not None:
            yield from self._extras(last, self._unfinished(scratch))

    def _step(self) -> Arrived | None:
        """What can be yielded without waiting."""
        if not self._session.can_step:
            return None
        with self._lock:
            arrived = self._session.step()
        if arrived is not None:
            self._last_raw = arrived.chunk
        return arrived

    def _rest(self) -> Iterator[Pair]:
        """Tools that only the end of the answer finished."""
        if not self._flushed and self._last_raw is not None:
            self._flushed = True
            yield from self._extras(self._last_raw, self._unfinished(self._reading))

    # What the readers bring

    def _launch(self) -> None:
        call = self._call
        inbox = Inbox(call.limits, call.retries, call.secrets, self._clock)
        self._launched = self._clock()
        self.start_time = time.time() * 1000
        self._session.launch(self._launched)
        self._trace = inbox.trace
        self._reader = reader_of(call, inbox)
        self._reader.start()

    def _fill(self) -> None:
        reader = self._reader
        assert isinstance(reader, ThreadReader)
        self._expect()
        missed = self._session.awaits_input and not reader.wait(self._until)
        self._take_up(reader.inbox, missed=missed)

    async def _afill(self) -> None:
        reader = self._reader
        assert isinstance(reader, TaskReader)
        self._expect()
        missed = self._session.awaits_input and not await reader.wait(self._until)
        self._take_up(reader.inbox, missed=missed)

    def _expect(self) -> None:
        """Set the deadline; the first token's clock runs from the sending, as soon as that is known."""
        trace = self._trace
        if trace is not None and trace.has_left and trace.sent != self._left:
            self._left = trace.sent
            self._note_trace()
            if self.on_sent is not None:
                self.on_sent()
        self._until = self._session.deadline()[0]

    def _take_up(self, inbox: Inbox, *, missed: bool) -> None:
        with self._lock:
            if missed:
                self._check_deadline(self._clock())
            self._absorb(inbox)

    def _check_deadline(self, at: int) -> None:
        """Give up if nothing came in time, as seen at `at`."""
        if self._session.timeline.headers is None:
            self._note_trace()
        until, expiry = self._session.deadline()
        if until <= at and self._session.awaits_input:
            self._session.expire(expiry, at)
            self._stop(drain=False)

    def _absorb(self, inbox: Inbox) -> None:
        """Take what the reader left; one item at a time, so that the state keeps to what was yielded."""
        while inbox.items and not self._session.has_events:
            item = inbox.take()
            if isinstance(item, Bytes) and item.at >= self._until:
                # By the stamp of receipt: a slow consumer starves nobody, and bytes that say nothing
                # do not keep a call alive.
                self._check_deadline(item.at)
            self._take(item, inbox)
        if self._crash is not None:
            self._session.cancel(self._clock())

    def _absorb_all(self, inbox: Inbox) -> None:
        """Take everything, unread: the caller leaves, and may read on later."""
        while inbox.items:
            self._take(inbox.take(), inbox)

    def _take(self, item: Item, inbox: Inbox) -> None:
        session = self._session
        if isinstance(item, Bytes):
            if session.timeline.headers is None:
                self._note_trace()
            session.feed(item.data, item.at)
        elif isinstance(item, Again):
            self._note_trace()
            session.begin_attempt(item.at + int(item.failed.wait * 1e9), item.failed)
            self._trace = inbox.trace
        else:
            self._note_trace()
            self._crash = item.crash
            session.end(item.at, item.error)

    def _note_trace(self) -> None:
        """Take over what the HTTP client told."""
        trace, timeline = self._trace, self._session.timeline
        if trace is not None:
            timeline.sent, timeline.headers = trace.sent, trace.headers
            timeline.connect_ns = None if trace.sent is None else trace.connect_ns
            if trace.was_resent:
                timeline.lost_ns = trace.lost_ns
                self._session.note("sent_again")

    def _stop(self, *, drain: bool) -> None:
        if (reader := self._reader) is not None:
            reader.stop(drain=drain)
