"""`[ui.keymap]` against the bindings that there are."""

from collections.abc import Sequence

from textual.binding import BindingType

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Config
from ostream_compare.tui.keymap import binding_keys, checked
from ostream_compare.tui.screens.help import HelpScreen
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.screens.prompt_picker import PromptForm, PromptPicker, ValueInput
from ostream_compare.tui.screens.results import ResultsScreen
from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.screens.system_prompt import SystemPrompt
from ostream_compare.tui.widgets.pane import Pane
from ostream_compare.tui.widgets.prompt import PromptArea

DIALOGS = (HelpScreen, ResultsScreen, PromptArea, PromptPicker, PromptForm, ValueInput, SystemPrompt)
"""Whose keys do not meet those of the main screen."""


def bindings_of(screen: type[RunningScreen]) -> list[list[BindingType]]:
    """The bindings of a screen and of the parts that it is made of."""
    parts = [part for part in screen.__mro__ if issubclass(part, RunningScreen)]
    return [part.BINDINGS for part in parts if "BINDINGS" in vars(part)]


def usable_keymap(config: Config, everywhere: Sequence[BindingType]) -> tuple[dict[str, str], list[Problem]]:
    """What of a file's keymap can be used, and what is wrong with the rest.

    Args:
        config: The file.
        everywhere: The application's own bindings.
    """
    main = binding_keys((everywhere, *bindings_of(MainScreen), Pane.BINDINGS))
    others = binding_keys(owner.BINDINGS for owner in DIALOGS)
    return checked(config.keymap, {**main, **others}, config.path, together=frozenset(main))
