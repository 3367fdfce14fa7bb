"""What the demo server answers over real sockets, streamed and whole."""

import asyncio
import json

import openai
import pytest

from demo.loopback import (
    PROMPT,
    WHOLE,
    body,
    chat,
    joined,
    read_events,
    streamed,
    with_server,
)
from ostream_compare.demo import DemoServer
from ostream_compare.demo.answers import answer
from ostream_compare.demo.models import MODELS


def test_the_models_are_listed_in_openais_shape():
    listed = with_server(lambda client: client.get("/models")).json()
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == list(MODELS)
    assert all(model["object"] == "model" and model["owned_by"] for model in listed["data"])


def test_a_stream_has_a_role_then_deltas_then_a_finish_then_usage():
    chunks = with_server(lambda client: read_events(client, streamed()))
    first, *deltas, finish, usage = chunks
    assert first["choices"] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None}
    ]
    assert all(list(chunk["choices"][0]["delta"]) == ["content"] for chunk in deltas)
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in deltas)
    assert finish["choices"] == [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]
    assert usage["choices"] == []
    assert usage["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": len(deltas),
        "total_tokens": 5 + len(deltas),
    }
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    assert {(chunk["object"], chunk["model"]) for chunk in chunks} == {
        ("chat.completion.chunk", "demo/swift")
    }
    assert len({(chunk["id"], chunk["created"]) for chunk in chunks}) == 1


@pytest.mark.parametrize(
    "options", [{}, {"stream_options": None}, {"stream_options": {"include_usage": False}}]
)
def test_usage_is_streamed_only_when_it_is_asked_for(options):
    chunks = with_server(lambda client: read_events(client, body(stream=True, **options)))
    assert not any("usage" in chunk for chunk in chunks)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("prompt", [PROMPT, "Who are you?"])
@pytest.mark.parametrize("model", WHOLE)
def test_streamed_or_not_the_answer_and_its_usage_are_the_same(model, prompt):
    async def both(client):
        return await read_events(client, streamed(model, prompt)), (
            await chat(client, body(model, prompt))
        ).json()

    chunks, whole = with_server(both)
    message = whole["choices"][0]["message"]
    expected = answer(MODELS[model].voice, prompt)
    assert whole["object"] == "chat.completion"
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert message["role"] == "assistant"
    assert message["content"] == joined(chunks, "content") == expected.content
    assert message.get("reasoning_content", "") == joined(chunks, "reasoning_content") == expected.reasoning
    assert whole["usage"] == chunks[-1]["usage"]
    assert whole["usage"]["completion_tokens"] == len(chunks) - 3


def test_careful_reasons_before_it_answers_and_counts_it():
    chunks = with_server(lambda client: read_events(client, streamed("demo/careful")))
    kinds = [next(iter(chunk["choices"][0]["delta"])) for chunk in chunks[1:-2]]
    count = chunks[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"]
    assert kinds == ["reasoning_content"] * count + ["content"] * (len(kinds) - count)
    assert 0 < count < len(kinds)


def test_the_same_request_gets_the_same_bytes_but_for_the_time():
    async def twice(client):
        return [(await chat(client, streamed("demo/coder", seed=3))).text for _ in range(2)]

    one, two = (
        [json.loads(line[6:]) | {"created": 0} for line in text.split("\n\n")[:-2]]
        for text in with_server(twice)
    )
    assert one == two


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("model", "limits", "content", "reasoning"),
    [
        ("demo/terse", {"max_tokens": 3}, "A mutex is", ""),
        ("demo/terse", {"max_completion_tokens": 1}, "A", ""),
        ("demo/terse", {"max_completion_tokens": 4, "max_tokens": 2}, "A mutex", ""),
        ("demo/careful", {"max_tokens": 2}, "", "Both make"),
    ],
)
def test_a_token_limit_cuts_the_answer_with_finish_reason_length(model, limits, content, reasoning, stream):
    async def ask(client):
        if stream:
            *chunks, finish, usage = await read_events(client, streamed(model, **limits))
            texts = joined(chunks, "content"), joined(chunks, "reasoning_content")
            return *texts, finish["choices"][0]["finish_reason"], usage["usage"]
        whole = (await chat(client, body(model, **limits))).json()
        choice = whole["choices"][0]
        message = choice["message"]
        texts = message["content"], message.get("reasoning_content", "")
        return *texts, choice["finish_reason"], whole["usage"]

    *texts, reason, usage = with_server(ask)
    assert texts == [content, reasoning]
    assert reason == "length"
    assert usage["completion_tokens"] == min(limits.values())


def test_a_limit_that_is_not_reached_changes_nothing():
    async def both(client):
        return [
            (await chat(client, body("demo/terse", **more))).json()["choices"]
            for more in ({}, {"max_tokens": 32})
        ]

    plain, limited = with_server(both)
    assert plain == limited
    assert plain[0]["finish_reason"] == "stop"


def test_the_last_user_message_decides_and_all_messages_are_counted():
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {
            "role": "user",
            "content": [{"type": "text", "text": PROMPT}, {"type": "image_url", "image_url": {}}],
        },
        {"role": "assistant", "content": "Well,"},
    ]
    whole = with_server(lambda client: chat(client, {**body("demo/terse"), "messages": messages})).json()
    assert whole["choices"][0]["message"]["content"] == answer("terse", PROMPT).content
    assert whole["usage"]["prompt_tokens"] == 3 + 4 + 5 + 2


def test_sampling_parameters_are_ignored():
    request = body(
        "demo/terse", temperature=0, top_p=0.1, tools=[], response_format={"type": "text"}, n=1, user="x"
    )
    whole = with_server(lambda client: chat(client, request)).json()
    assert whole["choices"][0]["message"]["content"] == answer("terse", PROMPT).content


def test_a_lone_surrogate_in_the_prompt_does_not_break_the_answer():
    content = json.dumps(streamed(prompt="\ud800 hello")).encode()
    answered = with_server(lambda client: client.post("/chat/completions", content=content))
    assert answered.status_code == 200
    assert "<U+D800> hello" in "".join(
        json.loads(event[6:])["choices"][0]["delta"].get("content", "")
        for event in answered.text.split("\n\n")[:-4]
    )


def test_the_sdk_reads_the_stream():
    async def ask():
        async with (
            DemoServer(pace=0) as server,
            openai.AsyncOpenAI(base_url=server.base_url, api_key="none", max_retries=0) as client,
        ):
            stream = await client.chat.completions.create(
                model="demo/coder",
                messages=[{"role": "user", "content": PROMPT}],
                stream=True,
                stream_options={"include_usage": True},
            )
            return [chunk async for chunk in stream]

    chunks = asyncio.run(ask())
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == answer("coder", PROMPT).content
    assert chunks[-1].usage.completion_tokens == len(chunks) - 3


def test_the_headers_arrive_with_the_role_before_the_answer_is_over():
    async def peek(client):
        async with client.stream("POST", "/chat/completions", json=streamed("demo/careful")) as response:
            return await anext(response.aiter_raw())

    first = with_server(peek, pace=1.0)
    assert first.count(b"data: ") == 1
    assert b'"role":"assistant"' in first


def test_many_streams_at_once_are_all_whole():
    async def many(client):
        return await asyncio.gather(*(read_events(client, streamed(WHOLE[i % 4], str(i))) for i in range(40)))

    for i, chunks in enumerate(with_server(many)):
        assert joined(chunks, "content") == answer(MODELS[WHOLE[i % 4]].voice, str(i)).content
