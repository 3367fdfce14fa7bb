import json

import pytest

from ostream_compare.domain.preset import Price, Provider
from ostream_compare.storage.settings import SettingsFile
from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.model_rows import HEAD, columns, model_row
from ostream_compare.tui.remembering import restored_models
from ostream_compare.tui.screens.model_picker import ModelPicker
from ostream_compare.tui.session import Session
from tui.fake_collector import FakeCollector, config, preset
from tui.harness import Stage, play

OPENAI = Provider(name="openai", base_url="https://api.openai.com/v1", api_key_env="OPENAI_API_KEY")
CONFIG = config(
    presets=(
        preset("Swift"),
        preset("Careful"),
        preset("Mini", provider=OPENAI, model="gpt-5-mini", enabled=False),
        preset("Terse", enabled=False),
    )
)


async def opened(stage: Stage) -> ModelPicker:
    await stage.press("M")
    await stage.until(lambda: isinstance(stage.app.screen, ModelPicker))
    await stage.pilot.pause()
    return stage.app.screen


def names(presets) -> list[str]:
    return [preset.name for preset in presets]


@pytest.mark.parametrize(
    ("keys", "picked"),
    [
        ([], ["Swift", "Careful"]),
        (["a"], ["Swift", "Careful", "Mini", "Terse"]),
        (["n"], []),
        (["space"], ["Careful"]),
        (["down", "down", "space"], ["Swift", "Careful", "Mini"]),
        (["shift+down"], ["Careful", "Swift"]),
        (["shift+down", "shift+down", "space"], ["Careful"]),
        (["shift+up"], ["Swift", "Careful"]),
        (["n", "a", "r"], ["Swift", "Careful"]),
        (["slash", *"gpt", "enter", "space"], ["Swift", "Careful", "Mini"]),
        (["slash", *"an", "enter"], ["Swift", "Careful"]),
        (["slash", *"mini", "enter", "a"], ["Swift", "Careful", "Mini"]),
        (["slash", *"zzz", "enter", "space", "n"], ["Swift", "Careful"]),
        (["slash", *"demo", "enter", "n", "slash", "escape"], []),
    ],
)
def test_keys_choose(keys, picked, tmp_path):
    async def scene(stage: Stage) -> None:
        picker = await opened(stage)
        await stage.press(*keys)
        assert names(picker.picked) == picked

    play(scene, tmp_path, configuration=CONFIG, start_now=False)


def test_before_the_first_run_the_panes_change_at_once(tmp_path):
    async def scene(stage: Stage) -> None:
        await opened(stage)
        await stage.press("a", "enter")
        await stage.until(lambda: len(stage.panes) == 4)
        assert [pane.view.title for pane in stage.panes] == ["1 Swift", "2 Careful", "3 Mini", "4 Terse"]
        await stage.press("3")
        assert stage.current == 2
        assert "3 Mini" in stage.screen_text()

    play(scene, tmp_path, configuration=CONFIG, start_now=False)


def test_a_run_stays_until_the_next_one_begins(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "still here")
        await opened(stage)
        await stage.press("down", "space", "down", "down", "space", "enter")
        assert names(stage.app.session.presets) == ["Swift", "Careful"]
        assert names(stage.app.session.chosen) == ["Swift", "Terse"]
        stage.fake.end(0, "still here")
        stage.fake.end(1, "and here")
        await stage.ended()
        assert stage.text(0) == "still here"
        await stage.press("2", "r")
        await stage.started(2)
        assert names(order.preset for order in stage.fake.starts[1].lanes) == ["Careful"]
        stage.fake.end(1, "again")
        await stage.ended()
        first = stage.app.session.run
        await stage.press("ctrl+r")
        await stage.started(3)
        assert names(order.preset for order in sorted(stage.fake.starts[2].lanes, key=lambda o: o.lane)) == [
            "Swift",
            "Terse",
        ]
        await stage.until(lambda: [pane.view.title for pane in stage.panes] == ["1 Swift", "2 Terse"])
        stage.fake.say(1, "terse words")
        await stage.until(lambda: stage.text(1) == "terse words")
        assert names(first.presets) == ["Swift", "Careful"]
        assert first in stage.app.session.unsaved

    play(scene, tmp_path, configuration=CONFIG)


def test_none_is_refused_and_escape_changes_nothing(tmp_path):
    async def scene(stage: Stage) -> None:
        picker = await opened(stage)
        await stage.press("n", "enter")
        assert stage.app.screen is picker
        assert "Choose one model at least." in stage.screen_text()
        await stage.press("escape")
        assert stage.app.screen is stage.main
        assert names(stage.app.session.chosen) == ["Swift", "Careful"]

    play(scene, tmp_path, configuration=CONFIG, start_now=False)


def test_the_set_is_remembered_for_this_file(tmp_path):
    settings = SettingsFile(tmp_path / "state" / "settings.json")

    async def scene(stage: Stage) -> None:
        await opened(stage)
        await stage.press("n", "space", "shift+down", "enter")
        await stage.until(lambda: settings.load().models)

    machine = Machine(environ={}, results=tmp_path, settings=settings)

    def started(**changes) -> Session:
        session = Session(changes.pop("config", CONFIG), FakeCollector(), machine)
        session.machine_said = restored_models(session)
        return session

    play_with(settings, scene, tmp_path)
    session = started()
    assert names(session.presets) == ["Swift"]
    assert "1 model: Swift" in session.machine_said
    other = config(path="configs/other.toml", presets=CONFIG.presets)
    assert names(started(config=other).presets) == ["Swift", "Careful"]
    gone = config(presets=CONFIG.presets[1:])
    assert names(started(config=gone).presets) == ["Careful"]
    named = Session(CONFIG, FakeCollector(), Machine(environ={}, settings=settings, restores_models=False))
    assert restored_models(named) == ""
    assert names(named.presets) == ["Swift", "Careful"]


def play_with(settings, scene, tmp_path, **environ) -> CompareApp:
    import asyncio

    async def run() -> CompareApp:
        fake = FakeCollector()
        machine = Machine(environ=environ, results=tmp_path, settings=settings)
        app = CompareApp(Session(CONFIG, fake, machine), (), prompt=None, start_now=False)
        app.open_as_last_time(machine, "", keeps_theme=True)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await pilot.pause()
            await scene(Stage(app, pilot, fake, tmp_path))
        return app

    return asyncio.run(run())


def test_the_theme_is_remembered_but_not_without_colours(tmp_path):
    settings = SettingsFile(tmp_path / "settings.json")

    async def choose(stage: Stage) -> None:
        stage.app.theme = "nord"
        await stage.until(lambda: settings.load().theme == "nord")

    async def look(stage: Stage) -> None:
        seen.append(stage.app.theme)

    seen: list[str] = []
    play_with(settings, choose, tmp_path)
    play_with(settings, look, tmp_path)
    play_with(settings, look, tmp_path, NO_COLOR="1")
    assert seen[0] == "nord"
    assert seen[1] != "nord"


def test_a_damaged_file_is_told_of_and_set_aside(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("{ not json")
    settings = SettingsFile(path)

    async def look(stage: Stage) -> None:
        assert any("is damaged" in toast for toast in stage.toasts)

    play_with(settings, look, tmp_path)
    assert not path.exists()
    assert [found.read_text() for found in tmp_path.glob("settings.json.damaged-*")] == ["{ not json"]


@pytest.mark.parametrize(
    ("changes", "environ", "cells"),
    [
        ({}, {}, ("none needed", "free")),
        ({"provider": OPENAI}, {}, ("✗ missing", "? not asked yet")),
        ({"provider": OPENAI}, {"OPENAI_API_KEY": "sk-canary"}, ("✓ there", "? not asked yet")),
        (
            {"provider": Provider(name="x", base_url="http://example.com/v1", api_key_env="X_KEY")},
            {"X_KEY": "sk-canary"},
            ("✗ not sent", "? not asked yet"),
        ),
        (
            {"provider": Provider(name="x", api_key_cmd=("false",)), "price": Price(input=1, output=2)},
            {},
            ("? a command's", "✓ the file's"),
        ),
    ],
)
def test_what_is_said_of_key_and_price(changes, environ, cells):
    row = model_row(preset("A", **changes), environ, None, trusted=False)
    assert row.cells[3:] == cells
    assert "canary" not in json.dumps(row.cells)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (60, 12)])
def test_the_last_of_many_models_is_in_sight_and_so_is_how_many_are_on(tmp_path, size):
    async def scene(stage: Stage) -> None:
        await stage.press("escape", "M", "end", "space")
        await stage.until(lambda: "[ ] Model 40" in stage.screen_text())
        assert "39 of 40 on" in stage.screen_text()
        await stage.press("n", "enter")
        assert "Choose one model at least." in stage.screen_text()

    forty = config(*(f"Model {number}" for number in range(1, 41)))
    play(scene, tmp_path, configuration=forty, size=size, start_now=False)


@pytest.mark.parametrize("width", [20, 30, 45, 60, 100])
def test_columns_fit(width):
    rows = [HEAD, ("Careful", "openrouter", "anthropic/claude-long-name-of-a-model", "✗ missing", "✓ known")]
    lines = columns(rows, width)
    assert all(len(line) <= width for line in lines)
    assert lines[1].startswith("Careful")
    assert ("openrouter" in lines[1]) == (width >= 60)
