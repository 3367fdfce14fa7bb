"""A small terminal: it knows what the program may say to one, refuses all else, and keeps the picture."""

import base64
import codecs
import re

from rich.cells import cell_len

from safety.attacks import COPIED, steers

_SEQUENCE = re.compile(
    r"""\x1b(?:
      \[(?P<row>\d+);(?P<column>\d+)H
    | \[(?P<style>[0-9;]*)m
    | \[\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2031|2048)[hl]
    | \[\?(?:2026|2048)\$p
    | \[>\d+u | \[<u | \[\?u
    | \]22;(?:default|pointer|text|grab|grabbing|ns-resize|ew-resize)\x07
    | \]52;c;(?P<copied>[A-Za-z0-9+/=]*)\x07
    )""",
    re.VERBOSE,
)
_HIDING = re.compile(r"(?:^|;)0?8(?:;|$)")
_COLOURS = re.compile(r"[34]8;(?:5;\d+|2;\d+;\d+;\d+)")
_LONGEST = 1 << 16
"""Characters of a sequence that may still be under way: a copied answer is the longest."""


class Steered(Exception):  # noqa: N818 - it says what happened
    """Something reached the terminal that the program does not say to one."""


class Screen:
    """Cells, and what was copied; `feed` raises `Steered` for anything that has no place here."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.copied: list[str] = []
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._left = ""

    @property
    def text(self) -> str:
        """What a person sees."""
        return "\n".join("".join(row).rstrip() for row in self._cells)

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Take in bytes; what may begin a sequence waits for its rest, unless nothing follows."""
        text = self._left + self._decoder.decode(data, final)
        self._left = ""
        last = text.rfind("\x1b")
        if not final and last >= 0 and len(text) - last < _LONGEST and not _SEQUENCE.match(text, last):
            text, self._left = text[:last], text[last:]
        self._take(text)

    def _take(self, text: str) -> None:
        place = 0
        while place < len(text):
            character = text[place]
            if character == "\x1b":
                place = self._obey(text, place)
                continue
            place += 1
            if character == "\r":
                self._column = 0
            elif character == "\n":
                self._row = min(self._row + 1, self.rows - 1)
            elif steers(character):
                raise Steered(f"{character!r} in {text[max(0, place - 60) : place + 20]!r}")
            else:
                self._put(character)

    def _obey(self, text: str, place: int) -> int:
        found = _SEQUENCE.match(text, place)
        if found is None:
            raise Steered(f"{text[max(0, place - 60) : place + 40]!r}")
        if found["row"] is not None:
            self._row, self._column = int(found["row"]) - 1, int(found["column"]) - 1
            if not (0 <= self._row < self.rows and 0 <= self._column <= self.columns):
                raise Steered(f"the cursor leaves the screen: {found[0]!r}")
        elif found["style"] is not None and _HIDING.search(_COLOURS.sub("", found["style"])):
            raise Steered(f"text that nobody sees: {found[0]!r}")
        elif found["copied"] is not None:
            self._copy(base64.b64decode(found["copied"]).decode())
        return found.end()

    def _copy(self, text: str) -> None:
        if text == COPIED:
            raise Steered("what nobody copied is in the clipboard")
        self.copied.append(text)

    def _put(self, character: str) -> None:
        width = cell_len(character)
        if width and self._column < self.columns:
            self._cells[self._row][self._column] = character
            for cell in range(self._column + 1, min(self._column + width, self.columns)):
                self._cells[self._row][cell] = ""
        self._column += width
