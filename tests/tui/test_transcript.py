from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.domain.rope import Rope
from ostream_compare.tui.rows import BLANK, ORDER
from ostream_compare.tui.tally import Tally
from ostream_compare.tui.transcript import Transcript

PIECES = st.lists(
    st.tuples(
        st.sampled_from(["reasoning", "answer", "tools", "refusal"]),
        st.text("ab \n中\r", min_size=1, max_size=30),
    ),
    max_size=25,
)


def rows(transcript: Transcript) -> list[tuple[str, str | None]]:
    return [(row.text, row.part) for row in map(transcript.row, range(transcript.total))]


@given(PIECES, st.booleans(), st.text("x\n", max_size=5))
def test_growing_gives_what_showing_it_whole_gives_and_names_what_changed(pieces, folded, note):
    growing = Transcript(10)
    ropes = {part: Rope() for part in ORDER if part != "note"}
    for part, text in pieces:
        before = rows(growing)
        ropes[part] = ropes[part].add(text)
        first = growing.update({**ropes, "note": ""}, folded=folded)
        after = rows(growing)
        unchanged = len(after) if first is None else first
        assert before[:unchanged] == after[:unchanged]
        if first is None:
            assert before == after
    growing.update({**ropes, "note": note}, folded=folded)
    at_once = Transcript(10)
    at_once.update(
        {**{part: Rope().add(str(rope)) for part, rope in ropes.items()}, "note": note}, folded=folded
    )
    assert rows(growing) == rows(at_once)


def test_parts_stand_in_order_with_a_blank_row_between():
    transcript = Transcript(20)
    transcript.update(
        {"answer": Rope().add("yes"), "reasoning": Rope().add("hm"), "note": "✗ cut"}, folded=False
    )
    assert rows(transcript) == [
        ("▾ reasoning", "reasoning"),
        ("hm", "reasoning"),
        ("", None),
        ("yes", "answer"),
        ("", None),
        ("✗ cut", "note"),
    ]
    assert transcript.row(99) == BLANK


def test_folded_reasoning_is_one_row():
    transcript = Transcript(60)
    parts = {"answer": Rope().add("yes"), "reasoning": Rope().add(("h" * 19 + "\n") * 50)}
    transcript.update(parts, folded=False)
    long = transcript.total
    assert transcript.update(parts, folded=True) == 0
    assert long > 50
    assert [text for text, _ in rows(transcript)] == ["▸ reasoning, 1,000 characters, folded", "", "yes"]
    parts["reasoning"] = parts["reasoning"].add("\n\nmore of it")
    assert transcript.update(parts, folded=True) == 0, "its row has another number"


def test_another_run_starts_anew():
    transcript = Transcript(20)
    transcript.update({"answer": Rope().add("old").add("er")}, folded=False)
    transcript.update({"answer": Rope()}, folded=False)
    assert transcript.total == 0
    transcript.update({"answer": Rope().add("new")}, folded=False)
    assert rows(transcript) == [("new", "answer")]


def test_a_line_end_that_comes_in_two_halves_is_one():
    transcript = Transcript(20)
    rope = Rope().add("a\r")
    transcript.raw = True
    transcript.update({"answer": rope}, folded=False)
    transcript.update({"answer": rope.add("\nb")}, folded=False)
    assert [text for text, _ in rows(transcript)] == ["a", "b"]


@given(st.lists(st.text("ab1_ .,中文\n", max_size=12), max_size=20))
def test_an_estimate_does_not_depend_on_how_the_text_came(pieces):
    growing, whole = Tally(), Tally()
    rope = Rope()
    for piece in pieces:
        rope = rope.add(piece)
        count = growing.count(content=rope)
        assert count == whole_count(whole, str(rope))


def whole_count(tally: Tally, text: str) -> int:
    return tally.count(content=Rope().add(text))


def test_raw_text_and_markdown_take_turns():
    transcript = Transcript(20)
    parts = {"answer": Rope().add("# Head\n- *item*\n")}
    transcript.update(parts, folded=False)
    assert [text for text, _ in rows(transcript)] == ["Head", "", "• item"]
    transcript.raw = True
    assert transcript.update(parts, folded=False) == 0
    assert [text for text, _ in rows(transcript)] == ["# Head", "- *item*", ""]
    transcript.raw = False
    assert transcript.update(parts, folded=False) == 0
    assert [text for text, _ in rows(transcript)] == ["Head", "", "• item"]


def test_a_verdict_settles_references():
    transcript = Transcript(30)
    above = Rope().add("See [it].\n\nWords.\n\n")
    transcript.update({"answer": above}, folded=False)
    parts = {"answer": above.add("[it]: http://a.b\n")}
    transcript.update(parts, folded=False)
    assert transcript.row(0).text == "See [it]."
    assert transcript.update(parts, folded=False, done=True) == 0
    assert transcript.row(0).text == "See it."
    assert transcript.update(parts, folded=False, done=True) is None


def test_copied_text_is_joined_as_it_was_written():
    transcript = Transcript(12)
    answer = (
        "one two three four\n\n- a list item here\n\n```\nlong_line_of_code = 1\nb\n```\n\n中文字中文字中文"
    )
    transcript.update({"reasoning": Rope().add("so be it"), "answer": Rope().add(answer)}, folded=False)
    copied = transcript.text((1, 3), (transcript.total - 1, 99))
    assert copied == (
        "be it\n\none two three four\n\n• a list item here\n\nlong_line_of_code = 1\nb\n\n中文字中文字中文"
    )
    assert transcript.text((3, 4), (4, 5)) == "two three"
    assert transcript.text((4, 2), (4, 2)) == ""
