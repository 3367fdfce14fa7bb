from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.alignment import align
from ostream_compare.domain.json_form import canonical_json
from ostream_compare.domain.text_diff import MOST_WORDS, compare, similarity, split_words

UNITS = st.lists(st.sampled_from("abc"), max_size=12)
TEXTS = st.text(alphabet="ab \n,*日\u0301👩\u200d", max_size=60)


def longest(a, b) -> int:
    """By the textbook's table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(UNITS, UNITS)
def test_blocks_cover_both_lists_and_match_as_much_as_can_be(a, b):
    blocks = align(a, b)
    assert [i for block in blocks for i in block.left] == list(range(len(a)))
    assert [j for block in blocks for j in block.right] == list(range(len(b)))
    assert all(one.same != other.same for one, other in pairwise(blocks))
    same = [block for block in blocks if block.same]
    assert all([a[i] for i in block.left] == [b[j] for j in block.right] for block in same)
    assert sum(len(block.left) for block in same) == longest(a, b)


@given(TEXTS, TEXTS)
def test_pieces_hold_all_words_of_both(left, right):
    diff = compare(left, right)
    for side, text in (("left", left), ("right", right)):
        said = " ".join(
            word for piece in diff.pieces if piece.kind in {"same", side} for word in split_words(piece.text)
        )
        assert said == " ".join(split_words(text))
    assert (diff.similarity is None) == (not split_words(left) or not split_words(right))
    assert compare(right, left).similarity == diff.similarity == similarity(left, right)


@given(TEXTS, TEXTS)
def test_rows_hold_all_lines_of_both(left, right):
    diff = compare(left, right)
    folded = sum(row.folded for row in diff.rows)
    for name, text in (("left", left), ("right", right)):
        lines = [getattr(row, name) for row in diff.rows if getattr(row, name) is not None]
        written = ["".join(piece.text for piece in line.pieces) for line in lines]
        whole = text.split("\n") if text else []
        assert len(written) + folded == len(whole)
        assert all(
            line.rstrip() == whole[shown.number - 1].rstrip()
            for line, shown in zip(written, lines, strict=True)
        )


@pytest.mark.parametrize(
    ("left", "right", "share"),
    [
        ("", "", None),
        ("", "a", None),
        (" \n", "a", None),
        ("a b", "a b", 1.0),
        ("a b", "a\n\n  b", 1.0),
        ("a b", "b a", 0.5),
        ("a b c d", "x y", 0.0),
        ("a b c", "a", 0.5),
        ("日本語", "日本", 0.8),
        ("Yes", "yes", 0.0),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', 1.0),
        ('{"a": 1}', "a 1", 4 / 9),  # one alone is JSON: `{ " a " : 1 }` as it stands
        ("a " * (MOST_WORDS + 1), "a " * MOST_WORDS + "b", 1.0),
    ],
)
def test_similarity(left, right, share):
    assert compare(left, right).similarity == share
    assert similarity(left, right) == share


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't stop_it 1.5", ["don", "'", "t", "stop_it", "1", ".", "5"]),
        ("**bold** --", ["**", "bold", "**", "--"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("日本語 word", ["日", "本", "語", "word"]),
        ("👩\u200d💻👍\U0001f3fd", ["👩\u200d💻", "👍\U0001f3fd"]),
    ],
)
def test_words(text, words):
    assert split_words(text) == words


def test_long_stretches_of_equal_lines_are_left_out():
    lines = [f"line {number}" for number in range(100)]
    diff = compare("\n".join(lines), "\n".join([*lines[:50], "another one", *lines[51:]]))
    assert [row.folded for row in diff.rows if row.folded] == [47, 46]
    assert (diff.lines_added, diff.lines_removed) == (1, 1)


@pytest.mark.parametrize(
    ("left", "right"),
    [("word " * 60_000, "word " * 60_000), ("\n" * 300_000, "x\n" * 300_000), ("x" * 2_000_000, "y")],
)
def test_what_is_too_long_is_cut_and_said_to_be(left, right):
    diff = compare(left, right)
    assert diff.is_cut
    assert sum(len(split_words(piece.text)) for piece in diff.pieces) <= 2 * MOST_WORDS


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"b": [1, 2.50], "a": "é"}', '{\n  "a": "é",\n  "b": [\n    1,\n    2.5\n  ]\n}'),
        ("```json\n[]\n```", "[]"),
        ("  [1]  ", "[\n  1\n]"),
        ('{"a": 1, "a": 2}', None),
        ('{"a": NaN}', None),
        ("17", None),
        ('"text"', None),
        ("{not json}", None),
        ("", None),
        ("[" * 100_000, None),
        ("Here it is: {}", None),
    ],
)
def test_json_has_one_form(text, form):
    assert canonical_json(text) == form


def test_what_one_text_has_alone_begins_with_a_line_where_it_can():
    left = "List:\n- A mutex is owned.\n- A semaphore counts."
    diff = compare(left, "List:\n- A semaphore counts.")
    assert [piece.text for piece in diff.pieces if piece.kind == "left"] == ["- A mutex is owned."]
