"""What the responses of a run say together: a row a model, and every two models compared. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median, median_low

from ostream_compare.domain.comparison import Pair, Response, SavedSpread, Summary
from ostream_compare.domain.figures import known_amount
from ostream_compare.domain.pairs import ComparedPair, Words, compare_all
from ostream_compare.domain.statistics import spread

Figure = Callable[[Response], float | None]

SPREAD: Mapping[str, Figure] = {
    "ttft_ms": lambda response: response.timing.ttft_ms,
    "ttfa_ms": lambda response: response.timing.ttfa_ms,
    "e2e_ms": lambda response: response.timing.e2e_ms,
    "tpot_ms": lambda response: response.timing.tpot_ms,
    "tokens_per_second": lambda response: response.timing.tokens_per_second,
    "output_tokens": lambda response: response.usage.output_tokens,
}
"""The figures of which a summary tells the spread."""
QUICKLY_COMPARED = 400
"""Responses whose models can be compared while someone waits: in a tenth of a second or two."""
COMPARED: Mapping[str, Words] = {
    "ttft_ms": Words(lower="faster", higher="slower"),
    "e2e_ms": Words(lower="faster", higher="slower"),
    "tokens_per_second": Words(lower="slower", higher="faster"),
}
"""The figures by which models are compared, and what less and more of them is called."""


def final_attempts(responses: Iterable[Response]) -> list[Response]:
    """The last attempt of each model at each prompt and round; those before it were retried."""
    last: dict[tuple[str, int, int], Response] = {}
    for response in responses:
        place = response.name, response.prompt, response.round
        if place not in last or response.attempt >= last[place].attempt:
            last[place] = response
    return list(last.values())


def summary(responses: Iterable[Response]) -> list[Summary]:
    """One row a model, in the order of their first response.

    Only the last attempt at each prompt and round counts. Medians are of whole answers; what is
    failed or truncated stays in `n`.
    """
    of: dict[str, list[Response]] = {}
    for response in final_attempts(responses):
        of.setdefault(response.name, []).append(response)
    return [_summary(name, responses) for name, responses in of.items()]


def _summary(name: str, responses: list[Response]) -> Summary:
    complete = [response for response in responses if response.state == "complete"]
    failures = sum(response.state in {"failed", "truncated"} for response in responses)
    spreads = {name: _saved_spread(complete, figure, failures) for name, figure in SPREAD.items()}
    priced = [(amount, r.cost.bound) for r in complete if (amount := known_amount(r.cost)) is not None]
    amounts = [amount for amount, _ in priced]
    estimated = any(bound == "estimated" for _, bound in priced)
    return Summary(
        name=name,
        n=len(responses),
        failures=failures,
        complete=len(complete),
        ttft_ms=spreads["ttft_ms"].median,
        e2e_ms=spreads["e2e_ms"].median,
        tokens_per_second=spreads["tokens_per_second"].median,
        input_tokens=_median_count(response.usage.input_tokens for response in complete),
        output_tokens=_median_count(response.usage.output_tokens for response in complete),
        cost_usd=money_text(median(amounts)) if amounts else None,
        cost_min_usd=money_text(min(amounts)) if amounts else None,
        cost_max_usd=money_text(max(amounts)) if amounts else None,
        cost_bound=("estimated" if estimated else "exact") if amounts else None,
        spreads={name: of for name, of in spreads.items() if of.n} if len(responses) > 1 else {},
    )


def _saved_spread(complete: Sequence[Response], figure: Figure, failures: int) -> SavedSpread:
    found = spread((figure(response) for response in complete), failures=failures)
    interval = found.interval
    return SavedSpread(
        n=found.n,
        median=found.median,
        min=found.low,
        max=found.high,
        p90=found.p90,
        p95=found.p95,
        p99=found.p99,
        median_low=interval.low if interval else None,
        median_high=interval.high if interval else None,
        confidence=interval.confidence if interval else None,
    )


def _median_count(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return median_low(known) if known else None


def pairs(responses: Iterable[Response]) -> list[Pair]:
    """Every model against every later one by each of `COMPARED`; none before there are two rounds."""
    finals = final_attempts(responses)
    rounds = sorted({(response.prompt, response.round) for response in finals})
    if len(rounds) < 2:  # noqa: PLR2004 - one round says nothing of the next
        return []
    whole = {(r.name, r.prompt, r.round): r for r in finals if r.state == "complete"}
    names = list(dict.fromkeys(response.name for response in finals))
    found: list[Pair] = []
    for figure, words in COMPARED.items():
        value = SPREAD[figure]
        samples = {
            name: [value(whole[name, *place]) if (name, *place) in whole else None for place in rounds]
            for name in names
        }
        found += [_saved_pair(figure, pair) for pair in compare_all(samples, words)]
    return found


def _saved_pair(figure: str, pair: ComparedPair) -> Pair:
    paired = pair.paired
    return Pair(
        figure=figure,
        a=pair.a,
        b=pair.b,
        n=paired.n,
        left_out=paired.left_out,
        ratio=paired.ratio,
        low=paired.low,
        high=paired.high,
        confidence=paired.confidence,
        p=paired.p,
        p_adjusted=pair.adjusted_p,
        wording=pair.wording,
    )


def money_text(amount: Decimal) -> str:
    """An amount as it is saved: all of its digits, no exponent."""
    return f"{amount:f}"
