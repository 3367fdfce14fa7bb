"""Help: every key as it is now, what the figures mean, and what is wrong with the file."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from ostream_compare.domain.definitions import FIGURES, MARKS, REPEATS, SCREEN
from ostream_compare.domain.errors import Problem
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.help_keys import IN_THE_PANES, KeyLists
from ostream_compare.tui.safe_app import SafeApp
from ostream_compare.tui.screens.modal import Modal
from ostream_compare.tui.widgets.terms import Section, TermsPage


class HelpScreen(Modal[None]):
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

    def __init__(
        self, problems: Sequence[Problem], bindings: Mapping[str, ActiveBinding], screen: str = IN_THE_PANES
    ) -> None:
        """Help for a screen.

        Args:
            problems: What is wrong with the file.
            bindings: What the screen binds now.
            screen: Its name in the table of keys.
        """
        super().__init__()
        self._problems = tuple(problems)
        self._keys = bindings
        self._screen_name = screen

    def compose(self) -> ComposeResult:
        """Problems first: they are why one looks."""
        with VerticalScroll(id="help"):
            yield TermsPage(self._sections())

    def on_mount(self) -> None:
        """Its keys are listed in its own frame."""
        frame = self.query_one("#help")
        frame.border_title = "Help"
        frame.border_subtitle = Content(f"{self.app.key('close_help')} closes").markup
        frame.focus()

    def _sections(self) -> list[Section]:
        problems = [("", clean_line(str(problem))) for problem in self._problems]
        wrong = [Section(title="What is wrong", terms=problems, problem=True)] if problems else []
        keys = KeyLists(self._keys.values(), self.app.remapped, self._display)
        return [
            *wrong,
            keys.here(self._screen_name),
            Section(title="Figures", terms=FIGURES),
            Section(title="Signs", terms=MARKS),
            Section(title="More than one round", terms=REPEATS),
            Section(title="On the screen", terms=SCREEN),
            *keys.elsewhere(self._screen_name),
        ]

    def _display(self, key: str) -> str:
        return self.app.get_key_display(Binding(key, ""))
