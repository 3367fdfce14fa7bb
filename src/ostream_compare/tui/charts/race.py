"""Who waits, thinks, answers and stalls, on one axis of time: stamps of events to rows of glyphs. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from ostream_compare.domain import figures
from ostream_compare.domain.events import Delta, LaneEnded, LaneEvent, RequestSent

if TYPE_CHECKING:
    from ostream_compare.domain.comparison import State

Kind = Literal["queued", "waiting", "thinking", "answering", "stall", "end", "none"]
GLYPHS: dict[Kind, str] = {
    "queued": "◌",
    "waiting": "·",
    "thinking": "░",
    "answering": "█",
    "stall": "╌",
}
LEGEND = "  ".join(f"{glyph} {kind}" for kind, glyph in GLYPHS.items())

_SECOND = 1_000_000_000
_STALL = 1.0 * _SECOND
"""A gap of this is a stall."""
_TIMES_USUAL = 5
_LEAST_STALL = 0.25 * _SECOND
"""A gap of so many times the usual one is a stall from here on; less of it nobody sees."""
_MOST_SEGMENTS = 400
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds between two ticks of the axis."""
_TICK_ROOM = 9
_LEAST_SPAN = 1.0
_GROWTH = 1.3
"""While a run is on, the axis ends this much later than its last growth needed: it does not creep."""


class Track:
    """What one lane did since its launch, as stretches of time; nanoseconds."""

    __slots__ = ("_last", "_sent", "_usual", "end", "ends", "kinds", "start", "state")

    def __init__(self, start: int) -> None:
        self.start = start
        self.kinds: list[Kind] = []
        self.ends: list[int] = []
        """Where each stretch ends and the next one begins."""
        self.end: int | None = None
        self.state: State | None = None
        self._sent = False
        """Whether a request has left."""
        self._last: int | None = None
        """Of the last burst; `None` before the first of an attempt."""
        self._usual = 0.0
        """About the median gap."""

    def note(self, event: LaneEvent) -> None:
        """Take an event of this lane."""
        if isinstance(event, Delta):
            self._burst(event.at, "answering" if event.text or event.refusal or event.tool else "thinking")
        elif isinstance(event, RequestSent):
            if event.at > self.start:
                self._until(event.at, self._kind_of_silence(event.at))
            self._sent = True
        elif isinstance(event, LaneEnded):
            self._until(event.at, self._kind_of_silence(event.at))
            self.end, self.state = event.at, event.response.state
        else:
            self._until(event.at, self._kind_of_silence(event.at))
            self._sent, self._last = True, None

    def _burst(self, at: int, kind: Kind) -> None:
        self._sent = True
        if self._last is None:
            self._until(at, "waiting")
        else:
            gap = at - self._last
            self._until(at, "stall" if self._is_stall(gap) else kind)
            # Steps of a tenth towards each gap settle where half of them are longer.
            self._usual = self._usual * (1.1 if gap > self._usual else 0.9) if self._usual else gap
        if self.kinds[-1] in {"waiting", "stall"}:
            self.kinds.append(kind)
            self.ends.append(at)
        self._last = at

    def _is_stall(self, gap: float) -> bool:
        return gap > _STALL or (gap > _LEAST_STALL and 0 < self._usual * _TIMES_USUAL < gap)

    def _kind_of_silence(self, at: int) -> Kind:
        if not self._sent:
            return "queued"
        if self._last is None or not self.kinds:
            return "waiting"
        return "stall" if self._is_stall(at - self._last) else self.kinds[-1]

    def _until(self, at: int, kind: Kind) -> None:
        if self.kinds and self.kinds[-1] == kind:
            self.ends[-1] = at
            return
        self.kinds.append(kind)
        self.ends.append(at)
        if len(self.kinds) > _MOST_SEGMENTS:
            del self.kinds[1:-1:2], self.ends[:-2:2]

    def seconds(self, now: int) -> float:
        """How long it has taken."""
        return max(0, (now if self.end is None else self.end) - self.start) / _SECOND

    def at(self, stamp: int) -> Kind:
        """What it did at `stamp`, as far as is known by now."""
        place = bisect_right(self.ends, stamp)
        if place < len(self.kinds):
            return self.kinds[place]
        return self._kind_of_silence(stamp) if self.end is None else self.kinds[-1]


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of runs of glyphs, and the axis below them; all of one width."""

    rows: tuple[tuple[tuple[str, Kind], ...], ...]
    axis: str


class Launched(NamedTuple):
    """When those that were ordered together left."""

    at: int
    """Stamp of the first request, or of the order as long as none has left."""
    left: bool
    again: bool
    """Whether others had left before they were ordered: this is a rerun."""


class Race:
    """The tracks of the lanes of a run.

    Args:
        before: Of the round before.
    """

    def __init__(self, before: "Race | None" = None) -> None:
        self.left: list[int] = [] if before is None else before.left
        """When the first of those that were ordered together was sent."""
        self.tracks: dict[int, Track] = {}
        self._span = _LEAST_SPAN
        self._held: set[int] = set()
        """When those were ordered of whom none was sent yet."""

    def clear(self) -> None:
        """Another run begins."""
        self.tracks.clear()
        self._held.clear()
        self.left.clear()
        self._span = _LEAST_SPAN

    def start(self, lanes: Iterable[int], now: int) -> None:
        """These lanes are ordered."""
        for lane in lanes:
            self.tracks[lane] = Track(now)
        self._held.add(now)
        if all(track.start == now for track in self.tracks.values()):
            self._span = _LEAST_SPAN

    def note(self, event: LaneEvent) -> None:
        """Take an event; one of a lane that was not ordered changes nothing."""
        track = self.tracks.get(event.lane)
        if track is None:
            return
        if isinstance(event, RequestSent) and track.start in self._held:
            self._let_go(track.start, event.at)
        track.note(event)

    def _let_go(self, ordered: int, at: int) -> None:
        """The first of those that were ordered together is sent: what was made ready before is no race."""
        self._held.discard(ordered)
        self.left.append(at)
        for track in self.tracks.values():
            if track.start == ordered:
                track.start = at
        self._span = _LEAST_SPAN

    def launched(self, ordered: int) -> Launched:
        """When the first was sent of all that were ordered since then."""
        at = next((at for at in self.left if at >= ordered), None)
        again = bool(self.left) and self.left[0] < ordered
        return Launched(ordered if at is None else at, left=at is not None, again=again)

    def picture(self, lanes: Sequence[int], now: int, width: int, *, over: bool) -> Picture:
        """The lanes at `now`, in `width` cells; a run that is over fills them.

        Args:
            lanes: A row for each of these.
            now: Nanoseconds since the run's origin.
            width: Cells.
            over: Nothing runs: what has no verdict has none to wait for.
        """
        tracks = [self.tracks.get(lane) for lane in lanes]
        longest = max((track.seconds(now) for track in tracks if track and _is_told(track, over)), default=0)
        if over:
            span = max(longest, 0.1)
        else:
            if longest > self._span:
                self._span = longest * _GROWTH
            span = self._span
        room = max(1, width - 1)  # the end mark of the longest
        return Picture(tuple(_row(track, now, room, span, over) for track in tracks), _axis(span, room))


def _is_told(track: Track, over: bool) -> bool:  # noqa: FBT001 - a state, not a switch
    return track.end is not None or not over


def _row(track: Track | None, now: int, room: int, span: float, over: bool) -> tuple[tuple[str, Kind], ...]:  # noqa: FBT001 - a state, not a switch
    if track is None or not _is_told(track, over):
        return ((" " * (room + 1), "none"),)
    length = min(room, round(track.seconds(now) / span * room))
    step = span * _SECOND / room
    kinds: list[Kind] = [track.at(track.start + int((cell + 0.5) * step)) for cell in range(length)]
    runs: list[tuple[str, Kind]] = [(GLYPHS[kind] * len(list(same)), kind) for kind, same in groupby(kinds)]
    if track.state is not None:
        runs.append((figures.glyph(track.state), "end"))
        length += 1
    return (*runs, (" " * (room + 1 - length), "none"))


def _axis(span: float, room: int) -> str:
    """Ticks at round seconds: `0s      2s      4s`."""
    step = next((step for step in _STEPS if step / span * room >= _TICK_ROOM), _STEPS[-1])
    axis = ""
    tick = 0
    while (place := round(tick * step / span * room)) + len(label := _label(tick * step)) <= room + 1:
        axis += " " * (place - len(axis)) + label
        tick += 1
    return axis


def _label(seconds: float) -> str:
    return f"{seconds:g}s" if seconds < 60 or seconds % 60 else f"{seconds / 60:g}m"  # noqa: PLR2004 - a minute
