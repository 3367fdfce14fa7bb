"""One lane's call: from the order to the verdict, every burst reported as it comes."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from openai import Omit
from openai.types.chat import ChatCompletionMessageParam

from ostream import Messages, OpenAICallParams, OpenAIStream, OStreamError, openai_call
from ostream.usage import Usage
from ostream_compare.collector.budget import Budget
from ostream_compare.collector.clients import Endpoint, Launch, Place, held
from ostream_compare.collector.lag import LagMeter
from ostream_compare.collector.masking import Masker, masked, masked_error, secrets_of
from ostream_compare.collector.outcome import (
    Circumstances,
    in_ms,
    never_sent,
    response_of,
    saved_error,
)
from ostream_compare.collector.protocol import Finished, Grew, LaneOrder, Report, Retrying, Sent
from ostream_compare.collector.tool_words import ToolWords
from ostream_compare.collector.turns import Turn
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.preset import Preset, Prompt, Role, sent_messages, sent_texts
from ostream_compare.domain.prices import priced
from ostream_compare.domain.reckoning import count_words

Say = Callable[[Report], None]

_MESSAGES: dict[Role, Callable[[str], ChatCompletionMessageParam]] = {
    "system": Messages.System,
    "user": Messages.User,
    "assistant": Messages.Assistant,
}
_OMITTED = Omit()
_PRICE_EVERY = 0.2
"""Seconds between two looks at what a growing answer costs."""


@dataclass(slots=True)
class _Burst:
    """What chunks of one socket read said."""

    at: int
    text: str
    reasoning: str
    refusal: str
    tool: str


class LaneCall:
    """One call.

    Args:
        run: The run's id.
        origin: What stamps are relative to.
        order: The call.
        prompt: What is asked.
        endpoint: Of the order's provider.
        refuses_usage: Endpoints that were seen to refuse `stream_options`; shared, grows.
        say: Where reports go.
        lag: Running meanwhile.
        budget: Told what the call costs while it runs; `None` where nothing bounds it.
        room: Set while more may be said.
    """

    def __init__(
        self,
        *,
        run: str,
        origin: int,
        order: LaneOrder,
        prompt: Prompt,
        endpoint: Endpoint,
        refuses_usage: set[str],
        say: Say,
        lag: LagMeter,
        budget: Budget | None = None,
        room: asyncio.Event | None = None,
    ) -> None:
        self._run = run
        self._origin = origin
        self._order = order
        self._prompt = prompt
        self._endpoint = endpoint
        self._refuses_usage = refuses_usage
        self._say = say
        self._lag = lag
        self._budget = budget
        self._room = room
        self._secrets = secrets_of(order)
        self._words = 0
        self._priced_at = 0.0
        self._pricing: asyncio.TimerHandle | None = None
        self._due = time.perf_counter_ns()
        self._prepared: tuple[bool, OpenAIStream] | None = None
        """The first attempt before it is made, and whether it asks for usage."""
        self._launch: Launch | None = None
        """With which the first attempt is made."""
        self._stream: OpenAIStream | None = None
        self._cancelled = False
        self._sent: tuple[int, int] | None = None
        self._told_attempts = 0
        self._pending: _Burst | None = None

    def cancel(self) -> None:
        """Stop the call; its verdict follows."""
        self._cancelled = True
        if self._stream is not None:
            self._stream.cancel()

    async def prepare(self) -> None:
        """Do what can be done before the call is due; nothing is sent. What goes wrong will do so again."""
        ask_usage = self._asks_usage()
        stream = await self._stream_of(ask_usage=ask_usage)
        self._prepared = ask_usage, stream
        with suppress(Exception):
            await self._endpoint.prepare(stream.call_kwargs)

    async def run(self, launch: Launch, turn: Turn) -> None:
        """Make the call with those of its launch, or when it is its turn; report its verdict."""
        lane = self._order.lane
        await launch.begun()
        if turn.locked():
            launch.leave(lane)
        async with turn:
            try:
                await self._make(launch)
            finally:
                launch.leave(lane)

    async def _make(self, launch: Launch) -> None:
        if self._cancelled:
            self._end(never_sent(self._order.preset))
            return
        lane = self._order.lane
        if self._endpoint.sockets is None:
            await launch.hold(lane)
        else:
            # The lane alone: a connection that is opened now keeps this for as long as it lives.
            held.set(Place(launch, lane))
        with self._lag:
            self._launch = launch
            stream = await self._attempt(ask_usage=self._asks_usage())
            launched = self._first_due
            if self._usage_was_refused(stream):
                self._refuses_usage.add(self._address)
                self._launch = None
                self._due = time.perf_counter_ns()  # the refused one waited in no queue, and is no attempt
                stream = await self._attempt(ask_usage=False)
        about = Circumstances(
            preset=self._order.preset,
            base_url=self._address,
            cold_connect_ms=self._endpoint.cold_connect_ms,
            due=self._first_due,
            prompt_text="\n".join(sent_texts(self._prompt, self._order.preset)),
            lag_p99_ms=self._lag.p99_since(launched),
        )
        self._end(masked(response_of(stream, about), self._secrets))

    @property
    def _first_due(self) -> int:
        """When the first attempt of the stream was due."""
        together = None if self._launch is None else self._launch.due
        return self._due if together is None else together

    @property
    def _address(self) -> str:
        return str(self._endpoint.client.base_url)

    def _asks_usage(self) -> bool:
        wanted = self._order.preset.provider.include_usage
        return wanted is True or (wanted == "auto" and self._address not in self._refuses_usage)

    def _usage_was_refused(self, stream: OpenAIStream) -> bool:
        refused = stream.error is not None and stream.error.hint == "unsupported_param:stream_options"
        return refused and self._order.preset.provider.include_usage == "auto" and not self._cancelled

    async def _stream_of(self, *, ask_usage: bool) -> OpenAIStream:
        """The call as a stream that is not started yet."""
        known, self._prepared = self._prepared, None
        if known is not None and known[0] is ask_usage:
            return known[1]
        preset = self._order.preset
        params = dict(preset.params)
        if not ask_usage:
            params["stream_options"] = None
        if self._order.key is None:
            params["extra_headers"] = {"Authorization": _OMITTED, **(params.get("extra_headers") or {})}
        call = openai_call(
            preset.model,
            stream=True,
            client=self._endpoint.client,
            call_params=cast("OpenAICallParams", params),
            limits=preset.timeout,
            retries=preset.retries,
        )

        async def ask() -> list[ChatCompletionMessageParam]:
            return messages(self._prompt, preset)

        return await call(ask)()

    async def _attempt(self, *, ask_usage: bool) -> OpenAIStream:
        stream = self._stream = await self._stream_of(ask_usage=ask_usage)
        stream.on_sent = lambda: self._note_sending(stream)
        text, reasoning, refusal, tool = maskers = [Masker(self._secrets) for _ in range(4)]
        calls = ToolWords()
        at = noted = 0
        try:
            async for chunk, _ in stream:
                if noted != stream.attempts:
                    noted = stream.attempts
                    self._note_sending(stream)
                said = chunk.content or chunk.audio_transcript
                fragments = chunk.tool_fragments
                called = calls.feed(fragments) if fragments else ""
                if said or chunk.reasoning or chunk.refusal or called:
                    at = chunk.received_at
                    pieces = text.feed(said), reasoning.feed(chunk.reasoning), refusal.feed(chunk.refusal)
                    self._grow(at, *pieces, tool.feed(called))
                if self._room is not None and not self._room.is_set():
                    await self._room.wait()
        except OStreamError:
            pass  # it is the stream's verdict, and reported as such
        rest = [masker.rest() for masker in maskers]
        if any(rest):
            self._grow(at, *rest)
        self._note_sending(stream)
        self._flush()
        return stream

    def _note_sending(self, stream: OpenAIStream) -> None:
        """Report attempts that failed, and the request that left, once each."""
        lane = self._order.lane
        failed = stream.failed_attempts
        for number in range(self._told_attempts, len(failed)):
            error, wait = failed[number]
            timeline = stream.failed_timelines[number]
            if number == 0:
                timeline = replace(timeline, launched=self._first_due)
            event = AttemptFailed(
                lane=lane,
                at=self._now(),
                attempt=number + 1,
                error=masked_error(saved_error(error), self._secrets),
                wait=wait,
                queue_ms=in_ms(timeline.queue_ns),
                connect_ms=in_ms(timeline.connect_ns),
                cold_connect_ms=self._endpoint.cold_connect_ms,
                ttfb_ms=in_ms(timeline.ttfb_ns),
            )
            self._say(Retrying(run=self._run, event=event))
        self._told_attempts = len(failed)
        sent = stream.timeline.sent
        if sent is not None and self._sent != (stream.attempts, sent):
            self._sent = stream.attempts, sent
            event = RequestSent(lane=lane, at=sent - self._origin, attempt=stream.attempts)
            self._say(Sent(run=self._run, event=event))

    def _grow(self, at: int, text: str, reasoning: str, refusal: str, tool: str) -> None:
        """Chunks of one socket read become one report."""
        at -= self._origin
        pending = self._pending
        if pending is not None and pending.at != at:
            self._flush()
            pending = None
        if pending is None:
            asyncio.get_running_loop().call_soon(self._flush)
            self._pending = _Burst(at, text, reasoning, refusal, tool)
            return
        pending.text += text
        pending.reasoning += reasoning
        pending.refusal += refusal
        pending.tool += tool

    def _flush(self) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            return
        delta = Delta(
            lane=self._order.lane,
            at=pending.at,
            text=pending.text,
            reasoning=pending.reasoning,
            refusal=pending.refusal,
            tool=pending.tool,
        )
        self._say(Grew(run=self._run, event=delta))
        if self._budget is not None:
            self._price(delta)

    def _price(self, grown: Delta) -> None:
        """Count what came, and look a few times a second at what it costs; the last piece too."""
        said = grown.text, grown.reasoning, grown.refusal, grown.tool
        self._words += sum(count_words(piece) for piece in said)
        if self._pricing is None:
            loop = asyncio.get_running_loop()
            self._pricing = loop.call_at(self._priced_at + _PRICE_EVERY, self._price_now)

    def _price_now(self) -> None:
        """Tell the budget what the answer so far costs, by estimate."""
        self._pricing = None
        self._priced_at = asyncio.get_running_loop().time()
        if self._budget is None:
            return
        prompt = sum(count_words(text) for text in sent_texts(self._prompt, self._order.preset))
        so_far = Usage(input_tokens=prompt, output_tokens=self._words)
        cost = priced(so_far, self._order.preset, base_url=self._address)
        if cost.total is not None:
            self._budget.note((self._run, self._order.lane), cost.total)

    def _end(self, response: Response) -> None:
        if self._pricing is not None:
            self._pricing.cancel()
        if self._budget is not None:
            total = response.cost.total_usd
            self._budget.settle((self._run, self._order.lane), None if total is None else Decimal(total))
        event = LaneEnded(lane=self._order.lane, at=self._now(), response=response)
        self._say(Finished(run=self._run, event=event))

    def _now(self) -> int:
        return time.perf_counter_ns() - self._origin


def messages(prompt: Prompt, preset: Preset) -> list[ChatCompletionMessageParam]:
    """What is sent, in the SDK's words."""
    return [_MESSAGES[role](text) for role, text in sent_messages(prompt, preset)]
