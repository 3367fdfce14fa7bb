"""The history on the screen: a list that filters as one types, and what is done with a run of it."""

import re

import pytest
from textual.widgets import DataTable, Input

from ostream_compare.domain.preset import Prompt
from ostream_compare.storage.history import History
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import RunLog, run_logs
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.screens.history import PAGE, DeleteDialog, HistoryScreen
from ostream_compare.tui.screens.replay import ReplayScreen
from storage.runs import answer, ended, header
from tui.harness import play


def logged(folder, number, text="a mutex has one owner", *, prompt="Explain mutex.", end=True):
    log = RunLog.create(header(number, prompt=Prompt(user=prompt)), folder / "runs")
    log.append(*answer(0, text), *answer(1, "both"), *([ended()] if end else []))
    log.close()
    return log.path.stem


def show(scene, folder, **options):
    machine = Machine(environ={}, results=folder / "results", recorder=Recorder(folder))
    return play(scene, folder / "results", machine=machine, start_now=False, **options)


async def opened(stage):
    stage.main.action_history()
    await stage.until(lambda: isinstance(stage.app.screen, HistoryScreen), "the history is open")
    await stage.until(lambda: re.search(r"\d runs?\n", head(stage)), "it was read")


def head(stage):
    """The first rows, right of which nothing stands."""
    return "\n".join(line.rstrip() for line in stage.screen_text().splitlines()[:3]) + "\n"


def table(stage):
    return stage.app.screen.query_one(DataTable)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
def test_a_run_is_told_on_one_line_at_every_size(tmp_path, size):
    logged(tmp_path, 0, prompt="What is a 锁 and " + "why " * 60)
    logged(tmp_path, 1, prompt="half", end=False)

    async def scene(stage):
        await opened(stage)
        rows = stage.screen_text().splitlines()
        assert "History" in rows[0]
        assert rows[0].rstrip().endswith("2 runs")
        assert "half" in rows[2]
        assert "✗ interrupted" in rows[2]
        assert "What is a 锁" in rows[3]
        assert "…" in rows[3]
        assert rows[3].count("2/2") == 1
        assert ("✓ done" if size[0] >= 120 else "✓ 2/2") in rows[3]
        assert "$0.002" in rows[3]
        assert ("Swift" in rows[3]) == (size[0] >= 80)

    show(scene, tmp_path, size=size)


def test_the_list_is_filtered_as_one_types_and_back(tmp_path):
    for number in range(12):
        logged(tmp_path, number, "semaphores count" if number % 4 else "an owner")

    async def scene(stage):
        await opened(stage)
        await stage.press("slash", *"owner")
        await stage.until(lambda: "3 of 12" in stage.screen_text(), "filtered")
        assert table(stage).row_count == 3
        await stage.press("x")
        await stage.until(lambda: "0 of 12" in stage.screen_text(), "none is left")
        assert "Nothing has these words." in stage.screen_text()
        await stage.press("escape")
        await stage.until(lambda: "12 runs" in stage.screen_text(), "all again")
        assert not stage.app.screen.query_one(Input).display
        await stage.press("escape")
        assert stage.app.screen is stage.main

    show(scene, tmp_path)


def test_letters_in_the_filter_are_letters(tmp_path):
    made = logged(tmp_path, 0, "prerequisite Dope")

    async def scene(stage):
        await opened(stage)
        await stage.press("slash", *"prerequisite", "space", "D")
        await stage.until(lambda: "1 of 1" in stage.screen_text(), "found")
        assert isinstance(stage.app.screen, HistoryScreen)
        assert stage.app.screen.query_one(Input).value == "prerequisite D"
        assert run_logs(tmp_path / "runs")[0].stem == made

    show(scene, tmp_path)


def test_who_comes_back_from_a_run_finds_the_list_as_it_was(tmp_path):
    for number in range(12):
        logged(tmp_path, number, "semaphores count" if number % 4 else "an owner")

    async def scene(stage):
        await opened(stage)
        await stage.burst("/owner\n")
        await stage.until(lambda: "3 of 12" in stage.screen_text(), "filtered")
        assert isinstance(stage.app.screen, HistoryScreen), "all that was typed at once went to the filter"
        await stage.press("down", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ReplayScreen), "opened")
        await stage.press("escape")
        await stage.until(lambda: "3 of 12" in stage.screen_text(), "filtered as before")
        await stage.until(lambda: table(stage).cursor_row == 1, "on the run that was opened")

    show(scene, tmp_path)


def test_a_long_history_is_fetched_by_pages(tmp_path):
    for number in range(PAGE + 20):
        logged(tmp_path, number)

    async def scene(stage):
        await opened(stage)
        assert table(stage).row_count == PAGE
        await stage.press("G")
        await stage.until(lambda: table(stage).row_count == PAGE + 20, "the rest is there")
        assert f"{PAGE + 20} runs" in stage.screen_text()

    show(scene, tmp_path)


def test_a_run_is_opened_read_only_and_left_to_the_list(tmp_path):
    logged(tmp_path, 0)

    async def scene(stage):
        await opened(stage)
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, ReplayScreen), "opened")
        await stage.until(lambda: "REPLAY" in stage.screen_text(), "painted")
        await stage.until(lambda: "a mutex has one owner" in stage.screen_text(), "with its answer")
        assert "2/2 done" in stage.screen_text()
        for key in ("r", "ctrl+r", "x", "X", "n", "i", "ctrl+j", "f5", "f4", "H"):
            await stage.press(key)
        assert isinstance(stage.app.screen, ReplayScreen)
        assert stage.fake.commands == []
        both = stage.screen_text()
        await stage.press("z")
        assert stage.screen_text() != both
        await stage.press("escape")
        assert stage.screen_text() == both, "all panes again"
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, HistoryScreen), "back in the list")
        assert len(run_logs(tmp_path / "runs")) == 1

    show(scene, tmp_path)


def test_a_run_is_played(tmp_path):
    logged(tmp_path, 0)

    async def scene(stage):
        await opened(stage)
        await stage.press("p")
        await stage.until(lambda: isinstance(stage.app.screen, ReplayScreen), "opened")
        await stage.until(lambda: "2/2 done" in stage.screen_text(), "played to the end")
        await stage.press("p")
        await stage.until(lambda: "2/2 done" not in stage.screen_text(), "it begins again")

    show(scene, tmp_path)


def test_the_prompt_of_a_run_is_asked_again(tmp_path):
    logged(tmp_path, 0, prompt="What is a lock?")

    async def scene(stage):
        await opened(stage)
        await stage.press("r")
        await stage.started()
        assert stage.fake.starts[0].prompt.user == "What is a lock?"
        assert [order.preset.name for order in stage.fake.starts[0].lanes]
        await stage.until(lambda: len(run_logs(tmp_path / "runs")) == 2, "it is logged as a run of its own")

    show(scene, tmp_path)


def test_a_run_is_deleted_once_that_is_confirmed(tmp_path):
    made = [logged(tmp_path, number) for number in range(3)]

    async def scene(stage):
        await opened(stage)
        await stage.press("down", "D")
        await stage.until(lambda: isinstance(stage.app.screen, DeleteDialog), "asked")
        assert made[1] in stage.screen_text()
        await stage.press("n")
        assert len(run_logs(tmp_path / "runs")) == 3
        await stage.press("delete")
        await stage.until(lambda: isinstance(stage.app.screen, DeleteDialog), "asked again")
        await stage.press("y")
        await stage.until(lambda: "2 runs" in stage.screen_text(), "gone")
        assert [path.stem for path in run_logs(tmp_path / "runs")] == [made[2], made[0]]

    show(scene, tmp_path)


def test_a_run_is_exported(tmp_path):
    made = logged(tmp_path, 0)

    async def scene(stage):
        await opened(stage)
        await stage.press("e")
        await stage.until(lambda: "toml" in stage.screen_text(), "the dialog")
        assert made[:15] in stage.screen_text()

    show(scene, tmp_path)


def test_an_empty_history_says_so_and_nothing_can_be_done_with_it(tmp_path):
    async def scene(stage):
        await opened(stage)
        assert "No run was logged yet." in stage.screen_text()
        await stage.press("enter", "p", "r", "e", "D")
        assert isinstance(stage.app.screen, HistoryScreen)
        await stage.press("q")
        assert stage.app.screen is stage.main

    show(scene, tmp_path)


def test_what_a_model_or_a_prompt_says_steers_neither_terminal_nor_markup(tmp_path):
    logged(tmp_path, 0, prompt="[@click=app.quit]x[/] [/nope] \x1b[31m red")

    async def scene(stage):
        await opened(stage)
        text = stage.screen_text()
        assert "[@click=app" in text
        assert "\x1b" not in text
        await stage.press("D")
        await stage.until(lambda: isinstance(stage.app.screen, DeleteDialog), "asked")
        assert "[@click=app.quit]x[/] [/nope] ␛[31m red" in stage.screen_text()
        await stage.press("n", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ReplayScreen), "opened")

    show(scene, tmp_path)


def test_a_damaged_index_is_told_of_and_the_runs_are_there(tmp_path):
    logged(tmp_path, 0)
    History(tmp_path).close()
    (tmp_path / "history.sqlite").write_bytes(b"no database at all" * 100)

    async def scene(stage):
        await opened(stage)
        assert "1 run\n" in head(stage)
        await stage.until(lambda: any("was damaged" in toast for toast in stage.toasts))

    show(scene, tmp_path)


def test_every_run_of_the_screen_is_logged(tmp_path):
    async def scene(stage):
        stage.main.begin(Prompt(user="hi"))
        await stage.started()
        for lane in range(4):
            stage.fake.say(lane, "hello")
            stage.fake.end(lane)
        await stage.ended()
        await opened(stage)
        assert " hi " in head(stage)
        assert "✓ 4/4" in head(stage)

    show(scene, tmp_path)
