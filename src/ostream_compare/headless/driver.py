"""Drives a run without a screen: prompts under way, their rounds, the budget, signals, the end."""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ostream_compare.collector.client import Collector, CollectorDied
from ostream_compare.collector.protocol import Cancel, LaneOrder, OverBudget, Ready, StartRun
from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.events import AttemptFailed, LaneEnded, LaneEvent
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.record import responses_of
from ostream_compare.domain.recorded import How
from ostream_compare.domain.run import Run
from ostream_compare.domain.sweep import Accounts, Plan, placed, unanswered
from ostream_compare.headless.journal import Journal
from ostream_compare.headless.outcome import SIGNALS
from ostream_compare.headless.spool import Spool
from ostream_compare.headless.watching import Watch

_LAST_WORDS = 1.0
"""Seconds in which cancelled models may hand in what they have."""


@dataclass(slots=True, kw_only=True)
class Work:
    """What a run is made of, and what is left of it."""

    plan: Plan
    accounts: Accounts
    spool: Spool
    journal: Journal
    resumed: dict[int, Run] = field(default_factory=dict[int, Run])
    """Prompts that an earlier program began and did not end."""
    done: set[int] = field(default_factory=set[int])
    """Prompts that it ended."""


class Driver:
    """One run and what may end it.

    Args:
        work: What is to be asked.
        collector: Started.
        orders: One a model.
        watch: Told what happens.
    """

    def __init__(self, work: Work, collector: Collector, orders: Sequence[LaneOrder], watch: Watch) -> None:
        self._plan = work.plan
        self._work = work
        self._accounts = work.accounts
        self._journal = work.journal
        self._collector = collector
        self._orders: Mapping[int, LaneOrder] = {order.lane: order for order in orders}
        self._watch = watch
        self._origin = time.perf_counter_ns()
        self._open: dict[int, Run] = {}
        self._next = 0
        self._stopping = False
        self._cut = work.accounts.over_budget
        self._lost = False
        self._signal: int | None = None
        self._interrupted = asyncio.Event()

    async def to_the_end(self, keep: Callable[[], None]) -> int | None:
        """Run to the end or to a signal, which is returned; `keep` is called while signals are held back."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                loop.add_signal_handler(number, self._interrupt, number)
        listening = asyncio.create_task(self._listen())
        interrupted = asyncio.create_task(self._interrupted.wait())
        await asyncio.wait({listening, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            self._stop()
            self._interrupted.clear()
            again = asyncio.create_task(self._interrupted.wait())
            await asyncio.wait({listening, again}, timeout=_LAST_WORDS, return_when=asyncio.FIRST_COMPLETED)
            again.cancel()
        interrupted.cancel()
        await _finish(listening)
        self._open |= self._work.resumed  # what there was no going on with
        for prompt in list(self._open):
            self._close(prompt)
        self._journal.end(self._how)
        keep()
        await self._collector.stop()
        return self._signal

    @property
    def _how(self) -> How:
        if self._lost:
            return "collector_lost"
        if self._accounts.over_budget:
            return "over_budget"
        return "finished" if self._signal is None else "cancelled"

    # Signals and the collector's reports

    def _interrupt(self, number: int) -> None:
        self._signal = self._signal or number
        self._interrupted.set()

    def _stop(self) -> None:
        self._stopping = True
        self._journal.stopped()
        self._open = {prompt: replace(run, stopped=True) for prompt, run in self._open.items()}
        self._collector.send(Cancel(run=self._plan.id))

    async def _listen(self) -> None:
        self._check_budget()
        self._fill()
        try:
            reports = self._collector.reports()
            while self._open:
                report = await anext(reports)
                if isinstance(report, Ready):
                    continue
                run, _, prompt = report.run.partition("/")
                if run != self._plan.id:
                    continue
                if isinstance(report, OverBudget):
                    self._cut_short()
                elif int(prompt) in self._open:
                    self._hear(int(prompt), report.event)
        except CollectorDied as error:
            if error.details:
                self._watch.note(error.details)
            self._lose(SavedError(kind="collector", message=error.reason))

    def _hear(self, prompt: int, event: LaneEvent) -> None:
        before = self._open[prompt]
        self._journal.event(event, prompt, before.round)
        if isinstance(event, AttemptFailed):
            self._watch.failed(self._words(before, prompt), before, event)
        run = before.applied(event)
        if run is before:
            return
        self._open[prompt] = run
        self._watch.moved(self._words(run, prompt), run, event.lane, before.lanes[event.lane])
        if isinstance(event, LaneEnded) and run.round_is_over:
            self._go_on(prompt)

    def _lose(self, error: SavedError) -> None:
        """The collector is gone: what was out has failed."""
        self._lost = self._stopping = True
        at = time.perf_counter_ns() - self._origin
        for prompt, run in self._open.items():
            for event in run.cut_off(error, at):  # what they cost is in the log, then, without their pieces
                self._journal.event(event, prompt, run.round)
        self._journal.lost(error, at)
        for prompt, before in list(self._open.items()):
            run = self._open[prompt] = before.lost(error, at)
            for lane, state in enumerate(before.lanes):
                if not isinstance(state, Ended):
                    self._watch.moved(self._words(run, prompt), run, lane, state)

    # Prompts and rounds

    def _fill(self) -> None:
        """Begin prompts until enough are under way."""
        count = len(self._plan.prompts)
        while not self._stopping and self._next < count and len(self._open) < self._plan.prompts_at_once:
            prompt, self._next = self._next, self._next + 1
            if prompt not in self._work.done:
                self._begin(prompt)

    def _begin(self, prompt: int) -> None:
        run = self._work.resumed.pop(prompt, None)
        if run is None:
            self._open[prompt] = run = self._plan.run(prompt, self._origin)
            self._ask(prompt, run.order_of(run.round))
            return
        run = replace(run, origin=self._origin)
        left = unanswered(run)
        for lane in left:
            if isinstance(run.lanes[lane], Ended):
                self._journal.restarted(lane, prompt, run.round)
                run = run.restarted(lane)
        self._open[prompt] = run
        if left:
            self._ask(prompt, tuple(lane for lane in run.order_of(run.round) if lane in left))
        else:
            self._next_round(prompt)

    def _go_on(self, prompt: int) -> None:
        """After the last verdict of a round: the next one, or the next prompt."""
        self._check_budget()
        if self._open[prompt].is_over:
            self._close(prompt)
            self._fill()
        else:
            self._next_round(prompt)

    def _next_round(self, prompt: int) -> None:
        run = self._open[prompt] = self._open[prompt].next_round()
        self._journal.round(run.round, prompt)
        self._ask(prompt, run.order_of(run.round))

    def _ask(self, prompt: int, lanes: tuple[int, ...]) -> None:
        run = self._open[prompt]
        self._watch.asked(self._words(run, prompt), run, lanes)
        self._collector.send(
            StartRun(
                run=f"{self._plan.id}/{prompt}",
                origin=self._origin,
                prompt=run.prompt,
                lanes=tuple(self._orders[lane] for lane in lanes),
                max_cost_usd=self._left,
                concurrency=self._plan.calls_at_once,
            )
        )

    def _close(self, prompt: int) -> None:
        run = self._open.pop(prompt)
        responses = placed(responses_of(run), prompt)
        self._work.spool.put(prompt, responses)
        self._accounts.close(run, responses)

    def _words(self, run: Run, prompt: int) -> str:
        return self._plan.words(prompt, run)

    # Money

    @property
    def _spent(self) -> Decimal:
        begun = (*self._open.values(), *self._work.resumed.values())
        return self._accounts.spent + sum((run.spent for run in begun), Decimal(0))

    @property
    def _left(self) -> Decimal | None:
        limit = self._plan.max_cost_usd
        return None if limit is None else max(Decimal(0), limit - self._spent)

    def _check_budget(self) -> None:
        """The limit ends the run once it is passed, or reached while there is more to ask."""
        limit, spent = self._plan.max_cost_usd, self._spent
        if limit is None or not spent or spent < limit:
            return
        is_more = self._next < len(self._plan.prompts) or not all(run.is_over for run in self._open.values())
        if spent > limit or is_more:
            self._cut_short()

    def _cut_short(self) -> None:
        if not self._cut:
            self._watch.note(f"over budget: ${self._plan.max_cost_usd:f} is reached; what is out is stopped")
            self._journal.over_budget()
        self._cut = self._stopping = True
        self._accounts.over_budget = True
        self._open = {prompt: replace(run, cut_by_budget=True) for prompt, run in self._open.items()}
        self._collector.send(Cancel(run=self._plan.id))  # a round may have begun meanwhile


async def _finish(task: asyncio.Task[None]) -> None:
    """Cancel what still listens; raise what went wrong in it."""
    if not task.done():
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
