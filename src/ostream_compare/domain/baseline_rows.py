"""A comparison against an earlier run as words: the same rows in every place that prints them. Pure."""

from fractions import Fraction

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Baseline, BaselineModel, SavedChange, SavedCost
from ostream_compare.domain.safe_text import clean_line

COLUMNS = ("Model", "Figure", "Now", "Before", "Change")
MEANING = (
    "medians of whole answers; a change is clear from 6 answers on either side, and p <= 0.05 "
    "(Holm over the models that can be tested)"
)
"""What the rows rest on."""

_TITLES = {"ttft_ms": "TTFT", "e2e_ms": "Total", "tokens_per_second": "tok/s", "cost_usd": "Cost"}


def headline(baseline: Baseline) -> str:
    """Against which run."""
    parts = [f"Against {clean_line(baseline.id)}", f"{baseline.started_at:%Y-%m-%d %H:%M} UTC"]
    if baseline.rounds > 1:
        parts.append(f"{baseline.rounds} rounds")
    return " · ".join(parts)


def table(baseline: Baseline) -> list[tuple[str, ...]]:
    """Head and rows: a row a model and figure, cleaned; a model without a prompt in common has none."""
    rows = [row for model in baseline.models if model.n or model.n_before for row in _rows(model)]
    return [COLUMNS, *rows] if rows else []


def remarks(baseline: Baseline) -> list[str]:
    """A line for each thing that is not the same, for new failures, and for models that one run has alone."""
    lines = [clean_line(note) for note in baseline.notes]
    for title, names in (
        ("only in this run", baseline.only_now),
        ("only in the baseline", baseline.only_before),
    ):
        if names:
            lines.append(f"{title}: {', '.join(clean_line(name) for name in names)}")
    for model in baseline.models:
        lines += [f"{clean_line(model.name)}: new failure: {clean_line(text)}" for text in model.new_failures]
    return lines


def _rows(model: BaselineModel) -> list[tuple[str, ...]]:
    name = clean_line(model.name)
    rows = [(name, _TITLES.get(of.figure, clean_line(of.figure)), *_cells(model, of)) for of in model.changes]
    if model.failures or model.failures_before:
        now, before = f"{model.failures} of {model.n}", f"{model.failures_before} of {model.n_before}"
        rows.append((name, "Failed", now, before, _more_or_fewer(model)))
    if _shares(model.finish_reasons) != _shares(model.finish_reasons_before):
        ends = (_endings(model.finish_reasons), _endings(model.finish_reasons_before))
        rows.append((name, "Ended by", *ends, ""))
    return [*rows, (name, "Answers", *_answers(model))]


def _cells(model: BaselineModel, change: SavedChange) -> tuple[str, str, str]:
    wording = clean_line(change.wording)
    if change.figure == "cost_usd":
        now = SavedCost(total_usd=model.cost_usd, source="preset", bound=model.cost_bound)
        before = SavedCost(total_usd=model.cost_before_usd, source="preset", bound=model.cost_bound_before)
        return figures.money(now), figures.money(before), wording
    word = figures.rate if change.figure == "tokens_per_second" else figures.seconds
    now, before = _signs(model, change.figure)
    return _marked(word(change.median), now), _marked(word(change.median_before), before), wording


def _signs(model: BaselineModel, figure: str) -> tuple[str, str]:
    """What stands behind a median now and before, as in every other table."""
    if figure == "ttft_ms":
        return _sign(figures.LATE, model.late_clock), _sign(figures.LATE, model.late_clock_before)
    if figure == "tokens_per_second":
        hidden = model.hidden_reasoning, model.hidden_reasoning_before
        return _sign(figures.HIDDEN, hidden[0]), _sign(figures.HIDDEN, hidden[1])
    return "", ""


def _sign(sign: str, is_there: bool | None) -> str:  # noqa: FBT001 - as it is saved
    return sign if is_there else ""


def _marked(text: str, sign: str) -> str:
    return text if text == figures.UNKNOWN else text + sign


def _more_or_fewer(model: BaselineModel) -> str:
    """Failures are told as they are; whether a rate changed is not tested."""
    if not model.n or not model.n_before:
        return ""
    now, before = model.failures * model.n_before, model.failures_before * model.n
    return "more" if now > before else "fewer" if now < before else "as many"


def _shares(counts: dict[str, int]) -> dict[str, Fraction]:
    """Of all answers, those of each ending: more answers that ended alike are no change."""
    every = sum(counts.values())
    return {ending: Fraction(count, every) for ending, count in counts.items()}


def _endings(counts: dict[str, int]) -> str:
    if sum(counts.values()) == 1:
        return clean_line(next(iter(counts)))
    return ", ".join(f"{clean_line(ending)} {count}" for ending, count in counts.items()) or figures.UNKNOWN


def _answers(model: BaselineModel) -> tuple[str, str, str]:
    counts = (str(model.complete), str(model.complete_before))
    if not model.answers:
        return *counts, "none to compare"
    changed = model.answers - model.answers_same
    if not changed:
        return *counts, "the same"
    alike = "" if model.similarity is None else f", similarity {model.similarity:.2f}"
    some = f"{changed} of {model.answers} changed" if model.answers > 1 else "changed"
    return *counts, some + alike
