"""The rows of the results screen: every figure of every lane, over its rounds, in any order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ostream_compare.domain import figures
from ostream_compare.domain.columns import BY_NAME, COLUMNS, Column
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.run import Run
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.statistics import spread
from ostream_compare.domain.summary import final_attempts
from ostream_compare.tui.charts.bars import Bar
from ostream_compare.tui.charts.spark import gathered, trend
from ostream_compare.tui.views import COLUMNS as LIVE_COLUMNS
from ostream_compare.tui.views import LaneView

NUMBER, MODEL, STATE, DELTA, TREND = "#", "Model", "State", "Δ best", "Trend"
BEST = "best"
ESTIMATED = "~"
_TREND_WIDTH = 12
_STATES = ("complete", "streaming", "waiting", "queued", "cancelled", "truncated", "failed")
_WHOLE, _PARTIAL, _UNKNOWN = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure of one lane."""

    text: str = figures.UNKNOWN
    wide: str = figures.UNKNOWN
    """With its range or interval, where there is one."""
    value: float | None = None
    whole: bool = False
    """Whether it is of a whole answer; others are not compared with those that are."""
    estimated: bool = False
    """Whether it rests on estimated tokens."""
    low: float | None = None
    high: float | None = None
    rounds: tuple[float | None, ...] = ()
    """The figure of each round's whole answer, in the order of the rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One lane."""

    lane: int
    name: str
    provider: str
    view: LaneView = field(repr=False)
    state: str
    phase: figures.Phase | None
    """How the state is painted."""
    cells: Mapping[str, Cell] = field(repr=False)
    """By the names of `COLUMNS`."""

    @property
    def is_spread(self) -> bool:
        """Whether it has figures of more than one round."""
        return any(cell.low is not None for cell in self.cells.values())


class ResultRows:
    """Makes rows; figures of rounds are reckoned once for each verdict that comes in."""

    def __init__(self) -> None:
        self._key: object = None
        self._repeated: list[tuple[str, figures.Phase, Mapping[str, Cell]]] = []

    def of(self, run: Run | None, views: Sequence[LaneView], *, alone: bool = False) -> tuple[ResultRow, ...]:
        """A row a lane, in the lanes' order; of all rounds, or of the run's current one alone."""
        if run is None:
            return tuple(_row(view, "", figures.UNKNOWN, None, {}) for view in views)
        if run.is_warmup and run.is_over:
            return tuple(_unasked(run, view) for view in views)
        if run.rounds > 1 and not alone:
            return self._over_rounds(run, views)
        return tuple(_single(run, view) for view in views)

    def _over_rounds(self, run: Run, views: Sequence[LaneView]) -> tuple[ResultRow, ...]:
        key = run.id, run.round, len(run.past), len(run.discarded), run.ended, run.is_over
        if key != self._key:
            self._key = key
            finals = final_attempts(run.responses)
            self._repeated = [
                _repeated(run, [response for response in finals if response.name == preset.name])
                for preset in run.presets
            ]
        found = zip(views, run.presets, self._repeated, strict=True)
        return tuple(
            _row(view, preset.provider.name, state, phase, cells)
            for view, preset, (state, phase, cells) in found
        )


def _row(
    view: LaneView, provider: str, state: str, phase: figures.Phase | None, cells: Mapping[str, Cell]
) -> ResultRow:
    return ResultRow(
        lane=view.lane,
        name=view.name,
        provider=clean_line(provider),
        view=view,
        state=state,
        phase=phase,
        cells={column.name: cells.get(column.name, Cell()) for column in COLUMNS},
    )


def _unasked(run: Run, view: LaneView, state: str = "■ not asked") -> ResultRow:
    """A lane without an answer that counts: figures of a warm-up are nobody's result."""
    provider = run.presets[view.lane].provider.name
    phase = "cancelled" if run.is_over else "waiting"
    return _row(replace(view, spark=""), provider, state, phase, {})


def _single(run: Run, view: LaneView) -> ResultRow:
    """A lane of one round: its verdict's figures, or what is known so far."""
    if run.is_warmup:
        return _unasked(run, view, f"{figures.glyph('waiting')} warm-up")
    lane = run.lanes[view.lane]
    provider = run.presets[view.lane].provider.name
    if not isinstance(lane, Ended):
        texts = dict(zip(LIVE_COLUMNS, view.cells, strict=True))
        live = {name: Cell(text=text, wide=text) for name, text in texts.items() if name in BY_NAME}
        return _row(view, provider, view.state, view.phase, live)
    response = lane.response
    whole = response.state == "complete"
    cells = {column.name: _of_one(column, response, whole=whole) for column in COLUMNS}
    return _row(view, provider, view.state, view.phase, cells)


def _of_one(column: Column, response: Response, *, whole: bool) -> Cell:
    text = column.text(response)
    estimated = column.mark([response]) == ESTIMATED
    return Cell(text=text, wide=text, value=column.value(response), whole=whole, estimated=estimated)


def _repeated(run: Run, responses: Sequence[Response]) -> tuple[str, figures.Phase, Mapping[str, Cell]]:
    """State and figures of one lane over its rounds."""
    complete = [response for response in responses if response.state == "complete"]
    failures = sum(response.state in {"failed", "truncated"} for response in responses)
    phase: figures.Phase = "streaming"
    if run.is_over:
        whole = bool(complete) and len(complete) == len(responses)
        phase = "complete" if whole else "failed" if failures else "cancelled"
    state = f"{figures.glyph(phase)} {len(complete)}/{len(responses) if run.is_over else run.rounds}"
    by_round = {response.round: response for response in complete}
    rounds = [by_round.get(number) for number in range(1, max(run.round, 0) + 1)]
    return state, phase, {column.name: _over(column, complete, rounds) for column in COLUMNS}


def _over(column: Column, complete: Sequence[Response], rounds: Sequence[Response | None]) -> Cell:
    """The median, with the exact interval from six answers on, with least and most below."""
    found = spread(column.value(response) for response in complete)
    if found.median is None:
        return Cell()
    text = column.mark(complete) + column.word(found.median) + column.note(complete)
    low, high = found.low, found.high
    brackets = "()"
    if found.interval is not None:
        low, high, brackets = found.interval.low, found.interval.high, "[]"
    ends = column.word(low), column.word(high)
    wide = text if ends[0] == ends[1] else f"{text} {brackets[0]}{ends[0]}-{ends[1]}{brackets[1]}"
    return Cell(
        text=text,
        wide=wide if found.n == len(complete) else f"{wide} n={found.n}",
        value=found.median,
        whole=True,
        estimated=column.mark(complete) == ESTIMATED,
        low=low if found.n > 1 else None,
        high=high if found.n > 1 else None,
        rounds=tuple(None if response is None else column.value(response) for response in rounds),
    )


def text_of(row: ResultRow, name: str, *, wide: bool) -> str:
    """What stands in a column of a row, other than differences and trends."""
    fixed = {NUMBER: str(row.lane + 1), MODEL: row.name, STATE: row.state}
    if name in fixed:
        return fixed[name]
    return row.cells[name].wide if wide else row.cells[name].text


# Order, filter, difference, trend


def ordered(rows: Sequence[ResultRow], name: str, *, reverse: bool) -> tuple[ResultRow, ...]:
    """By a column, upwards or downwards; what is not whole goes last in either, and unknown after that."""
    sign = -1.0 if reverse else 1.0
    if name == MODEL:
        return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.lane), reverse=reverse))

    def place(row: ResultRow) -> tuple[int, float]:
        if name not in BY_NAME:
            number = row.lane if name == NUMBER else _STATES.index(row.phase or "waiting")
            return _WHOLE, sign * number
        cell = row.cells[name]
        if cell.value is None:
            return _UNKNOWN, 0.0
        return _WHOLE if cell.whole else _PARTIAL, sign * cell.value

    return tuple(sorted(rows, key=place))


def best_first(name: str) -> bool:
    """Whether a column is read downwards, because more of it is better."""
    return name in BY_NAME and BY_NAME[name].better == "more"


def matching(rows: Sequence[ResultRow], wanted: str) -> tuple[ResultRow, ...]:
    """The rows whose model or provider has every word of `wanted` in its name."""
    words = wanted.casefold().split()
    return tuple(
        row for row in rows if all(word in f"{row.name} {row.provider}".casefold() for word in words)
    )


def basis(name: str) -> Column:
    """The column that differences and trends are of: the sorted one where one end of it is better."""
    return BY_NAME[name] if name in BY_NAME and BY_NAME[name].better else BY_NAME["Total"]


def deltas(rows: Sequence[ResultRow], column: Column) -> dict[int, str]:
    """How far each lane is from the best whole answer: `best`, `+1200%`, `~+30%` by an estimate; by lane."""
    cells = {row.lane: row.cells[column.name] for row in rows}
    known = [cell.value for cell in cells.values() if cell.whole and cell.value is not None]
    if not known:
        return dict.fromkeys(cells, figures.UNKNOWN)
    best = max(known) if column.better == "more" else min(known)
    is_estimate = all(cell.estimated for cell in cells.values() if cell.whole and cell.value == best)
    return {lane: _delta(cell, best, estimated=is_estimate) for lane, cell in cells.items()}


def _delta(cell: Cell, best: float, *, estimated: bool) -> str:
    if not cell.whole or cell.value is None or (cell.value != best and not best):
        return figures.UNKNOWN
    if cell.value == best:
        return f"{ESTIMATED if cell.estimated else ''}{BEST}"
    return f"{ESTIMATED if cell.estimated or estimated else ''}{_further(cell.value / best - 1)}"


def _further(share: float) -> str:
    if abs(share) < 0.005:  # noqa: PLR2004 - what would round to 0 % is not nothing
        return "+<1%" if share > 0 else "-<1%"
    return f"{share:+.0%}"


def trends(rows: Sequence[ResultRow], column: Column) -> dict[int, str]:
    """The rounds of each lane on a scale that all share, or how fast the only one came; by lane.

    `~` is before those that rest on estimated tokens, as all speeds over the time of an answer do.
    """
    of = {row.lane: row.cells[column.name].rounds for row in rows}
    marks = {lane: gathered(values, _TREND_WIDTH) for lane, values in of.items()}
    known = [value for values in marks.values() for value in values if value]
    if not known:
        return {row.lane: f"{ESTIMATED}{spark}" if (spark := row.view.spark) else "" for row in rows}
    signs = {row.lane: ESTIMATED if row.cells[column.name].estimated else "" for row in rows}
    return {lane: signs[lane] + trend(values, min(known), max(known)) for lane, values in marks.items()}


def _barred(row: ResultRow, cell: Cell) -> str:
    """The figure in words; of an answer that is not whole, with its state: a short bar is no merit of it."""
    return cell.wide if cell.whole or cell.value is None else f"{cell.wide} {row.state}"


def bars(rows: Sequence[ResultRow], column: Column) -> list[Bar]:
    """The column as bars, in the rows' order."""
    return [
        Bar(
            label=row.view.title,
            value=row.cells[column.name].value,
            text=_barred(row, row.cells[column.name]),
            low=row.cells[column.name].low,
            high=row.cells[column.name].high,
        )
        for row in rows
    ]
