"""The API page's example, word for word, with the default client."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ostream import (
    CostMetadata,
    OpenAICallResponse,
    OpenAIStream,
    close_default_client,
    openai_call,
    prompt_template,
)
from wire.runner import KEY
from wire.script import as_model, plain_stream
from wire.server import Site, WireServer

MODEL = "gpt-4o-mini-2024-07-18"


@pytest.fixture
def site(wire_server: WireServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = wire_server.serve(as_model(plain_stream(("The Name", " of the", " Wind")), MODEL))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", site.base_url)
    yield site
    close_default_client()
    wire_server.close(site)


def test_the_page_example_word_for_word(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    @openai_call("gpt-4o-mini", stream=True)
    def recommend_book(genre: str) -> str:
        return f"Recommend a {genre} book"

    stream = recommend_book("fantasy")  # an OpenAIStream
    for chunk, _ in stream:
        print(chunk.content, end="", flush=True)  # noqa: T201 - the page prints
    response = stream.construct_call_response()  # an OpenAICallResponse

    assert capsys.readouterr().out == "The Name of the Wind"
    assert isinstance(stream, OpenAIStream)
    assert isinstance(response, OpenAICallResponse)
    assert response.content == stream.content == "The Name of the Wind"
    assert response.finish_reasons == stream.finish_reasons == ["stop"]
    assert (response.id, response.model) == (stream.id, stream.model) == ("c1", MODEL)
    assert stream.state == "complete"


def test_its_request_is_what_the_page_promises(site: Site) -> None:
    @openai_call("gpt-4o-mini", stream=True)
    def recommend_book(genre: str) -> str:
        return f"Recommend a {genre} book"

    stream = recommend_book("fantasy")
    assert site.requests == []  # the request leaves on first iteration
    for _ in stream:
        pass
    [request] = site.requests
    assert request.target == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Recommend a fantasy book"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_its_usage_and_cost(site: Site) -> None:
    @openai_call("gpt-4o-mini", stream=True)
    def recommend_book(genre: str) -> str:
        return f"Recommend a {genre} book"

    stream = recommend_book("fantasy")
    for _ in stream:
        pass
    response = stream.construct_call_response()
    assert (stream.input_tokens, stream.cached_tokens, stream.output_tokens) == (3, None, 2)
    # gpt-4o-mini: 0.15 USD a million prompt tokens, 0.60 a million completion tokens.
    assert stream.cost == response.cost == Decimal("0.00000165")
    assert isinstance(stream.cost_metadata, CostMetadata)
    assert stream.cost_metadata.input_tokens == response.cost_metadata.input_tokens == 3
    assert stream.cost_metadata.output_tokens == response.cost_metadata.output_tokens == 2
    assert stream.start_time < stream.end_time


def test_the_template_form_sends_the_same_request(site: Site) -> None:
    @openai_call("gpt-4o-mini", stream=True)
    @prompt_template("Recommend a {genre} book")
    def recommend_book(genre: str) -> None: ...

    for _ in recommend_book("fantasy"):
        pass
    assert site.requests[0].json["messages"] == [{"role": "user", "content": "Recommend a fantasy book"}]


def test_the_answer_goes_back_as_the_next_message(site: Site) -> None:
    @openai_call("gpt-4o-mini", stream=True)
    def recommend_book(genre: str) -> str:
        return f"Recommend a {genre} book"

    stream = recommend_book("fantasy")
    for _ in stream:
        pass
    assert stream.user_message_param == {"role": "user", "content": "Recommend a fantasy book"}
    assert stream.message_param == {"role": "assistant", "content": "The Name of the Wind"}
    assert stream.construct_call_response().message_param == stream.message_param
