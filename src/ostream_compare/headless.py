"""A run without a screen: the same collector, progress on stderr, the comparison at the end."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ostream_compare.collector.client import Collector, CollectorDied
from ostream_compare.collector.protocol import (
    Cancel,
    Finished,
    Grew,
    LaneOrder,
    OverBudget,
    Ready,
    Retrying,
    Sent,
    StartRun,
)
from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response, SavedError
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.record import comparison, new_run_id, new_seed
from ostream_compare.domain.run import Repeats, Run, round_words
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.summary import final_attempts

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
"""Exit codes of a run that a signal cut short."""

_LAST_WORDS = 1.0
"""Seconds in which cancelled models may hand in what they have."""
_NOT_RUN = frozenset({"missing_key", "insecure", "collector"})
"""Kinds of a response that nobody was asked for, if there is no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a headless run leaves."""

    comparison: Comparison
    """Everything that came, whether or not the run was cut short."""
    signal: int | None = None
    """The signal that cut it short."""

    @property
    def exit_code(self) -> int:
        """0 all answered, 1 some did not, 3 none could be asked, 4 over budget, or the signal's own."""
        if self.signal is not None:
            return SIGNALS[signal.Signals(self.signal)]
        if self.comparison.over_budget:
            return 4
        responses = final_attempts(self.comparison.responses)
        if all(_was_not_run(response) for response in responses):
            return 3
        return 0 if all(response.state == "complete" for response in responses) else 1


def _was_not_run(response: Response) -> bool:
    return response.error is not None and response.error.kind in _NOT_RUN and not response.content


def run_headless(
    config: Config,
    prompt: Prompt,
    collector: Collector,
    orders: Sequence[LaneOrder],
    *,
    repeats: Repeats | None = None,
    tell: Callable[[str], None],
    keep: Callable[[Comparison], None],
) -> Outcome:
    """Run `prompt` on the enabled models to the end, or to a signal.

    Args:
        config: The models are its enabled ones.
        prompt: What they are asked.
        collector: Started; it is ended here.
        orders: One a model.
        repeats: How often; once by default.
        tell: Called with a line of progress at each verdict.
        keep: Called with the comparison while signals are still held back; it saves.
    """
    plan = repeats or Repeats()
    run = Run.begin(
        id=new_run_id(now := datetime.now(UTC)),
        started_at=now,
        origin=time.perf_counter_ns(),
        prompt=prompt,
        presets=config.enabled,
        repeats=replace(plan, seed=new_seed() if plan.seed is None else plan.seed),
        max_cost_usd=config.max_cost_usd,
    )
    try:
        return asyncio.run(_Drive(run, collector, orders, tell).to_the_end(config, keep))
    finally:
        collector.kill()


class _Drive:
    """One run and what may end it."""

    def __init__(
        self, run: Run, collector: Collector, orders: Sequence[LaneOrder], tell: Callable[[str], None]
    ) -> None:
        self._run = run
        self._collector = collector
        self._orders = {order.lane: order for order in orders}
        self._tell = tell
        self._signal: int | None = None
        self._interrupted = asyncio.Event()

    async def to_the_end(self, config: Config, keep: Callable[[Comparison], None]) -> Outcome:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                loop.add_signal_handler(number, self._interrupt, number)
        self._ask()
        listening = asyncio.create_task(self._listen())
        interrupted = asyncio.create_task(self._interrupted.wait())
        await asyncio.wait({listening, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            self._run = replace(self._run, stopped=True)
            self._collector.send(Cancel(run=self._run.id))
            self._interrupted.clear()
            again = asyncio.create_task(self._interrupted.wait())
            await asyncio.wait({listening, again}, timeout=_LAST_WORDS, return_when=asyncio.FIRST_COMPLETED)
            again.cancel()
        interrupted.cancel()
        await _finish(listening)
        saved = comparison(self._run, config)
        keep(saved)
        await self._collector.stop()
        return Outcome(comparison=saved, signal=self._signal)

    def _interrupt(self, number: int) -> None:
        self._signal = self._signal or number
        self._interrupted.set()

    def _ask(self) -> None:
        """Ask all models, in this round's order."""
        run = self._run
        lanes = tuple(self._orders[lane] for lane in run.order_of(run.round))
        self._collector.send(
            StartRun(run=run.id, origin=run.origin, prompt=run.prompt, lanes=lanes, max_cost_usd=run.left)
        )

    async def _listen(self) -> None:
        try:
            async for report in self._collector.reports():
                if isinstance(report, Ready) or report.run != self._run.id:
                    continue
                self._hear(report)
                if self._run.is_over:
                    return
                if self._run.round_is_over:
                    self._run = self._run.next_round()
                    self._ask()
        except CollectorDied as error:
            if error.details:
                self._tell(error.details)
            at = time.perf_counter_ns() - self._run.origin
            self._go(self._run.lost(SavedError(kind="collector", message=error.reason), at))

    def _hear(self, report: Sent | Grew | Retrying | Finished | OverBudget) -> None:
        if not isinstance(report, OverBudget):
            self._go(self._run.applied(report.event))
        elif not self._run.cut_by_budget:
            self._tell(f"over budget: ${self._run.max_cost_usd:f} is reached; what is out is stopped")
            self._run = replace(self._run, cut_by_budget=True)
            self._collector.send(Cancel(run=self._run.id))  # a round may have begun meanwhile

    def _go(self, run: Run) -> None:
        """Take the next picture, and tell the verdicts that are new in it."""
        before, self._run = self._run, run
        if before.round != run.round:
            before = replace(before, lanes=())
        known = before.lanes or (None,) * len(run.lanes)
        where = round_words(run)
        for old, new in zip(known, run.lanes, strict=True):
            if isinstance(new, Ended) and not isinstance(old, Ended):
                done = f"{run.ended}/{len(run.lanes)}"
                self._tell(" ".join(part for part in (where, done, _verdict(new.response)) if part))


def _verdict(response: Response) -> str:
    parts = [figures.glyph(response), clean_line(response.name), figures.seconds(response.timing.e2e_ms)]
    if reason := figures.explain(response, keys=False):
        parts.append(reason)
    return " ".join(parts)


async def _finish(task: asyncio.Task[None]) -> None:
    """Cancel what still listens; raise what went wrong in it."""
    if not task.done():
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
