import pytest

from ostream_compare.tui.screens.diff import DiffScreen
from tui.fake_collector import config
from tui.harness import Stage, play

SWIFT = "A mutex has one owner; a semaphore counts permits."
TERSE = "A mutex has 1 owner. A semaphore counts."


async def opened(stage: Stage) -> DiffScreen:
    await stage.press("d")
    await compared(stage)
    assert isinstance(stage.app.screen, DiffScreen)
    return stage.app.screen


async def compared(stage: Stage) -> None:
    def settled() -> bool:
        screen = stage.app.screen
        return isinstance(screen, DiffScreen) and screen.diff is not None and not screen._busy

    await stage.until(settled, "the texts were compared")
    await stage.pilot.pause()


async def answered(stage: Stage) -> None:
    stage.fake.end(0, SWIFT)
    stage.fake.say(1, "still going")
    stage.fake.end(2, TERSE)
    stage.fake.end(3, state="failed")
    await stage.until(lambda: stage.app.session.run.ended == 3)


def body(stage: Stage) -> str:
    return "\n".join(stage.app.screen._body.plain_rows)


def test_words_lines_and_side_by_side(tmp_path):
    async def scene(stage: Stage) -> None:
        await answered(stage)
        screen = await opened(stage)
        assert screen.sides == (0, 1)
        await stage.press("3")
        await compared(stage)
        text = stage.screen_text()
        assert "Diff  1 Swift ↔ 3 Terse" in text
        assert "words | lines | side by side" in text
        assert "+3 −4  sim 0.67" in text  # noqa: RUF001 - a minus sign
        assert body(stage) == "A mutex has [-one-] {+1+} owner[-; a-] {+. A+} semaphore counts [-permits-]."
        await stage.press("l")
        await compared(stage)
        assert body(stage).split("\n") == [f"1   - {SWIFT}", f"  1 + {TERSE}"]
        assert "+1 −1  sim 0.67" in stage.screen_text()  # noqa: RUF001 - as above
        await stage.press("s")
        await compared(stage)
        first, *_ = body(stage).split("\n")
        assert first.startswith("- A mutex")
        assert "│+ A mutex" in first
        await stage.press("escape")
        assert stage.app.screen is stage.main

    play(scene, tmp_path)


def test_partners_go_round_and_never_meet_themselves(tmp_path):
    async def scene(stage: Stage) -> None:
        await answered(stage)
        await stage.press("2")
        screen = await opened(stage)
        seen = [screen.sides]
        for key in (
            "right_square_bracket",
            "right_square_bracket",
            "right_square_bracket",
            "left_square_bracket",
        ):
            await stage.press(key)
            seen.append(screen.sides)
        assert seen == [(1, 2), (1, 3), (1, 0), (1, 2), (1, 0)]
        await stage.press("2")
        assert screen.sides == (1, 0)
        await stage.press("9")
        assert screen.sides == (1, 0)
        await stage.press("tab")
        assert screen.sides == (0, 1)

    play(scene, tmp_path)


def test_failed_and_running_sides_are_said_in_words(tmp_path):
    async def scene(stage: Stage) -> None:
        await answered(stage)
        await opened(stage)
        assert "1 Swift-] ✓ done" in stage.screen_text()
        assert "2 Careful+} ▶" in stage.screen_text()
        await stage.press("4")
        await compared(stage)
        assert "4 Flaky has no answer: ✗" in body(stage)
        assert "sim —" in stage.screen_text()

    play(scene, tmp_path, size=(120, 40))


def test_a_growing_answer_is_compared_again(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "one two three")
        stage.fake.say(1, "one two")
        await stage.until(lambda: stage.app.session.run.ended == 1)
        await opened(stage)
        assert body(stage) == "one two [-three-]"
        stage.fake.say(1, " three")
        await stage.until(
            lambda: body(stage) == "Both answers are the same, character by character.\none two three"
        )

    play(scene, tmp_path, configuration=config("Swift", "Careful"))


def test_json_is_compared_by_meaning(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, '{"b": 1, "a": [1, 2]}')
        stage.fake.end(1, '```json\n{"a": [1, 3], "b": 1}\n```')
        await stage.ended()
        await opened(stage)
        assert "JSON: compared with sorted keys" in stage.screen_text()
        await stage.press("l")
        await compared(stage)
        assert [row for row in body(stage).split("\n") if " - " in row or " + " in row] == [
            "4   -     2",
            "  4 +     3",
        ]

    play(scene, tmp_path, configuration=config("Swift", "Careful"), size=(120, 40))


@pytest.mark.parametrize("names", [("Swift",), ()])
def test_one_model_has_nothing_to_be_compared_with(names, tmp_path):
    configuration = config(*names) if names else config(presets=())

    async def scene(stage: Stage) -> None:
        await stage.press("d")
        assert stage.app.screen is stage.main
        assert "Diff" not in stage.screen_text()

    play(scene, tmp_path, configuration=configuration)


def test_hostile_text_is_shown_as_it_is(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "[@click=app.quit]x[/] [/nope] \x1b]52;c;x\x07")
        stage.fake.end(1, "日本語 e\u0301 👩\u200d💻 [b]")
        await stage.ended()
        await opened(stage)
        for key in ("w", "l", "s"):
            await stage.press(key)
            await compared(stage)
            assert "[@click=app.quit]x[/]" in body(stage) or key != "l"
            assert "\x1b" not in body(stage)
            assert "👩\u200d💻" in body(stage)

    play(scene, tmp_path, configuration=config("Swift", "Careful"))


def test_a_huge_answer_is_cut_and_said_to_be(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "word " * 40_000)
        stage.fake.end(1, "x" * 100_000)
        await stage.ended()
        await opened(stage)
        assert "only the beginning is compared" in body(stage)
        await stage.press("l")
        await compared(stage)
        await stage.press("G")
        await stage.press("g")
        assert stage.app.is_running

    play(scene, tmp_path, configuration=config("Swift", "Careful"))
