"""How fast a lane's tokens came, over its time: a few looks a second, few numbers for any length. Pure."""

from ostream_compare.tui.charts.spark import spark

_BINS = 48
"""Stretches that are kept; when they are full, two become one."""
_FIRST_WIDTH = 0.25
"""Seconds of a stretch at the start."""


class Rates:
    """Counts of one answer, by equal stretches of the time since its first token."""

    __slots__ = ("_bins", "_count", "_start", "_width")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget: another answer begins."""
        self._bins: list[int] = []
        self._width = _FIRST_WIDTH
        self._start: int | None = None
        self._count = 0

    def sample(self, first_at: int, now: int, count: int) -> None:
        """Note that so many tokens have come by `now`.

        Args:
            first_at: Stamp of the first token, nanoseconds; another one means another answer.
            now: Stamp of this look, nanoseconds.
            count: All tokens so far.
        """
        if first_at != self._start or count < self._count:
            self.clear()
            self._start = first_at
        place = self._place(first_at, now)
        while place >= _BINS:
            self._bins = [sum(self._bins[at : at + 2]) for at in range(0, len(self._bins), 2)]
            self._width *= 2
            place = self._place(first_at, now)
        # What came since the last look is spread over its stretches: where nobody looked, there was no pause.
        stretches = max(1, place + 1 - len(self._bins))
        share, rest = divmod(count - self._count, stretches)
        self._bins += [0] * (place + 1 - len(self._bins))
        for at in range(stretches):
            self._bins[place - at] += share + (at < rest)
        self._count = count

    def end(self, count: int) -> None:
        """Note the whole count: what came after the last look belongs to its stretch."""
        if self._bins and count > self._count:
            self._bins[-1] += count - self._count
            self._count = count

    def _place(self, first_at: int, now: int) -> int:
        return max(0, int((now - first_at) / 1e9 / self._width))

    def spark(self, width: int) -> str:
        """All of its time in at most `width` bars, the fastest full; a gap where nothing came."""
        share = max(1, -(-len(self._bins) // width))
        counts = [sum(self._bins[at : at + share]) for at in range(0, len(self._bins), share)]
        return spark(counts, max(counts, default=0))
