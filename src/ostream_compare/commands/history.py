"""`history`: earlier runs, listed, searched and deleted."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from ostream_compare.commands.layout import columns, json_text
from ostream_compare.commands.past import opened_history
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.past_run import PastRun, cost_words, done_words, state_words
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.history import History
from ostream_compare.terminal import complain, print_data
from ostream_compare.whole import WHOLE

_HEAD = ("Id", "When", "State", "Done", "Cost", "Models", "Prompt")
_WIDE = 40
"""Characters of models and of a prompt."""


def history(
    *,
    limit: Annotated[int, WHOLE, Parameter(name=("--limit", "-n"))] = 20,
    search: Annotated[str, Parameter(name=("--search", "-s"), allow_leading_hyphen=True)] = "",
    output: Annotated[Literal["text", "json"], Parameter(name="--format")] = "text",
    delete: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    yes: Annotated[bool, Parameter(name=("--yes", "-y"), negative=(), show_default=False)] = False,
) -> int:
    """List earlier runs, the newest first.

    Args:
        limit: Runs at most; 0 is all.
        search: Only runs that have all these words in their prompt, models or answers.
        output: For people, or for programs.
        delete: Delete this run: its id, the beginning of it, or last; may be given more than once.
        yes: Delete without a question.
    """
    if limit < 0:
        raise UserError("Not that many", Problem(key="--limit", message=f"{limit} is no number of runs"))
    with opened_history() as opened:
        if delete:
            return _delete(opened, delete, asks=not yes)
        opened.refresh()
        runs = opened.page(search, limit=limit or -1)
        found, total = opened.count(search), opened.count()
    if output == "json":
        document = {"version": 1, "total": total, "found": found, "runs": [_record(run) for run in runs]}
        print_data(json_text(document))
    else:
        print_data(_as_text(runs, found, total))
    return 0


def _as_text(runs: Sequence[PastRun], found: int, total: int) -> str:
    if not total:
        return "No run has been logged yet.\n"
    lines = [*columns([_HEAD, *(_cells(run) for run in runs)]), ""] if runs else []
    shown = f", {len(runs)} shown" if len(runs) < found else ""
    return "\n".join([*lines, f"{found} of {total} runs{shown}"]) + "\n"


def _cells(run: PastRun) -> tuple[str, ...]:
    return (
        run.id,
        f"{datetime.fromisoformat(run.started_at).astimezone():%Y-%m-%d %H:%M}",
        state_words(run) + (" DEMO" if run.demo else ""),
        done_words(run),
        cost_words(run),
        _cut(clean_line(", ".join(run.models))),
        _cut(clean_line(run.title)),
    )


def _cut(text: str) -> str:
    return text if len(text) <= _WIDE else text[: _WIDE - 1] + "…"


def _record(run: PastRun) -> dict[str, object]:
    return {
        "id": run.id,
        "started_at": run.started_at,
        "state": run.state,
        "prompt": run.title,
        "prompts": run.prompts,
        "rounds": run.rounds,
        "models": list(run.models),
        "complete": run.complete,
        "limited": run.limited,
        "asked": run.asked,
        "planned": run.planned,
        "cost_usd": run.cost_usd,
        "cost_partial": run.cost_partial,
        "cost_bound": run.cost_bound,
        "cost_estimated": run.cost_estimated,
        "votes": run.votes,
        "demo": run.demo,
    }


def _delete(opened: History, names: Sequence[str], *, asks: bool) -> int:
    ids = list(dict.fromkeys(opened.find(name) for name in names))
    if asks and not _confirmed(ids):
        complain("nothing was deleted")
        return 1
    try:
        gone = opened.delete(ids)
    except OSError as error:
        problem = Problem(path=error.filename, message=f"could not be deleted: {error.strerror or error}")
        raise UserError("Not deleted", problem) from None
    for run in ids:
        complain(f"deleted: {run}" if run in gone else f"{run} is still running: it was not deleted")
    return 0 if len(gone) == len(ids) else 1


def _confirmed(ids: Sequence[str]) -> bool:
    """Whether the person at the keyboard agrees.

    Raises:
        UserError: There is none.
    """
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        problem = Problem(
            key="--delete", message="there is nobody to ask", hint="--yes deletes without a question"
        )
        raise UserError("Not deleted", problem)
    what = ids[0] if len(ids) == 1 else f"{len(ids)} runs"
    sys.stderr.write(f"Delete {what} for good? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}
