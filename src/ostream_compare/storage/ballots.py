"""Every vote that the user has cast: those of logged runs, and of saved comparisons."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.history import History
from ostream_compare.storage.paths import data_folder, results_folder
from ostream_compare.storage.results import load_comparison

# Most results have no votes, and reading a whole TOML file is slow.
_HAS_VOTES = re.compile(rb"^(\[\[votes\]\]|votes = \[\s*\{)", re.MULTILINE)
_ALL = -1


def cast_votes(tell: Callable[[str], None]) -> list[Vote]:
    """All votes, each run's once: its log knows best, and a saved comparison stands in where there is none.

    Args:
        tell: Called with a line about each file that cannot be read; the others count.
    """
    by_run: dict[str, list[Vote]] = {}
    for path in sorted(results_folder().glob("*.toml")):
        if votes := _saved_votes(path, tell):
            run, found = votes
            if len(found) > len(by_run.get(run, [])):
                by_run[run] = found
    return [vote for votes in (by_run | _logged_votes(tell)).values() for vote in votes]


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


def _logged_votes(tell: Callable[[str], None]) -> dict[str, list[Vote]]:
    if not (data_folder() / "runs").is_dir():
        return {}
    try:
        with closing(History()) as history:
            history.refresh()
            voted = [run.id for run in history.page(limit=_ALL) if run.votes]
            votes = {run: _votes_of(history, run, tell) for run in voted}
            for notice in history.notices:
                tell(clean_line(notice))
    except (OSError, sqlite3.Error) as error:
        tell(f"the history cannot be read: {error}")
        return {}
    return {run: cast for run, cast in votes.items() if cast}


def _votes_of(history: History, run: str, tell: Callable[[str], None]) -> list[Vote]:
    try:
        return history.load(run).votes
    except UserError as error:
        tell(clean_line(str(error)))
        return []
