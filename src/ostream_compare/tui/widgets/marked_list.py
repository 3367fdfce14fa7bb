"""A list whose marked row is seen in the terminal's own colours, too."""

from dataclasses import replace

from textual import getters
from textual.style import Style
from textual.widgets import OptionList

from ostream_compare.tui.safe_app import SafeApp

_MARKED = "option-list--option-highlighted"


class MarkedList(OptionList):
    """Turns the marked row's colours round where the theme has the terminal's own.

    Such a theme marks a row of a list without the focus with no colour at all. With the focus it does, but
    parts of the row have colours of their own, and some of them cannot be read on the mark.
    """

    DEFAULT_CSS = """
    MarkedList:ansi {
        & > .option-list--option-highlighted { color: $foreground; background: $background; }
        &:focus > .option-list--option-highlighted {
            color: $foreground;
            background: $background;
            text-style: bold;
        }
    }
    """
    app = getters.app(SafeApp)

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """As elsewhere; Textual leaves out what is turned round."""
        style = super().get_visual_style(*component_classes, partial=partial)
        marked = _MARKED in component_classes and self.app.current_theme.ansi
        return replace(style, reverse=True) if marked else style
