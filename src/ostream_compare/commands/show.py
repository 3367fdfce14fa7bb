"""`show`: the table and the answers of an earlier run."""

from typing import Annotated

from cyclopts import Parameter

from ostream_compare.commands.past import comparison_called
from ostream_compare.export.text import to_text
from ostream_compare.terminal import print_data


def show(
    run: str = "last",
    /,
    *,
    answers: Annotated[bool, Parameter(negative="--no-answers")] = True,
) -> int:
    """Print the table and the answers of an earlier run.

    Args:
        run: Its id, the beginning of it, or last; or the path of a TOML or JSON export.
        answers: The answers below the table, too.
    """
    print_data(to_text(comparison_called(run), answers=answers))
    return 0
