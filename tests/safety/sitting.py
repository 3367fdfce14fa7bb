"""The program in a terminal that refuses to be steered, driven by keys and read as a person reads it."""

import time

from safety.screen import Screen
from torture.program import Terminal, until

ESCAPE = b"\x1b"
F1, F2, F8 = b"\x1bOP", b"\x1bOQ", b"\x1b[19~"
DOWN = b"\x1b[B"
_QUIET = 0.15
"""Seconds without a byte after which a screen is taken for painted."""


class Sitting(Terminal):
    """A terminal whose bytes go to a `Screen` as they come."""

    def __init__(self, home, *arguments, columns=200, rows=50, **environ):
        self.screen = Screen(columns, rows)
        self._fed = 0
        super().__init__(home, *arguments, columns=columns, rows=rows, **environ)

    def read(self, seconds=0.02):
        more = super().read(seconds)
        data, self._fed = self.seen[self._fed :], len(self.seen)
        self.screen.feed(data)
        return more

    def shows(self, *words):
        """Wait until all of `words` stand on the screen at once, wherever a line may be broken."""

        def all_there():
            text = self.screen.text
            return all(word in text for word in words)

        try:
            until(all_there, words, meanwhile=self.read)
        except AssertionError as error:
            missing = [word for word in words if word not in self.screen.text]
            raise AssertionError(f"{error}; missing {missing} in:\n{self.screen.text}") from None

    def settle(self):
        """Read until nothing has come for a moment; what stands there then."""
        seen, since = len(self.seen), time.monotonic()
        while time.monotonic() - since < _QUIET:
            self.read()
            if len(self.seen) > seen:
                seen, since = len(self.seen), time.monotonic()
        return self.screen.text

    def visit(self, keys, *words):
        """Press keys and see the words."""
        self.press(keys)
        self.shows(*words)
        self.settle()
