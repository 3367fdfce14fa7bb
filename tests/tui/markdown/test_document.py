import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from ostream_compare.tui.markdown import code, document, highlight, table, text
from ostream_compare.tui.markdown.document import Document
from ostream_compare.tui.markdown.references import References

FRAGMENTS = [
    *[
        "- ",
        "* ",
        "1. ",
        "2) ",
        "10. ",
        "> ",
        ">",
        "  ",
        "    ",
        "\t",
        "\n",
        "\n",
        "\n\n",
        "- [ ] ",
        "- [x] ",
    ],
    *[
        "```",
        "```py\n",
        "~~~",
        "`",
        "**",
        "*",
        "_",
        "~~",
        "[",
        "]",
        "(",
        "](http://a.b/c)",
        "[x][x]",
        '"title"',
    ],
    *[
        "<div>",
        "</div>\n",
        "<!--",
        "-->",
        "<script>\n",
        "</script>",
        "<b>",
        "<http://a.b>",
        "https://x.y/z_a",
    ],
    *["|", "| a | b |\n", "|---|---|\n", "| 1 | 2 |\n", "---", "===", "---\n", "***\n", "# ", "## ", "#"],
    *[
        "foo",
        "bar baz ",
        "word word word ",
        "中文。",
        "e\u0301",
        "👩\u200d💻",
        "\\",
        "&amp;",
        "  \n",
        "a" * 12,
    ],
]
SOURCES = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
SIZES = st.lists(st.integers(1, 12), max_size=200)


@pytest.fixture
def impatient(monkeypatch):
    """Blocks count as long early, so that short texts take every way."""
    for module, name, value in [
        (text, "_LONG", 30),
        (text, "_KEPT", 10),
        (text, "_PATIENCE", 10),
        (text, "_FORCED", 80),
        (text, "_LONGEST_WORD", 20),
        (code, "LONG_LINES", 3),
        (code, "KEPT_LINES", 1),
        (code, "_LONG_LINE", 30),
        (code, "_KEPT", 8),
        (highlight, "LONGEST", 20),
        (table, "_LONG", 4),
        (table, "_KEPT", 1),
        (document, "_MANY", 6),
    ]:
        monkeypatch.setattr(module, name, value)


def at_once(source: str, width: int, known: References | None = None) -> Document:
    whole = Document(width, known)
    whole.append(source, done=True)
    return whole.settled(source) if whole.needs_settling and known is None else whole


def grown(source: str, width: int, sizes: list[int]) -> Document:
    growing = Document(width)
    rest = source
    for size in [*sizes, len(source)]:
        before = list(growing.rows)
        first = growing.append(rest[:size])
        same = len(growing.rows) if first is None else first
        assert growing.rows[:same] == before[:same]
        assert first is not None or growing.rows == before
        rest = rest[size:]
    growing.append("", done=True)
    return growing.settled(source) if growing.needs_settling else growing


@given(SOURCES, st.integers(1, 60), SIZES)
@settings(deadline=None)
def test_any_chunking_gives_the_rows_of_the_whole(source, width, sizes):
    assert grown(source, width, sizes).rows == at_once(source, width).rows


@pytest.mark.usefixtures("impatient")
def test_any_chunking_gives_the_rows_of_the_whole_where_blocks_are_long():
    @given(SOURCES, st.integers(1, 60), SIZES)
    @settings(deadline=None)
    @example("<script>\n\n- x\nfoo </script>    <http://a.b><script>\n- [x] ", 3, [3] * 30)
    @example("```](| 1 | 2 |\nfoo\nfoo\nfoo\n---|---|---|\nbar", 20, [5] * 20)
    @example("foo foo foo foo foo\nfoo foo foo foo foo\n|foo \n---& bar", 40, [7] * 20)
    def holds(source: str, width: int, sizes: list[int]) -> None:
        result = grown(source, width, sizes)
        assert result.rows == at_once(source, width).rows

    holds()


@given(SOURCES, st.integers(12, 60))
@settings(deadline=None)
def test_no_row_is_too_wide_and_every_span_is_on_its_row(source, width):
    for row in at_once(source, width).rows:
        assert cell_len(row.text) <= width
        assert row.margin <= len(row.text)
        assert all(0 <= span.start <= span.end <= len(row.text) for span in row.spans)


DOCUMENTS = [
    "See [one][1], [two] and [none].\n\n[1]: http://a.b/1 'title'\n[two]:\n  http://a.b/2\nafter\n",
    "A paragraph\nthat becomes a heading\n===\nand another\n---\ntext\n---\n",
    "> quoted\nlazy\n- item\nlazy item\n\n  > both\nlazy both\n\nout\n",
    "<div>\n*raw*\n\n*not raw*\n</div>\n\n<!-- a\n\nb -->after\n<b>inline</b> text\n",
    "````md\n```py\ninner\n```\n````\n\n- x\n  ~~~\n  in item\n  ~~~\n  y\n ```\n out\n",
    "para\n| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| 4\n> end\n\n| no | table |\npara\n",
    "1. a\n   1. b\n\n      code\n\n          indented\n2. c\n\n\n3. d\n",
    "- e\n+ f\n   - g\n    - h\n     - i\n",
    "- a\n > b\n- \n\n  c\n-\n  d\n10) x\n    y\n\n     z\n",
    "    code\n\n\n    more\n  para\n    lazy\n\t\tdeep\n",
    "*a **b* c** `d\ne` [f *g](http://a.b) h*\\\nnext  \nlast\n",
]


def words_of_markdown_it(source: str) -> list[str]:
    """What a parse of the whole, by markdown-it alone, holds."""
    contents: list[str] = []
    for token in MarkdownIt("default", {"html": True}).parse(source):
        children = token.children or ([] if token.type == "inline" else [token])
        contents.append("".join(" " if child.type.endswith("break") else child.content for child in children))
    return re.findall(r"[a-z]+", " ".join(contents))


@pytest.mark.parametrize("source", DOCUMENTS)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_is_shown_is_what_a_parse_of_the_whole_holds(source, size):
    shown = " ".join(row.text for row in grown(source, 200, [size] * len(source)).rows)
    assert re.findall(r"[a-z]+", shown) == words_of_markdown_it(source)


LONG = {
    "list": "".join(f"- item {n} with *some* words\n" for n in range(400)),
    "ordered": "".join(f"{n}. item\n\n   more of it\n" for n in range(1, 200)),
    "fence": "```py\n" + "".join(f"x{n} = '{n}'  # c\n" for n in range(400)) + "```\nend\n",
    "table": "| a | b |\n|---|--:|\n"
    + "".join(f"| {n * 37} | {'w' * (n % 40)} |\n" for n in range(300))
    + "\nend",
    "paragraph": "".join(f"some **words** and `code` {n}\n" for n in range(400)) + "\nend",
    "one line": "".join(f"some **words** and `code` {n} " for n in range(400)) + "\n\nend",
    "setext": "".join(f"some words {n}\n" for n in range(400)) + "---\nend",
    "quote": "".join(f"> some *words* {n}\n" for n in range(400)) + "\nend",
    "word": "a" * 20_000 + "\n\nend",
    "open": "*a [b _c `d " * 400 + "\n\nend",
    "bold over all": "**" + "word " * 2000 + "**\n\nend",
    "minified": "```js\n" + "var a=[1,2];" * 2000 + "\nlet b\n```\nend",
    "blank": "- first\n" + "\n" * 5000 + "  second",
    "quoted blank": "> a\n" + ">\n" * 500 + "> b\n" + "\n" * 500 + "c",
    "quotes": "> " * 1000 + "deep\n" + "> " * 1000 + "more\n\nend",
    "lists": "- " * 500 + "deep\n\nend",
    "table after a long line": "| " + "word " * 700 + "| b |\n|---|---|\n| 1 | 2 |\n",
}


@pytest.mark.parametrize("name", LONG)
def test_long_blocks_are_finished_from_their_top(name):
    source = LONG[name]
    growing = Document(60)
    widest = 0
    for at in range(0, len(source), 50):
        growing.append(source[at : at + 50])
        widest = max(widest, len(growing._window.source))
    growing.append("", done=True)
    assert growing.rows == at_once(source, 60).rows
    if name not in {"setext", "word", "open", "bold over all", "table after a long line", "lists"}:
        assert widest < 6000


def test_a_reference_that_is_defined_below_is_settled():
    source = "See [one][1] and [two].\n\n" + "word " * 400 + "\n\n[1]: http://a.b/1\n[two]: http://a.b/2\n"
    rows = grown(source, 40, [7] * 500).rows
    links = [span.link for row in rows for span in row.spans if span.style == "link"]
    assert links == ["http://a.b/1", "http://a.b/2"]
    assert rows[0].text.startswith("See one and two.")
