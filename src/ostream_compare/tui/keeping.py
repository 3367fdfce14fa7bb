"""The runs of a sitting of which there is more than was saved: as few as have to be in memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Protocol

from ostream_compare.domain.run import Run
from ostream_compare.domain.summary import QUICKLY_COMPARED
from ostream_compare.storage.atomic import in_words
from ostream_compare.tui.background import in_background

_SAVING = 0.5
"""Seconds for one of them."""
_SAVING_ALL = 1.2
"""Seconds for all of them, so that who leaves is gone before the process is ended."""
_STUCK = "the disk does not answer"
_SLOW = "the disk is too slow"
KEPT = 16
"""Runs that wait for the end of the sitting to be saved; older ones are saved before a further one begins."""


class Keeping:
    """Runs by id, the oldest first."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._saved: Run | None = None

    def note(self, run: Run) -> None:
        """A run's present picture."""
        if run is self._saved:
            return
        if run.id not in self._runs:
            self._runs = {other: earlier.condensed() for other, earlier in self._runs.items()}
        self._runs[run.id] = run

    def saved(self, run: Run) -> None:
        """This picture is on the disk."""
        self._saved = run
        kept = self._runs.get(run.id)
        if kept is not None and kept.tells_what(run):
            del self._runs[run.id]

    @property
    def unsaved(self) -> tuple[Run, ...]:
        """Those that have to be saved yet."""
        return tuple(self._runs.values())

    @property
    def surplus(self) -> tuple[Run, ...]:
        """Those that should be saved now."""
        return self.unsaved[:-KEPT]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the runs that had to be saved."""

    paths: tuple[Path, ...]
    """Where those lie that were."""
    lost: dict[str, str]
    """Why the others were not, by their id."""

    @property
    def told(self) -> list[str]:
        """In a line each."""
        failures = [f"Could not save run {run}: {why}" for run, why in self.lost.items()]
        return [*(f"Saved {path}" for path in self.paths), *failures]


class Save(Protocol):
    """Saves a run."""

    def __call__(self, run: Run, *, compared: bool) -> Path:
        """The file; `compared` says whether models are compared with each other."""
        ...


async def save_all(runs: Iterable[Run], save: Save) -> Kept:
    """Save these runs, not for long; a disk that does not answer is asked once."""
    end = monotonic() + _SAVING_ALL
    paths: list[Path] = []
    lost: dict[str, str] = {}
    trouble = ""
    for run in runs:
        compared = len(run.responses) <= QUICKLY_COMPARED
        limit = min(_SAVING, end - monotonic())
        if limit <= 0:
            trouble = trouble or _SLOW
        if trouble:
            lost[run.id] = trouble
            continue
        try:
            paths.append(await in_background(lambda run=run, is_=compared: save(run, compared=is_), limit))
        except TimeoutError:
            trouble = _STUCK if limit == _SAVING else _SLOW
            lost[run.id] = trouble
        except OSError as error:
            lost[run.id] = in_words(error)
    return Kept(tuple(paths), lost)
