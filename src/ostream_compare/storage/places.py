"""Whether a file can be written where a person wants it, as far as that shows before it is tried."""

import os
import secrets
import shutil
import stat
from pathlib import Path

_TRIED = 16 * 1024
"""Bytes; a small run takes as many."""


def why_not(path: Path) -> str | None:
    """What is in the way of a file at `path`, in words; `None` where nothing is to be seen."""
    folder = path.parent
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = False
    except OSError as error:
        return f"{folder} cannot be reached: {error.strerror}"
    if not is_folder:
        return f"there is no folder {folder}"
    return _why_not_in(folder, path) if os.access(folder, os.X_OK) else f"{folder} may not be entered"


def _why_not_in(folder: Path, path: Path) -> str | None:
    try:
        if os.path.isdir(path):  # noqa: PTH112 - no error where it cannot be told
            return f"{path} is a folder: name a file in it"
        is_replaced = stat.S_IFMT(path.lstat().st_mode) in {stat.S_IFREG, stat.S_IFLNK}
    except FileNotFoundError:
        return None if os.access(folder, os.W_OK) else f"{folder} may not be written to"
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    except ValueError:  # a name of no system, as who writes says
        return None
    if is_replaced and not os.access(folder, os.W_OK):  # a new file takes its place
        return f"{folder} may not be written to"
    return None


def is_same_file(path: str, other: str) -> bool:
    """Whether both name one regular file that there is."""
    try:
        return os.path.samefile(path, other) and os.path.isfile(path)  # noqa: PTH113, PTH121 - any text will do
    except (OSError, ValueError):
        return False


def check_room(folder: Path) -> int:
    """Write a small file into `folder`, wait until it lasts, and remove it; the bytes that are free then.

    Raises:
        OSError: It could not be written.
    """
    path = folder / f".{secrets.token_hex(8)}.tmp"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"\0" * _TRIED)
            file.flush()
            os.fsync(descriptor)
    finally:
        path.unlink(missing_ok=True)
    return shutil.disk_usage(folder).free
