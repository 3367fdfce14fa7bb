"""The results screen: which figures it shows, in which order, and what its keys do."""

import pytest
from textual.widgets import DataTable

from ostream_compare.domain.comparison import (
    Estimate,
    SavedCost,
    SavedError,
    SavedUsage,
    Timing,
)
from ostream_compare.domain.run import Repeats
from ostream_compare.tui.screens.help import HelpScreen
from ostream_compare.tui.screens.results import ResultsScreen
from ostream_compare.tui.session import Machine
from tui.fake_collector import config
from tui.harness import Stage, play

PANES = {str(number) for number in range(1, 10)}
PRICED = SavedCost(total_usd="0.0012", source="preset", bound="exact")


def body(stage: Stage) -> list[list[str]]:
    """The words of each row of the table, by the order on the screen; a sentence may begin with a number."""
    rows = [line.split() for line in stage.screen_text().splitlines()]
    return [row for row in rows if len(row) > 4 and row[0] in PANES]


def names(stage: Stage) -> list[str]:
    return [row[1] for row in body(stage)]


async def four_ends(stage: Stage) -> None:
    """Swift is slow, Careful quick, Terse unknown, Flaky cut after a moment."""
    figures = SavedUsage(input_tokens=24, output_tokens=100, source="api")
    stage.fake.end(
        0, "a", timing=Timing(ttft_ms=90, e2e_ms=900, tokens_per_second=50), usage=figures, cost=PRICED
    )
    stage.fake.end(
        1,
        "b",
        timing=Timing(ttft_ms=100, e2e_ms=300, tokens_per_second=200),
        usage=SavedUsage(),
        estimate=Estimate(output_tokens=297),
        cost=SavedCost(),
    )
    stage.fake.end(2, "c", timing=Timing(), usage=SavedUsage(), cost=SavedCost())
    stage.fake.end(
        3,
        "d",
        state="failed",
        error=SavedError(kind="connection_lost", message="cut"),
        timing=Timing(ttft_ms=10, e2e_ms=20),
        cost=PRICED,
    )
    await stage.ended()
    await stage.press("t")


def test_what_is_not_whole_goes_last_and_unknown_after_it_either_way_round(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        assert "sort: total ▲" in stage.screen_text()
        assert names(stage) == ["Careful", "Swift", "Flaky", "Terse"]
        await stage.press("O")
        assert "sort: total ▼" in stage.screen_text()
        assert names(stage) == ["Swift", "Careful", "Flaky", "Terse"]

    play(scene, tmp_path)


def test_the_difference_is_to_the_best_whole_answer_of_the_sorted_column(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        rows = {row[1]: row for row in body(stage)}
        assert "+200%" in rows["Swift"]
        assert "best" in rows["Careful"]
        assert not {"best", "-93%"} & set(rows["Flaky"])
        await stage.press("o")
        assert "sort: tok/s ▼" in stage.screen_text()
        assert names(stage)[:2] == ["Careful", "Swift"]
        assert "-75%" in next(row for row in body(stage) if row[1] == "Swift")

    play(scene, tmp_path)


def test_estimates_and_unknowns_say_so(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        rows = {row[1]: row for row in body(stage)}
        assert "~297" in rows["Careful"]
        assert "$0.0012" in rows["Swift"]
        assert set(rows["Terse"][4:]) == {"—"}

    play(scene, tmp_path)


@pytest.mark.parametrize(
    ("width", "shown", "hidden"),
    [
        (60, {"TTFT", "Total", "tok/s"}, {"TTFA"}),
        (80, {"TTFT", "Total", "tok/s", "In", "Out", "Cost", "best"}, {"ICL p99"}),
        (120, {"TTFA", "TPOT"}, {"tok/chunk"}),
        (200, {"ICL p50", "ICL max", "queue", "connect", "TTFB", "cached", "reasoning", "tok/chunk"}, set()),
    ],
)
def test_as_many_columns_as_fit(tmp_path, width, shown, hidden):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        head = stage.screen_text().splitlines()[1]
        assert {name for name in shown if name not in head} == set()
        assert {name for name in hidden if name in head} == set()

    play(scene, tmp_path, size=(width, 40))


def test_the_name_that_orders_the_rows_is_underlined_and_no_more_of_its_head(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        head = stage.app.screen._compositor.render_strips()[1]
        assert [part.text for part in head if part.style is not None and part.style.underline] == ["Total"]

    play(scene, tmp_path)


@pytest.mark.parametrize(("width", "is_whole"), [(80, False), (200, True)])
def test_a_long_name_is_cut_only_where_figures_need_the_room(tmp_path, width, is_whole):
    name = "A preset with a rather long name"

    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        assert (name in stage.screen_text()) is is_whole
        assert ("…" in stage.screen_text()) is not is_whole

    play(scene, tmp_path, configuration=config("Swift", "Careful", "Terse", name), size=(width, 24))


def test_a_filter_is_live_and_escape_clears_it(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        await stage.press("slash", "s", "w")
        assert names(stage) == ["Swift"]
        assert "1 of 4 shown" in stage.screen_text()
        await stage.press("enter")
        assert isinstance(stage.app.focused, DataTable)
        assert names(stage) == ["Swift"]
        await stage.press("escape")
        assert len(names(stage)) == 4
        await stage.press("slash", "d", "e", "m", "o")
        assert len(names(stage)) == 4, "the provider's name counts"
        await stage.press("escape", "escape")
        assert stage.app.screen is stage.main

    play(scene, tmp_path)


def test_letters_are_text_in_the_filter_and_enter_then_leads_to_the_pane(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        await stage.press("slash", "t", "e", "enter", "enter")
        assert stage.app.screen is stage.main
        assert stage.current == 2

    play(scene, tmp_path)


def test_a_click_on_a_head_orders_and_another_turns_it_round(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        head = stage.screen_text().splitlines()[1]
        await stage.pilot.click(DataTable, offset=(head.index("TTFT") + 1, 0))
        await stage.pilot.pause()
        assert "sort: TTFT ▲" in stage.screen_text()
        assert names(stage)[:2] == ["Swift", "Careful"]
        await stage.pilot.click(DataTable, offset=(head.index("TTFT") + 1, 0))
        await stage.pilot.pause()
        assert "sort: TTFT ▼" in stage.screen_text()

    play(scene, tmp_path)


def test_the_cursor_stays_with_its_model(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        await stage.press("down", "O", "enter")
        assert stage.current == 0

    play(scene, tmp_path)


def test_bars_and_race_take_the_place_of_the_table(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        await stage.press("g")
        screen = stage.screen_text()
        (careful,) = [line for line in screen.splitlines() if "2 Careful" in line]
        (swift,) = [line for line in screen.splitlines() if "1 Swift" in line]
        (terse,) = [line for line in screen.splitlines() if "3 Terse" in line]
        assert abs(swift.count("█") - 3 * careful.count("█")) <= 3
        assert "█" not in terse
        assert "—" in terse
        (flaky,) = [line for line in screen.splitlines() if "4 Flaky" in line]
        assert "0.02s ✗ cut" in flaky, "a cut answer's bar is short for no merit of its own"
        assert "✓" not in swift
        await stage.press("a")
        assert "✓" in stage.screen_text()
        assert "stall" in stage.screen_text()
        await stage.press("a")
        assert len(names(stage)) == 4

    play(scene, tmp_path)


def test_rounds_show_a_trend_with_a_gap_and_from_six_on_the_interval(tmp_path):
    async def scene(stage: Stage) -> None:
        for number in range(1, 8):
            await stage.started(number)
            for lane in range(2):
                timing = Timing(ttft_ms=10.0, e2e_ms=100.0 * (lane + 1) * (number + 4))
                if (lane, number) == (1, 3):
                    stage.fake.end(lane, state="failed", error=SavedError(kind="auth", message="no"))
                else:
                    stage.fake.end(lane, "x", timing=timing)
        await stage.ended()
        await stage.press("t")
        screen = stage.screen_text()
        assert "n=7 repeats" in screen
        (first,) = [line for line in screen.splitlines() if " A " in line and "7/7" in line]
        (second,) = [line for line in screen.splitlines() if " B " in line and "6/7" in line]
        assert "0.80s [0.50s-1.10s]" in first
        assert "✗ 6/7" in second
        trend = second.rstrip()[-20:]
        marks = trend[trend.index("▄") if "▄" in trend else 0 :]
        assert " " in marks.strip(), f"a gap for the third round: {second!r}"
        await stage.until(lambda: "Total: A against B: 2.0x faster" in stage.screen_text())

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=7, seed=1))
    play(scene, tmp_path, configuration=config("A", "B"), machine=machine, size=(100, 40))


def test_the_title_says_over_which_rounds_it_is_and_keys_lead_to_one_of_them(tmp_path):
    def row(stage: Stage, name: str) -> list[str]:
        return next(line for line in stage.screen_text().splitlines() if f" {name} " in line).split()

    async def scene(stage: Stage) -> None:
        for number in (1, 2, 3):
            await stage.started(number)
            if number == 2:
                await stage.press("t")
                await stage.until(lambda: "Results · rounds 1 to 2 of 3" in stage.screen_text())
                await stage.press("escape")
            for lane in (0, 1):
                timing = Timing(ttft_ms=100.0, e2e_ms=1000.0 * number + 100 * lane)
                stage.fake.end(lane, f"answer {number}", timing=timing)
        await stage.ended()
        await stage.press("comma", "t")
        assert "Results · all 3 rounds · run 1" in stage.screen_text()
        assert row(stage, "A")[2:4] == ["✓", "3/3"]
        assert "no clear difference" in stage.screen_text()
        await stage.press("full_stop")
        assert stage.main.session.shown.round == 2, "keys of rounds wait until one is looked at"
        await stage.press("R")
        assert "Results · round 2 of 3 · run 1" in stage.screen_text()
        assert "2.00s" in row(stage, "A")
        assert "best" in row(stage, "A")
        assert "no clear difference" not in stage.screen_text(), "that is of all rounds"
        assert "repeats" not in stage.screen_text()
        await stage.press("comma")
        assert "1.00s" in row(stage, "A")
        assert not stage.app.screen.check_action("look", (-1,))
        await stage.press("g")
        assert "up to the low end" not in stage.screen_text(), "a figure of one round has none"
        await stage.press("a", "R", "full_stop")
        assert "Results · round 2 of 3" in stage.screen_text(), "a race is always of one round"
        await stage.press("a", "comma", "R")
        assert "Results · all 3 rounds" in stage.screen_text()
        await stage.press("escape")
        assert "round 1 of 3" in stage.screen_text(), "the panes follow"
        assert "answer 1" in stage.text(0)

    repeated = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=3, seed=1))
    play(scene, tmp_path, machine=repeated, configuration=config("A", "B"), size=(120, 40))


def test_a_run_that_was_stopped_while_warming_up_is_not_done(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.started()
        await stage.press("X")
        await stage.ended()
        await stage.press("t")
        assert {row[2] for row in body(stage)} == {"■"}

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=3, warmup=1, seed=1))
    play(scene, tmp_path, machine=machine)


@pytest.mark.parametrize("rounds", [1, 3])
def test_figures_of_a_warm_up_are_nobodys_result(tmp_path, rounds):
    async def scene(stage: Stage) -> None:
        await stage.started()
        stage.fake.say(0, "warm")
        stage.fake.end(0, timing=Timing(ttft_ms=90, e2e_ms=900, tokens_per_second=50), cost=PRICED)
        await stage.until(lambda: stage.main.session.run.ended == 1)
        await stage.press("t")
        assert "0.90s" not in stage.screen_text()
        assert "$0.0012" not in stage.screen_text()
        await stage.press("escape", "X")
        await stage.ended()
        await stage.press("t")
        assert {" ".join(row[2:5]) for row in body(stage)} == {"■ not asked"}
        assert {word for row in body(stage) for word in row[5:]} == {"—"}
        await stage.press("o", "O")
        assert names(stage) == ["Swift", "Careful", "Terse", "Flaky"]

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=rounds, warmup=1, seed=1))
    play(scene, tmp_path, machine=machine)


def test_speeds_without_their_reasoning_and_late_clocks_are_marked_over_rounds_too(tmp_path):
    async def scene(stage: Stage) -> None:
        for number in (1, 2):
            await stage.started(number)
            timing = Timing(
                ttft_ms=100, e2e_ms=2000, tpot_ms=20, tokens_per_second=50, clock_lag_p99_ms=number * 5
            )
            usage = SavedUsage(input_tokens=1, output_tokens=90, reasoning_tokens=40, source="api")
            stage.fake.end(0, "x", timing=timing, usage=usage)
        await stage.ended()
        await stage.press("t")
        (row,) = body(stage)
        assert {"50.0*", "0.10s⚠", "20.0ms*"} <= set(row)
        assert "* speed of the answer alone   ⚠ clock was late" in stage.screen_text()

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=2, seed=1))
    play(scene, tmp_path, configuration=config("A"), machine=machine, size=(160, 40))


def test_what_a_column_means_is_said_whole(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        for _ in range(20):
            if "sort: TTFA" in stage.screen_text():
                break
            await stage.press("o")
        said = " ".join(stage.screen_text().split())
        assert "first answer text - first byte sent; reasoning is no answer" in said

    play(scene, tmp_path)


def test_verdicts_have_the_rows_that_the_table_leaves(tmp_path):
    async def scene(stage: Stage) -> None:
        for number in (1, 2, 3):
            await stage.started(number)
            for lane in range(4):
                state = "failed" if (lane, number) == (3, 1) else "complete"
                timing = Timing(ttft_ms=10.0, e2e_ms=1000.0 * (lane + number), tokens_per_second=50.0)
                stage.fake.end(lane, "x", state=state, timing=timing)
        await stage.ended()
        for key in ("t", "g"):
            await stage.press(key)
            await stage.until(lambda: "clear difference" in stage.screen_text())
            box = stage.app.screen.query_one("#differences")
            assert box.size.height == box.virtual_size.height > 24 // 3

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=3, seed=1))
    play(scene, tmp_path, machine=machine)


def test_question_mark_explains_every_column(tmp_path):
    async def scene(stage: Stage) -> None:
        await four_ends(stage)
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, ResultsScreen)

    play(scene, tmp_path)
