"""Going back and forth in the prompts that were sent; what stood in the box before comes back. Pure."""

from collections.abc import Iterable


class PromptHistory:
    """The prompts, oldest first, and where in them one is.

    Text that someone is writing is never replaced: only an empty box, and a text that is as it was put there.
    """

    def __init__(self) -> None:
        self._entries: list[str] = []
        self._place: int | None = None
        self._draft = ""
        self._shown: str | None = None

    def load(self, entries: Iterable[str]) -> None:
        """Put what was sent in earlier sessions before what was sent in this one."""
        own = self._entries
        earlier = [entry for entry in entries if entry not in own]
        if self._place is not None:
            self._place += len(earlier)
        self._entries = [*earlier, *own]

    def add(self, prompt: str) -> None:
        """A prompt was sent; it is the newest, and nowhere else."""
        self.keep(prompt)
        self.put(prompt)

    def keep(self, text: str) -> None:
        """A text that was written and has to make room; it is found as if it had been sent."""
        self._entries = [*(entry for entry in self._entries if entry != text), text]

    def put(self, text: str | None) -> None:
        """The box was filled with `text` (`None`: with one that stays), and one is out of the history."""
        self._place, self._shown = None, text

    def is_untouched(self, text: str) -> bool:
        """Whether `text` may be replaced."""
        return not text or text == self._shown

    def older(self, text: str) -> str | None:
        """What comes before the box's `text`; `None` where there is nothing, or it must stay."""
        if not self.is_untouched(text):
            return None
        if self._place is None or text != self._shown:
            self._draft, self._place = text, len(self._entries)
        for place in range(self._place - 1, -1, -1):
            if self._entries[place] != text:
                return self._go(place)
        return None

    def newer(self, text: str) -> str | None:
        """What comes after the box's `text`, at last what stood there first; `None` if there is nothing."""
        if self._place is None or text != self._shown:
            return None
        for place in range(self._place + 1, len(self._entries)):
            if self._entries[place] != text:
                return self._go(place)
        self.put(self._draft)
        return self._draft

    def _go(self, place: int) -> str:
        self._place, self._shown = place, self._entries[place]
        return self._shown
