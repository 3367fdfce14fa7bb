"""Server-sent events from bytes: no input or output, any split of the bytes gives the same events.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html and goes on where real servers
do not: the last event is given out at the end of the body even without its blank line, a field named
`error` is kept, and lines that are no field at all are kept apart, because they tell what the body
really is (JSON, NDJSON, an HTML page).
"""

from dataclasses import dataclass

MAX_EVENT_BYTES = 16 * 1024 * 1024
"""An event or a line above this is refused."""

_BOM = b"\xef\xbb\xbf"


class TooLargeError(ValueError):
    """An event grew over `MAX_EVENT_BYTES`."""


@dataclass(slots=True)
class ServerEvent:
    """One event, or one stray line."""

    data: bytes
    """Its `data` lines joined by newlines; of an `error` field, that field; of a stray line, the line."""

    name: bytes = b""
    """Its `event` field; `error` for an `error` field."""

    stray: bool = False
    """The line is no field of the protocol."""

    terminated: bool = True
    """False for what stood at the end of the body without its blank line."""

    @property
    def is_bare(self) -> bool:
        """Whether it is whole, and its data is all of it."""
        return self.terminated and not (self.name or self.stray)


class Decoder:
    """Feed it bytes, take out events; `finish` at the end of the body."""

    __slots__ = ("_data", "_name", "_partial", "_size", "_skip_newline", "_started")

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._size = 0
        self._data: list[bytes] = []
        self._name = b""
        self._skip_newline = False
        self._started = False

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that `data` completes.

        Raises:
            TooLargeError: An event is over the limit; nothing more can be read.
        """
        if self._is_one_event(data):
            return [ServerEvent(data[6:-2])]
        if not self._started:
            data = self._without_bom(data)
        if self._skip_newline and data:
            self._skip_newline = False
            if data.startswith(b"\n"):
                data = data[1:]
        if b"\r" in data:
            self._skip_newline = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        head, newline, rest = data.partition(b"\n")
        if not newline:
            self._keep_partial(head)
            return []
        if self._partial:
            self._partial.append(head)
            head = b"".join(self._partial)
            self._size -= len(head) - len(self._partial[-1])
            self._partial.clear()
        events: list[ServerEvent] = []
        self._read_line(head, events)
        *lines, tail = rest.split(b"\n")
        for line in lines:
            if not line and len(self._data) == 1:  # the common case, without a call
                events.append(ServerEvent(self._data.pop(), self._name))
                self._name = b""
                self._size = 0
            else:
                self._read_line(line, events)
        self._keep_partial(tail)
        return events

    def _is_one_event(self, data: bytes) -> bool:
        """Whether `data` is one whole event of one line, as a server writes them that paces its tokens."""
        if not data.startswith(b"data: ") or data.find(b"\n") != len(data) - 2 or not data.endswith(b"\n"):
            return False
        fresh = self._started and not (self._partial or self._data or self._name or self._skip_newline)
        return fresh and b"\r" not in data

    def finish(self) -> list[ServerEvent]:
        """What is left at the end of the body, marked as not terminated where its blank line is missing."""
        events: list[ServerEvent] = []
        if self._partial:
            line = b"".join(self._partial)
            self._partial.clear()
            self._read_line(line, events)
        for event in events:
            event.terminated = False
        if self._data:
            events.append(ServerEvent(b"\n".join(self._data), self._name, terminated=False))
            self._data = []
        return events

    def _without_bom(self, data: bytes) -> bytes:
        data = b"".join((*self._partial, data))
        self._partial.clear()
        self._size = 0
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._keep_partial(data)
            return b""
        self._started = True
        return data.removeprefix(_BOM)

    def _keep_partial(self, tail: bytes) -> None:
        if tail:
            self._partial.append(tail)
            self._grow(len(tail))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_EVENT_BYTES:
            raise TooLargeError(f"an event is larger than {MAX_EVENT_BYTES // 2**20} MiB")

    def _read_line(self, line: bytes, events: list[ServerEvent]) -> None:
        if not line:
            if self._data:
                events.append(ServerEvent(b"\n".join(self._data), self._name))
                self._data = []
            self._name = b""
            self._size = 0
        elif line.startswith(b"data:"):
            value = line[6:] if line.startswith(b" ", 5) else line[5:]
            self._grow(len(value))
            self._data.append(value)
        elif not line.startswith(b":"):
            self._read_other(line, events)

    def _read_other(self, line: bytes, events: list[ServerEvent]) -> None:
        field, colon, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if colon and field == b"event":
            self._name = value
        elif colon and field == b"error":
            events.append(ServerEvent(value, b"error"))
        elif field not in {b"id", b"retry", b"data"}:
            events.append(ServerEvent(line, stray=True))
