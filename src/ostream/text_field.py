"""Text that comes in pieces, in linear time and without lone surrogates. Pure."""

from ostream.json_text import repaired


class TextField:
    """Text that grows; a surrogate pair that is cut in two is joined again."""

    __slots__ = ("_held", "_repaired", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._repaired = False
        self._held = ""

    @property
    def was_repaired(self) -> bool:
        """Whether a lone surrogate was replaced."""
        return self._repaired or bool(self._held)

    def add(self, text: str) -> str:
        """Append `text`, which is not empty; returns what became visible by it."""
        if self._held:
            text, self._held = self._held + text, ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        if not text:
            return ""
        if not text.isascii():
            whole = repaired(text)
            self._repaired |= whole.count("\ufffd") > text.count("\ufffd")
            text = whole
        self.parts.append(text)
        return text

    def flush(self) -> str:
        """What was held back, at the end of the answer."""
        if not self._held:
            return ""
        self._held, self._repaired = "", True
        self.parts.append("\ufffd")
        return "\ufffd"

    def __str__(self) -> str:
        if len(self.parts) > 1:
            self.parts[:] = ["".join(self.parts)]
        text = self.parts[0] if self.parts else ""
        return text + "\ufffd" if self._held else text
