"""What the cells, heads and legend of the results say, without a screen."""

from dataclasses import replace

import pytest

from ostream_compare.domain.columns import BY_NAME, COLUMNS, milliseconds
from ostream_compare.tui.result_layout import about, legend, placed, title
from ostream_compare.tui.result_rows import DELTA, TREND, Cell, ResultRow, deltas, trends
from ostream_compare.tui.views import Board
from tui.fake_collector import config


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (80, "Results · all 5 rounds · run 1 · mutex               n=5 repeats   sort: total ▲"),
        (56, "Results · all 5 rounds       n=5 repeats   sort: total ▲"),
        (40, "Results · all 5 rounds     sort: total ▲"),
        (30, "Results          sort: total ▲"),
        (10, "Results"),
    ],
)
def test_a_narrow_title_keeps_what_matters_most(room, said):
    left = ["Results", "all 5 rounds", "run 1", "mutex"]
    assert title(left, ["n=5 repeats", "sort: total ▲"], room) == said


def lane_of(lane, value, *, estimated=False, rounds=()):
    """A row of which only its cost is known."""
    view = Board(config(*"ABC").enabled).idle()[lane]
    cells = {column.name: Cell() for column in COLUMNS}
    cells["Cost"] = Cell(value=value, whole=True, estimated=estimated, rounds=rounds)
    return ResultRow(lane=lane, name="", provider="", view=view, state="", phase="complete", cells=cells)


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ([(1, False), (1.3, False), (2, True)], ["best", "+30%", "~+100%"]),
        ([(1, True), (1.3, False), (2, True)], ["~best", "~+30%", "~+100%"]),
        ([(1, True), (1, False), (2, False)], ["~best", "best", "+100%"]),
    ],
)
def test_a_distance_between_estimates_is_one(costs, said):
    rows = [lane_of(lane, value, estimated=is_) for lane, (value, is_) in enumerate(costs)]
    assert list(deltas(rows, BY_NAME["Cost"]).values()) == said


def test_a_trend_of_estimates_says_so():
    rows = [lane_of(0, 1, rounds=(1, 2)), lane_of(1, 1, estimated=True, rounds=(1, 2))]
    assert [text[0] for text in trends(rows, BY_NAME["Cost"]).values()] == ["▁", "~"]
    streamed = replace(rows[0], view=replace(rows[0].view, spark="▂▃"))
    assert trends([streamed], BY_NAME["TTFT"]) == {0: "~▂▃"}


@pytest.mark.parametrize(
    ("texts", "room", "first", "said"),
    [
        ([], 80, "", "~ estimated   ≥ at least   — unknown"),
        (["1.0s"], 24, "", "~ estimated   ≥ at least"),
        (["50.0*"], 30, "", "* speed of the answer alone"),
        (["50.0*", "0.1s⚠"], 50, "", "* speed of the answer alone   ⚠ clock was late"),
        (["—", "~2"], 26, "", "~ estimated   — unknown"),
        (["—"], 24, "", "— unknown   ~ estimated"),
        (["~2"], 30, "median", "median   ~ estimated"),
    ],
)
def test_the_legend_explains_the_signs_in_sight_first(texts, room, first, said):
    assert legend(texts, room, first) == said


@pytest.mark.parametrize("name", [*(column.name for column in COLUMNS), "#", "Model", "State", DELTA, TREND])
def test_every_column_has_a_meaning(name):
    assert about(name).startswith(f"{name}: ")
    assert len(about(name)) > len(name) + 10


@pytest.mark.parametrize("width", range(30, 220, 7))
def test_columns_never_take_more_than_there_is(width):
    columns = placed((), {DELTA: {}, TREND: {}}, width, "Total")
    if width >= 40:
        assert sum(column.width + column.gap for column in columns) <= width
    assert [column.name for column in columns][:3] == ["#", "Model", "State"]
    assert "Total" in {column.name for column in columns}


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "—"),
        (0, "0.0ms"),
        (0.01, "<0.1ms"),
        (3.42, "3.4ms"),
        (99.96, "100ms"),
        (999.6, "1.00s"),
        (-1, "—"),
    ],
)
def test_short_times(ms, text):
    assert milliseconds(ms) == text
