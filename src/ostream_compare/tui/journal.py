"""What a sitting logs of its runs, as far as it logs them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ostream_compare.collector.protocol import OverBudget, Ready, Report
from ostream_compare.domain.preset import Config
from ostream_compare.domain.recorded import RunEnded, Step, Unvoted, Voted, ending, happened, header_of
from ostream_compare.domain.run import Run
from ostream_compare.storage.recorder import Recorder
from ostream_compare.tui.background import in_background


class Journal:
    """Turns what a session does into records; without a recorder nothing is logged."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    def begin(self, run: Run, config: Config) -> Run:
        """A run gets a log of its own, and the id of it."""
        if self._recorder is None:
            return run
        return replace(run, id=self._recorder.begin(header_of(run, config)))

    def step(self, before: Run | None, run: Run, steps: Sequence[Step]) -> None:
        """What led from one picture of a run to the next beside events, and its end if that has come."""
        if self._recorder is not None:
            was_over = before is not None and before.id == run.id and before.is_over
            end = () if was_over else ending(run, steps, datetime.now(UTC))
            self._recorder.add(run.id, *steps, *end)

    def hear(self, report: Report, run: Run | None) -> None:
        """Log what arrives at once: the next frame may never come."""
        if self._recorder is None or isinstance(report, Ready | OverBudget) or run is None:
            return
        if report.run == run.id:
            self._recorder.add(report.run, happened(report.event, round=run.round))

    def judge(self, run: str, judgement: Voted | Unvoted) -> None:
        """A vote, or that the last one is taken back."""
        if self._recorder is not None:
            self._recorder.add(run, judgement)

    async def close(self, run: Run | None, limit: float) -> None:
        """Write what waits; a run that is under way is stopped by it.

        Args:
            run: The last one.
            limit: Seconds.
        """
        recorder = self._recorder
        if recorder is None:
            return
        if run is not None and not run.is_over:
            recorder.add(run.id, RunEnded(how="cancelled", at=datetime.now(UTC)))
        await in_background(lambda: recorder.close(limit))
