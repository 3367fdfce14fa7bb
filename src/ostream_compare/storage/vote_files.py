"""Votes out of a JSONL or CSV file: `winner`, `loser` and, where nobody won, `tie`."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean_line, repair

_YES = frozenset({"1", "true", "yes", "y", "x", "tie"})
_NO = frozenset({"", "0", "false", "no", "n"})
_MOST_PROBLEMS = 20
_COLUMNS = ("winner", "loser")


def read_votes(path: Path) -> list[Vote]:
    """The votes in `path`: CSV by its ending, with a head row; JSONL else, an object a line.

    Of a tie both names are needed, too; `both_bad` counts as one.

    Raises:
        UserError: It cannot be read, or lines are no votes; each is named.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else f"not UTF-8: {error}"
        raise UserError("Cannot read the votes", Problem(message=why, path=str(path))) from None
    rows = _csv_rows(text, path) if path.suffix.lower() == ".csv" else _json_rows(text)
    votes: list[Vote] = []
    problems: list[Problem] = []
    for line, row in rows:
        try:
            votes.append(_vote(row))
        except ValueError as error:
            problems.append(Problem(path=str(path), line=line, message=str(error)))
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        rest = [Problem(path=str(path), message=f"and {more} lines more")] if more > 0 else []
        raise UserError("Not votes", *problems[:_MOST_PROBLEMS], *rest)
    return votes


def _json_rows(text: str) -> Iterator[tuple[int, object]]:
    for line, part in enumerate(text.split("\n"), 1):
        if part.strip():
            try:
                yield line, json.loads(part)
            except (ValueError, RecursionError) as error:
                yield line, ValueError(f"not JSON: {error}")


def _csv_rows(text: str, path: Path) -> Iterator[tuple[int, object]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().casefold() for name in reader.fieldnames or ()]
        missing = [name for name in _COLUMNS if name not in names]
        if missing:
            message = f"the first line has no {' and no '.join(missing)}: it names the columns"
            raise UserError("Not votes", Problem(path=str(path), line=1, message=message))
        reader.fieldnames = names
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        message = f"not CSV: {error}"
        raise UserError("Not votes", Problem(path=str(path), line=reader.line_num, message=message)) from None


def _vote(row: object) -> Vote:
    """A row as a vote.

    Raises:
        ValueError: It is none; the text says why.
    """
    if isinstance(row, ValueError):
        raise row
    if not isinstance(row, Mapping):
        raise ValueError("not an object with winner and loser")  # noqa: TRY004 - one kind for every bad line
    fields = cast(Mapping[str, Any], row)
    both_bad = _truth(fields.get("both_bad"), "both_bad")
    tie = _truth(fields.get("tie"), "tie") or both_bad
    winner, loser = _name(fields.get("winner"), "winner"), _name(fields.get("loser"), "loser")
    if winner == loser:
        raise ValueError(f"winner and loser are the same: {clean_line(winner)}")
    return Vote(winner=winner, loser=loser, tie=tie, both_bad=both_bad)


def _name(value: object, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} is missing: the name of a model (of a tie, too)")
    return repair(value.strip())


def _truth(value: object, key: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    text = str(value).strip().casefold() if isinstance(value, str | int) else None
    if text in _YES or text in _NO:
        return text in _YES
    raise ValueError(f"{key} is neither true nor false: {clean_line(str(value))[:40]}")
