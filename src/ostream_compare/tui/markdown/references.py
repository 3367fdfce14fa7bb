"""The addresses that `[label]: address` lines give to the labels of links."""

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field

Definition = dict[str, str]


@dataclass(slots=True)
class References:
    """Definitions of finished text, and those of the text that is still open."""

    settled: dict[str, Definition] = field(default_factory=dict[str, Definition])
    fresh: dict[str, Definition] = field(default_factory=dict[str, Definition])

    def environment(self) -> MutableMapping[str, MutableMapping[str, Definition]]:
        """As markdown-it wants it; what is defined first wins."""
        return {"references": ChainMap(self.fresh, self.settled)}

    def settle(self, label: str) -> None:
        """Keep a definition of text that is finished."""
        if label in self.fresh:
            self.settled.setdefault(label, self.fresh[label])
