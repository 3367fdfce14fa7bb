"""What the commands about earlier runs have in common: opening the history, and its notices on stderr."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Error as SqliteError

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.retelling import Retelling, comparison_of
from ostream_compare.storage.earlier import names_file, read_saved
from ostream_compare.storage.history import History
from ostream_compare.storage.run_log import RecordedRun, read_run
from ostream_compare.terminal import complain


@contextmanager
def opened_history() -> Generator[History]:
    """The history; what was found wrong with it is said at the end.

    Raises:
        UserError: There is no place for it.
    """
    try:
        history = History()
    except OSError as error:
        problem = Problem(path=error.filename, message=f"no history: {error.strerror or error}")
        raise UserError("No history", problem) from None
    try:
        yield history
    except SqliteError as error:
        raise UserError("No history", Problem(message=f"the index of the history fails: {error}")) from None
    finally:
        for notice in history.notices:
            complain(notice)
        with suppress(SqliteError):
            history.close()


def comparison_called(name: str) -> Comparison:
    """The comparison of the run that is called `name`, or in the TOML or JSON file at `name`.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    return read_saved(Path(name).expanduser()) if names_file(name) else comparison_of(told(name))


def found(name: str) -> RecordedRun:
    """The log of the run that is called `name`.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    with opened_history() as history:
        return read_run(history.path_of(history.find(name)))


def told(name: str) -> Retelling:
    """The run that is called `name`; that it never came to its end is said on stderr.

    Raises:
        UserError: There is none, or its log cannot be read.
    """
    with opened_history() as history:
        run = history.find(name)
        story = history.retell(run)
        if story.ended is None:
            state = history.state_of(run)
            complain(
                f"{run} {'is still running' if state == 'running' else 'was interrupted'}: what there is"
            )
    return story
