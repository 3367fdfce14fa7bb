"""The events of one stream, kept so that they can be read again."""

import threading
import zlib
from array import array
from collections import deque
from collections.abc import Iterator

from ostream.sse import ServerEvent

MAX_RECORDING = 24 * 1024 * 1024
"""Bytes of memory, roughly, that the events of one stream may take."""
_LOOSE = 4 * 1024 * 1024
"""Bytes that are kept as they came; of a longer stream, what is older than these is packed."""
_BLOCK = 128 * 1024
"""Bytes that are packed at once: two milliseconds."""
_FRESH = 64
"""Events that are kept as they are: of a paced stream, sorting each away would cost more than reading it."""
_LONG = 4096
"""Bytes of an event that is sorted away at once."""
_PLACE = 16
_ODD = 256
"""Bytes of memory of any event, and of one that is more than its data, beside the data."""


class Recording:
    """Events, compact: a replay reads them again."""

    def __init__(self) -> None:
        self.is_full = False
        """Nothing more should be added."""
        self._fresh: deque[tuple[ServerEvent, int]] = deque()
        self._packed: list[bytes] = []
        self._loose = bytearray()
        self._base = 0
        """Bytes that are packed."""
        self._ends = array("Q")
        self._stamps = array("q")
        self._odd: dict[int, ServerEvent] = {}
        self._size = 0
        """Bytes of memory of all but what is loose."""
        self._unpacked: tuple[int, bytes] = -1, b""
        self._lock = threading.Lock()

    def add(self, record: tuple[ServerEvent, int]) -> None:
        """Keep one event, with its stamp."""
        fresh = self._fresh
        fresh.append(record)
        # Not waited for: a handler of a signal may get here while its own thread is at it.
        if (len(fresh) >= _FRESH or len(record[0].data) > _LONG) and self._lock.acquire(blocking=False):
            try:
                self._sort_away()
            finally:
                self._lock.release()

    def _sort_away(self) -> None:
        fresh = self._fresh
        while fresh:
            self._put(*fresh[0])
            fresh.popleft()
        self.is_full = self._size + len(self._loose) > MAX_RECORDING

    def _put(self, event: ServerEvent, at: int) -> None:
        if event.name or event.stray or not event.terminated:
            self._odd[len(self._ends)] = event
            self._size += _ODD + len(event.data)
        else:
            self._loose += event.data
            while len(self._loose) >= _LOOSE + _BLOCK:
                self._pack()
        self._ends.append(self._base + len(self._loose))
        self._stamps.append(at)
        self._size += _PLACE

    def events(self, count: int) -> Iterator[tuple[ServerEvent, int]]:
        """The first `count` events, or as many as there are, each with its stamp."""
        with self._lock:
            self._sort_away()
        start = 0
        for place in range(min(count, len(self._ends))):
            end = self._ends[place]
            event = self._odd.get(place) or ServerEvent(self._read(start, end))
            yield event, self._stamps[place]
            start = end

    def _pack(self) -> None:
        block = zlib.compress(self._loose[:_BLOCK], 1)
        self._packed.append(block)
        self._size += len(block)
        del self._loose[:_BLOCK]
        self._base += _BLOCK

    def _read(self, start: int, end: int) -> bytes:
        with self._lock:
            data = bytearray()
            while start < min(end, self._base):
                block, offset = divmod(start, _BLOCK)
                piece = self._block(block)[offset : offset + end - start]
                data += piece
                start += len(piece)
            return bytes(data + self._loose[max(0, start - self._base) : max(0, end - self._base)])

    def _block(self, place: int) -> bytes:
        if self._unpacked[0] != place:
            self._unpacked = place, zlib.decompress(self._packed[place])
        return self._unpacked[1]
