import pytest
from textual.binding import Binding

from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.keymap import binding_keys, checked
from ostream_compare.tui.remapping import DIALOGS, bindings_of
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.widgets.pane import Pane
from tui.fake_collector import config
from tui.harness import Stage, play

PARTS = tuple(
    part for part in MainScreen.__mro__ if issubclass(part, RunningScreen) and "BINDINGS" in vars(part)
)
OWNERS = (CompareApp, *PARTS, Pane, *DIALOGS)
KNOWN = {"save": ("s", "ctrl+s"), "zoom": ("z",), "back": ("b",)}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_binding_has_an_id_and_a_tooltip(owner):
    for binding in owner.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id, binding
        assert binding.tooltip, binding


def test_ids_are_unique_and_quit_is_not_among_those_that_can_be_remapped():
    ids = [binding.id for owner in OWNERS for binding in owner.BINDINGS]
    assert len(ids) == len(set(ids))
    assert set(ids) - set(binding_keys(owner.BINDINGS for owner in OWNERS)) == {"quit"}


def test_no_two_actions_of_the_main_screen_have_a_key_in_common():
    owners = [CompareApp.BINDINGS, *bindings_of(MainScreen), Pane.BINDINGS]
    bindings = [made for owner in owners for made in Binding.make_bindings(owner) if made.key != "escape"]
    actions = {
        key: [made.id for made in bindings if made.key == key] for key in {made.key for made in bindings}
    }
    assert {key: names for key, names in actions.items() if len(names) > 1} == {}


@pytest.mark.parametrize(
    ("keymap", "usable", "said"),
    [
        ({"save": "w"}, {"save": "w"}, None),
        ({"save": "w, ctrl+w"}, {"save": "w,ctrl+w"}, None),
        ({"save": "ctrl+shift+f2"}, {"save": "ctrl+shift+f2"}, None),
        ({"sav": "w"}, {}, "did you mean save?"),
        ({"save": "ctrl+q"}, {}, "always quits"),
        ({"save": ""}, {}, "is no key"),
        ({"save": "not a key"}, {}, "is no key"),
        ({"save": "w", "zoom": "w"}, {"save": "w"}, "w is the key of save"),
        ({"save": "z"}, {}, "z is the key of zoom"),
        ({"save": "z", "zoom": "s"}, {"save": "z", "zoom": "s"}, None),
        ({"save": "b"}, {"save": "b"}, None),
        ({"save": "?"}, {"save": "question_mark"}, None),
        ({"[/nope]": "w"}, {}, "one of back, save, zoom"),
    ],
)
def test_entries_are_used_or_reported(keymap, usable, said):
    accepted, problems = checked(keymap, KNOWN, "models.toml", together={"save", "zoom"})
    assert accepted == usable
    assert [said in str(problem) for problem in problems] == ([True] if said else [])


def test_a_remapped_key_works_and_the_old_one_does_not(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("s")
        assert not stage.saved
        await stage.press("w")
        assert len(stage.saved) == 1

    play(scene, tmp_path, configuration=config(keymap={"save": "w"}))


def test_a_bad_entry_is_reported_and_quit_survives(tmp_path):
    async def scene(stage: Stage) -> None:
        assert any("ui.keymap.sav" in toast and "2 more" in toast for toast in stage.toasts)
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, tmp_path, configuration=config(keymap={"sav": "w", "quit": "w", "zoom": "ctrl+q"}))
    assert app.return_value == 0
