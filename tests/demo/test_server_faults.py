"""Requests that the demo server refuses, and the answer whose connection it breaks."""

import asyncio
import json

import pytest

from demo.loopback import (
    PROMPT,
    body,
    chat,
    joined,
    read_events,
    read_until_broken,
    streamed,
    with_server,
)
from ostream_compare.demo.answers import answer
from ostream_compare.demo.app import app
from ostream_compare.demo.models import MODELS


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({}, "A **mutex** is a lock with one owner; a **"),
        ({"max_tokens": 8}, "A **mutex"),
        ({"max_tokens": 1}, ""),
    ],
)
def test_flaky_breaks_its_connection_at_the_same_spot_every_time(limits, text):
    async def twice(client):
        return [await read_until_broken(client, streamed("demo/flaky", **limits)) for _ in range(2)]

    for read in with_server(twice):
        *events, rest = read.decode().split("\n\n")
        chunks = [json.loads(event.removeprefix("data: ")) for event in events]
        assert rest == ""
        assert joined(chunks, "content") == text
        assert all(chunk["choices"][0]["finish_reason"] is None for chunk in chunks)


def test_flaky_breaks_without_a_stream_too():
    read = with_server(lambda client: read_until_broken(client, body("demo/flaky")))
    assert read.startswith(b'{"id"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(read)


def test_a_break_leaves_other_streams_alone():
    async def beside(client):
        return await asyncio.gather(
            read_events(client, streamed("demo/coder")), read_until_broken(client, streamed("demo/flaky"))
        )

    chunks, _ = with_server(beside)
    assert joined(chunks, "content") == answer("coder", PROMPT).content


@pytest.mark.parametrize(
    ("sent", "param", "says"),
    [
        (b"", None, "parse the JSON"),
        (b"{", None, "parse the JSON"),
        (b"\xff", None, "parse the JSON"),
        (b"[" * 100_000, None, "parse the JSON"),
        (b"[1]", None, "must be a JSON object"),
        (b'"text"', None, "must be a JSON object"),
        ({"messages": []}, "model", "must provide a model"),
        (body() | {"model": 3}, "model", "must provide a model"),
        ({"model": "demo/swift"}, "messages", "Missing required parameter"),
        (body() | {"messages": []}, "messages", "at least one message"),
        (body() | {"messages": "hello"}, "messages", "must be a list"),
        (body() | {"messages": ["hello"]}, "messages[0]", "must be an object"),
        (body() | {"messages": [{"content": "hello"}]}, "messages[0].role", "must be one of"),
        (
            body() | {"messages": [{"role": ["user"], "content": "hello"}]},
            "messages[0].role",
            "must be one of",
        ),
        (body(prompt=5), "messages[0].content", "string or a list"),
        (body(stream="yes"), "stream", "true or false"),
        (body(stream_options={"include_usage": True}), "stream_options", "only allowed when"),
        (body(stream=True, stream_options=[1]), "stream_options", "must be an object"),
        (
            body(stream=True, stream_options={"include_usage": 1}),
            "stream_options.include_usage",
            "true or false",
        ),
        (body(max_tokens=0), "max_tokens", "at least 1"),
        (body(max_tokens="many"), "max_tokens", "must be an integer"),
        (body(max_completion_tokens=True), "max_completion_tokens", "must be an integer"),
        (body(seed=1.5), "seed", "must be an integer"),
        (body(n=2), "n", "one choice"),
    ],
)
def test_a_bad_body_is_refused_in_openais_shape(sent, param, says):
    content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    answered = with_server(lambda client: client.post("/chat/completions", content=content))
    error = answered.json()["error"]
    assert answered.status_code == 400
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert says in error["message"]
    assert set(error) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/chat/completions", 405, "method_not_supported"),
        ("POST", "/models", 405, "method_not_supported"),
        ("POST", "/completions", 404, "unknown_url"),
        ("GET", "/", 404, "unknown_url"),
    ],
)
def test_a_wrong_method_or_path_is_refused_in_openais_shape(method, path, status, code):
    answered = with_server(lambda client: client.request(method, path))
    assert answered.status_code == status
    assert answered.json()["error"]["code"] == code
    assert ("allow" in answered.headers) is (status == 405)


def test_an_unknown_model_is_not_found_and_the_known_ones_are_named():
    answered = with_server(lambda client: chat(client, streamed("gpt-5")))
    error = answered.json()["error"]
    assert answered.status_code == 404
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert "`gpt-5`" in error["message"]
    assert all(model in error["message"] for model in MODELS)


def test_without_abort_a_broken_answer_ends_unfinished():
    sent = []

    async def run():
        messages = iter([{"type": "http.request", "body": json.dumps(streamed("demo/flaky")).encode()}])

        async def receive():
            return next(messages, None) or await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/chat/completions",
            "headers": [],
            "query_string": b"",
        }
        await app(pace=0)(scope, receive, send)

    asyncio.run(run())
    assert sent[0]["status"] == 200
    assert all(message["more_body"] for message in sent[1:])
    assert len(sent) > 2
