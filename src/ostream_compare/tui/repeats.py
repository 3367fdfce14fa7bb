"""The results of a run over its rounds: medians, ranges and n in place of the current round's figures."""

from dataclasses import replace

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Summary
from ostream_compare.domain.rows import REPEAT_COLUMNS, differences, repeat_row
from ostream_compare.domain.run import Run
from ostream_compare.domain.summary import QUICKLY_COMPARED, pairs, summary
from ostream_compare.tui.views import LaneView, Sortable

COLUMNS = REPEAT_COLUMNS[1:]


def over_rounds(run: Run | None, views: tuple[LaneView, ...]) -> tuple[LaneView, ...]:
    """The lanes with the cells of `COLUMNS` and the ranks of all their rounds so far."""
    if run is None:
        return tuple(replace(view, cells=(figures.UNKNOWN,) * len(COLUMNS)) for view in views)
    found = {row.name: row for row in summary(run.responses)}
    return tuple(
        _view(run, view, found.get(preset.name)) for preset, view in zip(run.presets, views, strict=True)
    )


def _view(run: Run, view: LaneView, found: Summary | None) -> LaneView:
    row = repeat_row(found or Summary(name=view.name, n=0, failures=0, complete=0))[1:]
    if not run.is_over:
        complete = (found.complete or 0) if found else 0
        row = (f"{figures.glyph('streaming')} {complete}/{run.rounds}", *row[1:])
    return replace(view, cells=row, ranks=_ranks(view, found))


def _ranks(view: LaneView, found: Summary | None) -> dict[str, Sortable]:
    speed = found.tokens_per_second if found else None
    return {
        "file": float(view.lane),
        "total": found.e2e_ms if found else None,
        "TTFT": found.ttft_ms if found else None,
        "tok/s": None if speed is None else -speed,
        "cost": float(found.cost_usd) if found and found.cost_usd is not None else None,
    }


def verdicts(run: Run) -> list[str]:
    """Which model is faster than which, once all rounds are in."""
    if not run.is_over:
        return []
    if len(run.responses) > QUICKLY_COMPARED:
        return ["Differences between the models take a while over so many rounds: s saves with them."]
    return differences(pairs(run.responses))
