import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.safe_text import clean, clean_line, repair


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[2J\x07\x00\x7f", "␛[2J␇␀␡"),
        ("\x9b2J\x85", "<U+009B>2J<U+0085>"),
        ("\u202e\u2066\u200f\u061c", "<U+202E><U+2066><U+200F><U+061C>"),
        ("\U000e0041", "<U+E0041>"),
        ("\ud800", "<U+D800>"),
        ("漢字 😀 é", "漢字 😀 é"),
    ],
)
def test_clean(text, shown):
    assert clean(text) == shown


@given(st.text(alphabet=st.characters()))
def test_nothing_that_steers_a_terminal_is_left(text):
    shown = clean(text)
    assert all(char in "\n\t" or ord(char) >= 0x20 for char in shown)
    assert not any(0x7F <= ord(char) < 0xA0 for char in shown)
    assert clean(shown) == shown


def test_one_line_has_no_breaks():
    assert clean_line("a\r\nb\tc\u2028d") == "a b c<U+2028>d"


@pytest.mark.parametrize(
    ("text", "repaired"),
    [("ok", "ok"), ("\ud83d\ude00", "😀"), ("\ud83d", "\ufffd"), ("a\udc00\ud800b", "a\ufffd\ufffdb")],
)
def test_repair(text, repaired):
    assert repair(text) == repaired
