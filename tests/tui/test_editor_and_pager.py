"""The prompt goes to the editor and back, and an answer to the pager."""

import os
import sys
from contextlib import nullcontext

import pytest
from textual.events import Key, Paste

from ostream_compare.tui.machine import Machine
from ostream_compare.tui.widgets.prompt import PromptBox
from tui.harness import Stage, play

FIRST = "Explain mutex versus semaphore."
BIG = "word word\n" * 12_345


def box(stage: Stage) -> PromptBox:
    return stage.main.query_one(PromptBox)


def with_programs(tmp_path, **environ: str) -> Machine:
    return Machine(environ={"PATH": os.environ["PATH"], **environ}, results=tmp_path)


@pytest.fixture
def script(tmp_path):
    def make(source):
        file = tmp_path / "script.py"
        file.write_text(f"import sys\npath = sys.argv[-1]\n{source}")
        return f"{sys.executable} {file}"

    return make


def test_the_editor_takes_the_whole_prompt_and_gives_it_back(tmp_path, script):
    editor = script(
        "text = open(path).read()\nopen(path, 'w').write(text.replace('word', 'WORD') + 'end\\n')"
    )

    async def scene(stage: Stage) -> None:
        stage.app.terminal_away = nullcontext
        await stage.press("i", "space")
        stage.app.post_message(Paste(BIG))
        await stage.pilot.pause()
        await stage.press("f4")
        await stage.taken_back()
        assert box(stage).text == f"{FIRST} {BIG.replace('word', 'WORD')}end"
        assert stage.prompt.text == "[pasted 12,346 lines, 0.1 MB]"
        await stage.press("ctrl+z")
        assert box(stage).text == f"{FIRST} {BIG}"

    play(scene, tmp_path, machine=with_programs(tmp_path, EDITOR=editor), start_now=False)


@pytest.mark.parametrize(
    ("environ", "said"),
    [({"EDITOR": "false"}, "ended with code 1"), ({"EDITOR": "no-such"}, "which is not there")],
)
def test_an_editor_that_fails_says_so_and_loses_nothing(tmp_path, environ, said):
    async def scene(stage: Stage) -> None:
        stage.app.terminal_away = nullcontext
        await stage.press("i", "!", "f4")
        await stage.taken_back()
        assert stage.prompt.text == f"{FIRST}!"
        assert any(said in toast for toast in stage.toasts)

    play(scene, tmp_path, machine=with_programs(tmp_path, **environ), start_now=False)


def test_any_failure_gives_the_screen_back(tmp_path, monkeypatch):
    async def none(*_):
        raise RuntimeError("can't start new thread")

    async def scene(stage: Stage) -> None:
        driver, said = stage.app._driver, []
        monkeypatch.setattr(type(driver), "can_suspend", True)
        monkeypatch.setattr(driver, "suspend_application_mode", lambda: said.append("away"))
        monkeypatch.setattr(driver, "resume_application_mode", lambda: said.append("back"))
        monkeypatch.setattr("asyncio.to_thread", none)
        await stage.press("f4")
        await stage.taken_back()
        assert said == ["away", "back"]
        await stage.until(lambda: any("can't start new" in toast for toast in stage.toasts), "it is said")

    play(scene, tmp_path, machine=with_programs(tmp_path, EDITOR="true"), start_now=False)


def test_a_terminal_that_cannot_be_given_away_says_so(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("f4")
        await stage.taken_back()
        assert any("cannot be given away" in toast for toast in stage.toasts)

    play(scene, tmp_path, machine=with_programs(tmp_path, EDITOR="true"), start_now=False)


def test_the_pager_shows_this_answer(tmp_path, script):
    told = tmp_path / "told"
    pager = script(f"open({str(told)!r}, 'w').write(sys.stdin.read())")

    async def scene(stage: Stage) -> None:
        stage.app.terminal_away = nullcontext
        await stage.press("f3")
        assert any("no answer to read" in toast for toast in stage.toasts)
        stage.fake.say(1, "so \x1b[31mfar")
        await stage.until(lambda: "far" in stage.text(1))
        await stage.press("2", "f3")
        await stage.taken_back()
        assert told.read_text() == "so ␛[31mfar\n"

    play(scene, tmp_path, machine=with_programs(tmp_path, PAGER=pager))


def test_everything_goes_on_while_the_editor_is_open_and_is_told_afterwards(tmp_path, script):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    editor = script(f"open(path, 'w').write(open({str(gate)!r}).read())")

    async def scene(stage: Stage) -> None:
        stage.app.terminal_away = nullcontext
        for key in (Key("f4", None), Key("exclamation_mark", "!")):
            stage.app.post_message(key)
        await stage.until(lambda: not stage.app.keys_go_on.is_set(), "the editor is up")
        await stage.answered("one", "two", "three", "four")
        stage.app.notify("Something to know")
        assert stage.toasts == []
        assert stage.prompt.text == FIRST
        gate.write_text("edited")
        await stage.until(lambda: stage.prompt.text == "edited!", "what was typed meanwhile comes afterwards")
        assert any("Something to know" in toast for toast in stage.toasts)

    play(scene, tmp_path, machine=with_programs(tmp_path, EDITOR=editor))
