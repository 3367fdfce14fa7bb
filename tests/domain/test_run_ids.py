"""Ids of runs sort in the order in which runs began, whatever the clock says."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ostream_compare.domain.run_ids import id_above, new_run_id

NOW = datetime(2026, 11, 22, 7, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "run"),
    [
        (timedelta(0), "20261122-073012-0000"),
        (timedelta(milliseconds=1), "20261122-073012-0041"),
        (timedelta(milliseconds=500), "20261122-073012-8000"),
        (timedelta(microseconds=999_999), "20261122-073012-ffff"),
        (timedelta(seconds=1), "20261122-073013-0000"),
        (timedelta(days=39), "20261231-073012-0000"),
    ],
)
def test_an_id_is_a_moment_in_utc(later, run):
    assert new_run_id(NOW + later) == run
    assert new_run_id((NOW + later).astimezone(timezone(timedelta(hours=5)))) == run


def test_ids_of_moments_sort_as_the_moments_do():
    moments = [NOW + timedelta(microseconds=step * 16) for step in range(0, 200_000, 7)]
    ids = [new_run_id(moment) for moment in moments]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    ("run", "taken", "given"),
    [
        ("20261122-073012-0041", [], "20261122-073012-0041"),
        ("20261122-073012-0041", ["20261122-073012-0040", "20251231-235959-ffff"], "20261122-073012-0041"),
        ("20261122-073012-0041", ["20261122-073012-0041"], "20261122-073012-0042"),
        ("20261122-073012-0041", ["20261122-073012-4f2a", "20261122-073012-0fff"], "20261122-073012-4f2b"),
        ("20261122-073012-0041", ["20261122-073012-ffff"], "20261122-073013-0000"),
        ("20261121-073012-0041", ["20261122-235959-ffff"], "20261123-000000-0000"),
        ("20261231-073012-0041", ["20261231-235959-ffff"], "20270101-000000-0000"),
        ("20261122-073012-0041", ["zz", "20261122-0730", "20269999-000000-0000"], "20261122-073012-0041"),
        ("20261122-073012-0041", ["99991231-235959-ffff"], "20261122-073012-0041"),
        ("20261122-073012-0041", ["zz", "20261122-073012-0041"], "20261122-073012-0042"),
        ("r1", ["20261122-073012-0041"], "r1"),
    ],
)
def test_an_id_is_above_all_that_are_taken(run, taken, given):
    assert id_above(run, taken) == given


def test_a_clock_that_stands_still_gives_other_ids_for_ever():
    taken = [new_run_id(NOW)]
    for _ in range(70_000):
        taken.append(id_above(new_run_id(NOW), taken[-1:]))
    assert taken == sorted(set(taken))
    assert taken[-1] == "20261122-073013-1170"
