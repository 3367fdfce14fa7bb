"""The main screen's keys for its dialogs: diff, export, the models of the next run."""

from typing import ClassVar

from textual import getters, work
from textual.binding import Binding, BindingType

from ostream_compare.domain.lane import Ended, Streaming
from ostream_compare.storage.results import file_stem
from ostream_compare.tui.model_rows import model_row
from ostream_compare.tui.remembering import RememberingApp, said_models
from ostream_compare.tui.screens.diff import DiffScreen
from ostream_compare.tui.screens.export_dialog import ExportDialog
from ostream_compare.tui.screens.model_picker import ModelPicker, Picked
from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.session import Session

EXPORT = Binding("e", "export", "Export", show=False, id="export", tooltip="Write this comparison to a file")
"""On every screen that shows a run."""


def export_dialog(session: Session) -> ExportDialog | None:
    """Asks where to export a session's run, as it is when the file is written; `None` before the first."""
    run = session.run
    if run is None:
        return None
    stem = file_stem(run.id, run.prompt.name or run.prompt.user)
    return ExportDialog(lambda: session.comparison_of(session.run or run), stem)


class DialogsScreen(RunningScreen):
    """Opens what is about this run, or about the next one."""

    app = getters.app(RememberingApp)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "diff", "Diff", id="diff", tooltip="Compare this answer with another"),
        EXPORT,
        Binding(
            "M", "models", "Models", show=False, id="models", tooltip="Choose the models of the next run"
        ),
    ]

    def action_diff(self) -> None:
        """This answer against the next one that has text."""
        left = self.current
        following = [
            (left + step) % len(self.session.presets) for step in range(1, len(self.session.presets))
        ]
        lanes = self.session.shown.lanes if self.session.shown is not None else ()
        spoken = [lane for lane in following if isinstance(lanes[lane], Streaming | Ended)]
        self.app.push_screen(DiffScreen(self.session, left, (spoken or following)[0]))

    def action_export(self) -> None:
        """Write this comparison to a file."""
        dialog = export_dialog(self.session)
        if dialog is None:
            self.notify("There is nothing to export before the first run.", severity="warning", markup=False)
        else:
            self.app.push_screen(dialog)

    def action_models(self) -> None:
        """Choose the models of the next run."""
        session = self.session
        rows = [
            model_row(preset, session.machine.environ, session.run, trusted=session.config.trusted)
            for preset in session.config.presets
        ]
        self.app.push_screen(ModelPicker(rows, session.chosen, session.config.enabled), self._models_chosen)

    def _models_chosen(self, presets: Picked | None) -> None:
        if presets is None or presets == self.session.chosen:
            return
        self.session.choose(presets)
        self._show_models()
        config = self.session.config
        self.app.remember_models(config.path, presets, config.enabled)
        at = "The next run asks" if self.session.run is not None else "Asked are"
        self.notify(f"{at} {said_models(presets)}.", title="Models", markup=False)

    @work(exit_on_error=False, group="launch")
    async def _show_models(self) -> None:
        await self.place_lanes()
        self.run_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        match action:
            case "diff":
                return self.session.run is not None and len(self.session.presets) > 1
            case "export":
                return self.session.run is not None
            case "models":
                return bool(self.session.config.presets)
            case _:
                return super().check_action(action, parameters)
