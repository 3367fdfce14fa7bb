"""Files that the user trusts with well-known keys, by the hash of their bytes: a changed one is another."""

import os
from datetime import UTC, datetime
from pathlib import Path

from ostream_compare.storage.paths import data_folder, opened_at_once, private_folder

_NAME = "trusted"
_LENGTH = 64
"""Hex digits of a SHA-256."""


def is_trusted(sha256: str | None, folder: Path | None = None) -> bool:
    """Whether the file with this hash was trusted on this machine."""
    if sha256 is None:
        return False
    try:
        with opened_at_once(_path(folder)) as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:  # none was ever trusted, or nobody can tell
        return False
    return any(line[:_LENGTH] == sha256 for line in text.splitlines())


def trust(sha256: str, path: str, folder: Path | None = None) -> None:
    """Remember that the file with this hash may use well-known keys for the addresses that it names.

    Raises:
        OSError: It could not be written.
    """
    if is_trusted(sha256, folder):
        return
    into = private_folder(data_folder() if folder is None else folder)
    name = path.encode("unicode_escape").decode()  # one line, whatever the path holds
    line = f"{sha256} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {name}\n"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(into / _NAME, flags, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _path(folder: Path | None) -> Path:
    return (data_folder() if folder is None else folder) / _NAME
