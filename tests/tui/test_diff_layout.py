import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ostream_compare.domain.text_diff import compare, split_words
from ostream_compare.tui.diff_layout import MODES, laid_out

LETTERS = "ab,日👩"
TEXTS = st.text(alphabet=f"{LETTERS} \n\t\u200d[]{{}}", max_size=80)


@given(TEXTS, TEXTS, st.sampled_from(MODES), st.sampled_from([10, 21, 60, 140]))
def test_rows_fit_and_say_every_word(left, right, mode, width):
    diff = compare(left, right)
    rows = laid_out(diff, mode, width)
    assert all(sum(cell_len(part.text) for part in row) <= width for row in rows)
    if mode == "words":
        said = "".join("".join(part.text for part in row) for row in rows)
        assert all(letter in said for word in split_words(left + " " + right) for letter in word)


@given(TEXTS, TEXTS, st.integers(2, 140))
def test_no_letter_of_either_text_is_lost_at_any_width(left, right, width):
    rows = laid_out(compare(left, right), "words", width)
    for text, own in ((left, "left-word"), (right, "right-word")):
        said = "".join(part.text for row in rows for part in row if part.look in {"same", own})
        letters = [letter for letter in said if letter in LETTERS]
        assert letters == [letter for letter in text if letter in LETTERS]


@pytest.mark.parametrize("width", [40, 100])
def test_spans_keep_to_their_words_across_rows(width):
    left, right = "same " * 30 + "old " * 30, "same " * 30 + "new " * 30
    for row in laid_out(compare(left, right), "words", width):
        for part in row:
            letters = set(part.text) - set(" -+[]{}")
            assert (
                letters <= {"left-word": set("old"), "right-word": set("new"), "same": set("same")}[part.look]
            )
