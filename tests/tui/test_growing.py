"""Long text is laid out a portion at a time; what comes out is what comes out at once."""

import pytest

from ostream_compare.domain.rope import Rope, Spot
from ostream_compare.tui import growing
from ostream_compare.tui.growing import NOTICE, Allowance, Section
from ostream_compare.tui.sections import MarkdownText, PlainText
from ostream_compare.tui.transcript import Transcript
from ostream_compare.tui.widgets.place import Search, place_of
from tui.harness import Stage, play

MIXED = "# Head\n\nSome *words* and `code` of [it].\n\n- item\n- item\n\n```python\nx = 1  # one\n```\n\n"


class Hasty(Allowance):
    """Is used up at once."""

    def __init__(self) -> None:
        super().__init__(iter(range(10**6)).__next__)


class Generous(Allowance):
    """Is never used up."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)


def roped(parts: list[str]) -> Rope:
    rope = Rope()
    for part in parts:
        rope = rope.add(part)
    return rope


def rows(section: Section) -> list[object]:
    return [section.row(index) for index in range(section.count)]


@pytest.mark.parametrize("kind", [MarkdownText, PlainText])
@pytest.mark.parametrize("size", [3, 1000, 10**6])
def test_portions_give_the_rows_of_the_whole_and_name_what_changed(kind, size):
    source = MIXED * 400 + "[it]: http://a.b\n"
    rope = roped([source[at : at + size] for at in range(0, len(source), size)])
    section, at_once = Section(kind(40), 40), kind(40)
    updates = 0
    while section.is_behind or not updates:
        before = rows(section)
        first = section.follow(rope, Hasty(), done=True)
        unchanged = section.count if first is None else first
        assert rows(section)[:unchanged] == before[:unchanged]
        updates += 1
    assert updates > len(source) // kind.PORTION
    at_once.append(source)
    at_once.finish()
    again = at_once.again()
    if again is not None:
        again.append(source)
        again.finish()
        at_once = again
    assert rows(section) == [at_once.row(index) for index in range(at_once.count)]
    assert section.follow(rope, Hasty(), done=True) is None


def test_a_short_text_is_there_at_once():
    section = Section(MarkdownText(40), 40)
    section.follow(Rope().add("word " * 700), Hasty(), done=True)
    assert not section.is_behind


@pytest.mark.parametrize("cuts", [1, 7])
def test_a_line_end_in_two_portions_is_one(cuts):
    source = "ab\r\n" * 8000
    rope = roped([source[at : at + cuts] for at in range(0, len(source), cuts)])
    section = Section(PlainText(20), 20)
    section.follow(rope, Hasty())
    assert section.is_behind
    while section.is_behind:
        section.follow(rope, Hasty())
    assert section.count == 8001


def test_the_oldest_rows_are_let_go_and_a_row_says_so(monkeypatch):
    monkeypatch.setattr(growing, "PAGE_ROWS", 5000)
    rope = roped([f"line {number}\n" for number in range(30_000)])
    section = Section(PlainText(80), 80)
    gone = last = 0
    section.follow(rope, Hasty())
    while section.is_behind:
        kept = section.row(section.count - 2)
        last = section.count - 2
        section.follow(rope, Hasty())
        assert section.row(last - (section.gone - gone)) == kept
        gone = section.gone
    assert 5000 < section.count < 15_000
    assert section.row(0).text == NOTICE
    assert section.row(section.count - 2).text == "line 29999"
    assert 30_001 <= gone + section.count <= 30_007  # a line that a page ends in is divided
    wider = section.anew(PlainText(100), 100)
    wider.follow(rope, Generous())
    assert [wider.row(at) for at in (0, 1, wider.count - 2)] == [
        section.row(at) for at in (0, 1, section.count - 2)
    ]


def test_far_too_much_is_passed_over(monkeypatch):
    monkeypatch.setattr(growing, "MOST_UNREAD", 10_000)
    rope = roped([f"line {number}\n" for number in range(10_000)])
    section = Section(PlainText(80), 80)
    section.follow(rope, Generous())
    assert not section.is_behind
    assert section.row(0).text == NOTICE
    assert section.row(section.count - 2).text == "line 9999"
    assert 300 < section.count < 700
    assert section.length == rope.length


@pytest.mark.parametrize("size", [1, 3, 50])
def test_a_rope_is_read_from_any_place(size):
    source = "".join(map(str, range(60)))
    rope = roped([source[at : at + size] for at in range(0, len(source), size)])
    text, at = "", Spot()
    while at != Spot(rope.count):
        piece, at = rope.read(at, 7)
        assert 0 < len(piece) <= 7
        text += piece
    assert text == source
    for count in (0, 1, 10, len(source), 1000):
        assert rope.read(rope.before_end(count), 10**6)[0] == (source[-count:] if count else "")


def test_a_place_is_found_once_its_rows_are_there():
    rope = Rope().add("".join(f"paragraph number {number}\n\n" for number in range(3000)))
    narrow, wide = Transcript(12), Transcript(60)
    narrow.update({"answer": rope}, folded=False)
    while narrow.is_behind:
        narrow.update({"answer": rope}, folded=False)
    index = next(at for at in range(narrow.total) if narrow.row(at).text.endswith("2500"))
    search = Search(place_of(narrow, index))
    wide.update({"answer": rope}, folded=False)
    assert search.go_on(wide, is_whole=not wide.is_behind) is None
    while wide.is_behind:
        wide.update({"answer": rope}, folded=False)
    found = search.go_on(wide, is_whole=True)
    assert found is not None
    assert wide.row(found).text == "paragraph number 2500"


LONG = "".join(f"paragraph {number} of *many* words\n\n" for number in range(4000)) + "the end"


def test_a_long_answer_that_is_over_is_laid_out_to_its_end_anew_and_anew(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, LONG)
        stage.fake.end(0)
        for lane in (1, 2, 3):
            stage.fake.say(lane, "short")
            stage.fake.end(lane)
        await stage.ended()
        pane = stage.panes[0]
        await stage.until(lambda: "the end" in stage.text(0))
        await stage.press("m")
        await stage.until(lambda: "*many*" in stage.text(0) and "the end" in stage.text(0))
        await stage.press("m", "g")
        await stage.pilot.resize_terminal(120, 40)
        await stage.until(lambda: not pane.is_behind)
        assert "paragraph 0 " in stage.text(0)
        await stage.press("end")
        assert "the end" in stage.text(0)

    play(scene, tmp_path)
