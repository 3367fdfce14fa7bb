"""What two answers have in common, by words and by lines, and how much of them that is. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ostream_compare.domain.alignment import Block, align
from ostream_compare.domain.json_form import canonical_json

MOST_WORDS = 20_000
MOST_LINES = 10_000
MOST_CHARACTERS = 400_000
"""Of each text; what follows is not compared, and the diff says so."""
_CONTEXT = 3
"""Equal lines that are shown beside a changed one."""
_ALIKE = 0.5
"""From this similarity on two lines are one line that was changed, and its words are compared."""
_FARTHEST = 50
"""Words by which a change is moved to the start of a line."""
_SPECK = 2
"""Equal words between two longer changes are read more easily as a part of them."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|([^\w\s])\1*")
_LETTER = re.compile(rf"[^\W{_CJK}]")

Kind = Literal["same", "left", "right"]
Words = Sequence[tuple[str, str]]
"""Each with the spaces before it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both answers have, or one of them only."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one answer; its pieces are `same`, or the side's own where the words were changed."""

    number: int
    """From 1."""
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """What stands beside each other: a line of both, of one, or a number of equal lines left out."""

    same: bool
    left: Line | None = None
    right: Line | None = None
    folded: int = 0
    """Equal lines that are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """Two texts, compared."""

    pieces: tuple[Piece, ...]
    """All words in order, with the spaces of the right text where both have them."""
    rows: tuple[LineRow, ...]
    words_added: int
    words_removed: int
    lines_added: int
    lines_removed: int
    similarity: float | None
    """Words that stand in both in the same order, of all words of both; `None` if a text has none."""
    is_json: bool
    """Both are JSON, and were compared as such: keys sorted, one value a line."""
    is_cut: bool
    """A text is too long: its end was not compared."""


def compare(left: str, right: str) -> TextDiff:
    """The difference of two texts; both have to be clean."""
    left, right, is_json = _in_one_form(left, right)
    one, other = _comparable(left), _comparable(right)
    words, matching = _by_words(one, other)
    rows = _by_lines(one, other)
    total = len(split_words(one)) + len(split_words(other))
    both = bool(split_words(one)) and bool(split_words(other))
    return TextDiff(
        pieces=words,
        rows=_folded(rows),
        words_added=_count(words, "right"),
        words_removed=_count(words, "left"),
        lines_added=sum(row.right is not None and not row.same for row in rows),
        lines_removed=sum(row.left is not None and not row.same for row in rows),
        similarity=2 * matching / total if both else None,
        is_json=is_json,
        is_cut=(len(one), len(other)) != (len(left), len(right)),
    )


def similarity(left: str, right: str) -> float | None:
    """`compare(left, right).similarity`, in a third of the time."""
    left, right, _ = _in_one_form(left, right)
    one, other = split_words(_comparable(left)), split_words(_comparable(right))
    if not one or not other:
        return None
    matching = sum(len(block.left) for block in align(one, other) if block.same)
    return 2 * matching / (len(one) + len(other))


def _in_one_form(left: str, right: str) -> tuple[str, str, bool]:
    """Two texts as they are compared, and whether both are JSON."""
    forms = canonical_json(left), canonical_json(right)
    is_json = None not in forms
    return (forms[0] or left, forms[1] or right, True) if is_json else (left, right, False)


def split_words(text: str) -> list[str]:
    """Runs of letters and digits, or of one sign (`**`), and single CJK characters, with their marks."""
    return [word for _, word in _spaced_words(text)]


def _spaced_words(text: str) -> list[tuple[str, str]]:
    """Each word with the spaces before it."""
    found: list[tuple[str, str]] = []
    end = 0
    for match in _WORD.finditer(text):
        word, gap = match.group(), text[end : match.start()]
        end = match.end()
        if found and not gap and _continues(found[-1][1], word):
            found[-1] = found[-1][0], found[-1][1] + word
        else:
            found.append((gap, word))
    return found


def _continues(before: str, word: str) -> bool:
    """Whether a sign belongs to the one before it (accent, joiner, skin tone), or a word goes on."""
    first, last = word[0], before[-1]
    if max(first, last) < "\u0300":
        return False
    if _is_mark(first) or first == "\u200d" or last == "\u200d" or "\U0001f3fb" <= first <= "\U0001f3ff":
        return True
    return _is_mark(last) and all(_LETTER.match(text) for text in (before, word))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _comparable(text: str) -> str:
    """`text`, or as much of it as is compared."""
    text = text[:MOST_CHARACTERS]
    for number, match in enumerate(_WORD.finditer(text)):
        if number == MOST_WORDS:
            text = text[: match.start()]
            break
    return "\n".join(text.split("\n", MOST_LINES)[:MOST_LINES])


# By words


def _by_words(left: str, right: str) -> tuple[tuple[Piece, ...], int]:
    """The pieces, and how many words match."""
    a, b = _spaced_words(left), _spaced_words(right)
    blocks = align([word for _, word in a], [word for _, word in b])
    matching = sum(len(block.left) for block in blocks if block.same)
    pieces: list[Piece] = []
    for block in _without_specks(_at_line_starts(blocks, a, b)):
        ours, theirs = _slice(a, block.left), _slice(b, block.right)
        lead = (theirs or ours)[0][0]
        if lead:
            pieces.append(Piece("same", lead))
        if block.same:
            pieces.append(Piece("same", _joined(theirs)))
            continue
        if ours:
            pieces.append(Piece("left", _joined(ours)))
        if theirs:
            pieces.append(Piece("right", _joined(theirs)))
    return _merged(pieces), matching


def _at_line_starts(blocks: Sequence[Block], a: Words, b: Words) -> list[Block]:
    """The blocks; what only one text has begins with a line where it can."""
    moved = list(blocks)
    for index in range(1, len(blocks) - 1):
        before, block, after = moved[index - 1 : index + 2]
        if block.same or (block.left and block.right):
            continue
        words, run = (a, block.left) if block.left else (b, block.right)
        back = _back_to_line_start(words, run, min(len(before.left) - 1, _FARTHEST))
        if back:
            moved[index - 1] = Block(same=True, left=before.left[:-back], right=before.right[:-back])
            moved[index] = Block(same=False, left=_back(block.left, back), right=_back(block.right, back))
            left, right = after.left, after.right
            moved[index + 1] = Block(
                same=True,
                left=range(left.start - back, left.stop),
                right=range(right.start - back, right.stop),
            )
    return moved


def _back(places: range, by: int) -> range:
    return range(places.start - by, places.stop - by)


def _back_to_line_start(words: Words, run: range, most: int) -> int:
    """By how many words a stretch can begin earlier and say the same, to begin a line; 0: it cannot."""
    for back in range(most + 1):
        if "\n" in words[run.start - back][0]:
            return back
        if words[run.start - 1 - back][1] != words[run.stop - 1 - back][1]:
            break
    return 0


def _slice(words: Sequence[tuple[str, str]], places: range) -> Sequence[tuple[str, str]]:
    return words[places.start : places.stop]


def _joined(words: Sequence[tuple[str, str]]) -> str:
    return words[0][1] + "".join(gap + word for gap, word in words[1:])


def _merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Neighbours of a kind as one."""
    merged: list[Piece] = []
    for piece in pieces:
        if merged and merged[-1].kind == piece.kind == "same":
            merged[-1] = Piece("same", merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return tuple(merged)


def _without_specks(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, a word or two that match by chance taken into the changes on both sides."""
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        around = (blocks[index - 1], blocks[index + 1]) if 0 < index < len(blocks) - 1 else ()
        is_speck = block.same and len(block.left) <= _SPECK and bool(around)
        if is_speck and all(max(len(b.left), len(b.right)) > 2 * len(block.left) for b in around):
            kept.append(Block(same=False, left=block.left, right=block.right))
        else:
            kept.append(block)
    joined: list[Block] = []
    for block in kept:
        last = joined[-1] if joined else None
        if last is not None and not last.same and not block.same:
            joined[-1] = Block(
                same=False,
                left=range(last.left.start, block.left.stop),
                right=range(last.right.start, block.right.stop),
            )
        else:
            joined.append(block)
    return joined


def _count(pieces: Sequence[Piece], kind: Kind) -> int:
    return sum(len(split_words(piece.text)) for piece in pieces if piece.kind == kind)


# By lines


def _by_lines(left: str, right: str) -> list[LineRow]:
    a, b = (left.split("\n") if left else []), (right.split("\n") if right else [])
    rows: list[LineRow] = []
    for block in align([line.rstrip() for line in a], [line.rstrip() for line in b]):
        if block.same:
            rows += [
                LineRow(same=True, left=_plain(i, a[i], "same"), right=_plain(j, b[j], "same"))
                for i, j in zip(block.left, block.right, strict=True)
            ]
        else:
            rows += _changed(a, b, block)
    return rows


def _plain(index: int, text: str, kind: Kind) -> Line:
    return Line(index + 1, (Piece(kind, text),) if text else ())


def _changed(a: Sequence[str], b: Sequence[str], block: Block) -> list[LineRow]:
    """Lines that took each other's places: beside each other, their words compared where they are alike."""
    rows: list[LineRow] = []
    for offset in range(max(len(block.left), len(block.right))):
        i = block.left[offset] if offset < len(block.left) else None
        j = block.right[offset] if offset < len(block.right) else None
        if i is not None and j is not None:
            rows.append(_paired(i, a[i], j, b[j]))
        else:
            left = None if i is None else _plain(i, a[i], "left")
            right = None if j is None else _plain(j, b[j], "right")
            rows.append(LineRow(same=False, left=left, right=right))
    return rows


def _paired(i: int, left: str, j: int, right: str) -> LineRow:
    a, b = _spaced_words(left), _spaced_words(right)
    blocks = align([word for _, word in a], [word for _, word in b])
    matching = sum(len(block.left) for block in blocks if block.same)
    if 2 * matching < _ALIKE * (len(a) + len(b)) or not matching:
        return LineRow(same=False, left=_plain(i, left, "left"), right=_plain(j, right, "right"))
    ours = [(block.same, _slice(a, block.left)) for block in blocks if block.left]
    theirs = [(block.same, _slice(b, block.right)) for block in blocks if block.right]
    return LineRow(
        same=False, left=Line(i + 1, _marked(ours, "left")), right=Line(j + 1, _marked(theirs, "right"))
    )


def _marked(parts: Sequence[tuple[bool, Sequence[tuple[str, str]]]], kind: Kind) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for same, words in parts:
        if words[0][0]:
            pieces.append(Piece("same", words[0][0]))
        pieces.append(Piece("same" if same else kind, _joined(words)))
    return _merged(pieces)


def _folded(rows: Sequence[LineRow]) -> tuple[LineRow, ...]:
    """The rows, long stretches of equal ones left out but for the nearest."""
    folded: list[LineRow] = []
    index = 0
    while index < len(rows):
        end = index
        while end < len(rows) and rows[end].same:
            end += 1
        if end == index:
            folded.append(rows[index])
            index += 1
            continue
        head = _CONTEXT if index else 0
        tail = _CONTEXT if end < len(rows) else 0
        is_all = index == 0 and end == len(rows)
        hidden = end - index - head - tail
        if is_all or hidden <= _CONTEXT:
            folded += rows[index:end]
        else:
            folded += [
                *rows[index : index + head],
                LineRow(same=True, folded=hidden),
                *rows[end - tail : end],
            ]
        index = end
    return tuple(folded)
