"""Lets panes with much text go on laying it out, a little a frame, when nothing else makes them do so."""

from collections.abc import Callable, Iterable

from textual.widget import Widget

from ostream_compare.tui.pacer import FRAME, Round, Turns
from ostream_compare.tui.widgets.rows_view import RowsView

_ROUNDS = 3
"""How often the panes have their turn in a frame; keys come in between."""


class CatchingUp:
    """Works from the moment that a pane of the screen is behind until none is."""

    def __init__(self, screen: Widget, panes: Callable[[], Iterable[RowsView]]) -> None:
        self._panes = panes
        self._round = Round[RowsView]()
        self._ticker = screen.set_interval(FRAME, self._tick, pause=True)

    def wake(self) -> None:
        """A pane is behind."""
        self._ticker.resume()

    def stop(self) -> None:
        """For good."""
        self._ticker.stop()

    async def _tick(self) -> None:
        for _ in range(_ROUNDS):
            turns = Turns()
            behind = [pane for pane in self._panes() if pane.is_behind]
            if not behind:
                self._ticker.pause()
                return
            for pane in self._round.order(behind, None):
                pane.take_text()
                pane.draw_ahead()
                if turns.are_over:
                    break
                await turns.give()
            await turns.give()
