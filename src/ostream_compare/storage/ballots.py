"""Every vote that the user has cast: those of logged runs, and of saved comparisons."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ostream_compare.domain.comparison import Comparison, Vote
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
_DEMO = "demo/"
"""What the ids of the demo server's models begin with."""


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes on answers of models, and those in which an answer was one of the demo's: it is canned."""

    real: Sequence[Vote] = ()
    demo: Sequence[Vote] = ()

    @classmethod
    def of(cls, comparison: Comparison) -> "Votes":
        """Those on one run."""
        real = {r.name for r in comparison.responses if not r.model.startswith(_DEMO)}
        parts: dict[bool, list[Vote]] = {True: [], False: []}
        for vote in comparison.votes:
            parts[comparison.demo and not {vote.winner, vote.loser} <= real].append(vote)
        return cls(real=parts[False], demo=parts[True])

    @property
    def every(self) -> list[Vote]:
        """All of them."""
        return [*self.real, *self.demo]

    def __len__(self) -> int:
        return len(self.real) + len(self.demo)


def cast_votes(tell: Callable[[str], None]) -> Votes:
    """All votes, each run's once.

    Args:
        tell: Called with a line about each file that cannot be read; the others count.
    """
    by_run = votes_by_run(tell).values()
    return Votes(
        real=[vote for votes in by_run for vote in votes.real],
        demo=[vote for votes in by_run for vote in votes.demo],
    )


def votes_by_run(
    tell: Callable[[str], None], *, data: Path | None = None, results: Path | None = None
) -> dict[str, Votes]:
    """The votes on each run: its log knows best, and a saved comparison stands in where there is none.

    Args:
        tell: Called with a line about each file that cannot be read; the others count.
        data: Where the logs are; the program's data folder by default.
        results: Where comparisons are saved; the user's results folder by default.
    """
    by_run: dict[str, Votes] = {}
    for path in sorted((results_folder() if results is None else results).glob("*.toml")):
        if votes := _saved_votes(path, tell):
            run, found = votes
            if len(found) > len(by_run.get(run, Votes())):
                by_run[run] = found
    return by_run | _logged_votes(by_run, data, tell)


def _saved_votes(path: Path, tell: Callable[[str], None]) -> tuple[str, Votes] | None:
    try:
        if not _HAS_VOTES.search(path.read_bytes()):
            return None
        saved = load_comparison(path)
    except OSError as error:
        tell(f"{path}: cannot be read: {error.strerror or error}")
    except UserError as error:
        tell(clean_line(str(error)))
    else:
        return saved.id, Votes.of(saved)
    return None


def _logged_votes(
    saved: Mapping[str, Votes], data: Path | None, tell: Callable[[str], None]
) -> dict[str, Votes]:
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
    taken_back = {run: Votes() for run in saved if run not in votes and _has_unvoted(run, data)}
    return {run: cast for run, cast in votes.items() if cast} | taken_back


def _has_unvoted(run: str, data: Path | None) -> bool:
    try:
        records = read_run(log_path(run, data)).records(deltas=False)
        return any(isinstance(record, Unvoted) for record in records)
    except (OSError, UserError):
        return False


def _votes_of(history: History, run: str, tell: Callable[[str], None]) -> Votes:
    try:
        return Votes.of(history.load(run))
    except UserError as error:
        tell(clean_line(str(error)))
        return Votes()
