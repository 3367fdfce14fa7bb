"""What is open at the end of a growing text is shown as it will be; what is finished stays as it is."""

import pytest

from ostream_compare.tui.markdown.document import Document
from ostream_compare.tui.markdown.unfinished import UNFINISHED, closed


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("foo **bo", "foo **bo**"),
        ("foo **", "foo "),
        ("foo **bold*", "foo **bold**"),
        ("**bold ", "**bold**"),
        ("*it", "*it*"),
        ("***both", "***both***"),
        ("**a *b", "**a *b***"),
        ("~~gone", "~~gone~~"),
        ("`co", "`co`"),
        ("``a`", "``a``"),
        ("use **the `x", "use **the `x`**"),
        ("这是**粗体", "这是**粗体**"),
        ("snake_", "snake"),
        ("[", ""),
        ("[ " * 24 + "] " * 24 + "**bo", "[ " * 24 + "] " * 24 + "**bo**"),
        ("![a [k](https://a.b) c](https://d", f"![a [k](https://a.b) c]({UNFINISHED})"),
        ("[a ![k](https://a.b) c](https://d", f"[a ![k](https://a.b) c]({UNFINISHED})"),
        ("[a ![k [l](/b) m](/c) n](https://d", f"[a ![k [l](/b) m](/c) n]({UNFINISHED})"),
    ],
)
def test_marks_are_closed_or_held_back(source, shown):
    assert closed(source) == shown


@pytest.mark.parametrize(
    "source",
    [
        "plain words",
        "**bold** and *it* and `code`",
        "a * b",
        "a*b is",
        "snake_case x",
        "[note",
        "\\*no",
        "2 ** 3",
        "*a [b _c " * 4 + "d",
        " *a" * 600 + " a_" * 700 + " **bo",
        "[ " * 25 + "] " * 25 + "**bo",
        "[x](http://a.b) on",
        "[the guide [mirror](https://a.b) and notes](https://c",
        "![the [guide [mirror](https://a.b) and notes](https://c",
        f"5 *3 and {'many words ' * 20}",
        f"a ` and {'many words ' * 20}",
    ],
)
def test_what_is_no_mark_stays(source):
    assert closed(source) == source


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a **bold** b", ["a", "a b", "a bo", "a bol", "a bold", "a bold b"]),
        (
            "see [the manual](https://example.com/x).",
            ["see", "see [", "see [the manual", "see the manual", "see the manual."],
        ),
    ],
)
def test_no_mark_is_seen_while_a_text_comes(text, seen):
    document, shown = Document(40), []
    for character in text:
        document.append(character)
        row = document.rows[-1].text.rstrip()
        shown.append(row)
        assert "*" not in row
        assert "](" not in row
    assert shown[-1] == seen[-1]
    assert set(seen) - {"see ["} <= set(shown)


def test_half_an_address_leads_nowhere_and_an_end_shows_what_was_written():
    document = Document(60)
    document.append("see **the [manual](https://exam")
    assert document.rows[0].text == "see the manual"
    assert [span.link for span in document.rows[0].spans if span.style == "link"] == [None]
    document.append("", done=True)
    assert document.rows[0].text == "see **the [manual](https://exam"


@pytest.mark.parametrize(
    ("source", "shown", "links"),
    [
        (
            "a [b [c](https://d.e) f](https://g.h/no",
            "a [b c f](https://g.h/no",
            ["https://d.e", "https://g.h/no"],
        ),
        (
            "[c]: https://d.e\n\na [b [c] f](https://g.h/no",
            "a [b c f](https://g.h/no",
            ["https://d.e", "https://g.h/no"],
        ),
        ('a <b c="[">d](https://g.h/no', 'a <b c="[">d](https://g.h/no', ["https://g.h/no"]),
    ],
)
def test_no_address_is_made_up_where_brackets_begin_no_link(source, shown, links):
    document = Document(60)
    document.append(source)
    assert document.rows[-1].text == shown
    assert [span.link for span in document.rows[-1].spans if span.style == "link"] == links


def test_a_heading_is_closed_too():
    document = Document(40)
    document.append("## On **lo")
    assert document.rows[0].text == "On lo"
