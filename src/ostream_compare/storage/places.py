"""Whether a file can be written where a person wants it, as far as that shows before it is tried."""

import os
import stat
from pathlib import Path


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
        path.lstat()
    except FileNotFoundError:
        return None if os.access(folder, os.W_OK) else f"{folder} may not be written to"
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    except ValueError:  # a name of no system, as who writes says
        return None
    return None
