import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ostream_compare.domain.text_diff import compare, split_words
from ostream_compare.tui.diff_layout import MODES, laid_out

TEXTS = st.text(alphabet="ab \n\t,日👩\u200d[]{}", max_size=80)


@given(TEXTS, TEXTS, st.sampled_from(MODES), st.sampled_from([10, 21, 60, 140]))
def test_rows_fit_and_say_every_word(left, right, mode, width):
    diff = compare(left, right)
    rows = laid_out(diff, mode, width)
    assert all(sum(cell_len(part.text) for part in row) <= width for row in rows)
    if mode == "words":
        said = "".join("".join(part.text for part in row) for row in rows)
        assert all(letter in said for word in split_words(left + " " + right) for letter in word)


@pytest.mark.parametrize("width", [40, 100])
def test_spans_keep_to_their_words_across_rows(width):
    left, right = "same " * 30 + "old " * 30, "same " * 30 + "new " * 30
    for row in laid_out(compare(left, right), "words", width):
        for part in row:
            letters = set(part.text) - set(" -+[]{}")
            assert (
                letters <= {"left-word": set("old"), "right-word": set("new"), "same": set("same")}[part.look]
            )
