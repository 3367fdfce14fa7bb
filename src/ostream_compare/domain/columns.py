"""The figures of a response as columns: meaning, number, words, which end is the better one. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.definitions import meaning_of

Value = Callable[[Response], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One figure."""

    name: str
    meaning: str
    """Its definition, in a sentence."""
    value: Value
    """The figure of a response; `None` is unknown."""
    word: Callable[[float | None], str]
    """A number of this unit in words."""
    text: Callable[[Response], str]
    """The figure of one response in words, with its marks."""
    better: Literal["less", "more"] | None = None
    """Which figure is the better one; `None` where neither is."""
    mark: Callable[[Iterable[Response]], str] = lambda _: ""
    """A sign before a median of such figures."""
    note: Callable[[Iterable[Response]], str] = lambda _: ""
    """A sign behind one."""


def milliseconds(ms: float | None) -> str:
    """A short duration: `0.4ms`, `12.3ms`, `123ms`; from a second on as every other duration."""
    if ms is None or not isfinite(ms) or ms < 0:
        return figures.UNKNOWN
    if round(ms) >= 1000:  # noqa: PLR2004 - a second
        return figures.seconds(ms)
    if 0 < ms < 0.05:  # noqa: PLR2004 - what would round to 0.0 is not nothing
        return "<0.1ms"
    return f"{ms:.1f}ms" if round(ms, 1) < 100 else f"{ms:.0f}ms"  # noqa: PLR2004 - three digits say enough


def _time(name: str, value: Value, *, short: bool = False) -> Column:
    word = milliseconds if short else figures.seconds
    return Column(
        name=name,
        meaning=meaning_of(name),
        value=value,
        word=word,
        text=lambda response: word(value(response)),
        better="less",
    )


def _late(responses: Iterable[Response]) -> str:
    return figures.LATE if any(map(figures.is_late, responses)) else ""


def _hidden(responses: Iterable[Response]) -> str:
    return figures.HIDDEN if any(map(figures.hides_reasoning, responses)) else ""


def _tpot(response: Response) -> str:
    text = milliseconds(response.timing.tpot_ms)
    return text + _hidden([response]) if text != figures.UNKNOWN else text


def _count(name: str, reported: Value, estimated: Value | None = None) -> Column:
    def value(response: Response) -> float | None:
        known = reported(response)
        return estimated(response) if known is None and estimated is not None else known

    def text(response: Response) -> str:
        return _mark(response) + _whole(value(response))

    def _mark(response: Response) -> str:
        return "~" if reported(response) is None and value(response) is not None else ""

    return Column(
        name=name,
        meaning=meaning_of(name),
        value=value,
        word=_whole,
        text=text,
        mark=lambda responses: "~" if any(_mark(response) for response in responses) else "",
    )


def _whole(count: float | None) -> str:
    if count is None:
        return figures.UNKNOWN
    return f"{count:.0f}" if count == round(count) else f"{count:.1f}"


def _cost(response: Response) -> float | None:
    amount = figures.known_amount(response.cost)
    return None if amount is None else float(amount)


def _dollars(amount: float | None) -> str:
    return figures.UNKNOWN if amount is None else figures.dollars_of(amount)


def tokens_per_chunk(response: Response) -> float | None:
    """Reported output tokens over bursts."""
    count, bursts = response.usage.output_tokens, response.timing.bursts
    return count / bursts if count is not None and bursts else None


COLUMNS: tuple[Column, ...] = (
    Column(
        name="TTFT",
        meaning=meaning_of("TTFT"),
        value=lambda response: response.timing.ttft_ms,
        word=figures.seconds,
        text=figures.ttft,
        better="less",
        note=_late,
    ),
    _time("Total", lambda response: response.timing.e2e_ms),
    Column(
        name="tok/s",
        meaning=meaning_of("tok/s"),
        value=lambda response: response.timing.tokens_per_second,
        word=figures.rate,
        text=figures.speed,
        better="more",
        note=_hidden,
    ),
    _count("In", lambda r: r.usage.input_tokens, lambda r: r.estimate.input_tokens),
    replace(
        _count("Out", lambda r: r.usage.output_tokens, lambda r: r.estimate.output_tokens),
        text=figures.output_tokens,
    ),
    Column(
        name="Cost",
        meaning=meaning_of("Cost"),
        value=_cost,
        word=_dollars,
        text=lambda response: figures.money(response.cost),
        better="less",
        mark=lambda responses: "~" if figures.Total(r.cost for r in responses).is_estimated else "",
    ),
    _time("TTFA", lambda response: response.timing.ttfa_ms),
    Column(
        name="TPOT",
        meaning=meaning_of("TPOT"),
        value=lambda response: response.timing.tpot_ms,
        word=milliseconds,
        text=_tpot,
        better="less",
        note=_hidden,
    ),
    _time("ICL p50", lambda response: response.timing.icl_p50_ms, short=True),
    _time("ICL p99", lambda response: response.timing.icl_p99_ms, short=True),
    _time("ICL max", lambda response: response.timing.icl_max_ms, short=True),
    _time("queue", lambda response: response.timing.queue_ms, short=True),
    _time("connect", lambda response: response.timing.connect_ms, short=True),
    _time("TTFB", lambda response: response.timing.ttfb_ms, short=True),
    _count("cached", lambda response: response.usage.cached_tokens),
    _count("reasoning", lambda response: response.usage.reasoning_tokens),
    Column(
        name="tok/chunk",
        meaning=meaning_of("tok/chunk"),
        value=tokens_per_chunk,
        word=figures.rate,
        text=lambda response: figures.rate(tokens_per_chunk(response)),
    ),
)
"""In the order in which they are shown."""
BY_NAME = {column.name: column for column in COLUMNS}
