"""What all screens above the main one have in common: a worker that fails says so."""

from typing import TypeVar, cast

from textual import getters, on
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ostream_compare.tui.safe_app import SafeApp

Result = TypeVar("Result")


class Dialog(Screen[Result]):
    """A screen whose workers are started with `exit_on_error=False`."""

    app = getters.app(SafeApp)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """A worker's own failure would vanish otherwise."""
        error = cast("Worker[object]", event.worker).error
        if event.state is WorkerState.ERROR and error is not None:
            self.failed(f"{type(error).__name__}: {error}")

    def failed(self, reason: str) -> None:
        """Say why a worker ended; a dialog with a better place for it overrides this."""
        self.notify(reason, title="That did not work", severity="error", markup=False)
