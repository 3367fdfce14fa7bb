"""One ticker for all panes: reports are gathered and handed on once a frame, less often when behind."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter, thread_time
from typing import Generic, TypeVar

Item = TypeVar("Item")

FRAME = 1 / 20
"""Seconds between two ticks."""
_FIGURES = 1 / 4
"""Seconds between two looks at times, rates and counts: nobody reads them faster."""
MOST_PANES = 8
"""Panes that are painted in a frame: of 16, the focused one in each frame and the others in every second."""
_LATE = FRAME / 2
"""A tick that is this late, or a flush that takes this long, means that we are behind."""
_SLOW_DIVISOR = 2
_RECOVERY = 10
"""Punctual ticks before the full rate is tried again."""

_TURN = 0.004
"""Seconds of work after which keys have their turn."""
_SHARE = 0.009
"""Seconds of a frame for the text of panes: with many, each is painted in every second frame."""
_PAUSE = 0.003
"""Seconds in which a key is read, goes from the application to the focus, and is answered."""


class Turns:
    """A frame's work, interrupted for whatever else waits for the loop.

    Args:
        clock: Seconds of work; what other processes take of a busy machine's time is none.
    """

    def __init__(self, clock: Callable[[], float] = thread_time) -> None:
        self._clock = clock
        self._began = clock()
        self._before = 0.0

    @property
    def spent(self) -> float:
        """Seconds of work, the turns of others left out."""
        return self._before + self._clock() - self._began

    @property
    def are_over(self) -> bool:
        """Whether this frame has had its share of work."""
        return self.spent > _SHARE

    async def give(self) -> None:
        """Let others in, if this one has been at work for long."""
        worked = self._clock() - self._began
        if worked < _TURN:
            return
        self._before += worked
        await asyncio.sleep(_PAUSE)
        self._began = self._clock()


class Round(Generic[Item]):
    """Goes round and round: who was not reached this time is the next one's first, the favourite apart."""

    def __init__(self) -> None:
        self._last: Item | None = None

    def order(self, items: Iterable[Item], favourite: Item | None) -> Iterator[Item]:
        """The favourite, and then the others from where the last round ended."""
        others = [item for item in items if item != favourite]
        if favourite is not None:
            yield favourite
        start = others.index(self._last) + 1 if self._last in others else 0
        for item in (*others[start:], *others[:start]):
            self._last = item
            yield item


class Pacer:
    """Decides at each tick whether it is a frame.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._last_tick: float | None = None
        self._punctual = _RECOVERY
        self._skipped = 0
        self._last_figures: float | None = None

    @property
    def is_behind(self) -> bool:
        """Whether only every second tick is a frame."""
        return self._punctual < _RECOVERY

    def tick(self) -> bool:
        """Note a tick; whether a frame is due."""
        now = self._clock()
        if self._last_tick is not None:
            self._note(late=now - self._last_tick - FRAME > _LATE)
        self._last_tick = now
        if not self.is_behind:
            return True
        self._skipped = (self._skipped + 1) % _SLOW_DIVISOR
        return self._skipped == 0

    def figures(self) -> bool:
        """Whether figures are due in this frame; if they are, the next ones are due a while later."""
        now = self._clock()
        if self._last_figures is not None and now - self._last_figures < _FIGURES - _LATE:
            return False
        self._last_figures = now
        return True

    def now(self) -> float:
        """The clock."""
        return self._clock()

    def flushed(self, spent: float) -> None:
        """Note that a flush is done, which took so many seconds of work."""
        if spent > _LATE:
            self._punctual = 0

    def _note(self, *, late: bool) -> None:
        self._punctual = 0 if late else min(_RECOVERY, self._punctual + 1)
