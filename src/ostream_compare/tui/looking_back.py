"""Which round of a run is looked at: the newest one, or one before it. Pure."""

from dataclasses import replace

from ostream_compare.domain.events import LaneEnded
from ostream_compare.domain.lane import Lane, Waiting, advance, recorded
from ostream_compare.domain.run import Run
from ostream_compare.domain.summary import final_attempts
from ostream_compare.tui.charts.race import Race

_MOST_RACES = 200
"""Rounds whose races are kept."""


class LookingBack:
    """Follows the newest round, unless someone goes back to an earlier one."""

    def __init__(self) -> None:
        self._earlier: Run | None = None
        self._races: dict[int, Race] = {}

    def restart(self) -> None:
        """Another run begins."""
        self._earlier = None
        self._races.clear()

    def turned(self, number: int, race: Race) -> Race:
        """Keep the race of a round that is over; the one of the next round."""
        self._races[number] = race
        if len(self._races) > _MOST_RACES:
            del self._races[next(iter(self._races))]
        return Race(race)

    def earlier(self, run: Run | None) -> Run | None:
        """`run` as it was in the earlier round that is looked at; `None`: the newest one is."""
        back = self._earlier
        return back if back is not None and run is not None and _is_before(back, run) else None

    def race(self, run: Run | None, newest: Race) -> Race:
        """Of the round that is looked at; of one long ago there is none."""
        back = self.earlier(run)
        return newest if back is None else self._races.get(back.round, Race())

    def can_go(self, run: Run | None, by: int) -> bool:
        """Whether there is a round so many after the one that is looked at."""
        return run is not None and by != 0 and 1 <= (self.earlier(run) or run).round + by <= run.round

    def go(self, run: Run | None, by: int) -> bool:
        """To a round before or after; whether there is one."""
        if run is None or not self.can_go(run, by):
            return False
        wanted = (self.earlier(run) or run).round + by
        self._earlier = None if wanted == run.round else as_it_was(run, wanted)
        return True

    def follow(self) -> None:
        """To the newest round, and on with the run."""
        self._earlier = None


def _is_before(back: Run, run: Run) -> bool:
    return back.id == run.id and back.round < run.round


def as_it_was(run: Run, number: int) -> Run:
    """A run at the end of an earlier round; its costs and votes are those of today."""
    told = final_attempts(response for response in run.past if response.round == number)
    verdicts = {response.name: response for response in told}
    lanes: list[Lane] = []
    for index, preset in enumerate(run.presets):
        response = verdicts.get(preset.name) or recorded(preset, Waiting(), round=number)
        lanes.append(advance(Waiting(), LaneEnded(lane=index, at=0, response=response)))
    return replace(run, round=number, lanes=tuple(lanes))
