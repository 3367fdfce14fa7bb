"""Tool calls as they come in, as a person reads them: `name(arguments)`, a line each."""

from collections.abc import Iterable

from ostream.delta import ToolFragment
from ostream.text_field import TextField


class ToolWords:
    """Makes words of the pieces of one answer's tool calls; the verdict has the whole calls, in order."""

    def __init__(self) -> None:
        self._open: tuple[int | None, str | None] | None = None
        self._told = TextField()

    def feed(self, fragments: Iterable[ToolFragment]) -> str:
        """What `fragments` add; a surrogate that may be half of a letter waits for the other half."""
        words = "".join(map(self._words, fragments))
        told = self._told.add(words) if words else ""
        self._told.parts.clear()
        return told

    def _words(self, fragment: ToolFragment) -> str:
        if not fragment.name or not self._is_new(fragment):
            return fragment.arguments
        before = "" if self._open is None else ")\n"
        self._open = fragment.index, fragment.id
        return f"{before}{fragment.name}({fragment.arguments}"

    def _is_new(self, fragment: ToolFragment) -> bool:
        """Whether another call begins: some servers repeat the name with every piece of one."""
        if self._open is None:
            return True
        index, known_id = self._open
        if fragment.index is not None and fragment.index != index:
            return True
        return fragment.id is not None and fragment.id != known_id
