import importlib
import pkgutil
import string
from collections import Counter

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS, MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.binding import Binding
from textual.dom import DOMNode

from ostream_compare import tui
from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.preset import Prompt
from ostream_compare.tui import key_table
from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.key_names import NAMED, key_of, sent_as
from ostream_compare.tui.keymap import checked, usable_keymap
from ostream_compare.tui.screens.dialog import Dialog
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.screens.replay import ReplayScreen
from ostream_compare.tui.widgets.pane import Pane
from tui.binding_owners import DIALOGS, FIELDS, SCREENS, bindings_of, tables
from tui.fake_collector import config
from tui.harness import Stage, play

REMAPPED = (CompareApp, MainScreen, ReplayScreen, Pane, *DIALOGS, *FIELDS)
OWNERS = tuple(
    dict.fromkeys(
        part
        for owner in REMAPPED
        for part in owner.__mro__
        if part.__module__.startswith("ostream_compare.") and vars(part).get("BINDINGS")
    )
)
SHARED = {"export", "help"}
"""The same action on more than one screen."""
KNOWN = {"save": ("s", "ctrl+s"), "zoom": ("z",), "back": ("b",)}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_binding_has_an_id_and_a_tooltip(owner):
    for binding in owner.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id, binding
        assert binding.tooltip, binding


def test_ids_are_unique():
    ids = [binding.id for owner in OWNERS for binding in owner.BINDINGS]
    assert {name for name, count in Counter(ids).items() if count > 1} <= SHARED


@pytest.mark.parametrize("name", ["EVERYWHERE", "PANES", "REPLAY", "DIALOGS", "FIELDS"])
def test_the_table_of_keys_is_what_the_screens_bind(name):
    assert getattr(key_table, name) == tables()[name], "make keys writes it anew"


@pytest.mark.parametrize("character", string.punctuation.replace(",", "") + "aZ7éß§")
def test_a_key_has_the_name_that_textual_gives_it(character):
    (binding,) = Binding.make_bindings([Binding(character, "")])
    assert key_of(character) == binding.key


def test_no_two_actions_of_the_main_screen_have_a_key_in_common():
    owners = [CompareApp.BINDINGS, *bindings_of(MainScreen), Pane.BINDINGS]
    bindings = [made for owner in owners for made in Binding.make_bindings(owner) if made.key != "escape"]
    actions = {
        key: [made.id for made in bindings if made.key == key] for key in {made.key for made in bindings}
    }
    assert {key: names for key, names in actions.items() if len(names) > 1} == {}


def test_every_owner_of_keys_can_be_remapped():
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        importlib.import_module(module.name)
    nodes, owners = [DOMNode], set()
    while nodes:
        found = nodes.pop()
        nodes += found.__subclasses__()
        if found.__module__.startswith("ostream_compare.") and vars(found).get("BINDINGS"):
            owners.add(found)
    assert owners == set(OWNERS)


def keys_of(*owners: type) -> dict[str, set[str]]:
    """Key to ids."""
    keys: dict[str, set[str]] = {}
    for owner in owners:
        for bindings in bindings_of(owner):
            for binding in Binding.make_bindings(bindings):
                keys.setdefault(binding.key, set()).add(binding.id)
    return keys


MAIN_KEYS = [
    ("tab", "next_pane"),
    ("shift+tab", "previous_pane"),
    *((str(number), f"pane_{number}") for number in range(1, 10)),
    *zip("hjkl", ("left", "down", "up", "right"), strict=True),
    ("up", "scroll_up"),
    ("down", "scroll_down"),
    ("g", "top"),
    ("G", "follow"),
    ("end", "follow"),
    ("z", "zoom"),
    ("f", "zoom"),
    ("escape", "restore"),
    ("ctrl+j", "send"),
    ("alt+enter", "send"),
    ("i", "prompt"),
    ("x", "stop"),
    ("X", "stop_all"),
    ("r", "rerun"),
    ("ctrl+r", "rerun_all"),
    ("f5", "rerun_failed"),
    ("n", "next_turn"),
    ("y", "copy"),
    ("c", "copy"),
    ("Y", "copy_code"),
    ("s", "save"),
    ("ctrl+s", "save"),
    ("e", "export"),
    ("t", "table"),
    ("m", "raw"),
    ("d", "diff"),
    ("H", "history"),
    ("f8", "history"),
    ("M", "models"),
    ("ctrl+t", "fold"),
    ("f3", "pager"),
    ("f4", "editor"),
    ("question_mark", "help"),
    ("f1", "help"),
    ("ctrl+p", "palette"),
    ("ctrl+q", "quit"),
]


@pytest.mark.parametrize(("key", "name"), MAIN_KEYS)
def test_the_keys_of_the_main_screen_are_those_of_the_design(key, name):
    assert name in keys_of(CompareApp, MainScreen, Pane).get(key, set())


@pytest.mark.parametrize("dialog", DIALOGS)
def test_no_two_actions_of_a_dialog_have_a_key_in_common(dialog):
    assert {key: names for key, names in keys_of(CompareApp, dialog).items() if len(names) > 1} == {}


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
        ({"save": "nokey"}, {}, "'nokey' is no key (such as w, f2 or ctrl+w)"),
        ({"save": "ww"}, {}, "'ww' is no key"),
        ({"save": "w,ww"}, {}, "'ww' is no key"),
        ({"save": "f36"}, {}, "'f36' is no key"),
        ({"save": "F2"}, {}, "did you mean f2?"),
        ({"save": "escpe"}, {}, "did you mean escape?"),
        ({"save": "return"}, {}, "is no key"),
        ({"save": "ctrl+"}, {}, "is no key"),
        ({"save": "ctrl+ww"}, {}, "is no key"),
        ({"save": "ctrl+ctrl+w"}, {}, "is no key"),
        ({"save": "Ctrl+w"}, {}, "did you mean ctrl+w?"),
        ({"save": "ctrl+W"}, {}, "did you mean ctrl+w?"),
        ({"save": "ctrl+i"}, {}, "most terminals send tab for it"),
        ({"save": "shift+?"}, {}, "is no key"),
        ({"save": "shift+slash"}, {}, "'shift+slash' is no key (write what it types, such as ? or W)"),
        ({"save": "shift+minus"}, {}, "is no key"),
        ({"save": "shift+euro_sign"}, {}, "is no key"),
        ({"save": "shift+1"}, {}, "is no key"),
        ({"save": "shift+ß"}, {}, "is no key"),
        ({"save": "shift+中"}, {}, "is no key"),
        ({"save": "shift+é"}, {"save": "É"}, None),
        ({"save": "shift+space"}, {"save": "shift+space"}, None),
        ({"save": "alt+slash"}, {"save": "alt+slash"}, None),
        ({"save": "\a"}, {}, "is no key"),
        ({"save": "ctrl+space"}, {"save": "ctrl+space,ctrl+@"}, None),
        ({"save": "ctrl+@"}, {"save": "ctrl+at,ctrl+@"}, None),
        ({"save": "ctrl+at"}, {"save": "ctrl+at,ctrl+@"}, None),
        ({"save": "ctrl+@,ctrl+space,w,w"}, {"save": "ctrl+at,ctrl+@,ctrl+space,w"}, None),
        ({"save": "ctrl+@", "zoom": "ctrl+space"}, {"save": "ctrl+at,ctrl+@"}, "ctrl+@ is the key of save"),
        ({"save": "@,alt+@"}, {"save": "at,alt+at"}, None),
        ({"save": "€"}, {"save": "euro_sign"}, None),
        ({"save": "alt+section_sign"}, {"save": "alt+section_sign"}, None),
        ({"save": "EURO_SIGN"}, {}, "did you mean euro_sign?"),
        ({"save": "euro sign"}, {}, "is no key"),
        ({"save": "latin_small_letter_w"}, {}, "is no key"),
        ({"save": "commercial_at"}, {}, "is no key"),
        ({"save": "no_break_space"}, {}, "is no key"),
        ({"save": "shift+ctrl+f2"}, {"save": "ctrl+shift+f2"}, None),
        ({"save": "shift+w"}, {"save": "W"}, None),
        ({"save": "alt+W"}, {"save": "alt+shift+w"}, None),
        ({"save": "shift+z"}, {"save": "Z"}, None),
        ({"save": "shift+ctrl+q"}, {"save": "ctrl+shift+q"}, None),
        ({"save": "+, ctrl++"}, {"save": "plus,ctrl+plus"}, None),
        ({"save": "question_mark"}, {"save": "question_mark"}, None),
        ({"save": "é"}, {"save": "é"}, None),
        ({"save": "w", "zoom": "w"}, {"save": "w"}, "w is the key of save"),
        ({"save": "z"}, {}, "z is the key of zoom"),
        ({"save": "z", "zoom": "s"}, {"save": "z", "zoom": "s"}, None),
        ({"save": "b"}, {"save": "b"}, None),
        ({"save": "?"}, {"save": "question_mark"}, None),
        ({"[/nope]": "w"}, {}, "? lists all names"),
    ],
)
def test_entries_are_used_or_reported(keymap, usable, said):
    accepted, problems = checked(keymap, KNOWN, "models.toml", together=[{"save", "zoom"}, {"back"}])
    assert accepted == usable
    assert [said in str(problem) for problem in problems] == ([True] if said else [])


def test_the_keys_that_are_no_character_are_those_that_textual_knows():
    sent = {key.value for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple) for key in keys}
    alone = {name.rpartition("+")[2] for name in sent if not name.startswith("<")}
    named = {name for name in alone if len(name) > 1} - {key_of(sign) for sign in string.punctuation}
    protocol = {name for name in FUNCTIONAL_KEYS.values() if len(name) > 1} - MODIFIER_FUNCTIONAL_KEYS
    assert named | protocol == NAMED


@pytest.mark.parametrize(
    "typed",
    [
        "w",
        "W",
        "?",
        "\x17",
        "\x1b[119;3u",
        "\x1b[119;4u",
        "\x1b[1;6Q",
        "\x1b[Z",
        "\x1b[A",
        "\x1bOP",
        "é",
        " ",
        "\x00",
        "\x1b[64;5u",
        "\x1b[32;5u",
        "\x1b[32;2u",
        "\x1f",
        *"€§«„¿±😀",
    ],
)
def test_what_a_terminal_sends_is_a_key(typed):
    (event,) = XTermParser().feed(typed)
    assert event.key in sent_as(event.key)


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("ctrl+space", "\x00"),
        ("ctrl+space", "\x1b[32;5u"),
        ("ctrl+@", "\x00"),
        ("ctrl+@", "\x1b[64;5u"),
        ("shift+é", "É"),
        ("euro_sign", "€"),
        ("left_pointing_double_angle_quotation_mark", "«"),
    ],
)
def test_a_key_comes_as_any_terminal_sends_it(key, typed):
    (event,) = XTermParser().feed(typed)
    assert event.key in usable_keymap({"save": key}, None)[0]["save"].split(",")


def test_every_default_key_is_a_key():
    rows = (key_table.EVERYWHERE, key_table.PANES, key_table.REPLAY)
    tables = (*rows, *key_table.DIALOGS.values(), *key_table.FIELDS.values())
    keys = {key for table in tables for _, keys, _ in table for key in keys.split(",")}
    assert {key for key in keys if sent_as(key) != (key,)} == set()
    assert usable_keymap({"save": "f9"}, None) == ({"save": "f9"}, [])


@pytest.mark.parametrize("dialog", [dialog for dialog in DIALOGS if issubclass(dialog, Dialog)])
def test_a_dialog_with_help_has_its_name_in_the_table_of_keys(dialog):
    has_help = "question_mark" in keys_of(dialog)
    assert (SCREENS[dialog] if has_help else "") == dialog.NAME


def test_a_remapped_key_works_and_the_old_one_does_not(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("s")
        assert not stage.saved
        await stage.press("w")
        assert len(stage.saved) == 1

    play(scene, tmp_path, configuration=config(keymap={"save": "w"}))


def test_every_hint_names_the_key_of_the_keymap(tmp_path):
    async def scene(stage: Stage) -> None:
        strip, prompt, bar = stage.screen_text().splitlines()[-3:]
        assert strip.rstrip().endswith("f10 full table")
        assert prompt.rstrip().endswith("· f9 send")
        assert "f9 Send" in bar
        assert "f10 Table" in bar
        await stage.press("i", "ctrl+a", "ctrl+k")
        await stage.until(lambda: "Ask all models; f9 sends" in stage.screen_text(), "the prompt is empty")

    play(scene, tmp_path, configuration=config(keymap={"send": "f9,f11", "table": "f10"}), size=(120, 24))


def test_sentences_name_the_key_of_the_keymap(tmp_path):
    keymap = {
        "stop_all": "Q",
        "rerun": "w",
        "models": "b",
        "help": "F,f9",
        "interrupt": "f12",
        "system_close": "f7",
    }

    async def scene(stage: Stage) -> None:
        stage.main.begin(Prompt(user="again"))
        await stage.until(lambda: any("Q stops it" in toast for toast in stage.toasts), "a run is on")
        stage.fake.end(0, "half", state="truncated")
        stage.fake.end(1, state="failed", error=SavedError(kind="auth", message="no", status=401))
        await stage.until(lambda: "(w retries)" in stage.text(0), "what helps")
        await stage.until(lambda: "b leaves it out" in " ".join(stage.text(1).split()), "what helps")
        assert stage.app.key("help") == "F"
        await stage.press("f12")
        await stage.until(lambda: any("F12 again leaves" in toast for toast in stage.toasts), "once more")
        await stage.press("i")
        assert stage.app.key("help") == "F9", "while one writes, an F would be text"
        await stage.press("f2")
        await stage.until(lambda: "F7 keeps it" in stage.screen_text(), "the system prompt")

    play(scene, tmp_path, configuration=config(keymap=keymap))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("save", "s"),
        ("rerun_all", "ctrl+r"),
        ("pager", "F3"),
        ("close_help", "esc"),
        ("help", "?"),
        ("order", "o"),
    ],
)
def test_a_key_as_a_sentence_has_it(tmp_path, key, said):
    async def scene(stage: Stage) -> None:
        assert stage.app.key(key) == said

    play(scene, tmp_path, start_now=False)


def test_a_bad_entry_is_reported_and_quit_survives(tmp_path):
    async def scene(stage: Stage) -> None:
        assert any("ui.keymap.sav" in toast and "2 more" in toast for toast in stage.toasts)
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, tmp_path, configuration=config(keymap={"sav": "w", "quit": "w", "zoom": "ctrl+q"}))
    assert app.return_value == 0


def test_keys_of_other_screens_are_remapped_too(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("d")
        await stage.press("k")
        assert stage.app.screen._mode == "lines"
        await stage.press("w")
        await stage.press("l")
        assert stage.app.screen._mode == "words"

    play(scene, tmp_path, configuration=config(keymap={"diff_lines": "k"}))


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"diff_lines": "w"}, "w is the key of diff_words"),
        ({"diff_lines": "j", "diff_words": "j"}, "j is the key of diff_lines"),
        ({"write_export": "ctrl+p"}, "ctrl+p is the key of palette"),
        ({"take_models": "ctrl+q"}, "ctrl+q always quits"),
        ({"zoom": "d"}, "d is the key of diff"),
        ({"quit": "f10"}, "no action has this name"),
    ],
)
def test_a_bad_entry_of_any_screen_is_reported_and_quit_survives(keymap, said, tmp_path):
    async def scene(stage: Stage) -> None:
        assert any(said in toast for toast in stage.toasts), stage.toasts
        await stage.press("d", "ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    assert play(scene, tmp_path, configuration=config(keymap=keymap)).return_value == 0
