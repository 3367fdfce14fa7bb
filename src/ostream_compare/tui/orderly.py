"""Keys one after the other, however fast they come: each may move the focus, which the next one goes to.

Textual hands all keys of one read to what has the focus then; over a slow line that is a word at a time, and
`/mutex` in the history would be six commands.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from typing_extensions import TypeIs, override

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

AT_ONCE = frozenset({"ctrl+q", "ctrl+c"})
"""Keys that leave, whatever is under way."""
_PATIENCE = 1.0
"""Seconds that a key may take before the next one is handed on."""

Typed = events.Key | events.Paste


class OrderlyApp(App[int]):
    """Takes the next key, or what is pasted, when the last one has been handled."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._typed: deque[Typed] = deque()
        self._handing_on: asyncio.Task[None] | None = None
        self.keys_go_on = asyncio.Event()
        """Cleared while what is typed is to be kept."""
        self.keys_go_on.set()

    @override
    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed while a key is under way; everything else as ever."""
        if not is_typed(event):
            await super().on_event(event)
        elif self._handing_on is not None and not self._handing_on.done():
            self._typed.append(event)
        else:
            await super().on_event(event)
            self._hand_on_later()

    def _hand_on_later(self) -> None:
        task = self._handing_on = asyncio.create_task(self._hand_on())
        task.add_done_callback(self._handed_on)

    async def _hand_on(self) -> None:
        await self._settled()
        while self._typed and self._screen_stack:  # none is left once the app is closing
            await super().on_event(self._typed.popleft())
            await self._settled()

    def _handed_on(self, task: "asyncio.Task[None]") -> None:
        """A mistake in what a key does ends the app as it would without this."""
        if not task.cancelled() and (error := task.exception()) is not None:
            assert isinstance(error, Exception)
            self._handle_exception(error)

    async def _settled(self) -> None:
        """Wait until all that was posted to the focus and what holds it was handled, and keys may go on."""
        for node in (*(self.focused or self.screen).ancestors_with_self, self):
            await _turn_of(node)
        await self.keys_go_on.wait()


def is_typed(event: events.Event) -> TypeIs[Typed]:
    """Whether it comes from the keyboard just now, and can wait."""
    if not isinstance(event, Typed) or event.is_forwarded:
        return False
    return not (isinstance(event, events.Key) and event.key in AT_ONCE)


async def _turn_of(node: "MessagePump") -> None:
    done = asyncio.Event()
    if node.is_running and node.call_later(done.set):
        with suppress(TimeoutError):  # it was closed before it had its turn
            async with asyncio.timeout(_PATIENCE):
                await done.wait()
