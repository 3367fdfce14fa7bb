"""A socket that knows when the kernel received what it reads: no loop, however late, is in that stamp.

Linux stamps every packet on request (`SO_TIMESTAMPNS`) and hands the stamp out beside the data. Where a
system does not, `received_at` is `None` and a reader stamps for itself.
"""

import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from typing_extensions import Buffer

_SO_TIMESTAMPNS = 35
"""As Linux numbers it on all but three old kinds of machine; the module `socket` has no name for it."""
_TIMESPEC = struct.Struct("@qq")
_ROOM = socket.CMSG_SPACE(_TIMESPEC.size) if hasattr(socket, "CMSG_SPACE") else 0
_NS = 1_000_000_000
_SET = _NS
"""By how much the wall clock is ahead of where it was when it was set; a stopped process sets no clock."""
_QUICK = 20_000
"""Nanoseconds within which two clocks read one after the other count as read at once."""
_TRIES = 3

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
_Ancillary = Sequence[tuple[int, int, bytes]]


class StampedSocket(socket.socket):
    """A stream socket whose `recv` and `recv_into` note the kernel's stamp of the last packet in them."""

    received_at: int | None = None
    """Of the last read, on the clock of `time.perf_counter_ns()`; never before that of an earlier read."""
    _asked = False
    """Whether the kernel gives stamps."""
    _latest = 0
    _ahead = 0
    """Nanoseconds that the wall clock was ahead of the other one, when last looked at."""

    @classmethod
    def of(cls, address: AddressInfo) -> "StampedSocket":
        """A socket that is not connected yet, for one address of `getaddrinfo`."""
        family, kind, proto, _, _ = address
        stamped = cls(family, kind, proto)
        wall, now = _clocks()
        stamped._ahead = wall - now
        if sys.platform == "linux":
            with suppress(OSError):  # a kernel of another make
                stamped.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
                stamped._asked = True
        return stamped

    @override
    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        if not self._asked:
            return super().recv(bufsize, flags)
        data, ancillary, _, _ = super().recvmsg(bufsize, _ROOM, flags)
        self._note(ancillary)
        return data

    @override
    def recv_into(self, buffer: "Buffer", nbytes: int = 0, flags: int = 0) -> int:
        if not self._asked:
            return super().recv_into(buffer, nbytes, flags)
        view: Any = memoryview(buffer)[:nbytes] if nbytes else buffer
        count, ancillary, _, _ = super().recvmsg_into([view], _ROOM, flags)
        self._note(ancillary)
        return count

    def _note(self, ancillary: _Ancillary) -> None:
        stamp = next(
            (
                _TIMESPEC.unpack(data)
                for level, kind, data in ancillary
                if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS) and len(data) == _TIMESPEC.size
            ),
            None,
        )
        if stamp is None:  # the end of the stream, or a kernel that has none
            self.received_at = None
            return
        wall, now = _clocks()
        age = wall - (stamp[0] * _NS + stamp[1])
        was_set = abs(wall - now - self._ahead) > _SET
        self._ahead = wall - now
        if was_set or age < 0:
            self.received_at = None
            return
        self.received_at = self._latest = max(self._latest, now - age)


def _clocks() -> tuple[int, int]:
    """Wall clock and `perf_counter_ns`, read at once."""
    readings = [_reading()]
    while readings[-1][0] > _QUICK and len(readings) < _TRIES:
        readings.append(_reading())
    _, wall, now = min(readings)
    return wall, now


def _reading() -> tuple[int, int, int]:
    """How long it took to read both clocks, and the clocks."""
    before = time.perf_counter_ns()
    wall = time.time_ns()
    after = time.perf_counter_ns()
    return after - before, wall, (before + after) // 2
