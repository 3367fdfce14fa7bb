"""`[ui.keymap]` against the bindings that there are."""

from collections.abc import Sequence

from textual.binding import BindingType
from textual.dom import DOMNode

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Config
from ostream_compare.tui.keymap import binding_keys, checked
from ostream_compare.tui.screens.blind_vote import BlindVoteScreen
from ostream_compare.tui.screens.diff import DiffScreen
from ostream_compare.tui.screens.export_dialog import ExportDialog
from ostream_compare.tui.screens.help import HelpScreen
from ostream_compare.tui.screens.history import DeleteDialog, HistoryScreen
from ostream_compare.tui.screens.links import LinkDialog, LinkList
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.screens.model_picker import ModelPicker
from ostream_compare.tui.screens.prompt_picker import PromptForm, PromptPicker, ValueInput
from ostream_compare.tui.screens.replay import ReplayScreen
from ostream_compare.tui.screens.results import ResultsScreen
from ostream_compare.tui.screens.system_prompt import SystemPrompt
from ostream_compare.tui.widgets.pane import Pane
from ostream_compare.tui.widgets.prompt import PromptArea

DIALOGS: tuple[type[DOMNode], ...] = (
    HelpScreen,
    ResultsScreen,
    DiffScreen,
    BlindVoteScreen,
    ExportDialog,
    ModelPicker,
    HistoryScreen,
    DeleteDialog,
    PromptPicker,
    PromptForm,
    SystemPrompt,
    LinkDialog,
    LinkList,
)
"""Whose keys do not meet those of the main screen."""
FIELDS: tuple[type[DOMNode], ...] = (PromptArea, ValueInput)
"""Whose keys go before those of the screen around them."""
_OURS = "ostream_compare."


def bindings_of(owner: type[DOMNode]) -> list[list[BindingType]]:
    """The bindings of a screen or a widget and of the parts that it is made of, Textual's own left out."""
    parts = (part for part in owner.__mro__ if issubclass(part, DOMNode))
    return [part.BINDINGS for part in parts if part.__module__.startswith(_OURS) and "BINDINGS" in vars(part)]


def usable_keymap(config: Config, everywhere: Sequence[BindingType]) -> tuple[dict[str, str], list[Problem]]:
    """What of a file's keymap can be used, and what is wrong with the rest.

    Args:
        config: The file.
        everywhere: The application's own bindings.
    """
    panes = bindings_of(Pane)
    screens = [
        binding_keys((everywhere, *bindings_of(MainScreen), *panes)),
        binding_keys((everywhere, *bindings_of(ReplayScreen), *panes)),
        *(binding_keys((everywhere, *bindings_of(dialog))) for dialog in DIALOGS),
    ]
    known = binding_keys(bindings for owner in FIELDS for bindings in bindings_of(owner))
    for screen in screens:
        known |= {name: (*keys, *known.get(name, ())) for name, keys in screen.items()}
    return checked(config.keymap, known, config.path, together=[frozenset(screen) for screen in screens])
