import subprocess
import sys

import pytest

from ostream_compare.tui.markdown import last_code_block
from ostream_compare.tui.markdown.blocks import parser, parser_without_links
from ostream_compare.tui.markdown.document import Document
from ostream_compare.tui.markdown.links import safe_link


def rows(source: str, width: int = 30) -> list[str]:
    shown = Document(width)
    shown.append(source, done=True)
    return [row.text for row in shown.rows]


def marked(source: str, style: str) -> list[str]:
    shown = Document(60)
    shown.append(source, done=True)
    return [row.text[a.start : a.end] for row in shown.rows for a in row.spans if a.style == style]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# One\ntext", ["One", "", "text"]),
        ("Title\n===\ntext", ["Title", "", "text"]),
        ("- a\n- b\n  - c\n\n  d", ["• a", "• b", "  ◦ c", "", "  d"]),
        ("1. a\n1. b\n5. c", ["1. a", "2. b", "3. c"]),
        ("3) a\n4) b", ["3) a", "4) b"]),
        ("- [ ] open\n- [x] done", ["☐ open", "☑ done"]),
        ("1. [x] done", ["1. ☑ done"]),
        ("-", ["• "]),
        ("> a\n> b\n>\n> - c", ["▎ a b", "▎ ", "▎ • c"]),
        ("> a\nlazy", ["▎ a lazy"]),
        ("a\n\n---\n\nb", ["a", "", "─" * 30, "", "b"]),
        ("```\nx\n\n  y", ["x", "", "  y"]),
        ("````\n```\nx\n```\n````\nz", ["```", "x", "```", "", "z"]),
        ("    a\n\n    b", ["a", "", "b"]),
        ("<div>\n*x*\n</div>", ["<div>", "*x*", "</div>"]),
        ("a<br>b", ["a<br>b"]),
        ("a\\\nb", ["a", "b"]),
        (
            "| a | b |\n|:--|--:|\n| 1 | 22 |\ntext\n\nend",
            ["a    │  b", "─────┼───", "1    │ 22", "text │   ", "", "end"],
        ),
        ("a | b\nno table", ["a | b no table"]),
        ("| name | what |\n|--|--|\n| a | b |", ["name │ what", "─────┼─────", "a    │ b   "]),
        ("[@click=app.quit] [/nope]", ["[@click=app.quit] [/nope]"]),
        ("**中文**。好", ["中文。好"]),
        ("&#x202e;x", ["<U+202E>x"]),
        ("&#10;x", [" x"]),
        ("\tcode", ["code"]),
        ("```\n\tx", ["    x"]),
    ],
)
def test_rows(source, expected):
    assert rows(source) == expected


def test_a_table_too_narrow_for_columns_is_a_list():
    table = "| a | b | c | d |\n|--|--|--|--|\n| 1 | 2 | 3 | 4 |"
    assert rows(table, 14) == ["a · b · c · d", "▪ a: 1", "· b: 2", "· c: 3", "· d: 4"]


def test_a_wide_table_fits_its_pane():
    table = "| key | what it means |\n|--|--|\n| x | a long explanation of what it means to people |"
    assert all(len(row) <= 24 for row in rows(table, 24))
    assert "explanation" in " ".join(rows(table, 24))


@pytest.mark.parametrize(
    ("source", "style", "expected"),
    [
        ("a **b** c", "strong", ["b"]),
        ("a *b* ~~c~~", "strike", ["c"]),
        ("`x`", "code", ["x"]),
        ("[label](http://a.b)", "link", ["label"]),
        ("see https://a.b/c.", "link", ["https://a.b/c"]),
        ("<https://a.b>", "link", ["https://a.b"]),
        (f"{'x' * 55} [the label](http://a.b)", "link", ["the", "label"]),
        ("```python\ndef f(): pass", "code-keyword", ["def", "pass"]),
        ("```c\n/* a\nb */ int x;", "code-comment", ["/* a", "b */"]),
        ("```nosuchlanguage\ndef", "code-keyword", []),
        ("# h", "heading", ["h"]),
        ("### h", "subheading", ["h"]),
    ],
)
def test_spans(source, style, expected):
    assert marked(source, style) == expected


@pytest.mark.parametrize(
    "address",
    [
        *[
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "file%3A///etc/passwd",
        ],
        *[
            "vbscript:x",
            "mailto:a@b.c",
            "//evil.com",
            "/relative",
            "http:evil.com",
            "http:/evil.com",
            "http://",
        ],
        *["http:///path", "http://user@evil.com", "http://a.b:c@evil.com", "http://good.com%40evil.com"],
        *[
            "http://a.b\\@evil.com",
            "http://a b.com",
            "http://a.b/\x1b]0;x",
            "http://a.b/%1b",
            "http://a.b/%250a",
        ],
        *["http://a.b/%e2%80%ae", "http://a.b:99999", "http://[::1", "ftp://a.b", "http://%61.b", "x" * 3000],
    ],
)
def test_bad_addresses_are_no_links(address):
    assert safe_link(address) is None
    assert marked(f"[label]({address})", "link") == [] or "://" in address
    assert not any(address == span for span in marked(f"[label](<{address}>)", "link"))


@pytest.mark.parametrize("address", ["http://a.b", "https://a.b/c?d=e%20f#g", "HTTP://A.B:8080/x"])
def test_good_addresses_are_links(address):
    assert safe_link(address) == address


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", None),
        ("```\none\n```\n\n```py\ntwo\n", "two\n"),
        ("- x\n\n  ```\n  in a list\n  ```", "in a list\n"),
        ("```\none\n```\nand `inline`", "one\n"),
    ],
)
def test_last_code_block(source, expected):
    assert last_code_block(source) == expected


def test_no_parser_is_loaded_before_there_is_markdown():
    program = (
        "import sys, ostream_compare.tui.transcript as t, ostream_compare.tui.markdown\n"
        "t.Transcript(20).update({'reasoning': 'x', 'note': 'y'}, folded=False)\n"
        "print([name for name in ('markdown_it', 'pygments') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "source", ["*a [b _c `d ", "![a **b** [c](d", "[[ _x_ <http://a.b> ~~y~~", r"\[ a `[` &amp; ["]
)
def test_where_no_bracket_is_closed_nobody_misses_the_rules_for_links(source):
    found = [parse(source, {}) for parse in (parser().parseInline, parser_without_links().parseInline)]
    assert found[0] == found[1]
