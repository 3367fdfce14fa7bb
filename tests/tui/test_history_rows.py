"""Which columns of the history fit, and that what stands in them can be read."""

from dataclasses import replace

import pytest

from ostream_compare.domain.past_run import PastRun
from ostream_compare.domain.rows import width
from ostream_compare.tui.history_rows import head, row

NAMES = ("Swift", "Careful", "Terse", "Coder")


@pytest.fixture
def past() -> PastRun:
    return PastRun(
        id="1",
        started_at="2026-11-22T07:30:12+00:00",
        title="Explain mutex versus semaphore to somebody who has never heard of either.",
        prompts=1,
        rounds=1,
        models=NAMES[:2],
        complete=2,
        limited=0,
        stopped=0,
        asked=2,
        state="finished",
        cost_usd="0.002",
        cost_partial=False,
        votes=0,
        demo=True,
    )


@pytest.mark.parametrize(
    ("cells", "models", "said"),
    [
        (80, NAMES[:2], "Swift, Careful"),
        (80, NAMES, "Swift, Careful +2"),
        (120, NAMES, "Swift, Careful, Terse, Coder"),
        (80, ("A preset with a rather long name", "b"), "A preset with a ra… +1"),
        (80, ("模型 一号", "🦙 Llama"), "模型 一号, 🦙 Llama"),
    ],
)
def test_names_are_whole_or_counted(cells, models, said, past):
    run = replace(past, models=models)
    columns = head(cells, [run])
    names = dict(zip((name for name, _ in columns), row(run, columns), strict=True))
    assert names["Models"].rstrip() == said


@pytest.mark.parametrize("cells", [30, 60, 76, 80, 100, 120, 200])
def test_every_cell_is_as_wide_as_its_column_and_all_fit(cells, past):
    columns = head(cells, [past])
    assert all(width(text) == wide for text, (_, wide) in zip(row(past, columns), columns, strict=True))
    assert cells < 60 or sum(wide + 2 for _, wide in columns) <= cells
