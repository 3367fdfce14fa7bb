"""Stamps of one call and the figures that follow from them. Pure: every stamp is an argument.

All stamps are nanoseconds of one monotonic clock. The formulas are those of the README's "What the
figures mean"; each figure is `None` where it is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

_MIN_RATE_NS = 500_000_000
"""Below half a second of decoding a rate says nothing."""
_MIN_RATE_TOKENS = 10


@dataclass(slots=True)
class Timeline:
    """What happened when. Filled by the stream as things happen; read at any time."""

    launched: int | None = None
    """The request was due."""
    connect_ns: int | None = None
    """Nanoseconds of DNS, TCP and TLS; 0 on a kept-alive connection."""
    lost_ns: int = 0
    """Nanoseconds of a sending that reached nobody and was made anew; they are in no figure."""
    sent: int | None = None
    """The first byte of the request left."""
    headers: int | None = None
    """The response's headers were in."""
    first: int | None = None
    """First content event of any kind."""
    first_answer: int | None = None
    """First answer text."""
    last: int | None = None
    """Last content event."""
    ended: int | None = None
    """The verdict."""
    bursts: list[int] = field(default_factory=list[int])
    """One stamp for each socket read that brought content."""

    def content(self, at: int, *, answer: bool) -> None:
        """Content came in the socket read that was stamped `at`."""
        if self.first is None:
            self.first = at
        if answer and self.first_answer is None:
            self.first_answer = at
        self.last = at
        if not self.bursts or self.bursts[-1] != at:
            self.bursts.append(at)

    @property
    def queue_ns(self) -> int | None:
        """`t_send - t_launch` less connecting, and less a sending that reached nobody."""
        if self.launched is None or self.sent is None:
            return None
        return max(0, self.sent - self.launched - (self.connect_ns or 0) - self.lost_ns)

    @property
    def ttfb_ns(self) -> int | None:
        """`t_headers - t_send`."""
        return self._since_sent(self.headers)

    @property
    def ttft_ns(self) -> int | None:
        """First content event of any kind less `t_send`."""
        return self._since_sent(self.first)

    @property
    def ttfa_ns(self) -> int | None:
        """First answer text less `t_send`."""
        return self._since_sent(self.first_answer)

    @property
    def e2e_ns(self) -> int | None:
        """Last content event less `t_send`."""
        return self._since_sent(self.last)

    def tpot_ns(self, output_tokens: int | None, *, hidden_reasoning_tokens: int = 0) -> float | None:
        """`(e2e - ttft) / (output_tokens - 1)`; unknown below 2 tokens or 2 bursts.

        Args:
            output_tokens: Reasoning included.
            hidden_reasoning_tokens: Reasoning that was billed and not streamed; the answer's tokens over
                `e2e - ttfa` are then what could be watched.
        """
        start, tokens = self.first, output_tokens
        if tokens is not None and hidden_reasoning_tokens:
            start, tokens = self.first_answer, tokens - hidden_reasoning_tokens
        is_one_burst = start == self.last  # the answer's, whatever came before it
        if tokens is None or tokens < 2 or start is None or self.last is None or is_one_burst:  # noqa: PLR2004 - the definition's own two
            return None
        return (self.last - start) / (tokens - 1)

    def tokens_per_second(
        self, output_tokens: int | None, *, hidden_reasoning_tokens: int = 0
    ) -> float | None:
        """`1 / tpot`; not given under 500 ms of decoding or 10 tokens."""
        tpot = self.tpot_ns(output_tokens, hidden_reasoning_tokens=hidden_reasoning_tokens)
        if not tpot or output_tokens is None or self.last is None:
            return None
        start = self.first_answer if hidden_reasoning_tokens else self.first
        tokens = output_tokens - hidden_reasoning_tokens
        if start is None or self.last - start < _MIN_RATE_NS or tokens < _MIN_RATE_TOKENS:
            return None
        return 1e9 / tpot

    def gaps_ns(self) -> list[int]:
        """Nanoseconds between neighbouring bursts."""
        return [b - a for a, b in zip(self.bursts, self.bursts[1:], strict=False)]

    def icl_ns(self) -> "Gaps | None":
        """Inter-chunk latency; unknown below 2 bursts."""
        gaps = sorted(self.gaps_ns())
        return Gaps(percentile(gaps, 50), percentile(gaps, 99), float(gaps[-1])) if gaps else None

    def _since_sent(self, stamp: int | None) -> int | None:
        return None if stamp is None or self.sent is None else stamp - self.sent


@dataclass(frozen=True, slots=True)
class Gaps:
    """Nanoseconds between bursts."""

    p50: float
    p99: float
    max: float


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Percentile of a non-empty ascending sequence, linear between neighbours (NumPy's default, R-7)."""
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
