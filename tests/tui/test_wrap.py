import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from ostream_compare.tui.markdown.flow import Flow, margin_of
from ostream_compare.tui.transcript import Transcript
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
@example("\u200d\u200daaa", 2)
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


def code_rows(text: str, width: int, sizes=()) -> list[str]:
    flow = Flow(margin_of((), 0, width), width, "code-block", code=True)
    rows, rest = [], text
    for size in sizes:
        rows += flow.add(rest[:size])
        rest = rest[size:]
    return [row.text for row in (*rows, *flow.add(rest), flow.last())]


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("x = compute(first, second, third)", 20, ["x = compute(first, ", "↪ second, third)"]),
        ("x = compute(first_value,second)", 20, ["x = compute(", "↪ first_value,", "↪ second)"]),
        ("a_name_that_has_no_end_at_all", 16, ["a_name_that_has_", "↪ no_end_at_all"]),
        ("                deep = 1", 20, ["                deep", "↪  = 1"]),
        ("value->member->another", 16, ["value->member->", "↪ another"]),
        ("one  two", 6, ["one  ", "two"]),
        ("日本語日本語日本語", 16, ["日本語日本語日本", "↪ 語"]),
        ("日本語", 3, ["日", "本", "語"]),
    ],
)
def test_code_is_broken_behind_blanks_and_signs(text, width, rows):
    assert code_rows(text, width) == rows


@given(st.text("ab c中(,=->́👩‍💻", max_size=120), st.integers(2, 40), st.lists(st.integers(1, 9)))
def test_code_loses_no_character_and_fits_however_it_comes(text, width, sizes):
    rows = code_rows(text, width, sizes)
    assert rows == code_rows(text, width)
    assert all(cell_len(row) <= width for row in rows)
    assert "".join([rows[0], *(row.removeprefix("↪ ") for row in rows[1:])]) == text


@pytest.mark.parametrize("width", [8, 20, 33])
def test_copied_code_has_the_lines_that_were_written(width):
    lines = ["def f(first,   second_argument,  third):", "    return first  +  second_argument * 3 + third"]
    transcript = Transcript(width)
    transcript.update({"answer": "```python\n" + "\n".join(lines) + "\n```"}, folded=False)
    last = transcript.total - 1
    assert transcript.text((0, 0), (last, 99)).strip("\n") == "\n".join(lines)
    inside = next(row for row in range(1, last) if width < 16 or transcript.row(row).text.startswith("↪ "))
    assert "↪" not in transcript.text((inside, 0), (last, 99))


@pytest.mark.parametrize("flood", ["a", "中", " ", "\u0301", "\u200d", "ab ", "\ufe0f"])
def test_one_endless_line_is_looked_at_once(flood, monkeypatch):
    """Each append looks at one row's worth of text, however long the line has become."""
    wrapped = Wrapped(38)
    for _ in range(2000):
        wrapped.append(flood * 10)
        assert len(wrapped._open) <= 8 * 38 + 64 + len(flood) * 10
