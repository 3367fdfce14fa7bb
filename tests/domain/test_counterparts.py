import pytest

from ostream_compare.domain.counterparts import counterparts


@pytest.mark.parametrize(
    ("now", "before", "pairs"),
    [
        ("", "a", []),
        ("a", "a", [(0, 0)]),
        ("a b", "b a", [(0, 1), (1, 0)]),
        ("a a", "a", [(0, 0)]),
        ("a_b c_d", "c_x b_x", [(0, 1), (1, 0)]),
        ("a_a_b", "a_b_c a_c_a", [(0, 0)]),  # alike to both: the first
        ("a_a_b", "a_c_d a_c_a", [(0, 1)]),  # a word that comes twice is two
        ("a_a_a a_b_c", "b_a a_a", [(0, 1), (1, 0)]),
        ("a_b", "a_b_c_d_e a_x", [(0, 0)]),  # 4 of 7 words are more than 2 of 4
        ("a_b", "a_b_c_d_e_f_g_h a_x", [(0, 1)]),  # 4 of 10 are less
        ("a_? a_!", "b_! b_?", [(0, 1), (1, 0)]),
        ("a b", "x y", [(0, 0), (1, 1)]),
        ("ß_λ", "a λ", [(0, 1)]),
    ],
)
def test_equal_texts_are_paired_first_and_then_those_most_alike(now, before, pairs):
    texts = ([text.replace("_", " ") for text in side.split()] for side in (now, before))
    assert counterparts(*texts) == pairs


@pytest.mark.parametrize(
    ("texts", "words", "is_told_apart"),
    [
        (10, 0, True),
        (10, 4_000, True),
        (10, 10_000, False),  # of one answer no more is read
        (100, 900, True),
        (100, 4_000, False),  # of very many of them less is
        (101, 0, False),
    ],
)
def test_the_more_answers_there_are_the_less_of_each_is_read(texts, words, is_told_apart):
    def said(suffix):
        return ["a " * words + f"t{number} " * 3 + suffix for number in range(texts)]

    found = counterparts(said("now"), said("before")[::-1])
    last = texts - 1
    assert found == [(i, last - i if is_told_apart else i) for i in range(texts)]
