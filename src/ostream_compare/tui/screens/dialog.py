"""What all screens above the main one have in common: a worker that fails says so."""

from typing import ClassVar, TypeVar, cast

from textual import getters, on
from textual.binding import Binding
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ostream_compare.tui.safe_app import SafeApp
from ostream_compare.tui.screens.help import HelpScreen

Result = TypeVar("Result")

HELP = Binding("question_mark,f1", "help", "Help", id="help", key_display="?", tooltip="Keys and terms")


class Dialog(Screen[Result]):
    """A screen whose workers are started with `exit_on_error=False`."""

    app = getters.app(SafeApp)
    NAME: ClassVar[str] = ""
    """In the table of keys, for the help."""

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """A worker's own failure would vanish otherwise."""
        error = cast("Worker[object]", event.worker).error
        if event.state is WorkerState.ERROR and error is not None:
            self.failed(f"{type(error).__name__}: {error}")

    def action_help(self) -> None:
        """Keys, terms."""
        self.app.push_screen(HelpScreen((), self.active_bindings, self.NAME))

    def failed(self, reason: str) -> None:
        """Say why a worker ended; a dialog with a better place for it overrides this."""
        self.notify(reason, title="That did not work", severity="error", markup=False)
