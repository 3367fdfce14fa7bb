"""The history: all runs that were logged, found by id or by what they say; kept as long as is wished."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.past_run import Gathering, PastRun, PastState
from ostream_compare.domain.preset import Retention
from ostream_compare.domain.retelling import Retelling, comparison_of
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.index import Index, NewerIndexError, Stamp, is_damage, set_aside
from ostream_compare.storage.paths import data_folder, private_folder
from ostream_compare.storage.run_log import (
    SUFFIX,
    RecordedRun,
    is_being_written,
    read_run,
    run_logs,
)

Result = TypeVar("Result")

LAST = "last"
"""What the newest run can be called instead of its id."""
_BATCH = 100
"""Runs that are indexed in one transaction."""
_LONG_AGO = 36_500
"""Days; no run is older, and dates have a beginning."""
_NAMED = 5
_NEAREST = 3
"""Runs that an error names."""


class History:
    """The logs in a folder and their index.

    Args:
        folder: The program's data folder by default.

    Raises:
        OSError: The folder cannot be made.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = private_folder(data_folder() if folder is None else folder)
        self._runs = self._folder / "runs"
        self.notices: list[str] = []
        """What was found wrong on the way, for a person; each once."""
        self._known: dict[str, Stamp] = {}
        """Logs that cannot be indexed, as they were when that was found."""
        self._index = self._opened()

    def close(self) -> None:
        """A second call changes nothing."""
        self._index.close()

    def _opened(self) -> Index:
        path = self._folder / "history.sqlite"
        try:
            return Index.open(path)
        except NewerIndexError as error:
            self._notice(
                f"{path} is a newer version's ({error}) and is left alone; the logs are read instead"
            )
        except sqlite3.OperationalError as error:
            self._notice(f"{path} cannot be used ({error}); the logs are read instead")
        except (sqlite3.DatabaseError, ValueError, IsADirectoryError):  # SQLite's words may be no text
            return self._rebuilt(path)
        except OSError as error:
            self._notice(f"{path} cannot be made ({error.strerror or error}); the logs are read instead")
        return Index.open(None)

    def _rebuilt(self, path: Path) -> Index:
        """A new index instead of a damaged one."""
        try:
            aside = set_aside(path)
            index = Index.open(path)
        except (OSError, sqlite3.Error, NewerIndexError) as error:
            self._notice(f"{path} is damaged and cannot be replaced ({error}); the logs are read instead")
            return Index.open(None)
        self._notice(f"{path} was damaged: it is kept as {aside.name}, and was made anew from the logs")
        return index

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)

    # The index

    def refresh(self) -> None:
        """Make the index say what the logs say: new and changed ones are read, gone ones are forgotten.

        Raises:
            sqlite3.Error: The index cannot be written.
        """
        self._soundly(self._refresh)

    def refresh_run(self, run: str) -> None:
        """The same for one run, however many there are.

        Raises:
            sqlite3.Error: The index cannot be written.
        """
        self._soundly(lambda: self._refresh_run(run))

    def _soundly(self, step: Callable[[], Result]) -> Result:
        """What `step` finds in the index; in a new one, where it turns out that this one is damaged."""
        try:
            return step()
        except (sqlite3.Error, ValueError) as error:
            if not is_damage(error):
                raise
        self._index.close()
        self._index = self._rebuilt(self._folder / "history.sqlite")
        self._refresh()
        return step()

    def _refresh(self) -> None:
        indexed = {**self._index.stamps(), **self._known}
        found = {path.name.removesuffix(SUFFIX): path for path in run_logs(self._runs)}
        stamps = {run: stamp for run, path in found.items() if (stamp := _stamp(path)) is not None}
        self._index.delete(run for run in indexed if run not in stamps)
        stale = [run for run, stamp in stamps.items() if indexed.get(run) != stamp]
        for start in range(0, len(stale), _BATCH):
            self._add((found[run], stamps[run]) for run in stale[start : start + _BATCH])

    def _refresh_run(self, run: str) -> None:
        path = self.path_of(run)
        stamp = _stamp(path)
        if stamp is None:
            self._index.delete([run])
        elif stamp not in {self._index.stamp_of(run), self._known.get(run)}:
            self._add([(path, stamp)])

    def _add(self, logs: Iterable[tuple[Path, Stamp]]) -> None:
        rows: list[tuple[PastRun, str, Stamp]] = []
        for path, stamp in logs:
            try:
                recorded = read_run(path)
                run, text = _gathered(recorded)
                rows.append((replace(run, id=path.name.removesuffix(SUFFIX)), text, stamp))
            except (UserError, OSError) as error:
                if not stamp[0] or is_being_written(path):
                    continue  # its header is on the way
                self._known[path.name.removesuffix(SUFFIX)] = stamp
                self._notice(clean_line(str(error)))
                continue
            if recorded.damaged:
                self._notice_damage(recorded)
        self._index.put(rows)

    # Looking

    def page(self, search: str = "", *, limit: int = 50, offset: int = 0) -> list[PastRun]:
        """Runs that have every word of `search` in their id, prompts, models or answers, the newest first."""
        runs = self._soundly(lambda: self._index.page(search, limit=limit, offset=offset))
        return [self._alive(run) for run in runs]

    def count(self, search: str = "") -> int:
        """How many there are of them."""
        return self._soundly(lambda: self._index.count(search))

    def _alive(self, run: PastRun) -> PastRun:
        """What has no end is either written by a living program, or was interrupted."""
        if run.state != "interrupted":
            return run
        is_alive = is_being_written(self.path_of(run.id))
        return replace(run, state="running") if is_alive else run

    def state_of(self, run: str) -> PastState:
        """How a run ended, if it did.

        Raises:
            UserError: Its log cannot be read.
        """
        gathering = Gathering((recorded := read_run(self.path_of(run))).header)
        gathering.take(recorded.records(deltas=False))
        return self._alive(gathering.past_run).state

    def path_of(self, run: str) -> Path:
        """The log of a run, whether or not there is one."""
        return self._runs / (run + SUFFIX)

    def find(self, name: str) -> str:
        """The id of the run that is called `name`: its id, the beginning of it, or `last`.

        Raises:
            UserError: There is none, or more than one.
        """
        ids = [path.name.removesuffix(SUFFIX) for path in run_logs(self._runs)]
        if name == LAST and ids:
            return ids[0]
        if name in ids:
            return name
        matches = [run for run in ids if run.startswith(name)] if name else []
        if len(matches) == 1:
            return matches[0]
        shown = clean_line(name)
        if matches:
            more = ", ..." if len(matches) > _NAMED else ""
            message = f"{len(matches)} runs begin with {shown}: {', '.join(matches[:_NAMED])}{more}"
            raise UserError("Which run?", Problem(message=message, hint="give more of the id"))
        raise UserError("No such run", Problem(message=f"no run is called {shown}", hint=_nearest(name, ids)))

    def load(self, name: str) -> Comparison:
        """The comparison of the run that is called `name`.

        Raises:
            UserError: As `find`; or its log cannot be read.
        """
        return comparison_of(self.retell(self.find(name)))

    def retell(self, run: str) -> Retelling:
        """What came of a run; damaged lines of its log are left out, with a notice.

        Raises:
            UserError: Its log cannot be read.
        """
        recorded = read_run(self.path_of(run))
        story = recorded.retold()
        if recorded.damaged:
            self._notice_damage(recorded)
        return story

    def _notice_damage(self, recorded: RecordedRun) -> None:
        lines = "1 damaged line is" if recorded.damaged == 1 else f"{recorded.damaged} damaged lines are"
        self._notice(f"{recorded.path}: {lines} left out")

    # Forgetting

    def delete(self, ids: Sequence[str]) -> list[str]:
        """Delete runs from the disk; those that a living program writes stay. What was deleted.

        Raises:
            OSError: A log could not be deleted.
            sqlite3.Error: The index cannot be written; what was deleted is gone at its next refresh.
        """
        gone = [run for run in ids if self._unlink(self.path_of(run))]
        self._soundly(lambda: self._index.delete(gone))
        return gone

    def _unlink(self, path: Path) -> bool:
        if is_being_written(path):
            return False
        path.unlink(missing_ok=True)
        return True

    def _changed(self, run: str) -> str:
        """When a log was written that by its id is yet to come: it, or one before it, had a wrong clock."""
        stamp = _stamp(self.path_of(run))
        return run if stamp is None else _name_of(datetime.fromtimestamp(stamp[1] / 1e9, UTC))

    def retain(self, rule: Retention, *, now: datetime | None = None) -> list[str]:
        """Delete what a rule keeps no longer; the ids of it.

        Raises:
            OSError: A log could not be deleted.
            sqlite3.Error: The index cannot be written.
        """
        ids = [path.name.removesuffix(SUFFIX) for path in run_logs(self._runs)]
        kept = ids if rule.runs is None else ids[: rule.runs]
        if rule.days is not None:
            today = now or datetime.now(UTC)
            oldest = _name_of(today - timedelta(days=min(rule.days, _LONG_AGO)))
            ahead = _name_of(today + timedelta(days=1))
            kept = [run for run in kept if (run if run < ahead else self._changed(run)) >= oldest]
        stays = set(kept)
        return self.delete([run for run in ids if run not in stays])


def _name_of(moment: datetime) -> str:
    """As ids begin."""
    return f"{moment:%Y%m%d-%H%M%S}"


def _gathered(recorded: RecordedRun) -> tuple[PastRun, str]:
    gathering = Gathering(recorded.header)
    gathering.take(recorded.records(deltas=False))
    damaged = recorded.damaged
    if gathering.open:
        gathering.take_deltas(recorded.records())
    recorded.damaged = max(damaged, recorded.damaged)
    return gathering.past_run, gathering.text


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _nearest(name: str, ids: Sequence[str]) -> str:
    if not ids:
        return "no run has been logged yet"
    near = get_close_matches(name, ids, n=_NEAREST, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"the last one is {ids[0]}"
