"""A run: one prompt, the lanes that answer it, and the comparison that comes out."""

from dataclasses import dataclass, replace
from datetime import datetime

from ostream_compare.domain.events import LaneEvent
from ostream_compare.domain.lane import Cancelled, Done, Ended, Failed, Lane, Waiting, advance
from ostream_compare.domain.preset import Preset, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An immutable picture of a run; `applied` gives the next one."""

    id: str
    """Sorts by time: `20261122-073012-4f2a`."""
    started_at: datetime
    """Wall clock, UTC; durations never come from it."""
    origin: int
    """`time.perf_counter_ns()` that event stamps are relative to."""
    prompt: Prompt
    presets: tuple[Preset, ...]
    """One a lane, same order."""
    lanes: tuple[Lane, ...]

    @classmethod
    def begin(
        cls,
        *,
        id: str,  # noqa: A002 - the field's own name
        started_at: datetime,
        origin: int,
        prompt: Prompt,
        presets: tuple[Preset, ...],
    ) -> "Run":
        """A run whose lanes all wait."""
        lanes: tuple[Lane, ...] = tuple(Waiting() for _ in presets)
        return cls(id=id, started_at=started_at, origin=origin, prompt=prompt, presets=presets, lanes=lanes)

    def applied(self, event: LaneEvent) -> "Run":
        """The run after `event`; an event of an unknown lane changes nothing."""
        if not 0 <= event.lane < len(self.lanes):
            return self
        lane = advance(self.lanes[event.lane], event)
        if lane is self.lanes[event.lane]:
            return self
        return replace(self, lanes=(*self.lanes[: event.lane], lane, *self.lanes[event.lane + 1 :]))

    def restarted(self, lane: int) -> "Run":
        """The run with one lane waiting again."""
        return replace(self, lanes=(*self.lanes[:lane], Waiting(), *self.lanes[lane + 1 :]))

    @property
    def is_over(self) -> bool:
        """Whether every lane has its verdict."""
        return all(isinstance(lane, Ended) for lane in self.lanes)

    @property
    def ended(self) -> int:
        """Lanes with a verdict."""
        return sum(isinstance(lane, Done | Failed | Cancelled) for lane in self.lanes)

    @property
    def is_demo(self) -> bool:
        """Whether any lane is answered by the demo server."""
        return any(preset.is_demo for preset in self.presets)
