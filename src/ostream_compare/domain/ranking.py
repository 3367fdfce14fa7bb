"""Who is preferred to whom: Bradley-Terry over blind votes, with intervals. Pure.

The model: A is preferred to B with probability p_A / (p_A + p_B). A tie, also one because both are bad,
is half a win for either side. Ratings are 1000 + 400 log10 p; the mean of all is 1000.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from ostream_compare.domain.comparison import Vote
from ostream_compare.domain.statistics import ALPHA

LEAST_VOTES = 10
"""Of a model, before anything is ranked."""
PRIOR_DEVIATION = 600.0
"""Standard deviation of the prior of a rating, in points: weak, yet it keeps one that never lost finite."""
MIDDLE = 1000.0
POINTS = 400.0
"""By which a rating is higher when the odds are ten times as good."""

_SCALE = POINTS / math.log(10)
_PENALTY = (_SCALE / PRIOR_DEVIATION) ** 2
"""Inverse variance of the prior, on the scale of natural logarithms."""
_MOST_STEPS = 100
_CLOSE = 1e-10
_QUANTILE = NormalDist().inv_cdf(1 - ALPHA / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One model's votes, and its place where there is one."""

    name: str
    wins: int
    losses: int
    ties: int
    rating: float | None = None
    """1000 + 400 log10 p; `None` before there are enough votes."""
    low: float | None = None
    """Lower end of its 95 % interval against the mean of all."""
    high: float | None = None
    rank: int | None = None
    """From 1."""

    @property
    def votes(self) -> int:
        """All of them, ties too."""
        return self.wins + self.losses + self.ties


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The standings: ranked, or in the order of names with what is missing."""

    standings: tuple[Standing, ...]
    votes: int
    """That count."""
    missing: tuple[str, ...]
    """Why there are no ranks, a sentence each; empty where there are."""


def rank(votes: Iterable[Vote]) -> Ranking:
    """The ranking by `votes`; one that does not name two models counts for nothing.

    Nothing is ranked before every model has 10 votes and each is linked to every other by votes, be it
    through third ones: until then the ratings would be those of the prior.
    """
    counted = [(v.winner, v.loser, v.tie) for v in votes if v.winner and v.loser and v.winner != v.loser]
    tallies = _tallies(counted)
    names = sorted(tallies, key=lambda name: (name.casefold(), name))
    standings = [tallies[name] for name in names]
    missing = _missing(standings, [(a, b) for a, b, _ in counted])
    if not missing:
        standings = _ranked(standings, _wins(counted))
    return Ranking(standings=tuple(standings), votes=len(counted), missing=tuple(missing))


def _tallies(votes: Sequence[tuple[str, str, bool]]) -> dict[str, Standing]:
    wins, losses, ties = Counter[str](), Counter[str](), Counter[str]()
    for winner, loser, tie in votes:
        if tie:
            ties.update((winner, loser))
        else:
            wins[winner] += 1
            losses[loser] += 1
    names = wins.keys() | losses.keys() | ties.keys()
    return {
        name: Standing(name=name, wins=wins[name], losses=losses[name], ties=ties[name]) for name in names
    }


def _missing(standings: Sequence[Standing], pairs: Sequence[tuple[str, str]]) -> list[str]:
    if not standings:
        return ["there are no votes"]
    missing = [
        f"{of.name} has {of.votes} vote{'' if of.votes == 1 else 's'}, {LEAST_VOTES - of.votes} more needed"
        for of in standings
        if of.votes < LEAST_VOTES
    ]
    groups = _groups([of.name for of in standings], pairs)
    if len(groups) > 1:
        told = "; ".join(", ".join(group) for group in groups)
        missing.append(f"no vote links these groups: {told}")
    return missing


def _groups(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Models that votes link, directly or through others; in the order of `names`."""
    group = {name: name for name in names}

    def root(name: str) -> str:
        while group[name] != name:
            group[name] = group[group[name]]
            name = group[name]
        return name

    for a, b in pairs:
        group[root(a)] = root(b)
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(root(name), []).append(name)
    return list(found.values())


def _wins(votes: Sequence[tuple[str, str, bool]]) -> Counter[tuple[str, str]]:
    """Of each ordered pair, twice the wins of the first: a tie is one for either side."""
    wins: Counter[tuple[str, str]] = Counter()
    for winner, loser, tie in votes:
        wins[winner, loser] += 1 if tie else 2
        wins[loser, winner] += 1 if tie else 0
    return wins


def _ranked(standings: Sequence[Standing], doubled: Mapping[tuple[str, str], int]) -> list[Standing]:
    names = [of.name for of in standings]
    place = {name: index for index, name in enumerate(names)}
    wins = [[0.0] * len(names) for _ in names]
    for (winner, loser), count in doubled.items():
        wins[place[winner]][place[loser]] += count / 2
    strengths, deviations = fit(wins)
    half = [_QUANTILE * deviation * _SCALE for deviation in deviations]
    ratings = [MIDDLE + strength * _SCALE for strength in strengths]
    order = sorted(range(len(names)), key=lambda index: -ratings[index])
    return [
        Standing(
            name=names[index],
            wins=standings[index].wins,
            losses=standings[index].losses,
            ties=standings[index].ties,
            rating=ratings[index],
            low=ratings[index] - half[index],
            high=ratings[index] + half[index],
            rank=1 + sum(round(other, 6) > round(ratings[index], 6) for other in ratings),
        )
        for index in order
    ]


def fit(wins: Sequence[Sequence[float]], *, penalty: float = _PENALTY) -> tuple[list[float], list[float]]:
    """Log-strengths (natural, mean 0) and their standard deviations.

    The most probable ones under a normal prior of variance 1 / `penalty` on each, by Newton's method; the
    deviations are those of the inverse of the Fisher information with the prior in it, less the mean's
    own. Sources: Bradley & Terry, Biometrika 39 (1952) 324-345; as `choix.opt_pairwise` with an alpha of
    half the penalty.

    Args:
        wins: `wins[i][j]` is how often i was preferred to j, ties halved.
        penalty: The prior's inverse variance; above 0.
    """
    size = len(wins)
    strengths = [0.0] * size
    for _ in range(_MOST_STEPS):
        gradient, information = _derivatives(wins, strengths, penalty)
        step = _solved(information, [gradient])[0]
        longest = max(map(abs, step), default=0.0)
        shorter = min(1.0, 2.0 / longest) if longest else 1.0  # far from the top, a whole step may overshoot
        strengths = [old + shorter * by for old, by in zip(strengths, step, strict=True)]
        if longest < _CLOSE:
            break
    _, information = _derivatives(wins, strengths, penalty)
    centring = [[(i == j) - 1 / size for j in range(size)] for i in range(size)]
    covariance = _solved(information, centring)  # the mean's direction is an eigenvector: once is enough
    return strengths, [math.sqrt(max(0.0, covariance[i][i])) for i in range(size)]


def _derivatives(
    wins: Sequence[Sequence[float]], strengths: Sequence[float], penalty: float
) -> tuple[list[float], list[list[float]]]:
    """The gradient of the log posterior, and the negative of its Hessian."""
    size = len(wins)
    gradient = [-penalty * strength for strength in strengths]
    information = [[penalty if i == j else 0.0 for j in range(size)] for i in range(size)]
    for i in range(size):
        for j in range(size):
            met = wins[i][j] + wins[j][i]
            if i == j or not met:
                continue
            chance = 1 / (1 + math.exp(strengths[j] - strengths[i]))
            gradient[i] += wins[i][j] - met * chance
            weight = met * chance * (1 - chance)
            information[i][i] += weight
            information[i][j] -= weight
    return gradient, information


def _solved(matrix: Sequence[Sequence[float]], targets: Sequence[Sequence[float]]) -> list[list[float]]:
    """For each target t, the x with matrix x = t; by Cholesky, so symmetric and positive definite."""
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    solved: list[list[float]] = []
    for target in targets:
        middle: list[float] = []
        for i in range(size):
            middle.append((target[i] - sum(lower[i][k] * middle[k] for k in range(i))) / lower[i][i])
        found = [0.0] * size
        for i in reversed(range(size)):
            found[i] = (middle[i] - sum(lower[k][i] * found[k] for k in range(i + 1, size))) / lower[i][i]
        solved.append(found)
    return solved
