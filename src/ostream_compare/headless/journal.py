"""What happens in a run without a screen, as records of its log."""

from datetime import UTC, datetime

from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.events import LaneEvent
from ostream_compare.domain.recorded import (
    CollectorLost,
    How,
    Noted,
    Record,
    Restarted,
    RoundBegan,
    RunEnded,
    happened,
)
from ostream_compare.storage.recorder import Recorder


class Journal:
    """The log of one run.

    Args:
        recorder: Has begun the run, or goes on with it; `None` for a run that is not logged.
        run: Its id.
    """

    def __init__(self, recorder: Recorder | None, run: str) -> None:
        self._recorder = recorder
        self._run = run

    def event(self, event: LaneEvent, prompt: int, of_round: int) -> None:
        """A lane's event, in the round that it belongs to."""
        self._add(happened(event, prompt=prompt, round=of_round))

    def round(self, number: int, prompt: int) -> None:
        """Another round of a prompt begins."""
        self._add(RoundBegan(round=number, prompt=prompt))

    def restarted(self, lane: int, prompt: int, of_round: int) -> None:
        """A lane is asked again."""
        self._add(Restarted(lane=lane, prompt=prompt, round=of_round))

    def stopped(self) -> None:
        """Someone stopped the run."""
        self._add(Noted(what="stopped"))

    def over_budget(self) -> None:
        """The run has cost what it may."""
        self._add(Noted(what="over_budget"))

    def lost(self, error: SavedError, at: int) -> None:
        """The collector ended."""
        self._add(CollectorLost(error=error, at=at))

    def end(self, how: How) -> None:
        """The run is over."""
        self._add(RunEnded(how=how, at=datetime.now(UTC)))
        if self._recorder is not None:
            self._recorder.flush()

    def close(self) -> None:
        """Wait until all of it is on the disk."""
        if self._recorder is not None:
            self._recorder.close()

    def _add(self, record: Record) -> None:
        if self._recorder is not None:
            self._recorder.add(self._run, record)
