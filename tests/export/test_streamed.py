"""A document that is written in pieces is the one that is written whole."""

from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import (
    Comparison,
    Response,
    SavedConfig,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedToolCall,
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
        )
    )


@pytest.mark.parametrize("pages", [PAGES, PAGES[1:2], [], [[]]], ids=["several", "one", "none", "empty"])
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


def test_json_and_toml_say_the_same():
    texts = ["".join(pieces(head(PAGES), PAGES, kind)) for kind in ("json", "toml")]
    assert from_json(texts[0]) == from_toml(texts[1])
