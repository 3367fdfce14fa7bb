"""Collects every binding that there is, and writes `tui/key_table.py`: python tests/tui/binding_owners.py."""

from collections.abc import Sequence
from pathlib import Path

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from ostream_compare.tui import key_table
from ostream_compare.tui.app import CompareApp
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

SCREENS: dict[type[DOMNode], str] = {
    ResultsScreen: "the table of results",
    DiffScreen: "the diff",
    HistoryScreen: "the history",
    BlindVoteScreen: "the blind vote",
    ExportDialog: "the export dialog",
    ModelPicker: "the choice of models",
    DeleteDialog: "the question before a run is deleted",
    PromptPicker: "the choice of a prompt",
    PromptForm: "the values of a prompt",
    SystemPrompt: "the system prompt",
    LinkDialog: "the question before a link is opened",
    LinkList: "the list of links",
    HelpScreen: "the help",
}
DIALOGS = tuple(SCREENS)
"""Whose keys do not meet those of the main screen."""
FIELDS: dict[type[DOMNode], str] = {PromptArea: "the prompt box", ValueInput: "a value of a prompt"}
"""Whose keys go before those of the screen around them."""
_OURS = "ostream_compare."
_HEAD = '''"""Every key that there is by default, screen by screen; `make keys` writes this file. Pure."""

KeyRow = tuple[str, str, str]
"""The id that `[ui.keymap]` takes, the keys, what it does."""

'''


def bindings_of(owner: type[DOMNode]) -> list[list[BindingType]]:
    """The bindings of a screen or a widget and of the parts that it is made of, Textual's own left out."""
    parts = (part for part in owner.__mro__ if issubclass(part, DOMNode))
    return [part.BINDINGS for part in parts if part.__module__.startswith(_OURS) and "BINDINGS" in vars(part)]


def rows(owners: Sequence[Sequence[BindingType]]) -> tuple[tuple[str, str, str], ...]:
    """Id, keys and tooltip of each action; a second binding of the same id adds its keys."""
    found: dict[str, tuple[dict[str, None], str]] = {}
    for bindings in owners:
        for binding in Binding.make_bindings(bindings):
            assert binding.id
            found.setdefault(binding.id, ({}, binding.tooltip))[0][binding.key] = None
    return tuple((name, ",".join(keys), tooltip) for name, (keys, tooltip) in found.items())


def tables() -> dict[str, object]:
    """What `key_table` has to hold."""
    panes = [*bindings_of(MainScreen), *bindings_of(Pane)]
    own = [ReplayScreen.BINDINGS]
    return {
        "EVERYWHERE": rows([CompareApp.BINDINGS]),
        "PANES": rows(panes),
        "REPLAY": rows(own),
        "DIALOGS": {title: rows(bindings_of(owner)) for owner, title in SCREENS.items()},
        "FIELDS": {title: rows(bindings_of(owner)) for owner, title in FIELDS.items()},
    }


_ABOUT = {
    "EVERYWHERE": ("tuple[KeyRow, ...]", "On every screen."),
    "PANES": ("tuple[KeyRow, ...]", "On the main screen."),
    "REPLAY": ("tuple[KeyRow, ...]", "What an earlier run in the panes adds to them."),
    "DIALOGS": ("dict[str, tuple[KeyRow, ...]]", "Screen to its keys."),
    "FIELDS": ("dict[str, tuple[KeyRow, ...]]", "Input to its keys, which go before those of the screen."),
}


def text() -> str:
    """The module as it has to be; `ruff format` breaks its lines."""
    return _HEAD + "\n".join(
        f'{name}: {_ABOUT[name][0]} = {value!r}\n"""{_ABOUT[name][1]}"""' for name, value in tables().items()
    )


if __name__ == "__main__":
    Path(key_table.__file__).write_text(text() + "\n", encoding="utf-8")
