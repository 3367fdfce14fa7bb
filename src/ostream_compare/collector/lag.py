"""How late the collector's own loop runs: the doubt that hangs over every stamp."""

import asyncio
import time
from bisect import bisect_left
from typing import Self

from ostream.timeline import percentile

_PERIOD = 0.02
_KEPT = 6_000
"""Two minutes of samples."""


class LagMeter:
    """Samples while somebody runs; figures are in milliseconds."""

    def __init__(self) -> None:
        self._samples: list[tuple[int, float]] = []
        self._users = 0
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._users += 1
        if self._task is None:
            self._task = asyncio.create_task(self._sample())
        return self

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if self._users == 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    def p99_since(self, start: int) -> float | None:
        """The 99th percentile of the samples since `start` (nanoseconds); `None` before the first."""
        first = bisect_left(self._samples, (start, 0.0))
        late = sorted(value for _, value in self._samples[first:])
        return percentile(late, 99) if late else None

    async def _sample(self) -> None:
        while True:
            before = time.perf_counter_ns()
            await asyncio.sleep(_PERIOD)
            after = time.perf_counter_ns()
            self._samples.append((after, max(0.0, (after - before) / 1e6 - _PERIOD * 1000)))
            if len(self._samples) > 2 * _KEPT:
                del self._samples[:_KEPT]
