"""The blind vote: nothing on the screen tells whose answer it is before the vote, and votes last."""

import pytest

from ostream_compare.collector.client import CollectorDied
from ostream_compare.domain.comparison import SavedCost, Timing
from ostream_compare.domain.preset import Prompt, Turn
from ostream_compare.tui.vote_words import asked
from ostream_compare.tui.widgets.blind_side import BlindSide
from tui.ballots import TWO, dealt, opened, sides
from tui.fake_collector import config
from tui.harness import Stage, play

SAME = "A **mutex** has one owner.\n\n- `lock`\n- unlock\n"


def painted(side: BlindSide) -> list[list[tuple[str, str]]]:
    """Text and style of all cells, the letter in the frame left out."""
    upper, *rows = side.render_lines(side.size.region)
    frame = [(segment.text.replace(side._letter, "?"), str(segment.style)) for segment in upper]
    return [frame, *([(segment.text, str(segment.style)) for segment in row] for row in rows)]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
def test_before_a_vote_nothing_tells_whose_answer_it_is(tmp_path, size):
    async def scene(stage: Stage) -> None:
        slow = {"timing": Timing(e2e_ms=8765.0, tokens_per_second=31.0)}
        stage.fake.end(0, f"I am Swift. {SAME}", cost=SavedCost(total_usd="0.0123", source="preset"), **slow)
        stage.fake.end(1, f"I am careful. {SAME}", cost=SavedCost(total_usd="0.456", source="preset"))
        await stage.ended()
        await opened(stage)
        await dealt(stage)
        text = stage.screen_text()
        for secret in ("swift", "careful", "demo/", "8.7", "1.9", "112", "0.01", "0.4", "tok", "✓", "done"):
            assert secret not in text.casefold()
        assert "I am █████" in text
        assert "1/1" in text
        offered = text.splitlines()[-1]
        for key in ("a A better", "b B better", "= Tie", "0 Bad", "esc Back", "^q Quit"):
            assert key in offered
        assert [note for note in stage.app._notifications if "wift" in note.message] == []
        a, b = sides(stage)
        await stage.press("a")
        text = stage.screen_text()
        for told in ("Swift", "Careful", "8.77s", "0.012"):
            assert told in text
        assert (a.region.y == b.region.y) == (size[0] >= 76)

    play(scene, tmp_path, size=size, configuration=config(*TWO))


def test_both_sides_are_painted_alike(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered(SAME, SAME)
        await opened(stage)
        await dealt(stage)
        a, b = sides(stage)
        assert painted(a) == painted(b)
        await stage.press("m")
        assert painted(a) == painted(b)
        assert "**mutex**" in "\n".join(a.plain_rows)

    play(scene, tmp_path, configuration=config(*TWO))


def test_chance_decides_the_sides(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("the first", "the second")
        left = set()
        for seed in range(12):
            screen = await opened(stage, seed=seed)
            assert screen.sitting.ballot is not None
            left.add(screen.sitting.ballot.a.content)
            await stage.press("escape")
        assert left == {"the first", "the second"}

    play(scene, tmp_path, configuration=config(*TWO))


def test_a_run_that_is_on_shows_how_many_are_to_come_and_nothing_else(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "half an answer")
        screen = await opened(stage)
        assert "2 answers are being written" in stage.screen_text()
        stage.fake.end(1, "whole")
        await stage.until(lambda: "1 answer is being written" in stage.screen_text())
        text = stage.screen_text()
        for secret in ("half", "whole", "Swift", "Careful", "tok", "0s", "1.9s", "$"):
            assert secret not in text
        await stage.press("a")
        assert stage.app.session.votes == ()
        stage.fake.end(0, "half an answer, and the rest")
        await dealt(stage)
        assert screen.sitting.ballot is not None
        assert "and the rest" in stage.screen_text()

    play(scene, tmp_path, configuration=config(*TWO))


def test_what_would_be_said_of_a_run_waits_until_the_vote_is_left(tmp_path):
    async def scene(stage: Stage) -> None:
        await opened(stage)
        stage.fake._queue.put_nowait(CollectorDied("Swift's collector died"))
        await stage.until(lambda: not stage.app.session.is_running)
        await stage.until(lambda: "no two whole answers" in stage.screen_text())
        assert "2 answers are left out" in stage.screen_text()
        assert stage.toasts == []
        await stage.press("escape")
        assert any("Swift's collector died" in toast for toast in stage.toasts)

    play(scene, tmp_path, configuration=config(*TWO))


def test_a_run_can_be_begun_unseen(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("escape")
        await opened(stage)
        assert "Nothing was asked yet" in stage.screen_text()
        await stage.press("ctrl+r")
        await stage.started()
        await stage.until(lambda: "2 answers are being written" in stage.screen_text())
        await stage.answered("one", "two")
        await dealt(stage)
        await stage.press("a", "enter")
        await stage.press("ctrl+r")
        await stage.started(2)
        await stage.until(lambda: "2 answers are being written" in stage.screen_text())
        await stage.answered("three", "four")
        await dealt(stage)
        assert {answer.content for answer in stage.app.screen._whole} == {"three", "four"}

    play(scene, tmp_path, configuration=config(*TWO), start_now=False)


def test_keys_scroll_both_sides_or_one(tmp_path):
    async def scene(stage: Stage) -> None:
        long = "\n\n".join(f"paragraph {number}" for number in range(60))
        await stage.answered(long, long)
        await opened(stage)
        await dealt(stage)
        a, b = sides(stage)
        assert a.plain_rows[0] == b.plain_rows[0] == "paragraph 0"

        def tops() -> tuple[int, int]:
            return a._viewport.top, b._viewport.top

        await stage.press("j", "down")
        assert tops() == (2, 2)
        await stage.press("tab", "j")
        assert tops() == (3, 2)
        await stage.press("tab", "k")
        assert tops() == (3, 1)
        await stage.press("tab", "g")
        assert tops() == (0, 0)
        await stage.press("G")
        assert a.plain_rows[-1] == b.plain_rows[-1] == "paragraph 59"
        await stage.pilot.resize_terminal(60, 20)
        await stage.pilot.pause()
        assert "paragraph 59" in stage.screen_text()

    play(scene, tmp_path, configuration=config(*TWO))


def test_without_a_prompt_it_is_said_that_one_is_needed(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.prompt.text = ""
        await opened(stage)
        await stage.press("ctrl+r")
        assert any("Write a prompt first" in toast for toast in stage.toasts)
        assert stage.fake.starts == []

    play(scene, tmp_path, configuration=config(*TWO), start_now=False)


@pytest.mark.parametrize("names", [("Swift",), ()])
def test_one_model_has_nothing_to_be_judged_against(names, tmp_path):
    configuration = config(*names) if names else config(presets=())

    async def scene(stage: Stage) -> None:
        await stage.press("v")
        assert stage.app.screen is stage.main

    play(scene, tmp_path, configuration=configuration)


def test_hostile_answers_are_shown_as_they_are(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("[@click=app.quit]x[/] [/nope] \x1b]52;c;x\x07", "日本語 👩\u200d💻")
        await opened(stage)
        await dealt(stage)
        await stage.press("m", "0")
        text = "\n".join(row for side in sides(stage) for row in side.plain_rows)
        assert "[@click=app.quit]x[/]" in text
        assert "\x1b" not in text
        assert "Both bad: " in stage.screen_text()

    play(scene, tmp_path, configuration=config(*TWO))


def test_the_question_stands_above_the_answers(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered(SAME, SAME)
        await opened(stage)
        await dealt(stage)
        rows = stage.screen_text().splitlines()
        assert rows[1].strip() == "> Explain mutex versus semaphore."
        await stage.press("a")
        assert "⏎ or space goes on" in stage.screen_text()

    play(scene, tmp_path, configuration=config(*TWO))


def test_a_pair_on_the_table_is_not_asked_over_and_it_says_so(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered(SAME, SAME)
        await opened(stage)
        await dealt(stage)
        await stage.press("ctrl+r")
        assert any("Vote on the pairs first" in toast for toast in stage.toasts)
        assert len(stage.fake.starts) == 1

    play(scene, tmp_path, configuration=config(*TWO))


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (1, ["> And now? …"]),
        (2, ["turn 2: Second?", "> And now? …"]),
        (5, ["turn 1: First?", "turn 2: Second?", "> And now?", "  Really."]),
    ],
)
def test_as_much_is_shown_of_what_was_asked_as_there_is_room_for(rows, lines):
    turns = (Turn(run="1", user="First?"), Turn(run="2", user="Second?"))
    assert asked(Prompt(user="And now?\n\nReally.", turns=turns), rows).splitlines() == lines
