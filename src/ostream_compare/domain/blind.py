"""A blind vote: which answers meet, on which side, and what was said of them. Pure.

Two models meet with their answers of one random round. The order of the pairs and the sides are drawn from a
source of chance that has nothing to do with the file, so that neither tells whose answer it is.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from ostream_compare.domain.comparison import Response, Vote
from ostream_compare.domain.counted import counted
from ostream_compare.domain.figures import UNKNOWN, glyph, money, seconds, speed, tokens, word

AT_ONCE = 10
"""Pairs that are put to the vote before it is asked whether there are to be more."""

Choice = Literal["a", "b", "tie", "both_bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Two whole answers to the same prompt, of the same round."""

    a: Response
    """Shown on the left, or above."""
    b: Response

    def vote(self, choice: Choice) -> Vote:
        """A choice as it is kept."""
        winner, loser = (self.b, self.a) if choice == "b" else (self.a, self.b)
        return Vote(
            prompt=self.a.prompt,
            winner=winner.name,
            loser=loser.name,
            tie=choice in {"tie", "both_bad"},
            both_bad=choice == "both_bad",
            round=self.a.round,
        )


def whole_answers(responses: Iterable[Response]) -> tuple[list[Response], int]:
    """The answers that can be judged, and how many cannot: they failed, were cut or stopped, or are empty."""
    last: dict[tuple[str, int], Response] = {}
    for response in responses:
        place = response.name, response.round
        if place not in last or response.attempt >= last[place].attempt:
            last[place] = response
    whole = [response for response in last.values() if _is_whole(response)]
    return whole, len(last) - len(whole)


def _is_whole(response: Response) -> bool:
    said = response.content.strip() or response.refusal or response.tool_calls
    return response.state == "complete" and bool(said)


def drawn(answers: Sequence[Response], votes: Iterable[Vote], chance: random.Random) -> tuple[Ballot, ...]:
    """The next pairs, ten at most: each of two models in one round of which there is no vote yet."""
    judged = {(frozenset({vote.winner, vote.loser}), vote.round) for vote in votes}
    by_pair: dict[frozenset[str], list[tuple[Response, Response]]] = {}
    for one, other in _meetings(answers):
        names = frozenset({one.name, other.name})
        if (names, one.round) not in judged:
            by_pair.setdefault(names, []).append((one, other))
    pairs = [list(chance.choice(meetings)) for meetings in by_pair.values()]
    chance.shuffle(pairs)
    for pair in pairs:
        chance.shuffle(pair)
    return tuple(Ballot(a=a, b=b) for a, b in pairs[:AT_ONCE])


def left_over(answers: Sequence[Response], votes: Iterable[Vote]) -> int:
    """Pairs of answers without a vote, over all rounds."""
    judged = {(frozenset({vote.winner, vote.loser}), vote.round) for vote in votes}
    return sum(
        (frozenset({one.name, other.name}), one.round) not in judged for one, other in _meetings(answers)
    )


def _meetings(answers: Sequence[Response]) -> Iterator[tuple[Response, Response]]:
    by_round: dict[int, list[Response]] = {}
    for answer in answers:
        by_round.setdefault(answer.round, []).append(answer)
    for together in by_round.values():
        yield from combinations(together, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """The ballots of a vote, and how far it is; every step gives the next picture."""

    ballots: tuple[Ballot, ...]
    at: int = 0
    """The ballot that is on the table; their number once all are through."""
    votes: tuple[tuple[int, Choice], ...] = ()
    """Ballot and choice, in the order in which they were made."""
    seen: frozenset[int] = frozenset()
    """Ballots of which it was told whose answers they are."""

    @property
    def ballot(self) -> Ballot | None:
        """What is on the table; `None` at the end."""
        return self.ballots[self.at] if self.at < len(self.ballots) else None

    @property
    def choice(self) -> Choice | None:
        """What was said of it."""
        return dict(self.votes).get(self.at)

    @property
    def can_go_on(self) -> bool:
        """Whether this ballot has a vote, or cannot have a blind one any more."""
        return self.ballot is not None and (self.choice is not None or self.at in self.seen)

    def chosen(self, choice: Choice) -> "Sitting":
        """With a vote on this ballot; a second one changes nothing."""
        if self.ballot is None or self.choice is not None:
            return self
        return replace(self, votes=(*self.votes, (self.at, choice)), seen=self.seen | {self.at})

    def following(self) -> "Sitting":
        """At the next ballot, if one may go on."""
        return replace(self, at=self.at + 1) if self.can_go_on else self

    def undone(self) -> "Sitting":
        """Without the last vote, at its ballot."""
        if not self.votes:
            return self
        (at, _), votes = self.votes[-1], self.votes[:-1]
        return replace(self, at=at, votes=votes)

    def more(self, ballots: Sequence[Ballot]) -> "Sitting":
        """With further ballots behind these."""
        return replace(self, ballots=(*self.ballots, *ballots))


def told(response: Response) -> tuple[str, ...]:
    """An answer's figures once they may be seen: longest first, for whoever has less room; no unknown one."""
    time = " ".join([glyph(response), word(response), *_known(seconds(response.timing.e2e_ms))])
    rate = _known(speed(response), "{} tok/s")
    count = _known(tokens(response.usage.output_tokens, response.estimate.output_tokens))
    cost = _known(money(response.cost))
    said = [counted(number, "token") for number in count]
    rows = [time, *rate, *said, *cost], [time, *rate, *cost], [time, *cost], [time]
    return tuple("  ".join(row) for row in rows)


def _known(text: str, form: str = "{}") -> list[str]:
    return [] if text == UNKNOWN else [form.format(text)]
