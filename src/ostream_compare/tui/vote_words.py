"""What is said around a blind vote. Pure."""

from collections.abc import Mapping, Sequence

from ostream_compare.domain.blind import Ballot, Choice
from ostream_compare.domain.comparison import Response, Vote
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.masking import MASK, Mask
from ostream_compare.domain.preset import Prompt
from ostream_compare.domain.ranking import LEAST_VOTES, Ranking, Standing, rank
from ostream_compare.domain.rope import Rope
from ostream_compare.domain.run import Run
from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.tui.rows import Part
from ostream_compare.tui.widgets.terms import Section

HIDDEN = ("names, times, cost and colours hidden until voted", "who is who is told after the vote", "")
"""Longest first, for whoever has less room."""
_SHOWN = 400
"""Characters of a question's line: more than any row has."""


def masked_parts(response: Response, mask: Mask) -> dict[Part, Rope | str]:
    """An answer without the names of models, and without its reasoning, which not every model shows."""
    return {
        "turns": "",
        "reasoning": Rope(),
        "answer": Rope().add(mask.hide(response.content)),
        "tools": Rope().add(mask.hide(response.tool_words)),
        "refusal": Rope().add(mask.hide(response.refusal or "")),
        "note": "",
    }


def has_mask(parts: Mapping[Part, Rope | str]) -> bool:
    """Whether a name was hidden."""
    return any(MASK in str(text) for text in parts.values())


def counted(number: int, one: str, many: str) -> str:
    """`1 answer`, `3 answers`."""
    return f"{number} {one if number == 1 else many}"


def asked(prompt: Prompt, rows: int) -> str:
    """What was asked, in so many lines at most: earlier questions first, the beginning of each."""
    lines = [
        f"turn {number}: {clean_line(turn.user[:_SHOWN].strip())}"
        for number, turn in enumerate(prompt.turns, 1)
    ]
    earlier = lines[-(rows - 1) :] if rows > 1 else []
    said = [line for line in clean(prompt.user[: rows * _SHOWN]).splitlines() if line.strip()]
    now = [f"> {said[0]}" if said else "> ", *(f"  {line}" for line in said[1:])]
    room = max(1, rows - len(earlier))
    if len(now) > room:
        now[room - 1] += " …"
    return "\n".join([*earlier, *now[:room]])


def writing(run: Run | None, asked: int) -> str:
    """How many answers are still to come; `asked` is how many models are, where no run has begun yet."""
    lanes = () if run is None or run.is_over else run.lanes
    left = sum(not isinstance(lane, Ended) for lane in lanes) if lanes else asked
    if left == 0:
        return "The next round begins"
    return counted(left, "answer is being written", "answers are being written")


def left_out(number: int) -> str:
    """Answers that are not put to the vote; whose they are is not said."""
    return f"{counted(number, 'answer is', 'answers are')} left out: not whole." if number else ""


def verdict(ballot: Ballot, choice: Choice) -> str:
    """What was said of a ballot, with names."""
    a, b = clean_line(ballot.a.name), clean_line(ballot.b.name)
    match choice:
        case "a":
            return f"A is better: {a} over {b}"
        case "b":
            return f"B is better: {b} over {a}"
        case "tie":
            return f"As good as each other: {a} and {b}"
        case "both_bad":
            return f"Both bad: {a} and {b}"


def tally(votes: Sequence[Vote], left: int) -> Section:
    """How the models of a run came off."""
    standings = sorted(rank(votes).standings, key=lambda of: (of.losses - of.wins, of.name.casefold()))
    terms = [
        (clean_line(of.name), f"{of.wins} won, {of.ties} tied, {of.losses} lost") for of in standings
    ] or [("", "No votes.")]
    rest = counted(left, "pair of answers has", "pairs of answers have")
    terms.append(("", f"{rest} no vote yet." if left else "Every pair of answers has a vote."))
    return Section(title="This run", terms=terms)


def standings(ranking: Ranking) -> Section:
    """The ranking over all runs, or what is missing for one."""
    title = f"All your votes on these models: {ranking.votes}"
    if ranking.missing:
        terms = [
            ("", f"No ranks yet: {LEAST_VOTES} votes a model are needed, and votes that link all of them.")
        ]
        return Section(title=title, terms=terms + [("", clean_line(reason)) for reason in ranking.missing])
    return Section(title=title, terms=[(clean_line(of.name), _place(of)) for of in ranking.standings])


def _place(of: Standing) -> str:
    record = f"{of.wins} won, {of.ties} tied, {of.losses} lost"
    if of.rating is None or of.low is None or of.high is None:
        return record
    return f"#{of.rank}  {of.rating:.0f} ({of.low:.0f} to {of.high:.0f})  {record}"
