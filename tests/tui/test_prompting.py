"""The box of the prompt: what it shows, its history and draft, the system prompt, the next turn."""

import pytest
from textual.events import Paste
from textual.widgets._toast import Toast

from ostream_compare.domain.preset import Prompt, Turn
from ostream_compare.storage.prompts import Draft, PromptStore
from ostream_compare.tui.widgets.prompt import PromptArea
from tui.fake_collector import config, preset
from tui.harness import Stage, play

FIRST = "Explain mutex versus semaphore."
BIG = "word word\n" * 12_345


def area(stage: Stage) -> PromptArea:
    return stage.main.query_one(PromptArea)


async def remembered(stage: Stage, count: int) -> None:
    await stage.until(lambda: len(area(stage).prompts._entries) == count, "the history was read")


def history(tmp_path, *prompts: str) -> PromptStore:
    store = PromptStore(tmp_path / "prompts")
    for prompt in prompts:
        store.add(prompt)
    return store


# The box


def test_the_box_grows_to_six_rows_and_to_half_the_screen_with_a_key(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", *["enter"] * 3)
        assert area(stage).size.height == 4
        await stage.press(*["enter"] * 10)
        assert area(stage).size.height == 6
        await stage.press("ctrl+l")
        assert area(stage).size.height == 12
        await stage.press("ctrl+l")
        assert area(stage).size.height == 6

    play(scene, tmp_path, start_now=False)


def test_a_high_terminal_gives_it_more(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", *["enter"] * 12)
        assert area(stage).size.height == 10

    play(scene, tmp_path, size=(120, 60), start_now=False)


def test_the_hint_estimates_tokens_where_there_is_room(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "~5 tokens · ^j send" in stage.screen_text()
        await stage.press("i", " ", "m", "e")
        assert "~6 tokens · ^j send" in stage.screen_text()
        await stage.press("ctrl+u", "h", "i")
        assert "~1 token · ^j send" in stage.screen_text()
        await stage.pilot.resize_terminal(50, 20)
        await stage.pilot.pause()
        assert "tokens" not in stage.screen_text()
        assert "^j send" in stage.screen_text()

    play(scene, tmp_path, start_now=False)


def test_a_long_paste_is_one_mark_and_all_of_it_is_sent(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "space")
        stage.app.post_message(Paste(BIG.replace("\n", "\r")))
        await stage.pilot.pause()
        await stage.press("!")
        assert stage.prompt.text == f"{FIRST} [pasted 12,345 lines, 0.1 MB]!"
        assert "~24,696 tokens" in stage.screen_text()
        await stage.press("ctrl+j")
        await stage.started()
        assert stage.asked.user == f"{FIRST} {BIG}!"

    play(scene, tmp_path, start_now=False)


def test_a_mark_goes_at_once_and_an_undo_brings_it_back(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "space")
        stage.app.post_message(Paste(BIG))
        await stage.pilot.pause()
        whole = stage.box.text
        await stage.press("left", "left", "x")
        assert stage.box.text == whole + "x"
        await stage.press("backspace", "backspace")
        assert stage.box.text == f"{FIRST} "
        for _ in range(10):
            if stage.box.text == whole:
                break
            await stage.press("ctrl+z")
        assert stage.box.text == whole
        await stage.press("f7", "ctrl+x")
        assert (stage.box.text, stage.app.clipboard) == ("", whole)
        await stage.press("ctrl+v")
        assert stage.box.text == whole

    play(scene, tmp_path, start_now=False)


# History and draft


def test_up_and_down_go_through_what_was_sent_in_other_sessions(tmp_path):
    history(tmp_path, "old", "two\nlines")

    async def scene(stage: Stage) -> None:
        await remembered(stage, 2)
        await stage.press("i", "up")
        assert stage.prompt.text == "two\nlines"
        await stage.press("up")
        assert stage.prompt.text == "old"
        await stage.press("down", "down")
        assert stage.prompt.text == FIRST
        await stage.press("f7", "backspace", "up", "down", "up")
        assert stage.prompt.text == "two\nlines"
        await stage.press("!", "up", "up")
        assert stage.prompt.text == "!two\nlines"

    play(scene, tmp_path, start_now=False)


def test_down_goes_through_the_rows_of_a_prompt_first(tmp_path):
    history(tmp_path, "two\nlines")

    async def scene(stage: Stage) -> None:
        await remembered(stage, 1)
        await stage.press("i", "up", "down")
        assert (stage.prompt.text, stage.prompt.cursor_location) == ("two\nlines", (1, 0))
        await stage.press("down")
        assert stage.prompt.text == FIRST

    play(scene, tmp_path, start_now=False)


def test_what_is_sent_is_in_the_history_once_and_no_draft(tmp_path):
    store = history(tmp_path, FIRST, "other")
    store.keep_draft(Draft(user="left over"))

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: stage.prompt.text == "left over")
        await stage.press("i", "!", "ctrl+j")
        await stage.started()
        assert stage.asked.user == "left over!"
        await stage.until(lambda: store.entries() == [FIRST, "other", "left over!"])
        await stage.until(lambda: store.draft() is None)
        await stage.press("up")
        assert stage.prompt.text == "other"

    play(scene, tmp_path, start_now=False)


def test_what_was_written_survives_quitting(tmp_path):
    async def leave(stage: Stage) -> None:
        await stage.press("i", "m", "o", "r", "e", "f2", "b", "e", "escape", "ctrl+q")

    play(leave, tmp_path, start_now=False)
    assert PromptStore(tmp_path / "prompts").draft() == Draft(user=f"{FIRST}more", system="be")

    async def again(stage: Stage) -> None:
        await stage.until(lambda: stage.prompt.text == f"{FIRST}more")
        assert stage.box.system == "be"
        await stage.press("i", "up")
        assert stage.prompt.text == f"{FIRST}more"

    play(again, tmp_path, start_now=False)


def test_a_system_prompt_alone_survives_quitting_and_leaves_the_files_prompt(tmp_path):
    async def leave(stage: Stage) -> None:
        await stage.press("f2", "b", "e", "escape", "ctrl+q")

    play(leave, tmp_path, start_now=False)
    store = PromptStore(tmp_path / "prompts")
    assert store.draft() == Draft(user="", system="be")

    async def again(stage: Stage) -> None:
        await stage.until(lambda: stage.box.system == "be")
        assert stage.prompt.text == FIRST
        await stage.press("i", "ctrl+j")
        await stage.started()
        assert (stage.asked.name, stage.asked.system) == ("mutex", "be")
        await stage.until(lambda: store.draft() is None, "what was sent is no draft")

    play(again, tmp_path, start_now=False)


def test_what_was_written_is_kept_while_one_writes(tmp_path, monkeypatch):
    monkeypatch.setattr("ostream_compare.tui.screens.prompting._DRAFT_EVERY", 0.01)
    store = PromptStore(tmp_path / "prompts")

    async def scene(stage: Stage) -> None:
        await stage.press("i", "!")
        await stage.until(lambda: store.draft() == Draft(user=f"{FIRST}!"))
        await stage.press("backspace")
        await stage.until(lambda: store.draft() is None)

    play(scene, tmp_path, start_now=False)


@pytest.mark.parametrize("start_now", [True, False])
def test_a_draft_does_not_replace_a_prompt_that_was_given_and_is_not_lost(tmp_path, start_now):
    store = history(tmp_path, "old")
    store.keep_draft(Draft(user="left over"))

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: "left over" in store.entries())
        assert stage.prompt.text == "given"
        await stage.press("i", "up", "up")
        assert stage.prompt.text == "old"
        await stage.press("down")
        assert stage.prompt.text == "left over"

    play(scene, tmp_path, start_now=start_now, prompt=Prompt(user="given"))
    assert store.entries().count("left over") == 1


def test_a_history_that_cannot_be_kept_is_told_once_and_the_run_goes_on(tmp_path):
    (tmp_path / "prompts").write_text("a file where the folder should be")

    async def scene(stage: Stage) -> None:
        await stage.press("i", "ctrl+j")
        await stage.started()
        await stage.until(lambda: any("Prompt history" in toast for toast in stage.toasts))
        await stage.press("!", "escape")
        assert sum("Prompt history" in toast for toast in stage.toasts) == 1

    play(scene, tmp_path, start_now=False)


# System prompt


def test_the_system_prompt_is_shown_edited_sent_and_saved(tmp_path):
    prompt = Prompt(name="mutex", user=FIRST, system="Be\nbrief.")

    async def scene(stage: Stage) -> None:
        assert "system: Be brief." in stage.screen_text()
        await stage.press("i", "f2", "!", "escape")
        assert "system: Be brief.!" in stage.screen_text()
        await stage.press("ctrl+j")
        await stage.started()
        assert (stage.asked.system, stage.asked.name) == ("Be\nbrief.!", "mutex")
        await stage.answered("a", "b", "c", "d")
        await stage.press("f2", "f7", "backspace", "f2")
        assert "system:" not in stage.screen_text()
        await stage.press("ctrl+j")
        await stage.started(2)
        assert stage.asked.system is None

    play(scene, tmp_path, configuration=config(prompts=(prompt,)), start_now=False)


def test_a_system_prompt_that_all_models_have_is_shown(tmp_path):
    both = tuple(preset(name, system="Be\nkind.") for name in ("A", "B"))

    async def scene(stage: Stage) -> None:
        assert "▌every model's own system: Be kind." in stage.screen_text()
        await stage.press("f2", "x", "escape")
        assert "system: x · every model's own system: Be kind." in stage.screen_text()

    play(scene, tmp_path, configuration=config(presets=both), start_now=False)


# The next turn


def test_the_next_turn_goes_on_with_each_models_own_answers(tmp_path):
    async def scene(stage: Stage) -> None:
        run = stage.fake.run
        await stage.answered("swift says", "careful says", "", "flaky says")
        await stage.press("n")
        assert stage.app.focused is stage.prompt
        assert stage.prompt.text == ""
        assert stage.toasts == ["Goes on without this turn Terse: its answer was empty"]
        await stage.until(lambda: "turn 2" in stage.screen_text(), "said in the box")
        await stage.press("w", "h", "y", "ctrl+j")
        await stage.started(2)
        assert (stage.asked.user, stage.asked.turns) == (
            "why",
            (
                Turn(
                    run=run,
                    user=FIRST,
                    answers={"Swift": "swift says", "Careful": "careful says", "Flaky": "flaky says"},
                    left_out={"Terse": "its answer was empty"},
                ),
            ),
        )
        stage.fake.say(0, "because")
        await stage.until(lambda: "because" in stage.text(0))
        assert stage.text(0).startswith("▸ turn 1 · Explain")
        assert "turn 1 is not sent again" in stage.text(2)
        assert "turn 2" in stage.screen_text()
        await stage.answered("because", "b", "c", "d")
        await stage.press("escape", "n", "o", "ctrl+j")
        await stage.started(3)
        assert [turn.user for turn in stage.asked.turns] == [FIRST, "why"]
        assert "turn 3" in stage.screen_text()

    play(scene, tmp_path)


def test_a_rerun_and_a_repeat_keep_the_turns(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("a", "b", "c", "d")
        await stage.press("n", "x", "ctrl+j")
        await stage.started(2)
        await stage.answered("a", "b", "c", "d")
        turns = stage.asked.turns
        assert len(turns) == 1
        await stage.press("escape", "r")
        await stage.started(3)
        assert stage.asked.turns == turns
        stage.fake.end(0, "again")
        await stage.ended()
        await stage.press("ctrl+r")
        await stage.started(4)
        assert stage.asked.turns == turns

    play(scene, tmp_path)


@pytest.mark.parametrize("keys", [("escape", "N", "i"), ("escape", "i"), ()])
def test_a_fresh_conversation(tmp_path, keys):
    async def scene(stage: Stage) -> None:
        await stage.answered("a", "b", "c", "d")
        await stage.press("n", *keys)
        goes_on = not keys
        assert ("turn 2" in stage.screen_text()) == goes_on
        await stage.press("x", "ctrl+j")
        await stage.started(2)
        assert bool(stage.asked.turns) == goes_on

    play(scene, tmp_path)


def test_what_is_written_stays_when_a_next_turn_is_wanted_and_escape_keeps_it_one(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "!", "escape", "n")
        assert stage.prompt.text == f"{FIRST}!"
        await stage.press("escape")
        assert "turn 2" in stage.screen_text()
        await stage.press("ctrl+j")
        assert len(stage.fake.starts) == 1
        assert any("in progress" in toast for toast in stage.toasts)
        await stage.answered("a", "b", "c", "d")
        await stage.press("ctrl+j")
        await stage.started(2)
        assert stage.asked.turns[0].answers["Swift"] == "a"

    play(scene, tmp_path)


def test_there_is_no_next_turn_before_the_first(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("n", "N")
        assert "turn" not in stage.screen_text()
        assert stage.app.focused is not stage.prompt

    play(scene, tmp_path, start_now=False)


@pytest.mark.parametrize(("size", "rows"), [((80, 24), 1), ((80, 24), 6), ((40, 10), 6)])
def test_toasts_hide_nothing_of_what_is_written_and_are_seen(tmp_path, size, rows):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "ctrl+a", "ctrl+k")
        await stage.burst("\n".join(f"row {row}" for row in range(rows)))
        stage.app.notify("The disk is full.", title="Could not save", timeout=900)
        await stage.until(lambda: "The disk is full." in stage.screen_text())
        await stage.until(lambda: f"row {rows - 1}" in stage.screen_text())
        (toast,) = stage.main.query(Toast)
        assert toast.region.y >= 0
        if size[1] > 20:
            assert toast.region.bottom <= stage.prompt.region.y - 1

    play(scene, tmp_path, size=size, start_now=False)
