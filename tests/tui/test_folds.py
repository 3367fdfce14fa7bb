import pytest

from ostream_compare.tui.folds import LONGEST, MOST_LINES, Folds

LONG = "x" * (LONGEST + 1)
LINES = "a line of text\n" * 12_345


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("x" * LONGEST, "x" * LONGEST),
        ("\n" * (MOST_LINES - 1), "\n" * (MOST_LINES - 1)),
        (LONG, "[pasted 1 line, 19.5 kB]"),
        ("\n" * MOST_LINES, "[pasted 200 lines, 0.2 kB]"),
        (LINES, "[pasted 12,345 lines, 0.2 MB]"),
        ("ä" * 600_000, "[pasted 1 line, 1.1 MB]"),
    ],
)
def test_what_is_folded_and_how_it_is_called(text, shown):
    folds = Folds()
    assert folds.folded(text) == shown
    assert folds.whole(f"before {shown} after") == f"before {text} after".replace("\r\n", "\n").replace(
        "\r", "\n"
    )


def test_two_texts_of_one_size_are_told_apart_and_one_text_is_one_mark():
    folds = Folds()
    first, second = folds.folded(LONG), folds.folded(LONG.replace("x", "y"))
    assert second == "[pasted 1 line, 19.5 kB, #2]"
    assert folds.folded(LONG) == first
    assert folds.whole(second + first) == LONG.replace("x", "y") + LONG


def test_a_mark_inside_of_a_text_is_text():
    folds = Folds()
    mark = folds.folded(LONG)
    outer = f"{LINES}{mark}"
    assert folds.whole(folds.folded(outer)) == outer


def test_tokens_count_what_is_folded():
    folds = Folds()
    mark = folds.folded(LINES)
    assert folds.tokens(f"two words {mark} and three") == 2 + 4 * 12_345 + 2
    assert Folds().tokens("two words") == 2


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 0, (0, 0)),
        (4, 4, (4, 4)),
        (5, 5, (28, 28)),
        (28, 28, (28, 28)),
        (27, 28, (4, 28)),
        (4, 5, (4, 28)),
        (2, 10, (2, 28)),
        (10, 30, (4, 30)),
        (10, 11, (4, 28)),
        (0, 4, (0, 4)),
        (28, 30, (28, 30)),
    ],
)
def test_a_mark_is_taken_whole_or_not_at_all(start, end, expected):
    folds = Folds()
    line = f"abc {folds.folded(LONG)} de"
    assert line.index("]") == 27
    found = folds.covering(lambda row: line, (3, start), (3, end))
    assert found == ((3, expected[0]), (3, expected[1]))


def test_a_range_over_rows_covers_the_marks_at_both_ends():
    folds = Folds()
    mark = folds.folded(LONG)
    lines = [f"a {mark}", "b", f"{mark} c"]
    assert folds.covering(lines.__getitem__, (0, 5), (2, 5)) == ((0, 2), (2, len(mark)))


def test_tokens_of_a_very_long_text_are_those_of_its_beginning_in_proportion():
    assert Folds().tokens("word " * 400_000) == 400_000
