"""A session that plays a recorded run: same lanes, same timing; no collector, no network, no cost."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from math import inf, isinf
from typing import ClassVar

from ostream_compare.collector.protocol import Command, Report
from ostream_compare.domain.comparison import Comparison, Vote
from ostream_compare.domain.events import LaneEnded
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.recorded import (
    CollectorLost,
    Finished,
    Grew,
    Header,
    Record,
    Restarted,
    Resumed,
    Retried,
    RoundBegan,
    Sent,
    Unvoted,
    Voted,
)
from ostream_compare.domain.retelling import Retelling, comparison_of, retold
from ostream_compare.domain.run import Repeats, Run
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import RecordedRun
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.session import Session

NS = 1_000_000_000
_FAIR = 64
"""Records that are told before the loop gets a turn."""
_SHORTEST = 0.001
"""Seconds; a shorter wait is not waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Records that are told together."""

    records: tuple[Record, ...]
    at: int | None
    """Stamp of the last of them, nanoseconds; `None`: at once."""
    jumps: bool
    """Whether nothing was measured in the time before it, so that nobody has to wait for it again."""


def steps(records: Iterable[Record], prompt: int) -> list[Step]:
    """What one prompt's run is played by; what has no stamp of its own comes with what follows it."""
    played: list[Step] = []
    together: list[Record] = []
    for record in records:
        is_placed = isinstance(record, Sent | Grew | Retried | Finished | RoundBegan | Restarted)
        if is_placed and record.prompt != prompt:
            continue
        together.append(record)
        at = _stamp(record)
        if at is not None:
            jumps = any(isinstance(one, Restarted | Resumed) for one in together)
            played.append(Step(records=tuple(together), at=at, jumps=jumps))
            together = []
    if together:
        played.append(Step(records=tuple(together), at=None, jumps=False))
    return played


def _stamp(record: Record) -> int | None:
    if isinstance(record, Sent | Grew | Retried | Finished):
        return record.event.at
    return record.at if isinstance(record, CollectorLost) else None


class Pace:
    """A clock `speed` times as fast as the real one; an infinitely fast one stands at what was told."""

    def __init__(self, speed: float, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self.speed = speed
        self._clock = clock
        self._since = clock()
        self._base = 0
        self.next_at: int | None = None
        """When the next thing happened: until that is told it is no later, however late the loop is."""

    def now(self) -> int:
        """Nanoseconds of the recorded run."""
        if isinf(self.speed):
            return self._base
        now = self._base + int((self._clock() - self._since) * self.speed)
        return now if self.next_at is None else min(now, max(self.next_at, self._base))

    def jump(self, at: int) -> None:
        """It is `at` now."""
        self._base, self._since = at, self._clock()

    async def reach(self, at: int) -> None:
        """Wait until it is `at`."""
        if isinf(self.speed):
            self.jump(max(at, self._base))
            return
        wait = (at - self.now()) / NS / self.speed
        if wait > _SHORTEST:
            await asyncio.sleep(wait)


class ReplaySession(Session):
    """Plays one prompt of a recorded run; nothing can be asked of it.

    Args:
        source: The log; it is read here, so not on the thread of a screen.
        speed: Times as fast as it was; infinite shows how it ended.
        prompt: Index of the prompt.
        recorder: Adds votes to the log; `None`: nobody can vote.
    """

    ASKS: ClassVar[bool] = False

    def __init__(
        self,
        source: RecordedRun,
        *,
        speed: float = 1.0,
        prompt: int = 0,
        recorder: Recorder | None = None,
    ) -> None:
        self.source = source
        self._recorder = recorder
        self.pace = Pace(speed)
        self._show_prompt(prompt, self.steps_of(prompt))
        header = self._header = _enabled(source.header)
        super().__init__(
            header.config, _NoLink(), Machine(clock=self.pace.now, repeats=Repeats(rounds=header.rounds))
        )
        self._rewind()

    @property
    def count(self) -> int:
        """Prompts of the run."""
        return len(self.source.header.prompts)

    def steps_of(self, prompt: int) -> list[Step]:
        """What a prompt's run is played by; the log is read for it, so not on the thread of a screen."""
        return steps(self.source.records(), prompt)

    def turn_to(self, prompt: int, played: list[Step]) -> None:
        """Another prompt of the run, from its beginning; `listen` plays it."""
        self._show_prompt(prompt, played)
        self._rewind()

    def _show_prompt(self, prompt: int, played: list[Step]) -> None:
        self.prompt = prompt
        """Index of the prompt that is shown."""
        self._steps = played
        self._first = (played[0].at or 0) if prompt and played else 0
        """Of a set, when this prompt's turn came; nobody waits for the prompts before it."""

    def _rewind(self) -> None:
        self._due: deque[Step] = deque()
        self._all_told = False
        self._story = Retelling(self._header)
        self.number = 1
        self._launched = self._first
        self.run = self._story.run(self.prompt)
        self.race.clear()
        self.rounds.restart()
        self.race.start(range(len(self.presets)), self._first)
        self.pace.next_at = None
        self.pace.jump(self._first)

    @property
    def is_running(self) -> bool:
        """Whether there is more to tell."""
        return not self._all_told or bool(self._due)

    @property
    def is_instant(self) -> bool:
        """Whether only the end is shown."""
        return self.pace.speed == inf

    def again(self, speed: float) -> None:
        """From the beginning; `listen` plays it."""
        self.pace.speed = speed
        self._rewind()

    async def listen(self, arrived: Callable[[], None]) -> None:
        """Play the run; `arrived` is called for each step."""
        for number, step in enumerate(self._steps, 1):
            self.pace.next_at = step.at
            if step.at is not None and step.jumps:
                self.pace.jump(step.at)
            elif step.at is not None:
                await self.pace.reach(step.at)
            self._due.append(step)
            arrived()
            if number % _FAIR == 0:
                await asyncio.sleep(0)
        self.pace.next_at = None
        self._all_told = True
        arrived()

    def flush(self) -> set[int]:
        """Tell what is due; the lanes that changed."""
        changed: set[int] = set()
        while self._due:
            step = self._due.popleft()
            for record in step.records:
                before = self._story.runs[self.prompt]
                if isinstance(record, RoundBegan) and before.round_is_over:
                    self.board.close(before)
                self._story.tell(record)
                changed |= self._told(record, step.at, before)
        if self._all_told:
            self._close()
            changed = set(range(len(self.presets)))
        self.run = self._story.runs[self.prompt]
        return changed

    def _told(self, record: Record, at: int | None, before: Run) -> set[int]:
        now = self.pace.now() if at is None else at
        if isinstance(record, Sent | Grew | Retried | Finished):
            self.race.note(record.event)
            return {record.event.lane}
        if isinstance(record, Restarted):
            if before.is_over:
                self._launched = now
            self.race.start((record.lane,), now)
            return {record.lane}
        every = range(len(self.presets))
        if isinstance(record, RoundBegan):
            self.race = self.rounds.turned(record.round - 1, self.race)
            self.race.start(every, now)
        return set(every)

    def _close(self) -> None:
        """What was never finished is stopped."""
        run = self._story.runs[self.prompt]
        for lane, state in enumerate(run.lanes):
            if not isinstance(state, Ended):
                event = LaneEnded(lane=lane, at=self.pace.now(), response=run.so_far(lane))
                self.race.note(event)
                run = run.applied(event)
        self._story.runs[self.prompt] = run if run.is_over else replace(run, stopped=True)

    def comparison_of(self, run: Run, *, compared: bool = True) -> Comparison:
        """The whole recorded run, however much of it was played."""
        del run
        return comparison_of(retold(self._header, self.source.records()), compared=compared)

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Those on this prompt's answers that were not taken back."""
        return tuple(vote for vote in self._story.votes if vote.prompt == self.prompt)

    @property
    def can_vote(self) -> bool:
        """Whether the log is at hand."""
        return self._recorder is not None

    def vote(self, vote: Vote) -> None:
        """Keep a judgement in the log."""
        self._keep_vote(Voted(vote=vote.model_copy(update={"prompt": self.prompt})))

    def unvote(self) -> None:
        """Take the last one back."""
        if self._story.votes:
            self._keep_vote(Unvoted())

    def _keep_vote(self, judgement: Voted | Unvoted) -> None:
        if self._recorder is not None:
            self._story.tell(judgement)
            self._steps.append(Step(records=(judgement,), at=None, jumps=False))
            self._recorder.add(self.source.header.id, judgement)

    @property
    def unsaved(self) -> tuple[Run, ...]:
        """It is in the log."""
        return ()

    def cancel(self, lane: int | None = None) -> None:
        """Nothing is out."""


def _enabled(header: Header) -> Header:
    """Every recorded model took part, whatever the file said."""
    return replace(header, presets=tuple(replace(preset, enabled=True) for preset in header.presets))


class _NoLink:
    """No process makes calls for a replay."""

    def start(self) -> None:
        """Nothing is started."""

    def send(self, command: Command) -> None:
        """Nobody hears it."""

    async def reports(self) -> AsyncIterator[Report]:
        """Nothing is said."""
        for report in ():
            yield report

    async def stop(self, timeout: float = 2.0) -> None:  # noqa: ASYNC109 - the collector's own contract
        """Nothing runs."""

    def kill(self) -> None:
        """Nothing runs."""
