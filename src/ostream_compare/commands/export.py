"""`export`: an earlier run as a document."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ostream_compare.commands.past import comparison_called
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.export.formats import Format, check_ending, format_of
from ostream_compare.export.formats import export as document_of
from ostream_compare.storage.atomic import replace_file
from ostream_compare.storage.places import is_same_file
from ostream_compare.terminal import print_data


def export(
    run: str = "last",
    /,
    *,
    output: Annotated[str, Parameter(name=("--output", "-o"), allow_leading_hyphen=True)] = "-",
    kind: Annotated[Format | None, Parameter(name="--format")] = None,
) -> int:
    """Write an earlier run as a document.

    Args:
        run: Its id, the beginning of it, or last; or the path of a TOML or JSON export.
        output: The file; - is stdout.
        kind: Format; by default what the file's name ends in, else toml.
    """
    if output != "-":
        check_ending(output, kind)
    comparison = comparison_called(run)
    made_from = comparison.config.path
    if output != "-" and made_from is not None and is_same_file(output, made_from):
        message = f"{clean_line(output)} is what the run was made from and would be lost"
        raise UserError("Not writable", Problem(key="--output", message=message))
    document = document_of(comparison, kind or format_of(output) or "toml")
    if output == "-":
        print_data(document)
        return 0
    try:
        replace_file(Path(output), document.encode())
    except OSError as error:
        problem = Problem(path=output, message=f"could not be written: {error.strerror or error}")
        raise UserError("Not written", problem) from None
    return 0
