"""Removes what a writer that was killed has left behind: temporary files that have grown old."""

import os
import re
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"\.[0-9a-f]{16}\.tmp")
"""What `atomic` and `prompts` write to before a file gets its own name."""
_OLD = 24 * 60 * 60
"""Seconds; a writer needs one, unless it was stopped or the machine was asleep."""


def remove_leftovers(folders: Iterable[Path], *, now: float | None = None) -> list[Path]:
    """Remove old temporary files of the user's own from the program's folders; what was removed.

    A folder or file that cannot be looked at or removed is left as it is: nothing depends on it.

    Args:
        folders: What is in folders inside of them is not looked at.
        now: Seconds since 1970.
    """
    oldest = (time.time() if now is None else now) - _OLD
    removed: list[Path] = []
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for path in [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]:
                with suppress(OSError):
                    if _is_leftover(path.lstat(), oldest):
                        path.unlink()
                        removed.append(path)
    return removed


def _is_leftover(found: os.stat_result, oldest: float) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and found.st_mtime < oldest
