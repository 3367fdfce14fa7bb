"""The longest common subsequence of two lists, exact and in bounded time whatever is in them. Pure.

Bit-parallel (H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004): one row of the table is one
integer, so 20,000 against 20,000 units take half a second, where difflib takes minutes on a text that
repeats itself.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of both lists: the same in both, or what stands in its place in each."""

    same: bool
    left: range
    """Indexes into the left list."""
    right: range
    """Indexes into the right list; as many as on the left where they are the same."""


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> tuple[Block, ...]:
    """Blocks that cover both lists in order, same and not the same by turns."""
    matches = [*_matches(left, right), (len(left), len(right))]
    blocks: list[Block] = []
    at_left = at_right = start = 0
    for index, (i, j) in enumerate(matches):
        if (i, j) == (at_left, at_right) and index < len(matches) - 1:
            at_left, at_right = i + 1, j + 1
            continue
        begin_left, begin_right = at_left - (index - start), at_right - (index - start)
        if index > start:
            blocks.append(Block(True, range(begin_left, at_left), range(begin_right, at_right)))  # noqa: FBT003 - reads as the field's name says
        if (i, j) != (at_left, at_right):
            blocks.append(Block(False, range(at_left, i), range(at_right, j)))  # noqa: FBT003 - as above
        at_left, at_right, start = i + 1, j + 1, index
    return tuple(blocks)


def _matches(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pairs of indexes of a longest common subsequence, ascending in both."""
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    end_left, end_right = len(left) - tail, len(right) - tail
    shared = set(left[head:end_left]) & set(right[head:end_right])
    # what occurs on one side only is in no match: without it the table is smaller
    rows = [i for i in range(head, end_left) if left[i] in shared]
    columns = [j for j in range(head, end_right) if right[j] in shared]
    inner = _traced([left[i] for i in rows], [right[j] for j in columns])
    return [
        *((k, k) for k in range(head)),
        *((rows[i], columns[j]) for i, j in inner),
        *((end_left + k, end_right + k) for k in range(tail)),
    ]


def _common(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    """How many units both begin with."""
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count


def _traced(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Fill the table row by row, and walk back through it."""
    places: dict[Hashable, int] = {}
    for i, unit in enumerate(left):
        places[unit] = places.get(unit, 0) | 1 << i
    every = (1 << len(left)) - 1
    row, table = every, [every]
    for unit in right:
        matched = row & places.get(unit, 0)
        row = ((row + matched) | (row - matched)) & every
        table.append(row)
    # a bit that is 0 in row j: with it, the longest common subsequence of the first j units is one longer
    found: list[tuple[int, int]] = []
    i, j = len(left), len(right)
    while i and j:
        if table[j] >> (i - 1) & 1:
            i -= 1
        elif not table[j - 1] >> (i - 1) & 1:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found.append((i, j))
    return found[::-1]
