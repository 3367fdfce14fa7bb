import pytest
from textual.widgets import TextArea

from ostream_compare.collector.protocol import Cancel
from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.preset import Prompt
from ostream_compare.tui.widgets.pane import Pane
from tui.fake_collector import config
from tui.harness import Stage, play


@pytest.mark.parametrize(
    ("keys", "current"),
    [
        ([], 0),
        (["tab"], 1),
        (["shift+tab"], 3),
        (["tab", "tab", "tab", "tab"], 0),
        (["3"], 2),
        (["9"], 0),
        (["l", "j"], 3),
        (["l", "l"], 1),
        (["4", "h", "k"], 0),
        (["2", "i", "tab"], 1),
        (["2", "i", "escape"], 1),
        (["i", "3"], 0),
    ],
)
def test_keys_move_the_focus(keys, current, tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press(*keys)
        assert stage.current == current
        if keys[-1:] != ["3"] or len(keys) == 1:
            assert stage.app.focused is stage.panes[current]

    play(scene, tmp_path)


def test_a_carousel_brings_the_current_pane_on(tmp_path):
    async def scene(stage: Stage) -> None:
        def shown() -> list[int]:
            return [pane.view.lane for pane in stage.panes if pane.display]

        assert shown() == [0, 1]
        await stage.press("tab", "tab")
        assert shown() == [1, 2]
        await stage.press("8")
        assert shown() == [6, 7]
        await stage.press("7")
        assert shown() == [6, 7]

    play(scene, tmp_path, configuration=config(*"ABCDEFGH"))


def test_a_pane_that_comes_on_shows_what_came_while_it_was_off(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(5, "said in the dark")
        stage.fake.say(0, "seen")
        await stage.until(lambda: stage.text(0) == "seen")
        assert "said in the dark" not in stage.screen_text()
        await stage.press("6")
        assert "said in the dark" in stage.screen_text()
        await stage.press("1")
        stage.fake.say(5, " and again")
        await stage.until(lambda: stage.app.session.run.lanes[5].bursts == 2)
        await stage.press("6")
        assert "said in the dark and again" in stage.screen_text()

    play(scene, tmp_path, configuration=config(*"ABCDEFGH"))


def test_another_theme_repaints_the_panes(tmp_path):
    async def scene(stage: Stage) -> None:
        def colours() -> set[object]:
            strips = stage.panes[0].render_lines(stage.panes[0].size.region)
            return {segment.style.bgcolor for strip in strips for segment in strip if segment.style}

        dark = colours()
        stage.app.theme = "textual-light"
        await stage.pilot.pause()
        await stage.pilot.pause()
        assert not dark & colours()

    play(scene, tmp_path)


def test_zoom_shows_one_pane_and_escape_all(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("2", "z")
        assert [pane.display for pane in stage.panes] == [False, True, False, False]
        await stage.press("tab")
        assert [pane.display for pane in stage.panes] == [False, False, True, False]
        await stage.press("escape")
        assert all(pane.display for pane in stage.panes)
        await stage.press("f", "z")
        assert all(pane.display for pane in stage.panes)

    play(scene, tmp_path)


def last_row(stage: Stage) -> str:
    return stage.screen_text().splitlines()[-1]


def test_the_key_bar_says_how_to_leave_a_zoomed_pane(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("2")
        await stage.until(lambda: "z Zoom" in last_row(stage))
        assert "Back" not in last_row(stage)
        await stage.press("z")
        await stage.until(lambda: "esc Back" in last_row(stage))
        assert "Zoom" not in last_row(stage)
        await stage.press("escape")
        await stage.until(lambda: "z Zoom" in last_row(stage))

    play(scene, tmp_path)


@pytest.mark.parametrize("opens", ["question_mark", "ctrl+p", "f2"])
def test_below_a_dialog_no_keys_are_offered(opens, tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("1")
        await stage.until(lambda: "s Save" in last_row(stage))
        await stage.press(opens)
        await stage.until(lambda: not any(word in last_row(stage) for word in ("Save", "Help", "Zoom")))
        await stage.press("escape")
        await stage.until(lambda: "s Save" in last_row(stage))

    play(scene, tmp_path)


def test_stop_one_and_all(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("2", "x")
        assert stage.fake.cancels == [Cancel(run=stage.fake.run, lane=1)]
        await stage.until(lambda: "stopped" in stage.text(1))
        await stage.press("X")
        assert stage.fake.cancels[-1] == Cancel(run=stage.fake.run, lane=None)
        await stage.ended()
        assert "4/4 done" in stage.screen_text()

    play(scene, tmp_path)


def test_rerun_of_one_lane_belongs_to_the_same_run(tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(4):
            stage.fake.end(lane, "first")
        await stage.ended()
        await stage.press("3", "r")
        await stage.started(2)
        first, second = stage.fake.starts
        assert (second.run, [order.lane for order in second.lanes]) == (first.run, [2])
        await stage.until(lambda: "3/4 done" in stage.screen_text())
        stage.fake.end(2, "second")
        await stage.ended()
        assert stage.text(2) == "second"
        assert stage.text(1) == "first"

    play(scene, tmp_path)


def test_rerun_of_a_lane_that_is_still_out_stops_it_first(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "half an ans")
        await stage.until(lambda: stage.text(0))
        await stage.press("r")
        await stage.started(2)
        assert stage.fake.cancels == [Cancel(run=stage.fake.run, lane=0)]
        stage.fake.end(0, "whole")
        await stage.until(lambda: stage.text(0) == "whole")

    play(scene, tmp_path)


def test_all_that_failed_run_again(tmp_path):
    async def scene(stage: Stage) -> None:
        error = SavedError(kind="server", message="boom", status=503)
        for lane in range(4):
            stage.fake.end(
                lane, "x" if lane % 2 else "", state="complete" if lane % 2 else "failed", error=error
            )
        await stage.ended()
        await stage.press("f5")
        await stage.started(2)
        assert [order.lane for order in stage.fake.starts[1].lanes] == [0, 2]

    play(scene, tmp_path)


def test_rerun_all_is_a_new_run_of_the_same_prompt(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("ctrl+r")
        assert any("in progress" in toast for toast in stage.toasts)
        await stage.press("X")
        await stage.ended()
        await stage.press("ctrl+r")
        await stage.started(2)
        first, second = stage.fake.starts
        assert first.run != second.run
        assert first.prompt == second.prompt == Prompt(name="mutex", user="Explain mutex versus semaphore.")
        await stage.until(lambda: "run 2" in stage.screen_text())

    play(scene, tmp_path)


@pytest.mark.parametrize("key", ["ctrl+j", "alt+enter"])
def test_enter_is_a_new_line_and_send_sends(key, tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "ctrl+a", "ctrl+k", *"hi", "enter", *"you")
        assert stage.prompt.text == "hi\nyou"
        assert not stage.fake.starts
        await stage.press(key)
        await stage.started()
        assert stage.fake.starts[0].prompt == Prompt(user="hi\nyou")
        assert stage.prompt.text == "hi\nyou"

    play(scene, tmp_path, start_now=False)


def test_the_prompt_of_the_file_is_sent_from_a_pane(tmp_path):
    async def scene(stage: Stage) -> None:
        assert isinstance(stage.app.focused, Pane)
        await stage.press("ctrl+j")
        await stage.started()
        assert stage.fake.starts[0].prompt.name == "mutex"

    play(scene, tmp_path, start_now=False)


def test_sending_during_a_run_is_refused_and_the_text_stays(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", *" more", "ctrl+j")
        assert len(stage.fake.starts) == 1
        assert any("X stops it" in toast for toast in stage.toasts)
        assert stage.prompt.text.endswith(" more")
        await stage.press("escape", "X")
        await stage.ended()
        await stage.press("i", "ctrl+j")
        await stage.started(2)
        assert stage.fake.starts[1].prompt.user.endswith(" more")

    play(scene, tmp_path)


def test_letters_are_text_in_the_prompt(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "ctrl+a", "ctrl+k", *"xXrszt?")
        assert stage.prompt.text == "xXrszt?"
        assert not stage.fake.cancels
        assert not stage.saved

    play(scene, tmp_path)


def test_scrolling_up_stops_following_and_end_follows_again(tmp_path):
    async def scene(stage: Stage) -> None:
        pane = stage.panes[0]
        stage.fake.say(0, "".join(f"line {number}\n" for number in range(40)))
        await stage.until(lambda: "line 39" in stage.text(0))
        assert "▼ new" not in stage.screen_text()
        await stage.press("up")
        assert (pane.following, pane.has_unseen) == (False, True)
        assert "▼ new" in stage.screen_text()
        stage.fake.say(0, "line 40\n")
        await stage.until(lambda: stage.app.session.run.lanes[0].bursts == 2)
        await stage.pilot.pause(0.1)
        assert "line 40" not in stage.text(0)
        await stage.press("g")
        assert stage.text(0).startswith("line 0")
        await stage.press("G")
        assert "line 40" in stage.text(0)
        assert pane.following
        assert "▼ new" not in stage.screen_text()

    play(scene, tmp_path)


def test_reasoning_stands_above_the_answer_and_folds(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(1, reasoning="Let me think.")
        stage.fake.say(1, "It is so.")
        await stage.until(lambda: "▸ reasoning, 13 characters" in stage.text(1))
        assert stage.text(1).endswith("\n\nIt is so.")
        await stage.press("ctrl+t")
        assert stage.text(1) == "▾ reasoning\nLet me think.\n\nIt is so."
        await stage.press("ctrl+t")
        assert stage.text(1).startswith("▸ reasoning, 13 characters")

    play(scene, tmp_path)


def test_the_table_orders_and_leads_to_a_pane(tmp_path):
    async def scene(stage: Stage) -> None:
        for lane, at in enumerate([900, 300, 700, 500]):
            stage.fake.end(lane, "ok", at=at)
        await stage.ended()
        await stage.press("t")
        assert "sort: total ▲" in stage.screen_text()
        rows = [line.split()[1] for line in stage.screen_text().splitlines() if "✓ done" in line]
        assert rows == ["Careful", "Flaky", "Terse", "Swift"]
        await stage.press("home", "down", "enter")
        assert stage.app.screen is stage.main
        assert stage.current == 3

    play(scene, tmp_path)


def test_quit_leaves_with_0_whatever_the_models_do(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.answers_cancel = False
        stage.fake.say(0, "half")
        await stage.until(lambda: stage.text(0) == "half")
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, tmp_path)
    assert app.return_value == 0
    (saved,) = tmp_path.glob("*.toml")
    assert "half" in saved.read_text()
    assert any(str(saved) in line for line in app.last_words)


def test_interrupt_stops_and_saves_and_the_second_leaves(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("ctrl+c")
        assert stage.fake.cancels == [Cancel(run=stage.fake.run, lane=None)]
        await stage.ended()
        await stage.until(lambda: stage.saved)
        assert stage.app.is_running
        await stage.press("ctrl+c")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, tmp_path)
    assert app.return_value == 130
    assert len(list(tmp_path.glob("*.toml"))) == 1


def test_interrupt_in_the_prompt_copies_what_is_selected(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i")
        stage.main.query_one(TextArea).select_all()
        await stage.press("ctrl+c")
        assert not stage.fake.cancels
        assert stage.app.clipboard == stage.prompt.text

    play(scene, tmp_path)


def test_a_click_focuses_a_pane(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.pilot.click(stage.panes[3])
        assert isinstance(stage.app.focused, Pane)
        assert stage.current == 3

    play(scene, tmp_path)
