import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from ostream_compare.tui.wrap import TAB, Wrapped

ALPHABET = "ab c 中。(e\u0301👩\u200d💻❤\ufe0f\n\t-"
TEXTS = st.one_of(
    st.text(ALPHABET, max_size=120), st.text(max_size=60).map(lambda text: text.replace("\r", ""))
)


def whole(text: str, width: int) -> list[str]:
    wrapped = Wrapped(width)
    wrapped.append(text)
    return wrapped.rows


@given(TEXTS, st.integers(1, 20), st.lists(st.integers(1, 9), max_size=60))
@example("💻\u200dc", 1, [1, 1, 1])
def test_any_split_gives_the_same_rows(text, width, sizes):
    wrapped = Wrapped(width)
    rest = text
    for size in sizes:
        wrapped.append(rest[:size])
        rest = rest[size:]
    wrapped.append(rest)
    assert wrapped.rows == whole(text, width)


@given(TEXTS, st.integers(2, 20))
def test_no_row_is_too_wide_and_nothing_but_spaces_is_lost(text, width):
    rows = whole(text, width)
    assert all(cell_len(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace("\t", TAB).replace("\n", "").replace(" ", "")


@given(TEXTS, st.integers(1, 20), TEXTS)
def test_rows_before_the_first_changed_one_stay(text, width, more):
    wrapped = Wrapped(width)
    wrapped.append(text)
    before = list(wrapped.rows)
    first = wrapped.append(more)
    assert first == len(before) - 1
    assert wrapped.rows[:first] == before[:first]


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 5, [""]),
        ("one two three", 8, ["one two ", "three"]),
        ("one  two", 4, ["one", "two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("ab abcdefgh", 4, ["ab ", "abcd", "efgh"]),
        ("    abcdefgh", 6, ["    ab", "cdefgh"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("\tx", 8, ["    x"]),
        ("中文字。ab", 6, ["中文", "字。ab"]),
        ("日本語です", 4, ["日本", "語で", "す"]),
        ("日本", 1, ["日", "本"]),
    ],
)
def test_cases(text, width, rows):
    assert whole(text, width) == rows


@pytest.mark.parametrize("flood", ["a", "中", " ", "\u0301", "\u200d", "ab ", "\ufe0f"])
def test_one_endless_line_is_looked_at_once(flood, monkeypatch):
    """Each append looks at one row's worth of text, however long the line has become."""
    wrapped = Wrapped(38)
    for _ in range(2000):
        wrapped.append(flood * 10)
        assert len(wrapped._open) <= 8 * 38 + 64 + len(flood) * 10
