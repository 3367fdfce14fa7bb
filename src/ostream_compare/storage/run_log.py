"""The log of a run: one record a line, appended as it happens, each with its checksum.

A line is eight hex digits (CRC-32 of the rest), a space, and a record of `domain.recorded` as JSON.
Whoever writes a log holds a lock on it, so that an unfinished log without one was interrupted.
"""

import fcntl
import os
import re
import time
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from zlib import crc32

from pydantic import ValidationError

from ostream_compare.domain.comparison import Comparison, Response, Vote
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.recorded import (
    FORMAT,
    RECORDS,
    Finished,
    Header,
    Record,
    Voted,
)
from ostream_compare.domain.retelling import Retelling, comparison_of, retold
from ostream_compare.domain.run_ids import id_above
from ostream_compare.domain.safe_text import escape
from ostream_compare.domain.spelling import json_escape
from ostream_compare.storage.atomic import about
from ostream_compare.storage.paths import data_folder, private_folder

SUFFIX = ".jsonl"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_NEWER = re.compile(rb'"format":(\d+)')
_ID_TRIES = 100
"""More programs than begin a run at once."""
_LOCK_TRIES = 10
_LOCK_PAUSE = 0.005
"""Seconds."""
_CHECKSUM = 9
"""Bytes before the record."""


def runs_folder(data: Path | None = None) -> Path:
    """Where the logs lie, in the program's data folder or another one."""
    return (data_folder() if data is None else data) / "runs"


def log_path(run: str, data: Path | None = None) -> Path:
    """Where the log of a run is, or would be."""
    return runs_folder(data) / (run + SUFFIX)


class RunLog:
    """A log that is open for appending; every method may raise `OSError`."""

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._size = size
        """Bytes of whole lines."""

    @classmethod
    def create(cls, header: Header, folder: Path | None = None) -> "RunLog":
        """A new log in `folder` (the user's own by default), with its header; never over another file.

        Raises:
            OSError: It could not be made.
        """
        into = private_folder(runs_folder() if folder is None else folder)
        if not _RUN_ID.fullmatch(header.id):
            raise ValueError(f"{header.id!r} is no name of a file")
        path = into / (header.id + SUFFIX)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        log = cls(path, descriptor, 0)
        try:
            _lock(descriptor)
            log.append(header)
        except OSError:
            log.close()
            path.unlink(missing_ok=True)
            raise
        return log

    @classmethod
    def create_last(cls, header: Header, folder: Path | None = None) -> "RunLog":
        """As `create`, by the header's id, or the next one that sorts after those of all logs.

        Raises:
            OSError: It could not be made.
        """
        where = runs_folder() if folder is None else folder
        for left in reversed(range(_ID_TRIES)):
            run = id_above(header.id, _ids(where))
            try:
                return cls.create(replace(header, id=run), where)
            except FileExistsError:  # another program took it a moment ago
                if not left:
                    raise
        raise AssertionError("unreachable")

    @property
    def run(self) -> str:
        """The id of the run."""
        return self.path.name.removesuffix(SUFFIX)

    @classmethod
    def reopen(cls, path: Path) -> "RunLog":
        """A log that is there, to go on with: a torn last line is cut off.

        Raises:
            BlockingIOError: Another program writes it.
            OSError: It cannot be opened.
            UserError: It is no log of this version.
        """
        read_run(path)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW)
        try:
            _lock(descriptor)
            size = _whole_lines(descriptor)
            os.ftruncate(descriptor, size)
        except OSError:
            os.close(descriptor)
            raise
        return cls(path, descriptor, size)

    def append(self, *records: Record) -> None:
        """Add records in one write; what could not be written whole leaves nothing behind.

        Raises:
            OSError: The disk took them not; the log is as it was.
        """
        if not records:
            return
        lines = b"".join(line_of(record) for record in records)
        written = 0
        try:
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise about(error, self.path) from None
        self._size += len(lines)

    def vote(self, vote: Vote) -> None:
        """Add a judgement."""
        self.append(Voted(vote=vote))

    def sync(self) -> None:
        """Wait until everything is on the disk; not for the thread of a screen."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Give the lock back; a second call changes nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class RecordedRun:
    """A log that is read; memory does not grow with it, for records are read as they are asked for."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        self.damaged = 0
        """Lines that the last reading left out because their checksum is wrong; a torn last one is none."""

    def records(self, *, deltas: bool | Collection[tuple[int, int]] = True) -> Iterator[Record]:
        """Everything after the header, in order.

        Args:
            deltas: Whether the pieces of answers are wanted too, or those of which prompts and rounds; their
                verdicts have the whole texts.
        """
        self.damaged = 0
        rounds = () if isinstance(deltas, bool) else deltas
        wanted = tuple(b'"prompt":%d,"round":%d,"type":"delta"}' % place for place in rounds)
        with _opened(self.path) as descriptor:
            for line in _lines(descriptor):
                payload = _checked(line)
                if payload is None:
                    self.damaged += 1
                elif deltas is True or not payload.endswith(b'"type":"delta"}') or payload.endswith(wanted):
                    record = _record(payload)
                    if record is None:
                        self.damaged += 1
                    elif not isinstance(record, Header):
                        yield record

    def verdicts(self) -> Iterator[Finished]:
        """Of every lane that has one, warm-ups and replaced answers among them."""
        return (record for record in self.records(deltas=False) if isinstance(record, Finished))

    def responses(self) -> Iterator[Response]:
        """Of every verdict, placed at its prompt and round."""
        for found in self.verdicts():
            place = {"prompt": found.prompt, "round": found.round}
            yield found.event.response.model_copy(update=place)

    def retold(self) -> Retelling:
        """What came of it."""
        return retold(self.header, self.records())


def read_run(path: Path) -> RecordedRun:
    """A log and its header.

    Raises:
        UserError: It cannot be read, is no log, or is a newer version's.
    """
    try:
        with _opened(path) as descriptor:
            first = next(_lines(descriptor), b"")
    except OSError as error:
        problem = Problem(path=str(path), message=f"cannot be read: {error.strerror or error}")
        raise UserError("Cannot read the run", problem) from None
    payload = _checked(first)
    header = None if payload is None else _record(payload)
    if isinstance(header, Header) and header.format <= FORMAT:
        return RecordedRun(path, header)
    newer = _NEWER.search(payload or b"")
    message = "is no log of a run, or its first line is damaged"
    if newer is not None and int(newer[1]) > FORMAT:
        message = (
            f"was written by a newer version of the program: format {int(newer[1])}, this one reads {FORMAT}"
        )
    raise UserError("Cannot read the run", Problem(path=str(path), message=message))


def recorded_comparison(path: Path, *, compared: bool = True) -> Comparison:
    """What the run of a log would have been saved as; lanes without a verdict are cancelled, with their text.

    Raises:
        UserError: As `read_run`.
    """
    return comparison_of(read_run(path).retold(), compared=compared)


def is_being_written(path: Path) -> bool:
    """Whether a living program has a log open for appending."""
    try:
        with _opened(path) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is gone, or its file system has no locks
        return False
    return False


def run_logs(folder: Path | None = None) -> list[Path]:
    """All logs, the newest first; their names sort by time."""
    where = runs_folder() if folder is None else folder
    try:
        names = [path.name for path in where.iterdir() if path.suffix == SUFFIX]
    except FileNotFoundError:
        return []
    return [where / name for name in sorted(names, reverse=True)]


def _ids(folder: Path) -> list[str]:
    """Of all logs, as fast as it goes: this is asked before a run begins."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name.removesuffix(SUFFIX) for entry in entries if entry.name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []


def line_of(record: Record) -> bytes:
    """A record as its line in the log."""
    payload = RECORDS.dump_json(record)
    if not payload.isascii() or b"\x7f" in payload:  # JSON leaves bare what a terminal obeys
        payload = escape(payload.decode(), json_escape).encode()
    return b"%08x %b\n" % (crc32(payload), payload)


def _checked(line: bytes) -> bytes | None:
    payload = line[_CHECKSUM:].rstrip(b"\n")
    return payload if line[:_CHECKSUM] == b"%08x " % crc32(payload) else None


def _record(payload: bytes) -> Record | None:
    try:
        return RECORDS.validate_json(payload)
    except ValidationError:
        return None


@contextmanager
def _opened(path: Path) -> Generator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe is no log
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lines(descriptor: int) -> Iterator[bytes]:
    """Whole lines; what follows the last newline is torn, and left out."""
    with os.fdopen(os.dup(descriptor), "rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


def _whole_lines(descriptor: int) -> int:
    """Bytes up to the end of the last line that is whole and right; a damaged one before it stays."""
    right = size = 0
    for line in _lines(descriptor):
        size += len(line)
        if _checked(line) is not None:
            right = size
    return right


def _lock(descriptor: int) -> None:
    """Keep other writers out; whoever only looks whether there is one holds a lock for a moment, too."""
    for left in reversed(range(_LOCK_TRIES)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise
            time.sleep(_LOCK_PAUSE)
        except OSError:  # a file system without locks: nobody can be kept out
            return
        else:
            return
