"""Gives back what ended calls leave behind, at moments when it holds up nobody."""

import asyncio
import ctypes
import gc
from contextlib import suppress

_PAUSE = 0.2
"""Seconds without calls after which memory goes back to the system, which takes some ms."""


class Tidier:
    """Of one event loop."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._trim = getattr(_own_library(), "malloc_trim", None)  # glibc's

    def busy(self) -> None:
        """There are calls."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def idle(self) -> None:
        """There are none now."""
        self.busy()
        self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._tidy)

    def _tidy(self) -> None:
        self._timer = None
        gc.collect()
        if self._trim is not None:
            self._trim(0)


def _own_library() -> ctypes.CDLL | None:
    with suppress(OSError, TypeError):
        return ctypes.CDLL(None)
    return None
