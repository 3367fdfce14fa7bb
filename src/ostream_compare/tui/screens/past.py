"""The main screen's way to earlier runs: the history, and what is done with a run that was picked there."""

from math import inf
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.storage.run_log import log_path, read_run
from ostream_compare.tui.background import in_background
from ostream_compare.tui.messages import RecorderSaid
from ostream_compare.tui.screens.history import HistoryScreen, Picked
from ostream_compare.tui.screens.running import RunningScreen


class PastScreen(RunningScreen):
    """Opens the history."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "H,f8", "history", "History", show=False, id="history", key_display="H", tooltip="Earlier runs"
        ),
    ]

    def on_mount(self) -> None:
        """Hear what goes wrong with the logs."""
        recorder = self.session.machine.recorder
        if recorder is not None:
            recorder.tell = lambda text: self.post_message(RecorderSaid(text))

    @on(RecorderSaid)
    def _recorder_said(self, message: RecorderSaid) -> None:
        message.stop()
        self.notify(clean_line(message.text), title="History", severity="warning", timeout=8, markup=False)

    @property
    def _history_folder(self) -> Path | None:
        recorder = self.session.machine.recorder
        return None if recorder is None else recorder.folder

    def action_history(self) -> None:
        """Earlier runs."""
        self._look_back(None)

    def _look_back(self, back_from: Picked | None) -> None:
        self.app.push_screen(HistoryScreen(self._history_folder, back_from), self._picked_run)

    def _picked_run(self, picked: Picked | None) -> None:
        if picked is not None:
            self._go_back_to(picked)

    @work(exclusive=True, exit_on_error=False, group="past")
    async def _go_back_to(self, picked: Picked) -> None:
        from ostream_compare.tui.replaying import ReplaySession  # noqa: PLC0415 - it is for those who look back
        from ostream_compare.tui.screens.replay import ReplayScreen  # noqa: PLC0415 - it is a main screen itself

        path = log_path(picked.run, self._history_folder)
        try:
            if picked.what == "rerun":
                header = (await in_background(lambda: read_run(path))).header
                self.begin(header.prompts[0])
                return
            speed = inf if picked.what == "open" else 1.0
            run = self.session.run
            is_present = run is not None and run.id == picked.run  # its votes are kept by its own session
            recorder = None if is_present else self.session.machine.recorder
            session = await in_background(
                lambda: ReplaySession(read_run(path), speed=speed, recorder=recorder)
            )
        except (OSError, UserError) as error:
            self.notify(clean_line(str(error)), title="History", severity="error", markup=False)
            return
        self.app.push_screen(ReplayScreen(session), lambda _: self._look_back(picked))
        if is_present:
            self.notify(
                f"This run is on the main screen, too: {self.app.key('vote')} votes on it there.",
                title="History",
            )
