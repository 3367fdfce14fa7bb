import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostream_compare.tui.layout import PANE_HEIGHT, PANE_WIDTH, neighbour, plan, spans, window

CASES = [
    # width, height, lanes: kind, columns, rows, table
    ((80, 24, 2), ("grid", 2, 1, True)),
    ((80, 24, 3), ("grid", 2, 2, False)),
    ((80, 24, 4), ("grid", 2, 2, False)),
    ((80, 24, 5), ("carousel", 2, 1, True)),
    ((80, 24, 8), ("carousel", 2, 1, False)),
    ((120, 40, 4), ("grid", 2, 2, True)),
    ((120, 40, 6), ("grid", 3, 2, True)),
    ((120, 40, 8), ("grid", 3, 3, False)),
    ((120, 40, 9), ("grid", 3, 3, False)),
    ((200, 50, 4), ("grid", 4, 1, True)),
    ((200, 50, 8), ("grid", 4, 2, True)),
    ((60, 20, 4), ("single", 1, 1, False)),
    ((60, 40, 2), ("grid", 1, 2, True)),
    ((80, 24, 1), ("single", 1, 1, False)),
    ((80, 24, 0), ("single", 1, 1, False)),
    ((29, 24, 4), ("too_small", 1, 1, False)),
    ((80, 7, 4), ("too_small", 1, 1, False)),
]


@pytest.mark.parametrize(("given_", "expected"), CASES)
def test_plan(given_, expected):
    laid = plan(*given_)
    assert (laid.kind, laid.columns, laid.rows, laid.table) == expected


def test_zoom_shows_one_pane():
    laid = plan(200, 50, 8, zoomed=True)
    assert (laid.kind, laid.visible, laid.table) == ("single", 1, True)


@given(st.integers(1, 300), st.integers(1, 100), st.integers(0, 40))
def test_no_pane_of_a_grid_is_smaller_than_the_smallest(width, height, lanes):
    laid = plan(width, height, lanes)
    if laid.kind == "grid":
        assert width // laid.columns >= min(width, PANE_WIDTH)
        assert (height - 4 - (lanes + 1 if laid.table else 0)) // laid.rows >= PANE_HEIGHT
        assert laid.visible >= lanes


@given(st.integers(30, 300), st.integers(8, 100), st.integers(1, 40), st.data())
def test_the_current_lane_is_always_in_the_window(width, height, lanes, data):
    laid = plan(width, height, lanes)
    current = data.draw(st.integers(0, lanes - 1))
    shown = window(laid, lanes, current, data.draw(st.integers(-5, 50)))
    assert current in shown
    assert shown.start >= 0
    assert shown.stop <= lanes
    assert len(shown) == min(lanes, laid.visible)
    assert sum(spans(laid, len(shown))) % laid.columns == 0


@pytest.mark.parametrize(
    ("lanes", "current", "direction", "expected"),
    [
        (4, 0, "right", 1),
        (4, 1, "right", 1),
        (4, 0, "down", 2),
        (4, 2, "left", 2),
        (4, 3, "up", 1),
        (3, 1, "down", 2),
        (3, 2, "down", 2),
        (4, 0, "up", 0),
    ],
)
def test_neighbours_in_a_grid_of_two_columns(lanes, current, direction, expected):
    assert neighbour(plan(80, 24, lanes), lanes, current, direction) == expected
