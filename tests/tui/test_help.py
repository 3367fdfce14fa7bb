import pytest

from ostream_compare.tui.key_table import DIALOGS, EVERYWHERE, FIELDS, PANES, REPLAY
from ostream_compare.tui.screens.help import HelpScreen
from ostream_compare.tui.widgets.terms import TermsPage
from tui.fake_collector import config
from tui.harness import Stage, play


def page(stage: Stage) -> str:
    assert isinstance(stage.app.screen, HelpScreen)
    return "\n".join(line.plain for line in stage.app.screen.query_one(TermsPage)._at(90))


def test_help_names_every_action(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("question_mark")
        words = set(page(stage).split())
        rows = [*EVERYWHERE, *PANES, *REPLAY]
        for of in (*DIALOGS.values(), *FIELDS.values()):
            rows += of
        missing = {name for name, *_ in rows} - words
        assert all(name[:-1] in {"pane_", "diff_with_"} for name in missing), missing

    play(scene, tmp_path)


def test_help_says_what_does_nothing_now_and_which_keys_are_other_ones(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("f1")
        rows = [line.split() for line in page(stage).splitlines()]
        assert ["w", "Save", "this", "comparison", "at", "once", "(not", "now)", "save"] in rows
        assert ["t", "All", "results", "in", "a", "table", "table"] in rows

    play(scene, tmp_path, configuration=config(keymap={"save": "w"}), start_now=False)


@pytest.mark.parametrize(
    ("way", "key", "action"),
    [("H", "f1", "delete_run"), ("v", "question_mark", "blind_a"), ("d", "f1", "diff_words")],
)
def test_other_screens_have_help_of_their_own(way, key, action, tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press(way, key)
        keys = page(stage).split("Figures")[0].split()
        assert action in keys
        assert "zoom" not in keys
        await stage.press("escape")
        assert stage.app.screen is not stage.main

    play(scene, tmp_path)
