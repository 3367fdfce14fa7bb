"""Every provider's usage record as one `Usage`: real shapes, the rules, and counts that cannot be."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ostream.chunk import OpenAICallResponseChunk
from ostream.limits import Limits
from ostream.session import Session
from ostream.usage import Usage, UsageSource, filled_usage, merge_usage, normalize
from wire.driver import both_modes, drive
from wire.runner import Mode
from wire.script import DONE, as_model, event, stream, text
from wire.server import Serve

CASES = tomllib.loads((Path(__file__).parents[1] / "data" / "usage" / "providers.toml").read_text("utf-8"))[
    "case"
]
by_provider = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


def expected(case: Mapping[str, Any]) -> Usage:
    fields = dict(case["usage"])
    if "provider_cost" in fields:
        fields["provider_cost"] = Decimal(fields["provider_cost"])
    if "warnings" in fields:
        fields["warnings"] = tuple(fields["warnings"])
    return Usage(**fields)


def read(*payloads: Any) -> Session:
    """A session that read these events, some text before them."""
    session = Session(Limits(), 0, ())
    session.feed(b"".join([text("Hello"), *(event(payload) for payload in payloads), DONE]), at=1)
    while session.step() is not None:
        pass
    return session


@by_provider
def test_every_providers_shape(case: Mapping[str, Any]) -> None:
    assert case["source"].startswith("https://")
    assert read(*map(json.loads, case["chunks"])).reading.usage() == expected(case)


@both_modes
@by_provider
def test_stream_and_response_agree_on_counts_and_cost(
    serve: Serve, case: Mapping[str, Any], mode: Mode
) -> None:
    answer = stream(text("Hello"), *(event(json.loads(chunk)) for chunk in case["chunks"]), DONE)
    run = drive(serve(as_model(answer, "gpt-4o-mini")), mode, model="gpt-4o-mini")
    want = expected(case)
    for side in (run.stream, run.response):
        assert side.counts == want
        assert (side.input_tokens, side.cached_tokens) == (want.input_tokens, want.cached_tokens)
        assert (side.output_tokens, side.reasoning_tokens) == (want.output_tokens, want.reasoning_tokens)
        assert asdict(side.cost_metadata) == {
            "input_tokens": want.input_tokens,
            "cached_tokens": want.cached_tokens,
            "output_tokens": want.output_tokens,
        }
    assert run.stream.cost == run.response.cost
    assert run.stream.cost_details == run.response.cost_details
    assert (run.stream.cost is None) == (want.source == "none" or bool(want.input_audio_tokens))


def record(prompt: Any = None, completion: Any = None, total: Any = None, **more: Any) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    return {**{name: value for name, value in counts.items() if value is not None}, **more}


REASONED_4 = {"completion_tokens_details": {"reasoning_tokens": 4}}
RULES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one missing count is the total less the other: output": (
        record(10, total=14),
        {"input_tokens": 10, "output_tokens": 4},
    ),
    "one missing count is the total less the other: input": (
        record(completion=4, total=14),
        {"input_tokens": 10, "output_tokens": 4},
    ),
    "a total that is less than its part says nothing of the other": (
        record(10, total=7),
        {"input_tokens": 10, "output_tokens": None},
    ),
    "a total of 0 says nothing": (record(10, total=0), {"input_tokens": 10, "output_tokens": None}),
    "a total alone gives no parts": (
        record(total=14),
        {"input_tokens": None, "output_tokens": None, "source": "none"},
    ),
    "None is not 0": (record(10, 4, 14), {"cached_tokens": None, "reasoning_tokens": None}),
    "0 is not None": (
        record(10, 4, 14, prompt_tokens_details={"cached_tokens": 0}, reasoning_tokens=0),
        {"cached_tokens": 0, "reasoning_tokens": 0},
    ),
    "the details win over the short names": (
        record(10, 4, 14, prompt_tokens_details={"cached_tokens": 3}, prompt_cache_hit_tokens=9),
        {"cached_tokens": 3},
    ),
    "the Responses API's names are read too": (
        {
            "input_tokens": 10,
            "output_tokens": 4,
            "input_tokens_details": {"cached_tokens": 3},
            "output_tokens_details": {"reasoning_tokens": 2},
        },
        {"input_tokens": 10, "output_tokens": 4, "cached_tokens": 3, "reasoning_tokens": 2},
    ),
    "a gap that is the reasoning count goes to the output": (
        record(10, 6, 20, **REASONED_4),
        {"output_tokens": 10, "source": "api+reconciled", "unattributed": None, "unnamed_tokens": None},
    ),
    "a gap without a reasoning count goes to the output": (
        record(10, 6, 20),
        {"output_tokens": 10, "source": "api+reconciled", "reasoning_tokens": None, "unnamed_tokens": 4},
    ),
    "a gap that is another number than the reasoning stays unattributed": (
        record(10, 6, 30, **REASONED_4),
        {"output_tokens": 6, "source": "api", "unattributed": 14},
    ),
    "no gap, no word of one": (
        record(10, 6, 16, **REASONED_4),
        {"output_tokens": 6, "source": "api", "unattributed": None},
    ),
    "a total below its parts changes nothing": (
        record(10, 6, 12),
        {"input_tokens": 10, "output_tokens": 6, "source": "api", "unattributed": None},
    ),
    "a gap that is the cached part goes to the input": (
        record(10, 6, 116, cache_read_input_tokens=100),
        {"input_tokens": 110, "cached_tokens": 100, "output_tokens": 6, "source": "api+reconciled"},
    ),
    "text that counts 0 is thought where the total says so": (
        record(10, 0, 25),
        {"output_tokens": 15, "source": "api+reconciled", "warnings": (), "unnamed_tokens": None},
    ),
    "text that counts 0 is unknown": (
        record(10, 0, 10),
        {"input_tokens": 10, "output_tokens": None, "warnings": ("usage_zero",)},
    ),
    "a prompt that counts 0 is unknown": (
        record(0, 3, 3),
        {"input_tokens": None, "output_tokens": 3, "source": "api", "warnings": ("usage_zero",)},
    ),
    "a prompt that counts 0 is what the total has beside the answer": (
        record(0, 3, 10),
        {"input_tokens": 7, "output_tokens": 3, "source": "api+reconciled", "warnings": ()},
    ),
    "a prompt that is not counted is no 0 that the total leaves for it": (
        record(None, 3, 3),
        {"input_tokens": None, "output_tokens": 3, "warnings": ()},
    ),
    "all zeros are no counts": (
        record(0, 0, 0),
        {"input_tokens": None, "output_tokens": None, "source": "none", "warnings": ("usage_zero",)},
    ),
    "a whole float is a count": (record(10.0, 4.0), {"input_tokens": 10, "output_tokens": 4}),
    "details of another shape say nothing": (
        record(10, 4, prompt_tokens_details=[1], completion_tokens_details="many"),
        {"input_tokens": 10, "output_tokens": 4, "cached_tokens": None},
    ),
}


@pytest.mark.parametrize(("raw", "want"), RULES.values(), ids=RULES.keys())
def test_the_rules(raw: dict[str, Any], want: dict[str, Any]) -> None:
    usage = normalize(raw, has_output=True)
    assert {name: getattr(usage, name) for name in want} == want


@pytest.mark.parametrize("reasoning", [None, 0, 3])
def test_a_chunk_tells_every_count_that_it_reports(reasoning: int | None) -> None:
    counts = record(10, 4, 14, prompt_cache_hit_tokens=2, reasoning_tokens=reasoning)
    told = OpenAICallResponseChunk({"choices": [], "usage": counts})
    found = told.input_tokens, told.cached_tokens, told.output_tokens, told.reasoning_tokens
    assert found == (10, 2, 4, reasoning)
    silent = OpenAICallResponseChunk({"choices": []})
    assert (silent.input_tokens, silent.reasoning_tokens) == (None, None)


def test_zeros_count_where_nothing_came() -> None:
    usage = normalize(record(36_000, 0, 36_000), has_output=False)
    assert (usage.input_tokens, usage.output_tokens, usage.warnings) == (36_000, 0, ())


@pytest.mark.parametrize(
    "odd", [-1, 0.5, True, False, "12", [], {}, float("nan"), float("inf"), 10**12, 1e300, 10**40], ids=repr
)
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens", "total_tokens"])
def test_a_count_that_cannot_be_one_makes_the_record_unusable_but_not_a_total(name: str, odd: Any) -> None:
    raw = {**record(10, 4, 14), name: odd, "cost": 0.25}
    usable: dict[str, Any] = (
        {"input_tokens": 10, "output_tokens": 4, "source": "api"} if name == "total_tokens" else {}
    )
    assert normalize(raw, has_output=True) == Usage(
        warnings=("usage_odd",), provider_cost=Decimal("0.25"), **usable
    )
    assert filled_usage(raw) == raw


@pytest.mark.parametrize("odd", [-1, 0.5, True, "12", 10**12], ids=repr)
@pytest.mark.parametrize(
    ("under", "name"),
    [
        ("prompt_tokens_details", "cached_tokens"),
        ("completion_tokens_details", "reasoning_tokens"),
        ("completion_tokens_details", "rejected_prediction_tokens"),
        (None, "prompt_cache_hit_tokens"),
        (None, "cache_read_input_tokens"),
    ],
)
@pytest.mark.parametrize(
    "counts", [record(10, 4, 14), record(10, total=14), record(10, 4)], ids=["all", "two", "no total"]
)
def test_an_odd_detail_is_unknown_and_the_counts_stand(
    odd: Any, under: str | None, name: str, counts: dict[str, Any]
) -> None:
    details = {name: odd} if under is None else {under: {name: odd}}
    usage = normalize({**counts, **details}, has_output=True)
    assert usage == Usage(input_tokens=10, output_tokens=4, source="api", warnings=("usage_odd",))


def test_tokens_beside_an_odd_detail_are_given_to_neither_part() -> None:
    usage = normalize(record(10, 4, 20, prompt_cache_hit_tokens=-1), has_output=True)
    assert (usage.input_tokens, usage.output_tokens, usage.unattributed) == (10, 4, 6)


INPUTS, OUTPUTS = "prompt_tokens_details", "completion_tokens_details"
LARGER_PARTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cached": ({INPUTS: {"cached_tokens": 11}}, {}),
    "hit": ({"prompt_cache_hit_tokens": 11}, {}),
    "cached, and what was written": (
        {INPUTS: {"cached_tokens": 11, "cache_write_tokens": 5}},
        {"cache_write_tokens": 5},
    ),
    "written, and what was cached": (
        {INPUTS: {"cached_tokens": 6, "cache_write_tokens": 11}},
        {"cached_tokens": 6},
    ),
    "both together": ({INPUTS: {"cached_tokens": 6, "cache_write_tokens": 5}}, {}),
    "audio of the prompt": (
        {INPUTS: {"audio_tokens": 11, "cached_tokens": 3}, OUTPUTS: {"reasoning_tokens": 4}},
        {"cached_tokens": 3, "reasoning_tokens": 4},
    ),
    "reasoning": (
        {OUTPUTS: {"reasoning_tokens": 5}, INPUTS: {"cached_tokens": 10}},
        {"cached_tokens": 10},
    ),
    "reasoning by its short name": ({"reasoning_tokens": 5}, {}),
    "audio of the answer": ({OUTPUTS: {"audio_tokens": 5}}, {}),
}


@pytest.mark.parametrize(("details", "kept"), LARGER_PARTS.values(), ids=LARGER_PARTS.keys())
@pytest.mark.parametrize("total", [None, 0, 14])
def test_a_part_that_is_more_than_the_whole_is_unknown_and_the_whole_stands(
    details: dict[str, Any], kept: dict[str, Any], total: int | None
) -> None:
    usage = normalize(record(10, 4, total, **details, cost=0.25), has_output=True)
    assert usage == Usage(
        input_tokens=10,
        output_tokens=4,
        source="api",
        warnings=("usage_odd",),
        provider_cost=Decimal("0.25"),
        **kept,
    )


def native(prompt: int, completion: int, total: int | None = None, **more: Any) -> dict[str, Any]:
    counts = {"input_tokens": prompt, "output_tokens": completion, "total_tokens": total, **more}
    return {name: value for name, value in counts.items() if value is not None}


CACHE = {"cache_read_input_tokens": 500, "cache_creation_input_tokens": 300}
ODD = ("usage_odd",)
BESIDE: dict[str, tuple[dict[str, Any], int, UsageSource, tuple[str, ...]]] = {
    "Anthropic's names throughout": (native(10, 50, **CACHE), 810, "api+reconciled", ()),
    "they would fit into the input": (native(1000, 50, **CACHE), 1800, "api+reconciled", ()),
    "and the total has room for them": (native(1000, 50, 1850, **CACHE), 1800, "api+reconciled", ()),
    "and the total has them in the input": (native(1000, 50, 1050, **CACHE), 1000, "api", ()),
    "a total that has them nowhere": (native(10, 50, 60, **CACHE), 810, "api+reconciled", ODD),
    "a total of 0": (native(10, 50, 0, **CACHE), 810, "api+reconciled", ()),
    "OpenAI's names for the rest": (record(10, 50, **CACHE), 810, "api+reconciled", ()),
    "OpenAI's names, a total with them": (record(10, 50, 860, **CACHE), 810, "api+reconciled", ()),
    "OpenAI's names, a total without them": (record(10, 50, 60, **CACHE), 810, "api+reconciled", ODD),
    "OpenAI's names, and they fit": (record(1000, 50, **CACHE), 1000, "api", ()),
    "OpenAI's details have them, too": (
        native(1000, 50, input_tokens_details={"cached_tokens": 500}, **CACHE),
        1000,
        "api",
        (),
    ),
}


@pytest.mark.parametrize(("raw", "prompt", "source", "warnings"), BESIDE.values(), ids=BESIDE.keys())
def test_a_cache_by_anthropics_names_stands_beside_the_input(
    raw: dict[str, Any], prompt: int, source: UsageSource, warnings: tuple[str, ...]
) -> None:
    assert normalize(raw, has_output=True) == Usage(
        input_tokens=prompt,
        cached_tokens=500,
        cache_write_tokens=300,
        output_tokens=50,
        source=source,
        warnings=warnings,
    )


def test_reasoning_is_still_found_where_the_cache_stands_beside_the_input() -> None:
    usage = normalize(native(10, 50, 890, reasoning_tokens=30, **CACHE), has_output=True)
    assert (usage.input_tokens, usage.output_tokens, usage.warnings) == (810, 80, ())


@pytest.mark.parametrize("total", [14, 29, 100])
def test_a_part_that_the_total_accounts_for_is_no_more_than_the_whole(total: int) -> None:
    raw = record(10, 4, total, reasoning_tokens=min(15, total - 14), cost=0.25)
    assert normalize(raw, has_output=True).warnings == ()


def test_timings_stand_in_for_a_record_that_says_nothing() -> None:
    timings = {"prompt_n": 3, "cache_n": 4, "predicted_n": 5}
    for raw, warnings in ((record(0, 0, 0), ("usage_zero",)), (record(-1, 4), ("usage_odd",))):
        usage = normalize({**raw, "cost": 0.5}, has_output=True, timings=timings)
        assert usage == Usage(
            input_tokens=7,
            cached_tokens=4,
            output_tokens=5,
            source="server_timings",
            provider_cost=Decimal("0.5"),
            warnings=warnings,
        )
    counted = normalize(record(10, 6), has_output=True, timings=timings)
    assert (counted.input_tokens, counted.source) == (10, "api")


@pytest.mark.parametrize("odd", [{"prompt_n": -1, "predicted_n": 2}, {"cache_n": 3}, {}, None], ids=repr)
def test_odd_timings_say_nothing(odd: dict[str, Any] | None) -> None:
    assert normalize(None, has_output=True, timings=odd) == Usage()


MERGES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "cumulative counts are never added up": ([record(10, 1), record(10, 2), record(10, 3)], record(10, 3)),
    "null never wins": (
        [record(10, 3, 13), {"prompt_tokens": None, "completion_tokens": None}],
        record(10, 3, 13),
    ),
    "zeros never replace counts": ([record(10, 3, 13), record(0, 0, 0)], record(10, 3, 13)),
    "counts replace zeros": ([record(0, 0, 0), record(10, 3, 13)], record(10, 3, 13)),
    "fields of two records come together": ([record(10), record(completion=3)], record(10, 3)),
    "details are merged field by field": (
        [
            record(10, 3, prompt_tokens_details={"cached_tokens": 2, "audio_tokens": None}),
            record(10, 4, prompt_tokens_details={"cached_tokens": None, "audio_tokens": 1}),
        ],
        record(10, 4, prompt_tokens_details={"cached_tokens": 2, "audio_tokens": 1}),
    ),
    "a cost that comes alone is kept": ([record(10, 3), record(0, 0, cost=0.5)], record(10, 3, cost=0.5)),
}


@pytest.mark.parametrize(("records", "want"), MERGES.values(), ids=MERGES.keys())
def test_merging(records: list[dict[str, Any]], want: dict[str, Any]) -> None:
    merged: dict[str, Any] | None = None
    for item in records:
        before = json.dumps(item)
        merged = merge_usage(merged, item)
        assert json.dumps(item) == before
    assert merged == want


def test_one_missing_count_of_the_raw_record_is_worked_out() -> None:
    assert filled_usage(record(10, total=14)) == record(10, 4, 14)
    assert filled_usage(record(10, 4)) == record(10, 4, 14)
    assert filled_usage(record(total=14)) == record(total=14)
    assert filled_usage(record(0, 0, 0)) == record(0, 0, 0)
