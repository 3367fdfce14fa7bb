"""The index of the history: one row a run, in SQLite. It holds nothing that the logs do not."""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from zlib import crc32

from ostream_compare.domain.past_run import PastRun, PastState

VERSION = 5
"""Of the tables, in `user_version`."""
_BUSY_MS = 5000
_TRIES = 6
"""Times that a write is tried; each waits for up to `_BUSY_MS`."""
_TRIGRAM = 3
"""Shorter words than this are not in the full-text index."""
_SCHEMA: Final = """
CREATE TABLE runs (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started_at TEXT NOT NULL, title TEXT NOT NULL,
  prompts INTEGER NOT NULL, rounds INTEGER NOT NULL, models TEXT NOT NULL, complete INTEGER NOT NULL,
  limited INTEGER NOT NULL, stopped INTEGER NOT NULL, asked INTEGER NOT NULL, state TEXT NOT NULL,
  cost_usd TEXT, cost_partial INTEGER NOT NULL, votes INTEGER NOT NULL, demo INTEGER NOT NULL,
  cost_cut INTEGER NOT NULL, cost_estimated INTEGER NOT NULL,
  size INTEGER NOT NULL, changed INTEGER NOT NULL, checksum INTEGER NOT NULL
);
"""
_TEXTS: Final = "CREATE VIRTUAL TABLE texts USING fts5(body, tokenize = 'trigram')"
_PLAIN_TEXTS: Final = "CREATE TABLE texts (body TEXT NOT NULL)"
_COLUMNS: Final = (
    "id, started_at, title, prompts, rounds, models, complete, limited, stopped, asked, state, cost_usd, "
    "cost_partial, votes, demo, cost_cut, cost_estimated, size, changed"
)

Result = TypeVar("Result")
Stamp = tuple[int, int]
"""Size and time of change of a log, by which a row is known to be current."""


class NewerIndexError(Exception):
    """A newer version of the program made the file."""


class Index:
    """For any thread; methods raise `sqlite3.Error`, after `close` too."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._turn = threading.Lock()
        """SQLite does not survive a connection that is closed on one thread and read on another."""
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'texts'").fetchone()
        self._fts = "fts5" in str(sql[0])

    @classmethod
    def open(cls, path: Path | None) -> "Index":
        """The index at `path`, made if there is none; without a path, one in memory.

        Raises:
            NewerIndexError: Leave it alone.
            sqlite3.DatabaseError: It is damaged, or cannot be opened (`sqlite3.OperationalError`).
            OSError: It cannot be made.
        """
        if path is not None:
            # SQLite gives its other files the mode of this one.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        connection = sqlite3.connect(
            ":memory:" if path is None else path,
            timeout=_BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _patiently(lambda: _prepare(connection))
            return cls(connection)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Wait for whoever uses it; a second call changes nothing."""
        with self._turn:
            self._connection.close()

    def stamps(self) -> dict[str, Stamp]:
        """Of the logs as they were when they were indexed, by the run's id."""
        rows = map(_sound, self._rows(f"SELECT {_COLUMNS}, checksum FROM runs"))  # noqa: S608 - names
        return {str(run): (size, changed) for run, *_, size, changed in rows}

    def stamp_of(self, run: str) -> Stamp | None:
        """The one of a run, if it was indexed."""
        found = self._rows(f"SELECT {_COLUMNS}, checksum FROM runs WHERE id = ?", (run,))  # noqa: S608 - names
        return next(((size, changed) for *_, size, changed in map(_sound, found)), None)

    def put(self, runs: Iterable[tuple[PastRun, str, Stamp]]) -> None:
        """Add or replace runs, each with its text and its log's stamp, in one transaction."""
        rows = list(runs)

        def write(connection: sqlite3.Connection) -> None:
            for run, text, stamp in rows:
                _forget(connection, run.id)
                row = (*_row(run), *stamp)
                values = (*row, _checksum(row))
                marks = ", ".join("?" * len(values))
                added = connection.execute(
                    f"INSERT INTO runs ({_COLUMNS}, checksum) VALUES ({marks})",  # noqa: S608 - names and marks
                    values,
                )
                connection.execute(
                    "INSERT INTO texts (rowid, body) VALUES (?, ?)",
                    (added.lastrowid, text.replace("\0", " ")),
                )

        if rows:
            self._write(write)

    def delete(self, ids: Iterable[str]) -> None:
        """Forget runs; no word of them is left in the file."""
        gone = list(ids)

        def write(connection: sqlite3.Connection) -> None:
            for run in gone:
                _forget(connection, run)
            if self._fts:  # its tree keeps what was deleted until it is merged
                connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")

        if gone:
            self._write(write)
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def page(self, search: str = "", *, limit: int = 50, offset: int = 0) -> list[PastRun]:
        """Runs that have every word of `search` somewhere, the newest first."""
        where, values = self._where(search)
        # `+id` is read from the rows, as in `stamps`: a damaged b-tree of ids shows nothing wrong.
        rows = self._rows(
            f"SELECT {_COLUMNS}, checksum FROM runs{where} ORDER BY +id DESC LIMIT ? OFFSET ?",  # noqa: S608 - no value in it
            (*values, limit, offset),
        )
        return [_past_run(_sound(row)) for row in rows]

    def count(self, search: str = "") -> int:
        """How many there are of them."""
        where, values = self._where(search)
        return int(self._rows(f"SELECT count(*) FROM runs{where}", values)[0][0])  # noqa: S608 - as above

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._connection.execute(query, tuple(values)).fetchall()

    def _where(self, search: str) -> tuple[str, list[str]]:
        words = search.casefold().split()
        long = [word for word in words if self._fts and len(word) >= _TRIGRAM]
        tests: list[str] = []
        values: list[str] = []
        if long:
            tests.append("number IN (SELECT rowid FROM texts WHERE texts MATCH ?)")
            values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in long))
        for word in words:
            if word not in long:
                tests.append("number IN (SELECT rowid FROM texts WHERE instr(body, ?))")
                values.append(word)
        return (" WHERE " + " AND ".join(tests) if tests else ""), values

    def _write(self, step: Callable[[sqlite3.Connection], None]) -> None:
        def once() -> None:
            with self._turn, _transaction(self._connection):
                step(self._connection)

        _patiently(once)


def _forget(connection: sqlite3.Connection, run: str) -> bool:
    """Whether there was such a row."""
    connection.execute("DELETE FROM texts WHERE rowid = (SELECT number FROM runs WHERE id = ?)", (run,))
    return connection.execute("DELETE FROM runs WHERE id = ?", (run,)).rowcount > 0


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise


def _patiently(step: Callable[[], Result]) -> Result:
    """SQLite's own waiting is not fair: of many writers one may wait for longer than its patience."""
    for left in reversed(range(_TRIES)):
        try:
            return step()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or not left:
                raise
        time.sleep(0.01)
    raise AssertionError("unreachable")


def _prepare(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    if version > VERSION:
        raise NewerIndexError(f"format {version}, this program knows {VERSION}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    if version == VERSION:
        _check(connection)
        return
    with _transaction(connection):
        if _version(connection) == VERSION:  # another program was faster
            return
        for name in ("runs", "texts"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(_SCHEMA)
        try:
            connection.execute(_TEXTS)
        except sqlite3.OperationalError:  # an SQLite that was built without it
            connection.execute(_PLAIN_TEXTS)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _check(connection: sqlite3.Connection) -> None:
    """Raise `sqlite3.DatabaseError` where the rows do not hang together.

    The texts are many times as large, and are not looked through: their damage shows when they are searched.
    """
    (found,) = connection.execute("PRAGMA quick_check('runs')").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _row(run: PastRun) -> tuple[str | int | None, ...]:
    return (
        run.id,
        run.started_at,
        run.title,
        run.prompts,
        run.rounds,
        json.dumps(run.models),
        run.complete,
        run.limited,
        run.stopped,
        run.asked,
        run.state,
        run.cost_usd,
        int(run.cost_partial),
        run.votes,
        int(run.demo),
        int(run.cost_cut),
        int(run.cost_estimated),
    )


def _checksum(row: Sequence[object]) -> int:
    """Of a row: SQLite does not notice a changed letter or digit."""
    return crc32(repr(row).encode("utf-8", "surrogatepass"))


def _sound(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row without its checksum.

    Raises:
        ValueError: It is not what was written.
    """
    if _checksum(row[:-1]) != row[-1]:
        raise ValueError("a row is damaged")
    return row[:-1]


def _past_run(row: Sequence[object]) -> PastRun:
    run, started_at, title, prompts, rounds, models, complete, limited, stopped, asked, *rest = row
    state, cost, partial, votes, demo, cut, estimated, *_ = rest
    return PastRun(
        id=str(run),
        started_at=str(started_at),
        title=str(title),
        prompts=cast("int", prompts),
        rounds=cast("int", rounds),
        models=tuple(json.loads(str(models))),
        complete=cast("int", complete),
        limited=cast("int", limited),
        stopped=cast("int", stopped),
        asked=cast("int", asked),
        state=cast("PastState", state),
        cost_usd=None if cost is None else str(cost),
        cost_partial=bool(partial),
        votes=cast("int", votes),
        demo=bool(demo),
        cost_cut=bool(cut),
        cost_estimated=bool(estimated),
    )


def is_damage(error: sqlite3.Error | ValueError) -> bool:
    """Whether an error says that an index does not hold what was written; not that it is in use."""
    if isinstance(error, sqlite3.OperationalError):
        # No such table, text that is none; any other code is about the disk or a lock.
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR
    return not isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError)


def set_aside(path: Path) -> Path:
    """Give a damaged index, with what belongs to it, a dated name; the new name."""
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        source = path.with_name(path.name + ending)
        if source.exists():
            source.rename(aside.with_name(aside.name + ending))
    return aside
