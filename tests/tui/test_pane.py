import pytest
from textual.geometry import Size

from ostream_compare.domain.comparison import SavedError
from ostream_compare.tui.widgets.pane import Pane
from tui.fake_collector import config
from tui.harness import Stage, play

LINES = "".join(f"line {number}\n\n" for number in range(60))


async def filled(stage: Stage, text: str = LINES, *, has: str = "line 59") -> Pane:
    stage.fake.say(0, text)
    await stage.until(lambda: has in stage.text(0))
    return stage.panes[0]


async def grown(stage: Stage, text: str) -> None:
    """Say `text` and wait until it was painted."""
    lane = stage.app.session.run.lanes[0]
    bursts = lane.bursts
    stage.fake.say(0, text)
    await stage.until(lambda: stage.main._views[0].parts["answer"].length > lane.content.length)
    assert stage.app.session.run.lanes[0].bursts == bursts + 1
    await stage.pilot.pause()


def first_row(stage: Stage) -> str:
    return stage.text(0).lstrip().partition("\n")[0]


def test_a_reader_who_scrolled_up_stays_there_while_text_grows_wraps_anew_and_ends(tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage)
        assert pane.following
        await stage.press("pageup", "pageup", "pageup")
        place = first_row(stage)
        assert place.startswith("line ")
        await grown(stage, "more\n\n" * 20)
        assert first_row(stage) == place
        for size in ((120, 30), (60, 20), (200, 50), (80, 24)):
            await stage.pilot.resize_terminal(*size)
            await stage.pilot.pause()
            assert place in stage.text(0).partition("more")[0]
        place = first_row(stage)
        assert "▼ new" in stage.screen_text()
        stage.fake.end(0)
        await stage.until(lambda: stage.main._views[0].over)
        assert first_row(stage) == place
        assert not pane.following
        assert "▼ more" in stage.screen_text(), "nothing new comes to an answer that ended"
        await stage.press("end")
        assert pane.following
        assert "more" in stage.text(0)
        assert "▼" not in stage.screen_text()

    play(scene, tmp_path)


def test_a_click_on_the_mark_follows_again(tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage)
        await stage.press("g")
        assert "▼ new" in stage.screen_text()
        await stage.pilot.click(pane, offset=(pane.size.width - 4, pane.size.height - 2))
        await stage.pilot.pause()
        assert pane.following
        assert "line 59" in stage.text(0)

    play(scene, tmp_path)


def test_the_wheel_scrolls_and_the_end_is_followed_again(tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage)
        await stage.pilot._post_mouse_events([_wheel_up()], pane, offset=(5, 3), button=0)
        assert not pane.following
        await stage.press(*["down"] * 3)
        assert pane.following

    play(scene, tmp_path)


def _wheel_up() -> type:
    from textual.events import MouseScrollUp

    return MouseScrollUp


def test_the_scroll_bar_is_shown_where_it_is_needed_and_can_be_clicked_and_dragged(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "▐" not in stage.screen_text()
        pane = await filled(stage)
        assert "▐" in stage.screen_text()
        right = pane.size.width - 1
        await stage.pilot.mouse_down(pane, offset=(right, 1))
        await stage.pilot.hover(pane, offset=(right, 1))
        await stage.pilot.pause()
        assert first_row(stage) == "line 0"
        assert not pane.following
        await stage.pilot.hover(pane, offset=(right, 4))
        assert first_row(stage) != "line 0"
        await stage.pilot.hover(pane, offset=(right, pane.size.height - 2))
        await stage.pilot.mouse_up(pane, offset=(right, pane.size.height - 2))
        assert pane.following
        assert not pane.selected_text
        await stage.pilot.hover(pane, offset=(right, 2))
        assert pane.following

    play(scene, tmp_path)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((2, 1), (7, 1), "alpha"),
        ((8, 1), (7, 3), "beta 中文\n\ngamma"),
        ((7, 3), (8, 1), "beta 中文\n\ngamma"),
    ],
)
def test_what_the_mouse_selects_is_shown_and_copied(start, end, expected, tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage, "alpha beta 中文\n\ngamma delta", has="gamma")
        await stage.pilot.mouse_down(pane, offset=start)
        await stage.pilot.hover(pane, offset=end)
        await stage.pilot.mouse_up(pane, offset=end)
        assert pane.selected_text == expected
        copied: list[str] = []
        stage.main._copy = copied.append
        await stage.press("ctrl+c")
        assert copied == [expected]
        assert not stage.fake.cancels
        assert not pane.selection
        await stage.press("ctrl+c")
        assert stage.fake.cancels

    play(scene, tmp_path)


@pytest.mark.parametrize(("times", "expected"), [(2, "beta"), (3, "alpha beta 中文")])
def test_two_clicks_select_a_word_three_a_row_and_escape_nothing(times, expected, tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage, "alpha beta 中文\n\ngamma delta", has="gamma")
        await stage.pilot.click(pane, offset=(9, 1), times=times)
        assert pane.selected_text == expected
        await stage.press("escape")
        assert pane.selected_text == ""

    play(scene, tmp_path)


def test_a_selection_goes_on_beyond_the_edge(tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage)
        await stage.press("g")
        await stage.pilot.mouse_down(pane, offset=(2, 1))
        await stage.pilot.hover(pane, offset=(8, pane.size.height - 1))
        await stage.until(lambda: "line 15" in pane.selected_text)
        await stage.pilot.mouse_up(pane, offset=(8, pane.size.height - 1))
        assert pane.selected_text.startswith("line 0\n\nline 1")

    play(scene, tmp_path)


def test_raw_text_and_markdown_take_turns(tmp_path):
    async def scene(stage: Stage) -> None:
        await filled(stage, "# Title\n\nsome **bold** text", has="bold")
        assert "# Title" not in stage.text(0)
        assert "**" not in stage.text(0)
        await stage.press("m")
        assert stage.text(0) == "# Title\n\nsome **bold** text"
        assert "· raw" in stage.screen_text()
        await stage.press("m")
        assert "**" not in stage.text(0)
        assert "· raw" not in stage.screen_text()

    play(scene, tmp_path)


def test_spans_are_painted_and_code_fills_its_rows(tmp_path):
    async def scene(stage: Stage) -> None:
        pane = await filled(stage, "some **bold** text\n\n```python\nx = 1\n```\n\nafter", has="after")
        strips = pane.render_lines(Size(pane.size.width, pane.size.height).region)
        bold = [segment.text for segment in strips[1] if segment.style and segment.style.bold]
        assert "bold" in "".join(bold)
        assert "some" not in "".join(bold)
        code = next(strip for strip in strips if "x = 1" in strip.text)
        plain = next(strip for strip in strips if "after" in strip.text)
        assert list(code)[-2].style.bgcolor != list(plain)[-2].style.bgcolor
        assert {strip.cell_length for strip in strips} == {pane.size.width}

    play(scene, tmp_path)


def test_reasoning_is_shown_until_the_answer_begins_and_folded_from_then_on(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, reasoning="Let me think.")
        await stage.until(lambda: stage.text(0) == "▾ reasoning\nLet me think.")
        stage.fake.say(0, "So.")
        await stage.until(lambda: stage.text(0).startswith("▸ reasoning") and "So." in stage.text(0))
        await stage.press("R")
        assert stage.text(0) == "▾ reasoning\nLet me think.\n\nSo."
        stage.fake.end(0)
        await stage.until(lambda: stage.main._views[0].over)
        assert "Let me think." in stage.text(0)
        await stage.press("R")
        assert stage.text(0).startswith("▸ reasoning")

    play(scene, tmp_path)


def test_a_click_unfolds_reasoning_and_folds_it_again(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "So.", reasoning="Let me think.")
        await stage.until(lambda: stage.text(0).startswith("▸ reasoning"))
        await stage.pilot.click(stage.panes[0], offset=(4, 1))
        assert stage.text(0).startswith("▾ reasoning\nLet me think.")
        await stage.pilot.pause(0.6)  # two quick clicks would select a word
        await stage.pilot.click(stage.panes[0], offset=(4, 1))
        assert stage.text(0).startswith("▸ reasoning")

    play(scene, tmp_path)


def test_reasoning_is_not_folded_from_under_a_reader(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, reasoning="\n".join(f"thought {number}" for number in range(60)))
        await stage.until(lambda: "thought 59" in stage.text(0))
        await stage.press("pageup", "pageup")
        place = first_row(stage)
        stage.fake.say(0, "So.")
        await stage.until(lambda: stage.main._views[0].parts["answer"])
        await stage.pilot.pause()
        assert first_row(stage) == place
        await stage.press("G")
        assert stage.text(0).startswith("▸ reasoning")

    play(scene, tmp_path)


def test_an_answer_that_is_not_whole_says_so_with_the_key_that_helps(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "half an answer", state="truncated")
        stage.fake.end(1, state="failed", error=SavedError(kind="server", message="boom", status=503))
        stage.fake.say(2, "some")
        await stage.until(lambda: stage.text(2) == "some")
        await stage.press("3", "x")
        await stage.until(lambda: "stopped" in stage.text(2))
        for lane in (0, 1, 2):
            assert "r " in stage.text(lane).replace("\n", " ")
        assert "cut" in stage.text(0)

    play(scene, tmp_path)


def test_zoom_shows_the_whole_answer(tmp_path):
    async def scene(stage: Stage) -> None:
        await filled(stage, "".join(f"line {number}\n\n" for number in range(10)), has="line 9")
        assert "line 0" not in stage.text(0)
        await stage.press("z")
        assert "line 0" not in stage.text(0)
        await stage.pilot.resize_terminal(80, 40)
        await stage.pilot.pause()
        assert stage.text(0).startswith("line 0")
        assert "line 9" in stage.text(0)

    play(scene, tmp_path)


def test_many_resizes_while_sixteen_panes_stream_lose_nothing(tmp_path):
    names = [f"m{lane}" for lane in range(16)]
    words = [f"word{number}" for number in range(28)]
    sizes = [(200, 50), (120, 40), (60, 20), (90, 30), (38, 12), (20, 5), (160, 48)]

    async def scene(stage: Stage) -> None:
        for number, word in enumerate(words):
            for lane in range(16):
                stage.fake.say(lane, f"{word} ")
            await stage.pilot.resize_terminal(*sizes[number % len(sizes)])
        await stage.pilot.resize_terminal(200, 50)
        await stage.until(lambda: all(words[-1] in stage.text(lane) for lane in range(16)))
        for pane in stage.panes:
            rows = [pane.row(index).text for index in range(pane._transcript.total)]
            assert " ".join(rows).split() == words
            assert pane.following
        screen = stage.screen_text().splitlines()
        assert {len(line) for line in screen} == {200}
        assert words[-1] in "".join(screen)

    play(scene, tmp_path, configuration=config(*names), size=(200, 50))


def test_panes_out_of_sight_do_nothing(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("z")
        for lane in range(4):
            stage.fake.say(lane, "text")
        await stage.until(lambda: stage.text(0) == "text")
        assert [pane._transcript.total > 0 for pane in stage.panes[1:]] == [True] * 3  # the waiting note
        assert all("text" not in pane.row(0).text for pane in stage.panes[1:])
        await stage.press("z")
        assert all(stage.text(lane) == "text" for lane in range(4))

    play(scene, tmp_path)
