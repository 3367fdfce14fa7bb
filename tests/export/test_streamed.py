"""A document that is written in pieces is the one that is written whole."""

import tracemalloc
from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import (
    Comparison,
    Response,
    SavedConfig,
    SavedCost,
    SavedError,
    SavedGate,
    SavedPrompt,
    SavedToolCall,
    Timing,
)
from ostream_compare.domain.spelling import from_json, from_toml, whole
from ostream_compare.domain.summary import summary
from ostream_compare.export.formats import export
from ostream_compare.export.streamed import pieces

NASTY = 'a "b"\n  ],\n[[responses]]\nresponses = []\n  "responses": [],\r\n\t\x1b[2J é'


def response(prompt, name, **changes):
    fields = {"provider": "p", "model": "m", "state": "complete", **changes}
    return Response(name=name, prompt=prompt, **fields)


PAGES = [
    [],
    [
        response(0, "A", content=NASTY),
        response(0, "B", tool_calls=[SavedToolCall(id="1", name="f", arguments="{}")]),
    ],
    [response(1, "A", state="failed", error=SavedError(kind="auth", message=NASTY)), response(1, "B")],
    [response(2, "A", content="x", warnings=["w"], cost=SavedCost(total_usd="1", source="preset"))],
]


def rounds(prompt):
    timing = Timing(ttft_ms=210.0, e2e_ms=900.5, icl_p50_ms=1, icl_p99_ms=20.0, icl_max_ms=300.0)
    return [
        response(prompt, name, round=number, timing=timing, content=NASTY, warnings=["w"], cost=cost)
        for number in (1, 2)
        for name in ("B", "A")
        for cost in (SavedCost(total_usd="0.01", input_usd="0.004", source="preset", bound="estimated"),)
    ]


RETRIED = [
    response(0, "A", state="failed", error=SavedError(kind="rate_limit", message="slow")),
    response(0, "A", attempt=2),
    response(0, "B", state="cancelled"),
]
ROUNDS = [RETRIED, *(rounds(prompt) for prompt in range(1, 40))]


def head(pages):
    return whole(
        Comparison(
            id="20261122-073012-4f2a",
            started_at=datetime(2026, 11, 22, 7, 30, tzinfo=UTC),
            program_version="1",
            config=SavedConfig(path="a.toml", sha256="0"),
            prompts=[
                SavedPrompt(user=NASTY, variables={"x": "y"}),
                SavedPrompt(user="2"),
                SavedPrompt(user="3"),
            ],
            responses=[],
            summary=summary(one for page in pages for one in page),
            launch_order=[["A", "B"], ["B", "A"]],
            discarded=[SavedCost(total_usd="2", source="preset")],
            rounds=max((one.round for page in pages for one in page), default=1),
            gates=[SavedGate(expression="n > 1", holds=True, fails=True, reasons=["A: n is 2"])],
        )
    )


@pytest.mark.parametrize(
    "pages", [PAGES, PAGES[1:2], [], [[]], ROUNDS], ids=["several", "one", "none", "empty", "rounds"]
)
@pytest.mark.parametrize("kind", ["json", "toml", "csv", "md", "html", "junit"])
def test_in_pieces_it_is_the_same(kind, pages):
    top = head(pages)
    every = top.model_copy(update={"responses": [one for page in pages for one in page]})
    document = "".join(pieces(top, pages, kind))
    if kind == "json":
        assert document == export(every, kind)
    elif kind == "toml":
        assert from_toml(document) == from_toml(export(every, kind))
    else:
        assert document == export(every, kind)


LARGE = 10_000
"""Characters of an answer."""


class Pages:
    """Made when they are asked for."""

    def __init__(self, many):
        self.many = many

    def __iter__(self):
        return ([response(number, "A", content="x" * LARGE)] for number in range(self.many))


def most_memory(kind, many):
    top = head(PAGES)
    tracemalloc.start()
    try:
        written = sum(map(len, pieces(top, Pages(many), kind)))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert written > LARGE * many
    return most


@pytest.mark.parametrize("kind", ["csv", "html", "json", "junit", "md", "toml"])
def test_memory_does_not_grow_with_the_number_of_answers(kind):
    list(pieces(head(PAGES), PAGES, kind))  # what is loaded once
    assert most_memory(kind, 40) < most_memory(kind, 10) + 15 * LARGE


def test_json_and_toml_say_the_same():
    texts = ["".join(pieces(head(PAGES), PAGES, kind)) for kind in ("json", "toml")]
    assert from_json(texts[0]) == from_toml(texts[1])
