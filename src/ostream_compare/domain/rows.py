"""The comparison table as words: the same columns in every place that prints one. Pure."""

import unicodedata
from collections.abc import Callable, Sequence

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Pair, Response, SavedCost, Summary
from ostream_compare.domain.digest import Digest
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.summary import final_attempts

COLUMNS = ("Model", "State", "TTFT", "Total", "tok/s", "In", "Out", "Cost")
REPEAT_COLUMNS = ("Model", "State", "Failed", "TTFT", "Total", "tok/s", "In", "Out", "Cost", "n")
"""Where there is more than one round: medians with their range, of the `n` whole answers."""
RANGES = "median (least-most) of n whole answers"
"""What the figures of `REPEAT_COLUMNS` are."""

_FIGURE_NAMES = {"ttft_ms": "TTFT", "e2e_ms": "Total", "tokens_per_second": "tok/s"}


def table(comparison: Comparison) -> list[tuple[str, ...]]:
    """Head and rows: one a response, or one a model where there is more than one round."""
    if is_repeated(comparison):
        planned = comparison.rounds * len(comparison.prompts)
        return [REPEAT_COLUMNS, *(repeat_row(summary, planned) for summary in comparison.summary)]
    finals = {id(response) for response in final_attempts(comparison.responses)}
    return [COLUMNS, *(_attempt_row(r, final=id(r) in finals) for r in comparison.responses)]


def is_repeated(comparison: Comparison) -> bool:
    """Whether there is more than one round, or more than one prompt."""
    return (comparison.rounds > 1 or len(comparison.prompts) > 1) and bool(comparison.summary)


def _attempt_row(response: Response, *, final: bool) -> tuple[str, ...]:
    name, state, *rest = row(response)
    retried = response.attempt > 1 or not final
    return (name, f"{state}, attempt {response.attempt}" if retried else state, *rest)


def row(response: Response) -> tuple[str, ...]:
    """One response in the order of `COLUMNS`, cleaned."""
    timing, usage, estimate = response.timing, response.usage, response.estimate
    return (
        clean_line(response.name),
        figures.state(response),
        figures.ttft(response),
        figures.seconds(timing.e2e_ms),
        figures.speed(response),
        figures.tokens(usage.input_tokens, estimate.input_tokens),
        figures.output_tokens(response),
        figures.money(response.cost),
    )


def repeat_row(summary: Summary, planned: int = 0) -> tuple[str, ...]:
    """One model over its rounds in the order of `REPEAT_COLUMNS`, cleaned.

    Args:
        summary: What came of it.
        planned: Answers that there should be, where that is not less than there are.
    """
    complete = summary.n - summary.failures if summary.complete is None else summary.complete
    return (
        clean_line(summary.name),
        _repeat_state(complete, summary, max(planned, summary.n)),
        str(summary.failures),
        _spread(summary, "ttft_ms", figures.seconds, figures.LATE if summary.late_clock else ""),
        _spread(summary, "e2e_ms", figures.seconds),
        _spread(
            summary, "tokens_per_second", figures.rate, figures.HIDDEN if summary.hidden_reasoning else ""
        ),
        figures.tokens(summary.input_tokens, summary.estimated_input_tokens),
        _output_tokens(summary),
        _cost_spread(summary),
        str(complete),
    )


def _repeat_state(complete: int, summary: Summary, planned: int) -> str:
    """Whole answers of those that there should be: `✓ 5/5`, `✗ 4/5`, `■ 3/5` if the rest was stopped."""
    phase = "complete" if complete == planned else "failed" if summary.failures else "cancelled"
    return f"{figures.glyph(phase)} {complete}/{planned}"


def _spread(summary: Summary, name: str, word: Callable[[float | None], str], sign: str = "") -> str:
    """`0.21s (0.19s-0.25s)`, and n where it is not that of the row; one answer has no range."""
    found = summary.spreads.get(name)
    if found is None or found.median is None:
        return figures.UNKNOWN
    text = word(found.median) + sign
    if found.n > 1:
        text += f" ({word(found.min)}-{word(found.max)})"
    return text if found.n == summary.complete else f"{text} n={found.n}"


def _output_tokens(summary: Summary) -> str:
    if summary.output_tokens is None:
        return figures.tokens(None, summary.estimated_output_tokens)
    return _spread(
        summary, "output_tokens", lambda count: figures.tokens(None if count is None else int(count))
    )


def _cost_spread(summary: Summary) -> str:
    amounts = (summary.cost_usd, summary.cost_min_usd, summary.cost_max_usd)
    costs = (SavedCost(total_usd=usd, source="preset", bound=summary.cost_bound) for usd in amounts)
    middle, low, high = (figures.money(cost) for cost in costs)
    return middle if low == high else f"{middle} ({low}-{high})"


def certainty(comparison: Comparison) -> list[str]:
    """How well the medians are known, and the slow ends: a line a model and figure, from six answers on."""
    return [
        line
        for figure, title in _FIGURE_NAMES.items()
        for summary in comparison.summary
        if (line := _certainty(summary, figure, title))
    ]


def _certainty(summary: Summary, figure: str, title: str) -> str:
    found = summary.spreads.get(figure)
    if found is None or found.confidence is None:
        return ""
    word = figures.rate if figure == "tokens_per_second" else figures.seconds
    ends = f"{word(found.median_low)} to {word(found.median_high)}"
    quantiles = (("p90", found.p90), ("p95", found.p95), ("p99", found.p99))
    parts = [f"median {word(found.median)}", f"{ends} with {found.confidence * 100:.1f} % confidence"]
    parts += [f"{name} {word(value)}" for name, value in quantiles if value is not None]
    return f"{title}: {clean_line(summary.name)}: {', '.join(parts)} (n={found.n})"


def differences(compared: Sequence[Pair]) -> list[str]:
    """Which model is faster than which, in words, a line a pair; pairs that say the same share a line."""
    lines: list[str] = []
    for figure, title in _FIGURE_NAMES.items():
        pairs = [pair for pair in compared if pair.figure == figure]
        by_wording: dict[str, list[str]] = {}
        for pair in pairs:
            names = f"{clean_line(pair.a)} against {clean_line(pair.b)}"
            by_wording.setdefault(clean_line(pair.wording), []).append(names)
        for wording, names in by_wording.items():
            all_alike = len(names) == len(pairs) > 1
            lines.append(f"{title}: {'all pairs' if all_alike else ', '.join(names)}: {wording}")
    return lines


def remarks(comparison: Comparison, digest: Digest | None = None) -> list[str]:
    """A line for each way in which a response is not whole, and each warning, with the rounds they are of.

    Args:
        comparison: The run.
        digest: Of its responses, where they are not in it.
    """
    repeated = is_repeated(comparison)
    said = (digest or Digest.of(comparison)).said
    unit = "prompt" if len(comparison.prompts) > 1 else "round"
    return [
        f"{name}, {unit}{'s' if len(set(rounds)) > 1 else ''} {_numbers(rounds)}: {text}"
        if repeated
        else f"{name}: {text}"
        for (name, text), rounds in said.items()
    ]


def _numbers(rounds: Sequence[int]) -> str:
    """`1, 3, 5-9`."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(rounds)):
        first, last = runs[-1] if runs else (number, number)
        runs = [*runs[:-1], (first, number)] if number <= last + 1 and runs else [*runs, (number, number)]
    return ", ".join(
        str(first) if first == last else f"{first}{'-' if last > first + 1 else ', '}{last}"
        for first, last in runs
    )


def total_cost(comparison: Comparison, digest: Digest | None = None) -> str:
    """What a whole comparison cost, with the calls whose answers are not kept."""
    total = (digest or Digest.of(comparison)).costs.words
    if comparison.discarded:
        total += f" ({figures.total_money(comparison.discarded)} of it for warm-ups and replaced answers)"
    return f"{total}; over budget: stopped" if comparison.over_budget else total


def headline(comparison: Comparison, digest: Digest | None = None) -> str:
    """A comparison in a line: when, how many models, and whether the demo answered."""
    digest = digest or Digest.of(comparison)
    models = f"{len(digest.names)} model" + ("" if len(digest.names) == 1 else "s")
    parts = [clean_line(comparison.id), f"{comparison.started_at:%Y-%m-%d %H:%M} UTC", models]
    if len(comparison.prompts) > 1:
        begun, count = digest.prompts_begun, len(comparison.prompts)
        parts.append(f"{begun} of {count} prompts" if 0 < begun < count else f"{count} prompts")
    if comparison.rounds > 1 and is_repeated(comparison):
        begun = digest.rounds_begun
        planned = f" of {comparison.rounds}" if begun < comparison.rounds else ""
        parts.append(f"{begun}{planned} rounds")
    if comparison.warmup:
        parts.append(f"{comparison.warmup} warm-up" + ("" if comparison.warmup == 1 else "s"))
    if comparison.demo:
        parts.insert(0, "DEMO (the demo server's answers are canned)")
    return " · ".join(parts)


def width(text: str) -> int:
    """Terminal cells that `text` takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def padded(text: str, cells: int, *, right: bool = False) -> str:
    """`text` filled up with spaces to `cells`."""
    fill = " " * (cells - width(text))
    return fill + text if right else text + fill
