"""What the responses of a run say together: a row a model, and every two models compared. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median, median_low

from ostream_compare.domain.comparison import Pair, Response, SavedSpread, Summary
from ostream_compare.domain.ledger import FIGURES, Account, Ledger
from ostream_compare.domain.pairs import ComparedPair, Words, compare_all
from ostream_compare.domain.statistics import spread

SPREAD = ("ttft_ms", "ttfa_ms", "e2e_ms", "tpot_ms", "tokens_per_second", "output_tokens")
"""The figures of which a summary tells the spread."""
QUICKLY_COMPARED = 800
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
    return summaries(Ledger(final_attempts(responses)))


def summaries(ledger: Ledger) -> list[Summary]:
    """One row a model, of verdicts whose texts may be gone."""
    return [_summary(account) for account in ledger.accounts.values()]


def _summary(account: Account) -> Summary:
    spreads = {name: _saved_spread(account.figures[name], account.failures) for name in SPREAD}
    amounts = account.costs
    return Summary(
        name=account.name,
        n=account.n,
        failures=account.failures,
        complete=account.complete,
        ttft_ms=spreads["ttft_ms"].median,
        e2e_ms=spreads["e2e_ms"].median,
        tokens_per_second=spreads["tokens_per_second"].median,
        input_tokens=_median_count(account.figures["input_tokens"]),
        output_tokens=_median_count(account.figures["output_tokens"]),
        cost_usd=money_text(median(amounts)) if amounts else None,
        cost_min_usd=money_text(min(amounts)) if amounts else None,
        cost_max_usd=money_text(max(amounts)) if amounts else None,
        cost_bound=("estimated" if account.has_estimated_cost else "exact") if amounts else None,
        spreads={name: of for name, of in spreads.items() if of.n} if account.n > 1 else {},
        hidden_reasoning=account.hides_reasoning or None,
        late_clock=account.is_late or None,
        estimated_input_tokens=_median_count(account.estimates["input_tokens"]),
        estimated_output_tokens=_median_count(account.estimates["output_tokens"]),
    )


def _saved_spread(values: Sequence[float], failures: int) -> SavedSpread:
    found = spread(values, failures=failures)
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


def _median_count(values: Sequence[float]) -> int | None:
    return int(median_low(values)) if values else None


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
        value = FIGURES[figure]
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
