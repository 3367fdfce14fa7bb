"""Where the program's own files lie: the folders of the platform, private to the user."""

import errno
import os
import stat
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from platformdirs import user_config_path, user_data_path, user_state_path

APP = "ostream-compare"
_IN_THE_WAY = "this is no folder, and one is needed here: move it away"


def data_folder() -> Path:
    """Runs and what belongs to them."""
    return user_data_path(APP, appauthor=False)


def results_folder() -> Path:
    """Saved comparisons."""
    return data_folder() / "results"


def state_folder() -> Path:
    """What is remembered between two starts."""
    return user_state_path(APP, appauthor=False)


def config_file() -> Path:
    """The models that are used when none are named."""
    return user_config_path(APP, appauthor=False) / "models.toml"


def private_folder(path: Path) -> Path:
    """`path` as a folder that only the user can enter; what of it is missing is made so.

    Raises:
        OSError: It cannot be made.
    """
    for folder in reversed((path, *path.parents)):
        if not folder.is_dir():
            try:
                folder.mkdir(mode=0o700, exist_ok=True)
            except FileExistsError:
                raise NotADirectoryError(errno.ENOTDIR, _IN_THE_WAY, str(folder)) from None
    if path.stat().st_uid == os.getuid():
        path.chmod(0o700)
    return path


def opened_at_once(path: Path) -> BinaryIO:
    """A file of the program's own, for reading; a pipe or device in its place has nothing in it for us.

    Raises:
        OSError: It cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return BytesIO()
