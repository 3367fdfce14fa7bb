"""An earlier comparison by the name that a user gives it: a saved file, or a run's id."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.spelling import from_json, from_toml
from ostream_compare.storage.atomic import slug
from ostream_compare.storage.history import History
from ostream_compare.storage.paths import results_folder
from ostream_compare.storage.results import load_comparison

_FILES = (".toml", ".json")


def earlier(named: str, *, key: str | None = None) -> Comparison:
    """The comparison of a TOML or JSON file, of a saved result's id, or of a logged run (also `last`).

    Args:
        named: As the user gave it.
        key: The flag that it was given to, for the error.

    Raises:
        UserError: There is none, it cannot be read, or it is no comparison.
    """
    if names_file(named):
        return read_saved(Path(named).expanduser())
    saved = [found for found in _results(named) if found.stem.startswith(slug(named))]
    if len(saved) == 1:
        return load_comparison(saved[0])
    try:
        with closing(History()) as history:
            return history.load(named)
    except (OSError, sqlite3.Error) as error:
        problem = Problem(key=key, message=f"the history cannot be read: {error}")
        raise UserError("No history", problem) from None
    except UserError as error:
        reason = "; ".join(str(problem) for problem in error.problems)
        problem = Problem(
            key=key,
            message=f"no file, no saved result and no logged run is called {clean_line(named)}: {reason}",
        )
        raise UserError("No such run", problem) from None


def names_file(named: str) -> bool:
    """Whether a user who gives this means a file, and no run's id."""
    path = Path(named).expanduser()
    return path.suffix.lower() in _FILES or os.sep in named or os.path.isfile(path)  # noqa: PTH113 - no error


def read_saved(path: Path) -> Comparison:
    """A comparison in a file, JSON by its ending or its first character, else TOML.

    Raises:
        UserError: It cannot be read, or is none.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError("Cannot read the comparison", Problem(message=why, path=str(path))) from None
    is_json = path.suffix.lower() == ".json" or (path.suffix.lower() != ".toml" and text[:1] == "{")
    return from_json(text, path=str(path)) if is_json else from_toml(text, path=str(path))


def _results(named: str) -> Sequence[Path]:
    """Saved results whose name may be that of a run's id; a name that is no id is none's."""
    return sorted(results_folder().glob(f"{slug(named, fallback='-')}*.toml"))
