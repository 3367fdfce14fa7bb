"""The keys that apply now, in one row at the bottom; a click presses them.

Textual's footer makes a widget of each key, and all of them anew at each change of the focus: that holds up
the next key by a tenth of a second beside sixteen panes. This one is painted.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from textual import events, getters
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from ostream_compare.tui.safe_app import SafeApp

if TYPE_CHECKING:
    from textual.signal import Signal

_PALETTE = "command_palette"
_HELP = frozenset({"help", "explain"})
_GAPS = (2, 1)
"""Cells between two keys: as many as there is room for."""


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key of the bar."""

    key: str
    """As it is pressed."""
    shown: str
    """As it is written."""
    description: str
    tooltip: str
    enabled: bool
    is_elsewhere: bool = False
    """Whether the screen names it in another place, too."""

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return cell_len(self.shown) + 1 + cell_len(self.description)

    @property
    def leads_out(self) -> bool:
        """Whether it closes something."""
        return "escape" in self.key.split(",")


class KeyBar(Widget):
    """`? Help  z Zoom`: help first, then the others in the order of the bindings; the palette at the right.

    Where not all fit, the ways out are there: escape, and the last of them. Below a dialog there are none.

    Args:
        unsaid: The actions that need no place now, though their keys apply.
        elsewhere: The actions whose keys the screen names in another place, too: they give way first.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    """
    app = getters.app(SafeApp)
    hints: reactive[tuple[KeyHint, ...]] = reactive(())
    palette: reactive[KeyHint | None] = reactive(None)
    covered: reactive[bool] = reactive(default=False)
    """Whether another screen has the keys."""

    def __init__(
        self, unsaid: Callable[[], Collection[str]] = tuple, *, elsewhere: Collection[str] = ()
    ) -> None:
        super().__init__()
        self._unsaid = unsaid
        self._elsewhere = elsewhere

    def on_mount(self) -> None:
        """Hear when other keys apply."""
        changed = cast("Signal[Screen[object]]", self.screen.bindings_updated_signal)
        changed.subscribe(self, self._bindings_changed)
        shown = cast("Signal[Screen[object]]", self.app.screen_change_signal)
        shown.subscribe(self, self._screen_changed)

    def _screen_changed(self, screen: Screen[object]) -> None:
        self.covered = self.is_attached and screen is not self.screen

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if not (self.is_attached and screen.is_mounted and screen is self.screen):
            return
        hints: dict[str, KeyHint] = {}
        palette = None
        unsaid = self._unsaid()
        for active in screen.active_bindings.values():
            binding = active.binding
            hint = KeyHint(
                binding.key,
                self._shown(screen, binding),
                binding.description,
                binding.tooltip or binding.description,
                active.enabled,
                is_elsewhere=binding.action in self._elsewhere,
            )
            if binding.action == _PALETTE:
                palette = palette or hint
            elif binding.show and binding.action not in unsaid:
                hints.setdefault(binding.action, hint)
        ordered = sorted(hints.items(), key=lambda named: named[0] not in _HELP)
        self.hints, self.palette = tuple(hint for _, hint in ordered), palette

    def _shown(self, screen: Screen[object], binding: Binding) -> str:
        """How a key is written; one of two keys that the focus takes for a letter is not the one."""
        shown, focused = self.app.get_key_display(binding), screen.focused
        is_letter = len(shown) == 1 and shown.isascii()
        if is_letter and focused is not None and focused.check_consume_key(shown, shown):
            return self.app.get_key_display(replace(binding, key_display=None))
        return shown

    @property
    def _fitting(self) -> tuple[int, tuple[KeyHint, ...]]:
        """The gap between two, and as many as there is room for; the palette gives way first."""
        width, hints = self.size.width, self.hints
        for gap in _GAPS:
            if sum(hint.width + gap for hint in hints) - gap <= width:
                return gap, hints
        hints = tuple(hint for hint in hints if not hint.is_elsewhere)
        room, fits = width + 1, set[KeyHint]()
        for hint in sorted(hints, key=lambda hint: not hint.leads_out and hint is not hints[-1]):
            room -= hint.width + 1
            if room < 0:
                break
            fits.add(hint)
        return 1, tuple(hint for hint in hints if hint in fits)

    def render(self) -> Content:
        """The row."""
        if self.covered:
            return Content("")
        gap, fitting = self._fitting
        row = Content(" " * gap).join(_content(hint) for hint in fitting)
        palette = self.palette
        room = self.size.width - row.cell_length
        if palette is None or room < palette.width + 3:
            return row
        blank = " " * (room - palette.width - 2)
        return Content.assemble(row, blank, ("▏", "$footer-foreground"), _content(palette), " ")

    def _at(self, x: int) -> KeyHint | None:
        start = 0
        gap, fitting = self._fitting
        for hint in fitting:
            if start <= x < start + hint.width:
                return hint
            start += hint.width + gap
        palette = self.palette
        if palette is not None and start - gap + palette.width + 3 <= self.size.width:
            first = self.size.width - palette.width - 1
            if first <= x < first + palette.width:
                return palette
        return None

    def on_click(self, event: events.Click) -> None:
        """Press the key."""
        event.stop()
        hint = self._at(event.x)
        if hint is None:
            return
        if hint.enabled:
            self.app.simulate_key(hint.key)
        else:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what the key under the mouse does."""
        hint = self._at(event.x)
        self.tooltip = Content(hint.tooltip) if hint is not None else None


def _content(hint: KeyHint) -> Content:
    dim = "" if hint.enabled else " dim"
    return Content.assemble(
        (hint.shown, f"$footer-key-foreground bold{dim}"),
        " ",
        (hint.description, f"$footer-description-foreground{dim}"),
    )
