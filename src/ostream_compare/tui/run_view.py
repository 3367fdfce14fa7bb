"""A run as the header shows it: how far it is, how long it takes, what it costs. Pure."""

from dataclasses import dataclass

from ostream_compare.domain import figures
from ostream_compare.domain.conversation import turn_words
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.run import Run, round_words
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.charts.race import Launched
from ostream_compare.tui.views import MILLION, LaneView, brief_time


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """What the header, the strip and the tables show of a run."""

    number: int
    """Counted from 1 in this session; 0 before the first."""
    ended: int
    elapsed: str
    """Since the first request of this run left, or of its last rerun, named as one; empty before that."""
    cost: str
    lanes: tuple[LaneView, ...]
    demo: bool
    prompt: str = ""
    turn: str = ""
    """`turn 2` of a conversation; empty for the first."""
    round: str = ""
    """`round 2/5` or `warm-up 1/2`; empty where there is but one."""
    over_budget: bool = False
    """Whether it was stopped because it cost what it may."""

    @property
    def over(self) -> bool:
        """Whether nothing runs."""
        return self.ended == len(self.lanes)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a run has cost; made anew only when a cost is new, for the rounds may be many."""

    run: Run
    cost: str
    over_budget: bool

    @classmethod
    def of(cls, run: Run, last: "Spending | None" = None) -> "Spending":
        """The spending of `run`; `last` where nothing was added to it."""
        if last is not None and _same_costs(run, last.run):
            return last
        costs = run.costs
        return cls(run, figures.total_money(costs) if costs else "", run.over_budget)


def _same_costs(a: Run, b: Run) -> bool:
    alike = a.past is b.past and a.discarded is b.discarded and a.cut_by_budget == b.cut_by_budget
    return alike and (a.id, a.round, a.ended) == (b.id, b.round, b.ended)


def view_of_run(
    number: int, run: Run, lanes: tuple[LaneView, ...], *, launched: Launched, now: int, spending: Spending
) -> RunView:
    """The whole run; `launched` and `now` are nanoseconds since its origin.

    Its time begins with the first request, as that of the lanes does: what is made ready before is no answer.
    """
    stamps = [lane.at for lane in run.lanes if isinstance(lane, Ended)]
    until = max(stamps, default=now) if run.is_over else now
    begun = launched.left or any(figures.phase(lane) != "queued" for lane in run.lanes)
    elapsed = brief_time(max(0, until - launched.at) / MILLION)
    return RunView(
        number=number,
        ended=run.ended,
        elapsed=("rerun " * launched.again + elapsed) if begun else "",
        cost=spending.cost if run.is_over else _at_least(spending.cost),
        lanes=lanes,
        demo=run.is_demo,
        prompt=clean_line(run.prompt.name or run.prompt.user),
        turn=turn_words(run.prompt),
        round=round_words(run),
        over_budget=spending.over_budget,
    )


def _at_least(cost: str) -> str:
    """A sum to which more is to come."""
    return f"≥{cost}" if "$" in cost and not cost.startswith(("≥", "$0 ")) and cost != "$0" else cost
