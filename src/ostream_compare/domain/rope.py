"""Text that only grows: appending is constant time, and every snapshot stays valid."""

from dataclasses import dataclass, field


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

    def extend(self, texts: list[str]) -> "Rope":
        """This rope and `texts`, none of them empty; this one stays as it is."""
        if not texts:
            return self
        parts = self.parts if len(self.parts) == self.count else self.parts[: self.count]
        parts.extend(texts)
        return Rope(parts, self.count + len(texts), self.length + sum(map(len, texts)))

    def since(self, count: int) -> str:
        """What was added after the first `count` parts."""
        return "".join(self.parts[count : self.count])

    def __str__(self) -> str:
        return "".join(self.parts[: self.count])

    def __bool__(self) -> bool:
        return self.length > 0
