"""Text that only grows: appending is constant time, and every snapshot stays valid."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Spot(NamedTuple):
    """A place in a rope."""

    part: int = 0
    """Index of a part."""
    offset: int = 0
    """Characters of it that are before the place."""


@dataclass(frozen=True, slots=True)
class Rope:
    """An immutable view on the first `count` parts of a list that newer ropes share and extend."""

    parts: list[str] = field(default_factory=list[str], repr=False)
    count: int = 0
    length: int = 0
    """Characters in all."""

    def add(self, text: str) -> "Rope":
        """This rope and `text`; this one stays as it is."""
        if not text:
            return self
        parts = self.parts if len(self.parts) == self.count else self.parts[: self.count]
        parts.append(text)
        return Rope(parts, self.count + 1, self.length + len(text))

    def read(self, start: Spot, most: int) -> tuple[str, Spot]:
        """At most so many characters from a place on, and the place behind them."""
        taken: list[str] = []
        part, offset = start
        while part < self.count and most > 0:
            text = self.parts[part]
            piece = text[offset : offset + most]
            taken.append(piece)
            most -= len(piece)
            offset += len(piece)
            if offset >= len(text):
                part, offset = part + 1, 0
        return "".join(taken), Spot(part, offset)

    def before_end(self, characters: int) -> Spot:
        """The place that is so many characters before the end; the beginning if there are not so many."""
        part = self.count
        while part > 0 and characters > 0:
            part -= 1
            characters -= len(self.parts[part])
        return Spot(part, max(0, -characters))

    def __str__(self) -> str:
        return "".join(self.parts[: self.count])

    def __bool__(self) -> bool:
        return self.length > 0
