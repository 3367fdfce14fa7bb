"""A dialog above a screen, which is dimmed below it, with the terminal's own colours too."""

from collections.abc import Iterable
from typing import TypeVar, cast

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import getters
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen

from ostream_compare.tui.safe_app import SafeApp

Result = TypeVar("Result")

_DIM = Style(dim=True, bold=False)
"""Bold gives way: many terminals show text that is both as bold."""


class Modal(ModalScreen[Result]):
    """A screen of which the one below is dimmed."""

    app = getters.app(SafeApp)

    def render(self) -> RenderableType:
        """What is below; colours that are the terminal's cannot be mixed, so its own dimming is asked for."""
        below = super().render()
        if isinstance(below, BackgroundScreen) and self.app.native_ansi_color:
            return _Dimmed(cast("Screen[object]", below.screen), below.color)
        return below


class _Dimmed(BackgroundScreen):
    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        for text, style, control in super().process_segments(segments, color):
            yield Segment(text, style if control or style is None else style + _DIM, control)
