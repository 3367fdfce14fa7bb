"""The demo server over real sockets: its streams, its errors, its break and its end."""

import asyncio
import gc
import json
import signal
import socket
import subprocess
import sys

import httpx2
import openai
import pytest

from ostream_compare.demo import DemoServer
from ostream_compare.demo.answers import answer
from ostream_compare.demo.app import app
from ostream_compare.demo.models import MODELS

PROMPT = "Explain mutex versus semaphore."
WHOLE = [name for name in MODELS if name != "demo/flaky"]


def body(model="demo/swift", prompt=PROMPT, **fields):
    return {"model": model, "messages": [{"role": "user", "content": prompt}], **fields}


def streamed(model="demo/swift", prompt=PROMPT, **fields):
    return body(model, prompt, stream=True, stream_options={"include_usage": True}, **fields)


def with_server(use, pace=0.0):
    """What `use(client)` returns, its client talking to a fresh server."""

    async def run():
        async with (
            DemoServer(pace=pace) as server,
            httpx2.AsyncClient(base_url=server.base_url, timeout=20, verify=False) as client,
        ):
            return await use(client)

    return asyncio.run(run())


async def chat(client, request):
    return await client.post("/chat/completions", json=request)


async def read_events(client, request):
    answered = await chat(client, request)
    assert answered.status_code == 200
    assert answered.headers["content-type"] == "text/event-stream; charset=utf-8"
    *events, done, rest = answered.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in events]


def joined(chunks, field):
    return "".join(chunk["choices"][0]["delta"].get(field, "") for chunk in chunks if chunk["choices"])


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


async def read_until_broken(client, request):
    read = bytearray()

    async def read_on():
        async with client.stream("POST", "/chat/completions", json=request) as response:
            assert response.status_code == 200
            async for part in response.aiter_raw():
                read.extend(part)

    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        await read_on()
    return bytes(read)


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


def test_stop_cuts_open_streams_and_leaves_the_loop_as_it_was(capfd):
    async def run():
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        server = DemoServer()
        base_url = await server.start()
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
        async with httpx2.AsyncClient(base_url=base_url, timeout=20) as client:
            async with (
                asyncio.timeout(10),
                client.stream("POST", "/chat/completions", json=streamed()) as one,
            ):
                parts = one.aiter_raw()
                await anext(parts)
                unanswered = asyncio.create_task(chat(client, body("demo/careful")))
                await anext(parts)
                await asyncio.gather(server.stop(), server.stop())
                with pytest.raises(httpx2.TransportError):
                    [part async for part in parts]
                with pytest.raises(httpx2.TransportError):
                    await unanswered
            with pytest.raises(httpx2.ConnectError):
                await client.get("/models")
        assert server.base_url == ""
        await server.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run(), debug=True)
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_a_client_that_leaves_ends_the_work_for_it():
    async def run():
        async with DemoServer(pace=1000) as server:
            async with httpx2.AsyncClient(base_url=server.base_url) as client:
                with pytest.raises(httpx2.ReadTimeout):
                    await client.post(
                        "/chat/completions", json=streamed(), timeout=httpx2.Timeout(20, read=0.05)
                    )
            if others := asyncio.all_tasks() - {asyncio.current_task()}:
                _, pending = await asyncio.wait(others, timeout=10)
                assert not pending

    asyncio.run(run())


def test_it_starts_once_stops_twice_and_starts_again():
    async def run():
        server = DemoServer(pace=0)
        await server.stop()
        assert server.base_url == ""
        first = await server.start()
        assert await server.start() == server.base_url == first
        assert first.startswith("http://127.0.0.1:")
        await server.stop()
        await server.stop()
        async with httpx2.AsyncClient(base_url=await server.start()) as client:
            assert (await client.get("/models")).status_code == 200
        await server.stop()

    asyncio.run(run())


def test_a_taken_port_is_an_os_error_and_leaves_no_socket():
    async def run():
        async with DemoServer() as server:
            port = int(server.base_url.split(":")[2].split("/")[0])
            with pytest.raises(OSError, match="in use"):
                await DemoServer(port=port).start()

    asyncio.run(run())
    gc.collect()


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


def test_the_module_serves_until_it_is_interrupted():
    command = [sys.executable, "-m", "ostream_compare.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            base_url = process.stdout.readline().strip()
            listed = httpx2.get(f"{base_url}/models", timeout=20).json()
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=20)
        finally:
            process.kill()
    assert [model["id"] for model in listed["data"]] == list(MODELS)
    assert rest == ("", "")
    assert process.returncode == 0


@pytest.mark.parametrize("port", ["65536", "http"])
def test_the_module_refuses_a_port_that_is_none(port):
    done = subprocess.run(
        [sys.executable, "-m", "ostream_compare.demo", "--port", port],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert f"argument --port: '{port}' is not a whole number from 0 to 65535" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_module_says_when_its_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "ostream_compare.demo", "--port", str(port)],
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"port {port}: Address already in use")
