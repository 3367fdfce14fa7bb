"""Every vote that the user has cast: those of logged runs, and of saved comparisons."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.recorded import Unvoted
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.history import History
from ostream_compare.storage.paths import results_folder
from ostream_compare.storage.results import load_comparison
from ostream_compare.storage.run_log import log_path, read_run, runs_folder

# Most results have no votes, and reading a whole TOML file is slow.
_HAS_VOTES = re.compile(rb"^(\[\[votes\]\]|votes = \[\s*\{)", re.MULTILINE)
_ALL = -1


def cast_votes(tell: Callable[[str], None]) -> list[Vote]:
    """All votes, each run's once.

    Args:
        tell: Called with a line about each file that cannot be read; the others count.
    """
    return [vote for votes in votes_by_run(tell).values() for vote in votes]


def votes_by_run(
    tell: Callable[[str], None], *, data: Path | None = None, results: Path | None = None
) -> dict[str, list[Vote]]:
    """The votes on each run: its log knows best, and a saved comparison stands in where there is none.

    Args:
        tell: Called with a line about each file that cannot be read; the others count.
        data: Where the logs are; the program's data folder by default.
        results: Where comparisons are saved; the user's results folder by default.
    """
    by_run: dict[str, list[Vote]] = {}
    for path in sorted((results_folder() if results is None else results).glob("*.toml")):
        if votes := _saved_votes(path, tell):
            run, found = votes
            if len(found) > len(by_run.get(run, [])):
                by_run[run] = found
    return by_run | _logged_votes(by_run, data, tell)


def _saved_votes(path: Path, tell: Callable[[str], None]) -> tuple[str, list[Vote]] | None:
    try:
        if not _HAS_VOTES.search(path.read_bytes()):
            return None
        saved = load_comparison(path)
    except OSError as error:
        tell(f"{path}: cannot be read: {error.strerror or error}")
    except UserError as error:
        tell(clean_line(str(error)))
    else:
        return saved.id, saved.votes
    return None


def _logged_votes(
    saved: Mapping[str, list[Vote]], data: Path | None, tell: Callable[[str], None]
) -> dict[str, list[Vote]]:
    """Of each log with a vote, and of each in which all votes on a run that is saved were taken back."""
    if not runs_folder(data).is_dir():
        return {}
    try:
        with closing(History(data)) as history:
            history.refresh()
            runs = history.page(limit=_ALL)
            votes = {run.id: _votes_of(history, run.id, tell) for run in runs if run.votes}
            for notice in history.notices:
                tell(clean_line(notice))
    except (OSError, sqlite3.Error) as error:
        tell(f"the history cannot be read: {error}")
        return {}
    taken_back = {run: list[Vote]() for run in saved if run not in votes and _has_unvoted(run, data)}
    return {run: cast for run, cast in votes.items() if cast} | taken_back


def _has_unvoted(run: str, data: Path | None) -> bool:
    try:
        records = read_run(log_path(run, data)).records(deltas=False)
        return any(isinstance(record, Unvoted) for record in records)
    except (OSError, UserError):
        return False


def _votes_of(history: History, run: str, tell: Callable[[str], None]) -> list[Vote]:
    try:
        return history.load(run).votes
    except UserError as error:
        tell(clean_line(str(error)))
        return []
