"""Help: the keys as they are now, what the figures mean, and what is wrong with the file."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from ostream_compare.domain.definitions import FIGURES, MARKS, REPEATS, SCREEN
from ostream_compare.domain.errors import Problem
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.safe_app import SafeApp
from ostream_compare.tui.widgets.terms import Section, TermsPage


class HelpScreen(ModalScreen[None]):
    """A scrolling page."""

    app = getters.app(SafeApp)
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,question_mark,f1,q",
            "dismiss",
            "Close",
            id="close_help",
            key_display="esc",
            tooltip="Close help",
        ),
    ]

    def __init__(self, problems: Sequence[Problem], bindings: Mapping[str, ActiveBinding]) -> None:
        super().__init__()
        self._problems = tuple(problems)
        self._keys = bindings

    def compose(self) -> ComposeResult:
        """Problems first: they are why one looks."""
        with VerticalScroll(id="help"):
            yield TermsPage(self._sections())

    def on_mount(self) -> None:
        """Its keys are listed in its own frame."""
        frame = self.query_one("#help")
        frame.border_title = "Help"
        frame.border_subtitle = "esc closes"
        frame.focus()

    def _sections(self) -> list[Section]:
        problems = [("", clean_line(str(problem))) for problem in self._problems]
        wrong = [Section(title="What is wrong", terms=problems, problem=True)] if problems else []
        keys = [(keys, what) for what, keys in self._keys_by_action().items()]
        return [
            *wrong,
            Section(title="Keys", terms=keys),
            Section(title="Figures", terms=FIGURES),
            Section(title="Signs", terms=MARKS),
            Section(title="More than one round", terms=REPEATS),
            Section(title="On the screen", terms=SCREEN),
        ]

    def _keys_by_action(self) -> dict[str, str]:
        """Tooltip to keys, those of the last row first; only what does something and has an id is told."""
        keys: dict[str, list[str]] = {}
        for active in sorted(self._keys.values(), key=lambda active: not active.binding.show):
            binding = active.binding
            if binding.id and not binding.id.startswith("pane_"):
                shown = self.app.get_key_display(Binding(binding.key, ""))
                keys.setdefault(binding.tooltip or binding.description, []).append(shown)
        if "1" in self._keys:
            keys["To pane 1 to 9"] = ["1-9"]
        return {what: ", ".join(dict.fromkeys(shown)) for what, shown in keys.items()}
