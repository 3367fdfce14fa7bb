"""What is taken over from the last start, and remembered for the next one: the theme and the models."""

from typing import TYPE_CHECKING

from textual import work

from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.background import in_background
from ostream_compare.tui.lending import LendingApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.theme import Theme

    from ostream_compare.domain.preset import Preset
    from ostream_compare.storage.settings import SettingsFile
    from ostream_compare.tui.machine import Machine
    from ostream_compare.tui.session import Session


def restored_models(session: "Session") -> str:
    """Let the session begin with the models that were chosen last for its file; what to tell of it."""
    machine = session.machine
    if machine.settings is None or not machine.restores_models:
        return ""
    names = machine.settings.load().models_of(session.config.path)
    by_name = {preset.name: preset for preset in session.config.presets}
    presets = tuple(by_name[name] for name in names if name in by_name)
    if not presets or presets == session.config.enabled:
        return ""
    session.choose(presets)
    return f"{said_models(presets)}, as chosen last time"


def said_models(presets: "tuple[Preset, ...]") -> str:
    """How many, and who."""
    count = "1 model" if len(presets) == 1 else f"{len(presets)} models"
    return f"{count}: {', '.join(clean_line(preset.name) for preset in presets)}"


class RememberingApp(LendingApp):
    """Opens in the theme that was chosen last, unless another was asked for, and keeps what is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._settings: SettingsFile | None = None
        self._keeps_theme = False
        self._told = ""

    def open_as_last_time(self, machine: "Machine", told: str, *, keeps_theme: bool) -> None:
        """Take over what is remembered; before the app runs.

        Args:
            machine: Where it is remembered.
            told: What to tell of the models that were taken over.
            keeps_theme: No theme was asked for on the command line.
        """
        self._settings, self._told = machine.settings, told
        self._keeps_theme = keeps_theme and not machine.environ.get("NO_COLOR")
        theme = self._settings.load().theme if self._settings is not None else None
        if self._keeps_theme and theme is not None and theme in self.available_themes:
            self.theme = theme

    def tell_remembered(self) -> None:
        """Say what was taken over, and hear of themes that are chosen from now on."""
        if self._told:
            self.notify(f"{self._told}; {self.key('models')} changes them.", title="Models")
        if self._settings is not None and self._settings.notice:
            self.notify(self._settings.notice, title="Settings", severity="warning", timeout=8)
        if self._keeps_theme:
            self.theme_changed_signal.subscribe(self, self._theme_changed)

    def _theme_changed(self, theme: "Theme") -> None:
        if (settings := self._settings) is not None:
            self._remember(lambda: settings.remember_theme(theme.name))

    def remember_models(
        self, config: str | None, presets: "tuple[Preset, ...]", of_file: "tuple[Preset, ...]"
    ) -> None:
        """Begin with these models the next time, unless they are just what the file says."""
        names = [] if presets == of_file else [preset.name for preset in presets]
        if (settings := self._settings) is not None:
            self._remember(lambda: settings.remember_models(config, names))

    @work(exit_on_error=False, group="remember")
    async def _remember(self, step: "Callable[[], None]") -> None:
        try:
            await in_background(step)
        except OSError as error:
            self.notify(
                f"{error.strerror or error}: it will not be there the next time.",
                title="Could not be remembered",
                severity="warning",
            )
