"""What a narrow terminal keeps: the ways out, the table's rows, the end of a long text."""

import re

import pytest
from textual.containers import VerticalScroll

from ostream_compare.domain.run import Repeats
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.widgets.key_bar import KeyBar
from ostream_compare.tui.widgets.strip import LaneStrip
from ostream_compare.tui.widgets.table import LaneTable
from tui.fake_collector import config
from tui.harness import Stage, play
from tui.snapshots.scenes import SCENES
from tui.snapshots.stages import Clock, whole_run


def keys(stage: Stage) -> str:
    return stage.screen_text().splitlines()[-1].rstrip()


@pytest.mark.parametrize("width", [30, 45, 60, 80, 120])
def test_help_and_the_way_out_are_offered_at_every_width(tmp_path, width):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "hello")
        await stage.until(lambda: "Rerun" in keys(stage) or width < 40)
        assert keys(stage).startswith("? Help")
        assert "^q Quit" in keys(stage)
        await stage.press("t")
        assert "esc Back" in keys(stage)
        assert "^q Quit" in keys(stage)

    play(scene, tmp_path, size=(width, 24))


def test_keys_stand_apart_where_there_is_room_and_a_click_still_finds_them(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "? Help  ^j Send  " in keys(stage)
        await stage.pilot.click("KeyBar", offset=(keys(stage).index("z Zoom"), 0))
        await stage.until(lambda: len(list(stage.main._grid.visible_panes())) == 1, "zoomed")
        await stage.pilot.click("KeyBar", offset=(keys(stage).index("^p Palette"), 0))
        await stage.until(lambda: "Search for commands" in stage.screen_text(), "the palette is open")

    play(scene, tmp_path, size=(120, 30))


@pytest.mark.parametrize("moment", ["sent", "cut", "whole"])
def test_with_many_models_the_key_of_the_full_table_is_named_on_a_narrow_screen(tmp_path, moment):
    async def scene(stage: Stage) -> None:
        for lane in range(16):
            stage.fake.sent(lane, 5)
            if moment != "sent":
                state = "truncated" if (moment, lane) == ("cut", 3) else "complete"
                stage.fake.end(lane, "hello", state=state)
        third = {"sent": "x Stop", "cut": "f5 Retry", "whole": "s Save"}[moment]
        begin = f"? Help r Rerun {third} "
        await stage.until(lambda: keys(stage).startswith(begin), begin)
        for key in ("s Save", "d Diff", "z Zoom", "t Table", "^q Quit"):
            assert key in keys(stage)
        assert "^j send" in stage.screen_text().splitlines()[-2]
        await stage.pilot.click("KeyBar", offset=(keys(stage).index("t Table"), 0))
        await stage.until(lambda: "Results" in stage.screen_text(), "the table is open")

    play(scene, tmp_path, configuration=config(*(f"Model {n}" for n in range(1, 17))), size=(60, 20))


def test_while_one_writes_no_letter_is_offered_as_a_key(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "? Help" in keys(stage)
        assert "s Save" in keys(stage)
        await stage.press("i")
        await stage.until(lambda: "esc Leave" in keys(stage), "the prompt has the focus")
        shown = [hint.shown for hint in stage.main.query_one(KeyBar).hints]
        assert [key for key in shown if len(key) == 1] == []
        assert {"f1", "^s", "^j", "esc", "^q"} <= {key.lower() for key in shown}
        await stage.pilot.click("KeyBar", offset=(keys(stage).index("Save"), 0))
        await stage.until(lambda: stage.saved, "its key acts")
        await stage.press("escape")
        await stage.until(lambda: "s Save" in keys(stage), "letters act again")

    play(scene, tmp_path, size=(160, 30))


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (80, ["State", "TTFT", "Total", "tok/s", "In", "Out", "Cost"]),
        (60, ["State", "TTFT", "Total", "tok/s", "Out", "Cost"]),
        (55, ["State", "TTFT", "Total", "tok/s", "Cost"]),
        (48, ["State", "Total", "tok/s", "Cost"]),
        (36, ["State", "Total", "Cost"]),
    ],
)
def test_the_table_does_without_columns_rather_than_rows(tmp_path, width, columns):
    async def scene(stage: Stage) -> None:
        await whole_run(stage)
        table = stage.main.query_one(LaneTable)
        top = table.region.y
        assert table.display
        head, *rows = stage.screen_text().splitlines()[top : top + table.region.height]
        assert head.split() == ["#", "Model", *columns]
        assert [row.split()[:2] for row in rows] == [["1", "Swift"], ["2", "A"]]
        assert "…" in rows[1]
        for at, column in enumerate(columns):
            assert table.column_at(head.index(column)) == column, at

    play(scene, tmp_path, size=(width, 20), configuration=config("Swift", "A preset with a rather long name"))


def test_verdicts_that_do_not_fit_can_be_scrolled_to(tmp_path):
    five = SCENES["results_of_five_rounds"]

    async def scene(stage: Stage) -> None:
        await five.play(stage, Clock())
        box = stage.app.screen.query_one("#differences", VerticalScroll)
        assert box.virtual_size.height > box.size.height
        box.scroll_end(animate=False)
        await stage.until(
            lambda: "tok/s: Swift against Flaky" in stage.screen_text(), "the last verdict is seen"
        )

    machine = five.machine(tmp_path, Clock())
    play(scene, tmp_path, size=(60, 20), configuration=five.configuration(), machine=machine)


def test_the_tables_states_have_their_colour_beside_wide_names(tmp_path):
    async def scene(stage: Stage) -> None:
        await whole_run(stage)
        table = stage.main.query_one(LaneTable)
        _, *lines = table.render().split("\n")
        styled = [
            line.plain[span.start : span.end] for line in lines for span in line.spans if span.style != "bold"
        ]
        assert [text.strip() for text in styled] == ["✓ done", "✓ done", "✓ done", "✗ cut"]

    play(scene, tmp_path, configuration=config("模型 一号", "🦙 Llama", "Terse", "Flaky"), size=(120, 40))


@pytest.mark.parametrize("width", range(49, 130, 9))
def test_the_axis_of_a_race_has_no_part_of_a_number_beside_what_is_said(tmp_path, width):
    async def scene(stage: Stage) -> None:
        stage.fake.sent(0, 5)
        await stage.press("t", "a")
        await stage.until(lambda: "not recorded" in stage.screen_text())
        (axis,) = [line for line in stage.screen_text().splitlines() if "not recorded" in line]
        assert all(re.fullmatch(r"[\d.]+s", word) for word in axis.partition("warm-up")[0].split())

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=2, warmup=1))
    play(scene, tmp_path, machine=machine, size=(width, 20))


@pytest.mark.parametrize(("width", "keys"), [(80, "999"), (60, "9"), (60, "1"), (45, "9")])
def test_the_row_of_lanes_shows_the_current_one_and_counts_the_others(tmp_path, width, keys):
    async def scene(stage: Stage) -> None:
        for lane in range(16):
            stage.fake.sent(lane, 5)
            stage.fake.end(lane, at=1000 + 100 * lane)
        await stage.ended()
        await stage.press(keys[0], *["tab"] * (len(keys) * 3 - 3))
        strip = stage.main.query_one(LaneStrip)
        row = strip.render().plain.split()
        shown = [int(re.match(r"\d+(?=✓)", word)[0]) for word in row if "✓" in word]
        assert stage.current + 1 in shown
        hidden = [int(word) for word in row if word.startswith("+")]
        assert sum(hidden) + len(shown) == 16
        assert strip.render().cell_length <= width

    play(scene, tmp_path, configuration=config(*(f"Model {n}" for n in range(1, 17))), size=(width, 24))
