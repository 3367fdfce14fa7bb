"""Files that are there whole or not at all, whatever ends the program in between."""

import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_NUMBERED = 100
"""Names that are tried before one is drawn by lot."""
_LONGEST_SLUG = 60


def slug(text: str, *, fallback: str = "untitled") -> str:
    """`text` as a part of a file's name: lower-case ASCII words with dashes, never a path or a dot file."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    return "-".join(words)[:_LONGEST_SLUG].strip("-") or fallback


def about(error: OSError, path: Path) -> OSError:
    """`error` with the file that it is about: a full disk does not name it."""
    return OSError(error.errno, error.strerror, str(path))


def in_words(error: OSError) -> str:
    """What went wrong, for a person: the file, where it is known, and why."""
    why = error.strerror or str(error)
    return f"{error.filename}: {why}" if error.filename else why


def write_new(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Write `data` under a name that no file in `folder` has yet: `stem`, `stem-2`, ...; mode 0600.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """
    temporary = _write_temporary(folder / f"{stem}{suffix}", (data,), 0o600)
    try:
        for ending in _endings():
            path = folder / f"{stem}{ending}{suffix}"
            with suppress(FileExistsError):
                _link_new(temporary, path)
                break
        else:
            raise FileExistsError(f"{folder}: every name like {stem}{suffix} is taken")
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(folder)
    return path


def _endings() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in range(2, _NUMBERED))
    yield from (f"-{secrets.token_hex(4)}" for _ in range(_NUMBERED))


def create_file(path: Path, data: bytes) -> None:
    """Write `data` to a new file of the user's usual mode, and never over another.

    Raises:
        FileExistsError: There is one of that name, be it a link that leads nowhere.
        OSError: It could not be written; nothing is left behind.
    """
    temporary = _write_temporary(path, (data,), 0o666)
    try:
        _link_new(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def replace_file(path: Path, data: bytes) -> None:
    """As `replace_file_by_pieces`, in one."""
    replace_file_by_pieces(path, (data,))


def replace_private(path: Path, data: bytes) -> None:
    """Write `data` to a file of the program's own, over what was there; mode 0600.

    Raises:
        OSError: It could not be written; what was there is as it was.
    """
    temporary = _write_temporary(path, (data,), 0o600)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def replace_file_by_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write `pieces` to the file that the user named, over what was there.

    A new file gets the user's usual mode and an old one keeps its own; a link is replaced, not followed;
    what is no regular file (a pipe, a device) is written to.

    Raises:
        OSError: It could not be written; what was there is as it was.
    """
    mode: int | None = None
    with suppress(FileNotFoundError):
        found = path.lstat().st_mode
        if stat.S_ISDIR(found):
            raise IsADirectoryError(f"{path} is a folder")
        if stat.S_ISREG(found):
            mode = stat.S_IMODE(found)
        elif not stat.S_ISLNK(found):
            with path.open("wb") as file:
                file.writelines(pieces)
            return
    temporary = _write_temporary(path, pieces, 0o666)
    try:
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write_temporary(target: Path, pieces: Iterable[bytes], mode: int) -> Path:
    """A new file beside `target`, which errors are about."""
    path = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except OSError as error:
        raise about(error, target) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise about(error, target) from None
    return path


def _link_new(temporary: Path, path: Path) -> None:
    """Give the file its name; where a file system has no hard links, by taking the name first."""
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        temporary.replace(path)


def _sync_folder(folder: Path) -> None:
    """Make the new name last too; a file system that cannot is left alone."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
