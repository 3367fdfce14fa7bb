"""The table and the race on the main screen, and what leads from them to the full results."""

import pytest

from ostream_compare.domain.comparison import (
    SavedError,
)
from ostream_compare.tui.screens.results import ResultsScreen
from ostream_compare.tui.widgets.race import RaceStrip
from ostream_compare.tui.widgets.table import LaneTable
from tui.fake_collector import config
from tui.harness import Stage, play


@pytest.mark.parametrize(
    ("size", "lanes", "before", "toggled"),
    [
        ((80, 24), 2, {LaneTable, RaceStrip}, {LaneTable}),
        ((200, 50), 4, {LaneTable, RaceStrip}, {LaneTable}),
        ((120, 36), 4, {LaneTable}, {RaceStrip}),
    ],
)
def test_the_race_stands_beside_the_table_or_in_its_place(tmp_path, size, lanes, before, toggled):
    async def scene(stage: Stage) -> None:
        def seen():
            return {kind for kind in (LaneTable, RaceStrip) if stage.main.query_one(kind).display}

        assert seen() == before
        await stage.press("a")
        assert seen() == toggled
        await stage.press("a")
        assert seen() == before

    play(scene, tmp_path, configuration=config(*"ABCD"[:lanes]), size=size)


def test_a_race_on_a_screen_of_its_own_is_ordered_too(tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(4):
            stage.fake.end(lane, "x")
        await stage.ended()
        await stage.press("a", "o")
        assert "sort: tok/s" in stage.screen_text()
        await stage.press("O", "a", "enter")
        assert stage.app.screen is stage.main

    play(scene, tmp_path, size=(60, 20))


def test_where_the_race_does_not_fit_it_has_a_screen_of_its_own(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.sent(0)
        stage.fake.say(0, reasoning="hm", at=500)
        stage.fake.say(0, "so", at=2500)
        stage.fake.end(0, at=3000)
        await stage.until(lambda: "✓" in stage.screen_text())
        await stage.press("a")
        assert isinstance(stage.app.screen, ResultsScreen)
        (row,) = [line for line in stage.screen_text().splitlines() if " 1 Swift " in line]
        assert [glyph in row for glyph in "·╌█✓"] == [True] * 4
        await stage.press("escape")
        assert stage.app.screen is stage.main

    play(scene, tmp_path)


@pytest.mark.parametrize("name", ["Model", "State", "TTFT", "Cost"])
def test_the_table_tells_about_the_column_that_is_pointed_at(tmp_path, name):
    async def scene(stage: Stage) -> None:
        (head,) = [line for line in stage.screen_text().splitlines() if line.startswith(" # Model")]
        await stage.pilot.hover(LaneTable, offset=(head.index(name) + 1, 0))
        assert str(stage.main.query_one(LaneTable).tooltip).startswith(f"{name}: ")

    play(scene, tmp_path, size=(120, 40))


def test_what_failed_is_asked_again_after_a_save_and_not_offered_over_the_results(tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(4):
            error = SavedError(kind="server", message="no") if lane % 2 else None
            stage.fake.end(lane, "x", state="failed" if error else "complete", error=error)
        await stage.ended()
        await stage.press("s")
        await stage.until(lambda: stage.saved, "saved")
        await stage.press("t")
        assert isinstance(stage.app.screen, ResultsScreen)
        assert "Retry" not in stage.screen_text()
        await stage.press("f5", "escape")
        assert not stage.main.session.is_running
        await stage.press("f5")
        await stage.until(lambda: stage.main.session.is_running, "asked again")
        assert [stage.main.session.is_open(lane) for lane in range(4)] == [False, True, False, True]

    play(scene, tmp_path)
