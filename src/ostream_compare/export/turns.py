"""The earlier turns of a saved conversation: who was sent which, and what they had answered. Pure."""

from collections.abc import Iterable, Sequence

from ostream_compare.domain.comparison import Comparison, SavedTurn
from ostream_compare.domain.conversation import shortened
from ostream_compare.domain.safe_text import clean_line

_NOT_ASKED = "it was not asked"


def names_of(comparison: Comparison, more: Iterable[str] = ()) -> list[str]:
    """All models of a run, whether or not its responses are in `comparison`."""
    named = [row.name for row in comparison.summary]
    return list(dict.fromkeys([*named, *(response.name for response in comparison.responses), *sorted(more)]))


def not_sent(turn: SavedTurn, names: Sequence[str]) -> list[str]:
    """Which of these models were not sent a turn, and why, cleaned: `not sent to A, B: it failed`."""
    by_reason: dict[str, list[str]] = {}
    for name in names:
        if name not in turn.answers:
            by_reason.setdefault(turn.left_out.get(name, _NOT_ASKED), []).append(name)
    return [
        f"not sent to {', '.join(map(clean_line, left))}: {clean_line(reason)}"
        for reason, left in by_reason.items()
    ]


def sent_answers(turn: SavedTurn, names: Sequence[str]) -> list[tuple[str, str]]:
    """What each of these models had answered, which it was sent again as its own answer."""
    return [(name, turn.answers[name]) for name in names if name in turn.answers]


def turn_lines(comparison: Comparison) -> list[str]:
    """A line for each earlier question, and for whom it was not sent; nothing where there is none."""
    names = names_of(comparison)
    turns = comparison.prompts[0].turns if len(comparison.prompts) == 1 else []
    lines: list[str] = []
    for number, turn in enumerate(turns, 1):
        lines.append(f"turn {number}, run {clean_line(turn.run)}: {shortened(turn.user)}")
        lines += [f"turn {number}, {words}" for words in not_sent(turn, names)]
    if turns:
        lines.append(f"turn {len(turns) + 1}, this run: {shortened(comparison.prompts[0].user)}")
    return lines
