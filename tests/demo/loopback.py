"""A fresh demo server and a client of it, for the tests beside this file."""

import asyncio
import json

import httpx2
import pytest

from ostream_compare.demo import DemoServer
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
            httpx2.AsyncClient(base_url=server.base_url, timeout=60, verify=False) as client,
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
