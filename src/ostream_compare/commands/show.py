"""`show`: the table and the answers of an earlier run."""

from typing import Annotated

from cyclopts import Parameter

from ostream_compare.commands.past import told
from ostream_compare.domain.retelling import comparison_of
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
        run: Its id, the beginning of it, or last.
        answers: The answers below the table, too.
    """
    print_data(to_text(comparison_of(told(run)), answers=answers))
    return 0
