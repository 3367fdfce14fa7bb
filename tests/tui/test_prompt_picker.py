"""Prompts of the file: the picker, their variables, what it leaves in the box."""

import pytest

from ostream_compare.domain.preset import PromptTemplate
from tui.fake_collector import config
from tui.harness import Stage, play

FIRST = "Explain mutex versus semaphore."


TEMPLATES = (
    PromptTemplate(name="mutex", user=FIRST),
    PromptTemplate(
        name="[b]audience",
        user="Explain {what} to a {who}.",
        system="You teach a {who}.",
        variables={"what": ("locks", "threads"), "who": ("cook", "king")},
    ),
    PromptTemplate(user="Second\nline", system="Be brief."),
)


def filed(scene, tmp_path, **options) -> None:
    play(scene, tmp_path, configuration=config(templates=TEMPLATES), start_now=False, **options)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_the_picker_lists_prompts_variables_and_combinations(tmp_path, size):
    async def scene(stage: Stage) -> None:
        await stage.press("p")
        text = stage.screen_text()
        assert "Prompts of the file · 7" in text
        for piece in (
            "mutex  Explain mutex",
            "{what} {who} …",
            "[b]audience  what: locks, who: cook",
            "Second",
        ):
            assert piece in text

    filed(scene, tmp_path, size=size)


@pytest.mark.parametrize(
    ("keys", "user", "system"),
    [
        (["enter"], FIRST, None),
        (
            ["k", "i", "n", "g", "space", "T", "H", "R", "enter"],
            "Explain threads to a king.",
            "You teach a king.",
        ),
        (["pagedown", "enter"], "Second\nline", "Be brief."),
        (["pagedown", "up", "enter"], "Explain threads to a king.", "You teach a king."),
        (["z", "q", "enter", "escape"], FIRST, None),
        (["down", "enter", "escape"], FIRST, None),
        (["down", "enter", "ctrl+j"], "Explain locks to a cook.", "You teach a cook."),
        (
            ["down", "enter", "down", "enter", "up", "enter"],
            "Explain threads to a king.",
            "You teach a king.",
        ),
        (
            ["down", "enter", "end", "s", "enter", "end", "{", "enter"],
            "Explain lockss to a cook{.",
            "You teach a cook{.",
        ),
    ],
)
def test_what_is_picked_fills_the_box(tmp_path, keys, user, system):
    async def scene(stage: Stage) -> None:
        await stage.press("ctrl+g")
        for key in keys:
            await stage.press(key)
        await stage.pilot.pause()
        assert (stage.box.text, stage.box.system) == (user, system)

    filed(scene, tmp_path)


def test_the_mouse_picks_too(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("p")
        await stage.pilot.click("OptionList", offset=(4, 6))
        await stage.pilot.pause()
        assert (stage.box.text, stage.box.system) == ("Second\nline", "Be brief.")

    filed(scene, tmp_path)


def test_a_picked_prompt_is_sent_and_saved_with_its_name_and_values(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("p", "down", "enter")
        await stage.press("X", "enter", "enter")
        assert stage.app.focused is stage.prompt
        await stage.press("ctrl+j")
        await stage.started()
        prompt = stage.asked
        assert (prompt.name, prompt.user) == ("[b]audience", "Explain X to a cook.")
        assert prompt.variables == {"what": "X", "who": "cook"}
        await stage.answered("a", "b", "c", "d")
        await stage.press("!", "ctrl+j")
        await stage.started(2)
        assert (stage.asked.name, stage.asked.variables) == (None, {})
        assert stage.asked.system == "You teach a cook."

    filed(scene, tmp_path)


def test_picking_loses_nothing_that_was_written(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("i", "m", "i", "n", "e", "ctrl+g", "enter")
        assert stage.prompt.text == FIRST
        await stage.press("up")
        assert stage.prompt.text == f"{FIRST}mine"

    filed(scene, tmp_path)


def test_a_file_without_prompts_has_no_picker(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("p")
        assert stage.app.screen is stage.main

    play(scene, tmp_path, start_now=False)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (80, 12)])
def test_the_last_of_many_prompts_is_in_sight(tmp_path, size):
    async def scene(stage: Stage) -> None:
        await stage.press("escape", "p", *["pagedown"] * 4)
        await stage.until(lambda: "Explain number 40." in stage.screen_text())

    forty = tuple(PromptTemplate(name=f"prompt {n}", user=f"Explain number {n}.") for n in range(1, 41))
    play(scene, tmp_path, configuration=config(templates=forty), start_now=False, size=size)
