"""A comparison against an earlier one, model by model: speed, cost, endings and answers. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ostream_compare.domain import figures
from ostream_compare.domain.changes import Samples, changes_of
from ostream_compare.domain.comparison import (
    Baseline,
    BaselineModel,
    Comparison,
    Response,
    SavedChange,
    SavedPrompt,
    Summary,
)
from ostream_compare.domain.counterparts import counterparts
from ostream_compare.domain.ledger import FIGURES, Figure, Ledger
from ostream_compare.domain.pairs import Words
from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.domain.summary import COMPARED, final_attempts, summary

MOST_DIFFS = 200
"""Changed answers of a model of which the similarity is reckoned."""
_COST = "cost_usd"


def _dollars(response: Response) -> float | None:
    amount = figures.known_amount(response.cost)
    return None if amount is None else float(amount)


_Answers = Mapping[str, Mapping["_Prompt", list[Response]]]
"""By model and prompt, one a round."""
_FIGURES: Mapping[str, tuple[Figure, Words]] = {
    **{name: (FIGURES[name], words) for name, words in COMPARED.items()},
    _COST: (_dollars, Words(lower="cheaper", higher="dearer")),
}


@dataclass(frozen=True, slots=True)
class _Prompt:
    """What was asked, whatever it was called and wherever it stood in the file."""

    system: str
    user: str
    turns: tuple[str, ...]

    @classmethod
    def of(cls, prompt: SavedPrompt) -> "_Prompt":
        return cls(prompt.system or "", prompt.user, tuple(turn.user for turn in prompt.turns))


def against(now: Comparison, before: Comparison) -> Baseline:
    """`now` against `before`.

    Only prompts that both runs have are compared. Rounds of two runs are no pairs: what the answers to a
    prompt say of a figure is tested unpaired, with the prompts as strata (`rank_sum_p`, on logarithms),
    from 6 answers on either side. Where every prompt was answered once in either run, the prompts are the
    pairs (`paired_ratio`), from 6 prompts. p is adjusted by Holm over the models of a figure that
    can be tested.
    """
    asked_now, asked_before = _answers(now), _answers(before)
    prompts = [_Prompt.of(prompt) for prompt in now.prompts]
    shared = [key for key in dict.fromkeys(prompts) if key in {_Prompt.of(p) for p in before.prompts}]
    both = [name for name in asked_now if name in asked_before]
    tests = {
        figure: changes_of(
            {name: _strata(asked_now[name], asked_before[name], shared, value) for name in both}, words
        )
        for figure, (value, words) in _FIGURES.items()
    }
    models: list[BaselineModel] = []
    for name in both:
        found = {figure: rows[name] for figure, rows in tests.items()}
        models.append(_model(name, asked_now[name], asked_before[name], shared, found))
    return Baseline(
        id=before.id,
        started_at=before.started_at,
        rounds=before.rounds,
        models=models,
        only_now=[name for name in asked_now if name not in asked_before],
        only_before=[name for name in asked_before if name not in asked_now],
        notes=[*_notes(now, before, shared), *_served_notes(asked_now, asked_before, both)],
    )


def at_shared_prompts(now: Comparison, before: Comparison) -> tuple[Ledger, Ledger]:
    """The verdicts of either run at the prompts that both have."""
    both = {_Prompt.of(prompt) for prompt in now.prompts} & {_Prompt.of(prompt) for prompt in before.prompts}
    asked_now, asked_before = (
        Ledger(
            response
            for answers in _answers(comparison).values()
            for prompt, responses in answers.items()
            if prompt in both
            for response in responses
        )
        for comparison in (now, before)
    )
    return asked_now, asked_before


def _answers(comparison: Comparison) -> _Answers:
    prompts = [_Prompt.of(prompt) for prompt in comparison.prompts]
    found: dict[str, dict[_Prompt, list[Response]]] = {}
    order = sorted(final_attempts(comparison.responses), key=lambda response: response.round)
    names = dict.fromkeys(response.name for response in comparison.responses)
    for name in names:
        found[name] = {}
    for response in order:
        if 0 <= response.prompt < len(prompts):
            found[response.name].setdefault(prompts[response.prompt], []).append(response)
    return found


def _strata(
    now: Mapping[_Prompt, list[Response]],
    before: Mapping[_Prompt, list[Response]],
    shared: Sequence[_Prompt],
    value: Figure,
) -> list[Samples]:
    return [
        (_whole_values(now.get(key, []), value), _whole_values(before.get(key, []), value)) for key in shared
    ]


def _whole_values(responses: Sequence[Response], value: Figure) -> list[float | None]:
    """As many as there are responses; of one that is not whole, unknown."""
    return [value(response) if response.state == "complete" else None for response in responses]


# A model


def _model(
    name: str,
    now: Mapping[_Prompt, list[Response]],
    before: Mapping[_Prompt, list[Response]],
    shared: Sequence[_Prompt],
    changes: Mapping[str, SavedChange],
) -> BaselineModel:
    pairs = [(now.get(key, []), before.get(key, [])) for key in shared]
    responses = [response for answers, _ in pairs for response in answers]
    earlier = [response for _, answers in pairs for response in answers]
    row, row_before = _row(name, responses), _row(name, earlier)
    whole = [pair for answers, others in pairs for pair in _whole_pairs(answers, others)]
    changed = [(one, other) for one, other in whole if not _says_the_same(one, other)]
    return BaselineModel(
        name=name,
        n=row.n,
        n_before=row_before.n,
        complete=row.complete or 0,
        complete_before=row_before.complete or 0,
        failures=row.failures,
        failures_before=row_before.failures,
        cost_usd=row.cost_usd,
        cost_before_usd=row_before.cost_usd,
        cost_bound=row.cost_bound,
        cost_bound_before=row_before.cost_bound,
        hidden_reasoning=row.hidden_reasoning,
        hidden_reasoning_before=row_before.hidden_reasoning,
        late_clock=row.late_clock,
        late_clock_before=row_before.late_clock,
        changes=[_named(figure, change) for figure, change in changes.items()],
        finish_reasons=_endings(responses),
        finish_reasons_before=_endings(earlier),
        answers=len(whole),
        answers_same=len(whole) - len(changed),
        similarity=median(_similarity(*pair) for pair in changed[:MOST_DIFFS]) if changed else None,
        new_failures=[text for answers, others in pairs for text in _new_failures(answers, others)],
    )


def _whole_pairs(
    answers: Sequence[Response], others: Sequence[Response]
) -> Iterator[tuple[Response, Response]]:
    """Whole answers to one prompt, each with an earlier one; either run may have more."""
    now, before = ([of for of in side if of.state == "complete"] for side in (answers, others))
    for i, j in counterparts([*map(_said, now)], [*map(_said, before)]):
        yield now[i], before[j]


def _named(figure: str, change: SavedChange) -> SavedChange:
    """Money has no float: its medians stand beside the model's name."""
    update: dict[str, object] = {"figure": figure}
    if figure == _COST:
        update |= {"median": None, "median_before": None}
    return change.model_copy(update=update)


def _row(name: str, responses: Sequence[Response]) -> Summary:
    return next(iter(summary(responses)), Summary(name=name, n=0, failures=0))


def _endings(responses: Sequence[Response]) -> dict[str, int]:
    return dict(sorted(Counter(_ending(response) for response in responses).items()))


def _ending(response: Response) -> str:
    if response.error is not None and response.state == "failed":
        return response.error.kind
    if response.state != "complete":
        return response.state
    return response.finish_reason or "done"


def _said(response: Response) -> str:
    calls = "\n".join(f"{call.name}({call.arguments})" for call in response.tool_calls)
    return "\n".join(part for part in (response.content, response.refusal, calls) if part)


def _says_the_same(one: Response, other: Response) -> bool:
    return _said(one) == _said(other)


def _similarity(one: Response, other: Response) -> float:
    """As the diff of two answers has it; of a text without words, 0."""
    from ostream_compare.domain.text_diff import similarity  # noqa: PLC0415 - a run without a baseline has no use for it

    return similarity(clean(_said(one)), clean(_said(other))) or 0.0


def _new_failures(now: Sequence[Response], before: Sequence[Response]) -> list[str]:
    known = {_ending(response) for response in before}
    found: dict[str, list[int]] = {}
    for response in now:
        if response.state in {"failed", "truncated"} and _ending(response) not in known:
            found.setdefault(figures.explain(response, key_of=None), []).append(response.round)
    many = len(now) > 1
    return [
        f"{reason} (round {', '.join(map(str, rounds))})" if many else reason
        for reason, rounds in found.items()
    ]


# What else is not the same


def _notes(now: Comparison, before: Comparison, shared: Sequence[_Prompt]) -> list[str]:
    notes: list[str] = []
    prompts = {_Prompt.of(prompt) for prompt in (*now.prompts, *before.prompts)}
    if not shared:
        notes.append("the prompt is another one: nothing is compared")
    elif len(shared) < len(prompts):
        notes.append(f"{len(shared)} of {len(prompts)} prompts are in both runs; only they are compared")
    if now.config.sha256 != before.config.sha256:
        known = now.config.sha256 and before.config.sha256
        notes.append(
            "the config file is another one, or was changed" if known else "the config is another one"
        )
    if now.demo != before.demo:
        notes.append(f"the demo server answered {'this run' if now.demo else 'the baseline'} alone")
    if now.definitions != before.definitions:
        versions = f"{now.definitions or 'unknown'}, was {before.definitions or 'unknown'}"
        notes.append(f"the figures are defined differently: version {versions}")
    return notes


def _served_notes(now: _Answers, before: _Answers, both: Sequence[str]) -> list[str]:
    """Names that stand for another model than before."""
    notes: list[str] = []
    for name in both:
        for what, field in (("asked for as", "model"), ("served as", "served_model"), ("at", "provider")):
            one, other = _values(now[name], field), _values(before[name], field)
            if one and other and one != other:
                notes.append(clean_line(f"{name} is {what} {', '.join(one)}, was {', '.join(other)}"))
    return notes


def _values(answers: Mapping[_Prompt, list[Response]], field: str) -> list[str]:
    every: set[str | None] = {getattr(r, field) for responses in answers.values() for r in responses}
    return sorted(value for value in every if value is not None)
