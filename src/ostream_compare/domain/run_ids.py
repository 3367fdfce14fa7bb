"""Ids of runs: the moment at which one began, spelled so that ids sort by time."""

import re
from collections.abc import Iterable
from datetime import MAXYEAR, UTC, datetime, timedelta

_SHAPE = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
_TICKS = 1 << 16
"""Of a second: the last four hex digits count them."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def new_run_id(now: datetime) -> str:
    """An id that sorts by time: `20261122-073012-4f2a`, of which `4f2a` is the part of the second."""
    whole, part = divmod(now - _EPOCH, _SECOND)
    return _spelled(whole * _TICKS + part * _TICKS // _SECOND)


def id_above(run: str, taken: Iterable[str]) -> str:
    """`run` if it sorts after all of `taken`, else the next id after the last of them.

    What runs begin with is the wall clock, which stands still for two of them and may be put back. Names in
    `taken` that are no ids have no say.
    """
    rivals = sorted((name for name in taken if name >= run), reverse=True)
    last = next((tick for name in rivals if (tick := _tick(name)) is not None), None)
    return run if last is None else _spelled(last + 1)


def _tick(run: str) -> int | None:
    """The ticks from 1970 to an id; `None` of what is none, and in the last year that there is."""
    if not _SHAPE.fullmatch(run):
        return None
    try:
        moment = datetime.fromisoformat(f"{run[:8]}T{run[9:15]}+00:00")
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // _SECOND
    return None if moment.year == MAXYEAR else seconds * _TICKS + int(run[16:], 16)


def _spelled(tick: int) -> str:
    seconds, part = divmod(tick, _TICKS)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y%m%d-%H%M%S}-{part:04x}"
