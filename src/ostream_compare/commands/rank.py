"""`rank`: who is preferred, by the votes of the blind screen and of files."""

import csv
import io
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ostream_compare.commands.layout import columns, json_text
from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.counted import counted
from ostream_compare.domain.figures import UNKNOWN
from ostream_compare.domain.ranking import Ranking, Standing
from ostream_compare.domain.ranking import rank as ranked
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.export.csv import safe_cell
from ostream_compare.storage.ballots import cast_votes
from ostream_compare.storage.vote_files import read_votes
from ostream_compare.terminal import complain, print_data

_HEAD = ("#", "Model", "Rating", "95 %", "Wins", "Ties", "Losses", "Votes")
_LEGEND = (
    "Bradley-Terry: 1000 + 400 log10 p, the mean is 1000; ties are half a win each; intervals by the Fisher "
    "information"
)


def rank(
    *,
    files: Annotated[tuple[str, ...], Parameter(name="--import", negative=(), show_default=False)] = (),
    models: Annotated[
        tuple[str, ...], Parameter(name=("--models", "-m"), negative=(), show_default=False)
    ] = (),
    demo: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    output: Annotated[Literal["text", "json", "csv"], Parameter(name="--format")] = "text",
) -> int:
    """Rank the models by all votes.

    Args:
        files: Count the votes of this JSONL or CSV file, too; may be given more than once.
        models: Only votes between models whose names match this pattern; may be given more than once.
        demo: Count the votes on the demo's canned answers, too.
        output: For people, for programs, or for spreadsheets.
    """
    imported = [vote for name in files for vote in read_votes(Path(name))]
    cast = cast_votes(complain)
    asked = [vote for vote in [*cast.real, *imported] if _is_asked_for(vote, models)]
    of_demo = [vote for vote in cast.demo if _is_asked_for(vote, models)]
    if of_demo and not demo:
        some = "1 vote on an answer" if len(of_demo) == 1 else f"{len(of_demo)} votes on answers"
        complain(f"{some} of the demo left out: --demo counts demo votes, too")
    ranking = ranked([*asked, *of_demo] if demo else asked)
    writers = {"text": _as_text, "json": _as_json, "csv": _as_csv}
    print_data(writers[output](ranking))
    return 1 if ranking.missing else 0


def _is_asked_for(vote: Vote, patterns: Sequence[str]) -> bool:
    names = [(name or "").casefold() for name in (vote.winner, vote.loser)]
    return not patterns or all(any(_matches(name, pattern) for pattern in patterns) for name in names)


def _matches(name: str, pattern: str) -> bool:
    folded = pattern.casefold()
    return name == folded or fnmatchcase(name, folded)


def _as_text(ranking: Ranking) -> str:
    lines = columns([_HEAD, *(_cells(of) for of in ranking.standings)]) if ranking.standings else []
    lines += [""] if lines else []
    if ranking.missing:
        lines += ["No ranks yet:", *(f"  {clean_line(reason)}" for reason in ranking.missing)]
    else:
        lines += [f"{counted(ranking.votes, 'vote')}. {_LEGEND}"]
    return "\n".join(lines) + "\n"


def _cells(of: Standing) -> tuple[str, ...]:
    counts = (str(of.wins), str(of.ties), str(of.losses), str(of.votes))
    if of.rating is None or of.low is None or of.high is None:
        return (UNKNOWN, clean_line(of.name), UNKNOWN, UNKNOWN, *counts)
    interval = f"{of.low:.0f} to {of.high:.0f}"
    return (str(of.rank), clean_line(of.name), f"{of.rating:.0f}", interval, *counts)


def _as_json(ranking: Ranking) -> str:
    models = [
        {
            "rank": of.rank,
            "name": of.name,
            "rating": of.rating,
            "low": of.low,
            "high": of.high,
            "wins": of.wins,
            "ties": of.ties,
            "losses": of.losses,
            "votes": of.votes,
        }
        for of in ranking.standings
    ]
    document = {"version": 1, "votes": ranking.votes, "missing": list(ranking.missing), "models": models}
    return json_text(document)


def _as_csv(ranking: Ranking) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("rank", "name", "rating", "low", "high", "wins", "ties", "losses", "votes"))
    writer.writerows(
        (of.rank, safe_cell(of.name), of.rating, of.low, of.high, of.wins, of.ties, of.losses, of.votes)
        for of in ranking.standings
    )
    return file.getvalue()
