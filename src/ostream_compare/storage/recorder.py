"""Logs the runs of a sitting as they happen; what waits for the disk waits on a thread of its own."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from ostream_compare.domain.errors import UserError
from ostream_compare.domain.preset import Retention
from ostream_compare.domain.recorded import Finished, Header, Record, RunEnded, Unvoted, Voted
from ostream_compare.storage.atomic import in_words
from ostream_compare.storage.history import History
from ostream_compare.storage.leftovers import remove_leftovers
from ostream_compare.storage.paths import data_folder, results_folder, state_folder
from ostream_compare.storage.run_log import RunLog, log_path, runs_folder


class Recorder:
    """One log at a time: that of the present run. A disk that fails is told of once, and stops no run.

    Args:
        folder: The program's data folder by default.
        retention: What is kept of all runs; applied when the first one begins, which counts.
    """

    def __init__(self, folder: Path | None = None, *, retention: Retention | None = None) -> None:
        self.folder = folder
        """The program's data folder; `None` is the user's own."""
        self._log: RunLog | None = None
        self._run: str | None = None
        self._waiting: list[Record] = []
        self._clerk = _Clerk(folder)
        self._told: set[str] = set()
        self.tell: Callable[[str], object] = lambda _: None
        """Called with what a person should know, from any thread."""
        self.note: Callable[[str], object] = lambda _: None
        """Called with what a person may like to know, from any thread."""
        self._retention = retention
        self._has_begun = False
        self._is_indexed = False
        """All that was there; what is added is indexed one by one."""

    @property
    def is_logging(self) -> bool:
        """Whether everything of the present run is in its log."""
        return self._log is not None

    def begin(self, header: Header) -> str:
        """A run begins: it gets a log of its own, and its id, which is the header's or one above it."""
        self._put_away()
        try:
            self._log = RunLog.create_last(header, runs_folder(self.folder))
        except OSError as error:
            self._give_up(error)
        self._run = header.id if self._log is None else self._log.run
        if not self._has_begun:
            self._has_begun = True
            self._clerk.do(self._tidy)
        rule, self._retention = self._retention, None
        if rule not in (None, Retention()):
            self._clerk.do(lambda: self._retain(rule))
        return self._run

    def go_on(self, run: str, log: RunLog) -> None:
        """A run that was interrupted goes on in its own log, which is open for appending."""
        self._put_away()
        self._run, self._log = run, log

    def add(self, run: str, *records: Record) -> None:
        """Something happened to a run. What one turn of the event loop brings is one write."""
        if run != self._run:
            self._add_to_earlier(run, records)
            return
        if self._log is None:
            return
        if not self._waiting:
            try:
                asyncio.get_running_loop().call_soon(self.flush)
            except RuntimeError:  # no loop: nothing to wait for
                self._waiting += records
                self.flush()
                return
        self._waiting += records

    def flush(self) -> None:
        """Write what waits."""
        records, self._waiting = self._waiting, []
        log = self._log
        if log is None or not records:
            return
        try:
            log.append(*records)
        except OSError as error:
            self._give_up(error)
            return
        if any(isinstance(record, RunEnded) for record in records):
            self._clerk.do(lambda: self._settle(log))
        elif any(isinstance(record, Finished | Voted | Unvoted) for record in records):
            self._clerk.sync(log)

    def close(self, limit: float = 5.0) -> None:
        """Write what waits, and wait for the disk, for `limit` seconds at most."""
        self._put_away()
        self._clerk.stop(limit)

    def _put_away(self) -> None:
        self.flush()
        log, self._log, self._run = self._log, None, None
        if log is not None:
            self._clerk.do(lambda: self._close(log))

    def _add_to_earlier(self, run: str, records: tuple[Record, ...]) -> None:
        """A vote on a run that is over."""
        path = log_path(run, self.folder)

        def write() -> None:
            try:
                log = RunLog.reopen(path)
                try:
                    log.append(*records)
                    log.sync()
                finally:
                    log.close()
            except (OSError, UserError) as error:
                self._tell(f"A vote on {run} is not kept: {error}")
            else:
                self._try(lambda: self._index(run))

        self._clerk.do(write)

    # On the clerk's thread

    def _settle(self, log: RunLog) -> None:
        self._try(log.sync)
        self._try(lambda: self._index(log.run))

    def _close(self, log: RunLog) -> None:
        self._try(log.sync)
        log.close()
        self._try(lambda: self._index(log.run))

    def _index(self, run: str) -> None:
        history = self._clerk.history
        if self._is_indexed:
            history.refresh_run(run)
        else:
            history.refresh()
            self._is_indexed = True
        self._tell_all(history)

    def _retain(self, rule: Retention) -> None:
        def forget() -> None:
            history = self._clerk.history
            gone = len(history.retain(rule))
            self._tell_all(history)
            if gone:
                runs = "1 earlier run is" if gone == 1 else f"{gone} earlier runs are"
                self.note(f"{runs} deleted from the history, as [history] in the file says")

        self._try(forget)

    def _tidy(self) -> None:
        if self.folder is None:
            remove_leftovers((data_folder(), results_folder(), state_folder()))
        else:
            remove_leftovers((self.folder, self.folder / "results"))

    def _tell_all(self, history: History) -> None:
        for notice in history.notices:
            self._tell(notice)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (OSError, sqlite3.Error) as error:
            self._tell(f"The history is not up to date: {error}. It is brought up to date from the logs.")

    def _give_up(self, error: OSError) -> None:
        log, self._log = self._log, None
        self._waiting.clear()
        if log is not None:
            log.close()
        why = in_words(error)
        self._tell(f"This run is not logged any further: {why}. It goes on, and is saved at its end.")

    def _tell(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self.tell(text)


class _Clerk:
    """A thread that waits for the disk; it is started when there is something to do."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._syncing = threading.Event()
        self._history: History | None = None

    @property
    def history(self) -> History:
        """Open since its first use; for the thread alone."""
        if self._history is None:
            self._history = History(self._folder)
        return self._history

    def do(self, job: Callable[[], None]) -> None:
        """After everything that was asked for before."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def sync(self, log: RunLog) -> None:
        """What is written by now lasts; many verdicts at once cost one wait."""
        if self._syncing.is_set():
            return
        self._syncing.set()

        def job() -> None:
            self._syncing.clear()
            try:
                log.sync()
            except OSError:  # the next write says why
                return

        self.do(job)

    def stop(self, limit: float) -> None:
        """Do what was asked for, within `limit` seconds."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(limit)
            self._thread = None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        if self._history is not None:
            self._history.close()
            self._history = None
