import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.pages import empty, failed, full
from ostream_compare.domain.comparison import Timing
from ostream_compare.export import plots
from ostream_compare.export.plots import GapRow, RaceRow, gap_row, gap_svg, race_row, race_svg

TIMES = st.none() | st.floats(0, 1e7)


def race_rows(comparison):
    return [race_row(response, comparison) for response in comparison.responses]


def gap_rows(comparison):
    return [row for response in comparison.responses if (row := gap_row(response, comparison))]


def bars(svg):
    return [
        (rect.get("class"), float(rect.get("x")), float(rect.get("x")) + float(rect.get("width")))
        for rect in ET.fromstring(svg).iter("rect")
    ]


def texts(svg):
    return [text.text for text in ET.fromstring(svg).iter("text")]


def with_timing(**timing):
    one = full().responses[0].model_copy(update={"timing": Timing(**timing)})
    return full(responses=[one])


def test_a_response_waits_thinks_and_answers_on_one_axis():
    (row, failed_row) = race_rows(full())
    assert row.parts == (
        ("queued", 0, 6),
        ("waiting", 6, 216),
        ("thinking", 216, 306),
        ("answering", 306, 606),
    )
    assert (row.end, row.whole) == ("0.60s", True)
    assert (failed_row.parts, failed_row.end, failed_row.whole) == ((), "✗ auth", False)


@pytest.mark.parametrize(
    ("timing", "phases"),
    [
        ({"ttft_ms": 10, "ttfa_ms": 10, "e2e_ms": 20}, ["waiting", "answering"]),
        ({"ttft_ms": 10, "e2e_ms": 20}, ["waiting", "thinking"]),  # reasoning, and no answer
        ({"ttft_ms": 10}, ["waiting"]),
        ({"queue_ms": 10}, ["queued"]),
        ({}, []),
        ({"ttft_ms": float("inf"), "e2e_ms": float("nan")}, []),
    ],
)
def test_phases_of_which_nothing_is_known_are_left_out(timing, phases):
    (row,) = race_rows(with_timing(**timing))
    assert [phase for phase, _, _ in row.parts] == phases


def test_bars_touch_and_keep_their_proportions():
    found = bars(race_svg(race_rows(full())))
    for (_, _, end), (_, begin, _) in pairwise(found):
        assert begin == pytest.approx(end, abs=0.11)
    widths = {phase: end - begin for phase, begin, end in found}
    assert widths["answering"] / widths["waiting"] == pytest.approx(300 / 210, rel=0.01)


@settings(deadline=None)
@given(
    queue=TIMES, ttft=TIMES, ttfa=TIMES, e2e=TIMES, gaps=st.lists(st.floats(0, 1e7), min_size=3, max_size=3)
)
def test_whatever_the_figures_every_mark_is_inside_and_finite(queue, ttft, ttfa, e2e, gaps):
    p50, p99, most = sorted(gaps)
    comparison = with_timing(
        queue_ms=queue,
        ttft_ms=ttft,
        ttfa_ms=ttfa,
        e2e_ms=e2e,
        icl_p50_ms=p50,
        icl_p99_ms=p99,
        icl_max_ms=most,
    )
    race, gap = race_svg(race_rows(comparison)), gap_svg(gap_rows(comparison))
    for svg in filter(None, (race, gap)):
        numbers = [float(x) for x in re.findall(r' (?:x|x1|x2|cx)="([^"]*)"', svg)]
        assert all(math.isfinite(x) and 0 <= x <= 810 for x in numbers)
    if race:
        assert all(begin <= end for _, begin, end in bars(race))


@pytest.mark.parametrize(
    ("longest", "ticks"),
    [
        (600, ["0", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms", "600 ms"]),
        (5800, ["0", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s"]),
        (0.3, ["0", "0.05 ms", "0.1 ms", "0.15 ms", "0.2 ms", "0.25 ms", "0.3 ms"]),
        (7_000_000, ["0", "2000 s", "4000 s", "6000 s", "8000 s"]),
    ],
)
def test_ticks_are_round(longest, ticks):
    svg = race_svg([RaceRow(label="A", parts=(("waiting", 0, longest),), end="x")])
    assert [text for text in texts(svg) if text not in {"A", "x"}] == ticks


def test_gaps_stand_on_a_logarithmic_axis():
    svg = gap_svg([GapRow(label="A", p50=1, p99=10, max=100)])
    assert {"1 ms", "10 ms", "100 ms"} <= set(texts(svg))
    group = ET.fromstring(svg).find(".//g")
    p50, most = float(group.find("circle").get("cx")), float(group.findall("line")[1].get("x1"))
    p99 = float(re.match(r"M([\d.]+)", group.find("path").get("d")).group(1))
    assert p99 - p50 == pytest.approx(most - p99, abs=0.2)


def test_a_gap_of_nothing_has_a_place_too():
    assert "<circle" in gap_svg([GapRow(label="A", p50=0, p99=0, max=0)])


@pytest.mark.parametrize("comparison", [empty(), failed()])
def test_where_nothing_came_there_is_no_plot(comparison):
    assert race_svg(race_rows(comparison)) == ""
    assert gap_svg(gap_rows(comparison)) == ""


def test_more_rows_than_fit_are_left_to_the_table():
    rows = [RaceRow(label=f"R{number}", parts=(("waiting", 0, 5),), end="x") for number in range(100)]
    assert race_svg(rows).count("<rect") == plots.MOST_ROWS


def test_a_long_name_is_cut_and_keeps_its_round():
    svg = race_svg([RaceRow(label="漢" * 30 + ", round 7", parts=(("waiting", 0, 5),), end="")])
    shown = next(text for text in texts(svg) if text and "round" in text)
    assert shown.endswith("…, round 7")
    assert "漢" * 30 in svg, "whole as a tooltip"
