"""Where each key of a TOML text stands; for texts that `tomllib` has read without an error."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}'''  # a multi-line string may end in one or two quotes of its own
    r"""|'''.*?'{3,5}"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
_REST_OF_LINE = re.compile(r"[^\n]*")
_TO_SEPARATOR = re.compile(r"(?:[^,\]}#]|#[^\n]*)*")


@dataclass(slots=True)
class _Node:
    line: int
    children: dict[str | int, "_Node"] = field(default_factory=dict[str | int, "_Node"])
    is_array_of_tables: bool = False

    def child(self, key: str | int, line: int) -> "_Node":
        return self.children.setdefault(key, _Node(line))

    def current(self) -> "_Node":
        """The table that a header below this one means: the newest of an array of tables."""
        return self.children[len(self.children) - 1] if self.is_array_of_tables else self


class KeyLines:
    """The 1-based line of every key and array item of a TOML text."""

    def __init__(self, text: str) -> None:
        """Scan `text`, which is valid TOML; on any other text the lines mean nothing."""
        self._text = text.replace("\r\n", "\n")
        self._newlines = [match.start() for match in re.finditer("\n", self._text)]
        self._pos = 0
        self._root = _Node(1)
        self._scan()

    def of(self, path: Iterable[str | int]) -> int | None:
        """The line of the key at `path`, or of the nearest thing around it; `None` for the file."""
        node, line = self._root, None
        for key in path:
            inner = node.children.get(key)
            if inner is None:
                break
            node, line = inner, inner.line
        return line

    def _line(self) -> int:
        return bisect_left(self._newlines, self._pos) + 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._pos)
        self._pos = match.end() if match else self._pos + 1

    def _at(self, token: str) -> bool:
        return self._text.startswith(token, self._pos)

    def _scan(self) -> None:
        table = self._root
        self._skip(_BLANK)
        while self._pos < len(self._text):
            if self._at("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_REST_OF_LINE)
            self._skip(_BLANK)

    def _header(self) -> _Node:
        line, is_array = self._line(), self._at("[[")
        self._pos += 2 if is_array else 1
        *outer, last = self._key()
        node = self._root
        for key in outer:
            node = node.child(key, line).current()
        if not is_array:
            table = node.child(last, line)
            table.line = line  # a table below it may have come first
            return table
        items = node.child(last, line)
        items.is_array_of_tables = True
        return items.child(len(items.children), line)

    def _key(self) -> list[str]:
        parts: list[str] = []
        while match := _KEY_PART.match(self._text, self._pos):
            self._pos = match.end()
            name = match[1]
            parts.append(next(iter(tomllib.loads(f"{name} = 0"))) if name[0] in "\"'" else name)
            if not self._at("."):
                break
            self._pos += 1
        return parts

    def _pair(self, table: _Node) -> None:
        line, node = self._line(), table
        for key in self._key():
            node = node.child(key, line)
        self._pos += 1  # the equals sign
        self._skip(_BLANK)
        self._value(node)

    def _value(self, node: _Node) -> None:
        if self._at("["):
            self._items(node)
        elif self._at("{"):
            self._inline_table(node)
        elif match := _STRING.match(self._text, self._pos):
            self._pos = match.end()

    def _items(self, node: _Node) -> None:
        self._enter()
        while self._pos < len(self._text) and not self._at("]"):
            self._value(node.child(len(node.children), self._line()))
            self._next()
        self._pos += 1

    def _inline_table(self, node: _Node) -> None:
        self._enter()
        while self._pos < len(self._text) and not self._at("}"):
            self._pair(node)
            self._next()
        self._pos += 1

    def _enter(self) -> None:
        self._pos += 1
        self._skip(_BLANK)

    def _next(self) -> None:
        """On to the next item: a number, a date or a word is passed over here."""
        self._skip(_TO_SEPARATOR)
        if self._at(","):
            self._enter()
