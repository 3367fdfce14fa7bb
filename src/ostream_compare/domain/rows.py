"""The comparison table as words: the same eight columns in every place that prints one. Pure."""

import unicodedata

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.safe_text import clean_line

COLUMNS = ("Model", "State", "TTFT", "Total", "tok/s", "In", "Out", "Cost")


def row(response: Response) -> tuple[str, ...]:
    """One response in the order of `COLUMNS`, cleaned."""
    timing, usage, estimate = response.timing, response.usage, response.estimate
    return (
        clean_line(response.name),
        figures.state(response),
        figures.seconds(timing.ttft_ms),
        figures.seconds(timing.e2e_ms),
        figures.rate(timing.tokens_per_second),
        figures.tokens(usage.input_tokens, estimate.input_tokens),
        figures.tokens(usage.output_tokens, estimate.output_tokens),
        figures.money(response.cost),
    )


def total_cost(comparison: Comparison) -> str:
    """What a whole comparison cost."""
    return figures.total_money(response.cost for response in comparison.responses)


def headline(comparison: Comparison) -> str:
    """A comparison in a line: when, how many models, and whether the demo answered."""
    names = {response.name for response in comparison.responses}
    models = f"{len(names)} model" + ("" if len(names) == 1 else "s")
    parts = [clean_line(comparison.id), f"{comparison.started_at:%Y-%m-%d %H:%M} UTC", models]
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
