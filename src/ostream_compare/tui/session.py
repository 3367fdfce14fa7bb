"""What a sitting at the screen knows: the runs, their lanes, the collector; no Textual in here."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from ostream_compare.collector.keys import order_lanes
from ostream_compare.collector.protocol import (
    Cancel,
    Finished,
    Grew,
    LaneOrder,
    OverBudget,
    Ready,
    Report,
    StartRun,
)
from ostream_compare.domain.comparison import Comparison, SavedError, Vote
from ostream_compare.domain.events import Delta
from ostream_compare.domain.figures import usual_key
from ostream_compare.domain.lane import Ended, Failed
from ostream_compare.domain.preset import Config, Preset, Prompt
from ostream_compare.domain.record import comparison, new_seed
from ostream_compare.domain.recorded import (
    Noted,
    Restarted,
    RoundBegan,
    Step,
    Unvoted,
    Voted,
    losing,
)
from ostream_compare.domain.run import Run
from ostream_compare.domain.run_ids import new_run_id
from ostream_compare.storage.results import save_comparison
from ostream_compare.tui.background import in_background
from ostream_compare.tui.charts.race import Race
from ostream_compare.tui.journal import Journal
from ostream_compare.tui.keeping import Keeping, Kept, save_all
from ostream_compare.tui.looking_back import LookingBack
from ostream_compare.tui.machine import Link, Machine, end_link
from ostream_compare.tui.run_view import RunView, Spending, view_of_run
from ostream_compare.tui.views import Board, LaneView

_LAST_WORDS = 0.4
"""Seconds that lanes get to answer a stop when the program is left."""
_CHILD_END = 0.5
"""Seconds for the collector to end by itself."""


class Session:
    """Runs are begun, stopped and rerun here; reports come in and views go out."""

    ASKS: ClassVar[bool] = True
    """Whether it asks models."""

    def __init__(self, config: Config, link: Link, machine: Machine | None = None) -> None:
        self.config = config
        self.presets: tuple[Preset, ...] = config.enabled
        self.number = 0
        self.run: Run | None = None
        self.launching = False
        """Keys are being looked up for a run that is about to begin."""
        self._machine = machine or Machine()
        self._journal = Journal(self._machine.recorder)
        self._link = link
        self._dead = False
        self._keeping = Keeping()
        self._inbox: list[Report] = []
        self._news = asyncio.Event()
        self._again: dict[int, LaneOrder] = {}
        self._orders: dict[int, LaneOrder] = {}
        """The calls of this run; every round makes them."""
        self._launched = 0
        self.rounds, self.race = LookingBack(), Race()
        """Which round is looked at, and what each lane of the newest one did, by its stamps."""
        self.board = Board(self.presets, key_of=usual_key if self.ASKS else None)
        self._chosen: tuple[Preset, ...] | None = None
        self._spending: Spending | None = None

    # What it tells

    @property
    def is_running(self) -> bool:
        """Whether a lane is still out, or is about to go."""
        return self.launching or (self.run is not None and not self.run.is_over)

    @property
    def machine(self) -> Machine:
        """What it was given from the outside."""
        return self._machine

    @property
    def is_repeated(self) -> bool:
        """Whether prompts are asked in more than one round."""
        return self._machine.repeats.rounds > 1

    @property
    def chosen(self) -> tuple[Preset, ...]:
        """The models of the next run."""
        return self.presets if self._chosen is None else self._chosen

    def choose(self, presets: tuple[Preset, ...]) -> None:
        """Ask other models from the next run on; the lanes are theirs at once where there is no run yet."""
        self._chosen = presets
        if self.run is None and not self.launching:
            self._place(presets)

    def _place(self, presets: tuple[Preset, ...]) -> None:
        if presets != self.presets:
            self.presets, self.board = presets, Board(presets, key_of=self.board.key_of)

    def is_open(self, lane: int) -> bool:
        """Whether a lane has been launched and has no verdict."""
        return self.run is not None and not isinstance(self.run.lanes[lane], Ended)

    def failed_lanes(self) -> tuple[int, ...]:
        """The lanes that failed or were cut."""
        lanes = self.run.lanes if self.run else ()
        return tuple(index for index, lane in enumerate(lanes) if isinstance(lane, Failed))

    @property
    def shown(self) -> Run | None:
        """The run as it is now, or as it was in the round that is looked at."""
        return self.rounds.earlier(self.run) or self.run

    def lane_view(self, lane: int) -> LaneView:
        """One lane of the round that is looked at."""
        if self.run is None:
            return self.board.idle()[lane]
        newest = self.board.lane(self.run, lane, self._now(self.run))
        earlier = self.rounds.earlier(self.run)
        return newest if earlier is None else self.board.earlier(earlier, lane)

    def run_view(self, lanes: tuple[LaneView, ...]) -> RunView | None:
        """The run as it is now, of lanes that were seen already; `None` before the first."""
        if self.run is None:
            return None
        spending = self._spending = Spending.of(self.run, self._spending)
        launched = self.race.launched(self._launched)
        return view_of_run(self.number, self.run, lanes, launched=launched, now=self.now, spending=spending)

    @property
    def now(self) -> int:
        """Nanoseconds since the run's origin; 0 before the first."""
        return self._now(self.run) if self.run is not None else 0

    def _now(self, run: Run) -> int:
        return self._machine.clock() - run.origin

    # Reports

    async def listen(self, arrived: Callable[[], None]) -> None:
        """Gather reports until the collector ends; `arrived` is called for each.

        Raises:
            CollectorDied: It ended by itself.
        """
        async for report in self._link.reports():
            self._inbox.append(report)
            self._journal.hear(report, self.run)
            self._news.set()
            arrived()

    def flush(self) -> set[int]:
        """Apply what was gathered; the lanes that changed."""
        reports, self._inbox = self._inbox, []
        changed: set[int] = set()
        bursts: dict[int, list[Delta]] = {}
        for report in reports:
            if isinstance(report, Ready) or self.run is None or report.run != self.run.id:
                continue
            if isinstance(report, OverBudget):
                self._cut_by_budget(self.run)
                continue
            self.race.note(report.event)
            changed.add(report.event.lane)
            if isinstance(report, Grew):
                bursts.setdefault(report.event.lane, []).append(report.event)
                continue
            self._grow(bursts)
            self._keep(self.run.applied(report.event))
            if isinstance(report, Finished) and self._go_on(report.event.lane):
                changed |= set(range(len(self.presets)))
        self._grow(bursts)
        return {lane for lane in changed if 0 <= lane < len(self.presets)}

    def _grow(self, bursts: dict[int, list[Delta]]) -> None:
        """Apply the bursts that were gathered, and forget them."""
        if bursts and self.run is not None:
            self._keep(self.run.grown(bursts))
            bursts.clear()

    def _cut_by_budget(self, run: Run) -> None:
        self._again.clear()
        if not run.cut_by_budget:
            self._keep(replace(run, cut_by_budget=True), Noted(what="over_budget"))
        if not run.round_is_over:
            self._link.send(Cancel(run=run.id))  # a round may have begun meanwhile

    def _go_on(self, lane: int) -> bool:
        """After a lane's verdict: its rerun, or the next round if it was the last; whether that began."""
        if order := self._again.pop(lane, None):
            self._relaunch((order,))
        run = self.run
        if run is None or not run.round_is_over or run.is_over:
            return False
        self.board.close(run)
        self.race = self.rounds.turned(run.round, self.race)
        run = run.next_round()
        self._keep(run, RoundBegan(round=run.round))
        self._order(run, tuple(self._orders[lane] for lane in run.order_of(run.round)))
        return True

    def lose(self, reason: str) -> None:
        """The collector is gone: what was still out has failed."""
        self.flush()
        self._dead = True
        self._again.clear()
        run = self.run
        if run is not None and not run.is_over:
            error, at = SavedError(kind="collector", message=reason), self._now(run)
            self._keep(run.lost(error, at), *losing(run, error, at))

    def revive(self) -> bool:
        """Start another collector if the last one died; whether it has to be listened to anew."""
        if not self._dead or self._machine.new_link is None:
            return False
        self._link = self._machine.new_link()
        self._link.start()
        self._dead = False
        return True

    # Commands

    async def begin(self, prompt: Prompt) -> None:
        """A new run of all presets."""
        self.launching = True
        try:
            presets = self.chosen
            orders = await self._look_up(range(len(presets)), presets)
            await save_all(self._keeping.surplus, self.save)
        finally:
            self.launching = False
        self._place(presets)
        self.number += 1
        self.race.clear()
        self.rounds.restart()
        self._again.clear()
        self._orders = {order.lane: order for order in orders}
        self._launched = 0
        repeats = self._machine.repeats
        run = Run.begin(
            id=new_run_id(datetime.now(UTC)),
            started_at=datetime.now(UTC),
            origin=self._machine.clock(),
            prompt=prompt,
            presets=self.presets,
            repeats=replace(repeats, seed=new_seed() if repeats.seed is None else repeats.seed),
            max_cost_usd=self.config.max_cost_usd,
        )
        run = self._journal.begin(run, self.config)
        self._keep(run)
        self._order(run, tuple(self._orders[lane] for lane in run.order_of(run.round)))

    async def rerun(self, lanes: Sequence[int]) -> None:
        """Some lanes of this run again; one that is still out is stopped first."""
        run = self.run
        if run is None or run.over_budget:
            return
        orders = await self._look_up(lanes)
        if self.run is None or self.run.id != run.id:
            return  # another run began while keys were looked up
        self.rounds.follow()
        self._orders |= {order.lane: order for order in orders}
        for order in orders:
            if self.is_open(order.lane):
                self._again[order.lane] = order
                self._link.send(Cancel(run=run.id, lane=order.lane))
        self._relaunch(tuple(order for order in orders if not self.is_open(order.lane)))

    def cancel(self, lane: int | None = None) -> None:
        """Stop one lane in this round, or all of the run."""
        if self.run is None:
            return
        if lane is None:
            self._again.clear()
            if not self.run.is_over:
                self._keep(replace(self.run, stopped=True), Noted(what="stopped"))
        else:
            self._again.pop(lane, None)
        self._link.send(Cancel(run=self.run.id, lane=lane))

    def _relaunch(self, orders: tuple[LaneOrder, ...]) -> None:
        run = self.run
        if run is None or not orders:
            return
        if run.is_over:
            self._launched = self._now(run)
        for order in orders:
            run = run.restarted(order.lane)
        self._keep(run, *(Restarted(lane=order.lane, round=run.round) for order in orders))
        self._order(run, orders)

    def _order(self, run: Run, orders: tuple[LaneOrder, ...]) -> None:
        self.race.start((order.lane for order in orders), self._now(run))
        start = StartRun(
            run=run.id, origin=run.origin, prompt=run.prompt, lanes=orders, max_cost_usd=run.left
        )
        self._link.send(start)

    async def _look_up(
        self, lanes: Iterable[int], presets: tuple[Preset, ...] | None = None
    ) -> tuple[LaneOrder, ...]:
        chosen, machine, trusted = tuple(lanes), self._machine, self.config.trusted
        asked = self.presets if presets is None else presets
        return await in_background(
            lambda: order_lanes(asked, machine.environ, lanes=chosen, found=machine.keys, trusted=trusted)
        )

    def _keep(self, run: Run, *steps: Step) -> None:
        """The run's next picture, and the steps that led to it beside its events."""
        before, self.run = self.run, run
        self._keeping.note(run)
        self._journal.step(before, run, steps)

    # Votes

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Those on this run that were not taken back."""
        return self.run.votes if self.run is not None else ()

    @property
    def can_vote(self) -> bool:
        """Whether votes are kept anywhere."""
        return True

    def vote(self, vote: Vote) -> None:
        """Keep a judgement of two of this run's answers."""
        if self.run is not None:
            self._judge(replace(self.run, votes=(*self.run.votes, vote)), Voted(vote=vote))

    def unvote(self) -> None:
        """Take the last one back."""
        if self.run is not None and self.run.votes:
            self._judge(replace(self.run, votes=self.run.votes[:-1]), Unvoted())

    def _judge(self, run: Run, judgement: Voted | Unvoted) -> None:
        self.run = run
        self._keeping.note(run)
        self._journal.judge(run.id, judgement)

    # Saving and leaving

    def comparison_of(self, run: Run, *, compared: bool = True) -> Comparison:
        """A run of this session as it is saved."""
        return comparison(run, self.config, compared=compared)

    def save(self, run: Run, *, compared: bool = True) -> Path:
        """Save a run of this session as it is; that models are compared with each other may take a while.

        Raises:
            OSError: It could not be written.
        """
        path = save_comparison(self.comparison_of(run, compared=compared), self._machine.results)
        self._keeping.saved(run)
        return path

    @property
    def unsaved(self) -> tuple[Run, ...]:
        """Runs of which there is more than was saved."""
        return self._keeping.unsaved

    async def keep_all(self) -> Kept:
        """Stop everything, and save what was not saved; what became of it."""
        self.flush()
        if self.is_running:
            await self._settle(_LAST_WORDS)
        return await save_all(self.unsaved, self.save)

    async def wind_up(self) -> None:
        """End the collector and the log."""
        await asyncio.gather(end_link(self._link, _CHILD_END), self._journal.close(self.run, _CHILD_END))

    async def _settle(self, limit: float) -> None:
        """Stop everything and take in the verdicts, for `limit` seconds at most."""
        self.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self.run is not None and not self.run.is_over and not self._dead:
                    self._news.clear()
                    if not self._inbox:
                        await self._news.wait()
                    self.flush()
