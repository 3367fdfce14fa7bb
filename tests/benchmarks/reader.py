"""Reads streams in one way and prints the CPU microseconds that a chunk cost; run in a process of its own.

    reader.py WAY BASE_URL MODEL STREAMS CHUNKS

WAY is one of the keys of `WAYS`; the file runs in mirascope's environment too, so each way imports its own.
"""

import asyncio
import json
import ssl
import sys
import time
from pathlib import Path

CERTIFICATE = Path(__file__).parents[1] / "wire" / "localhost_test_only.pem"


def trusting():
    return ssl.create_default_context(cafile=CERTIFICATE)


def sdk_client(url, backend):
    import openai

    if backend == "collector":
        from ostream_compare.collector.clients import Transport
        from ostream_compare.collector.sockets import Sockets

        http = openai.DefaultAsyncHttpxClient(transport=Transport(Sockets(), trusting()))
    elif backend == "aiohttp":
        http = openai.DefaultAioHttpClient(verify=trusting())
    else:
        http = openai.DefaultAsyncHttpxClient(verify=trusting())
    return openai.AsyncOpenAI(base_url=url, api_key="x", http_client=http, max_retries=0)


def ostream(backend):
    def make(url):
        from ostream import Limits, openai_call

        client = sdk_client(url, backend)

        async def read(model):
            @openai_call(model, stream=True, client=client, limits=Limits(total=3600))
            async def ask():
                return "x"

            stream = await ask()
            count = 0
            async for piece, _ in stream:
                count += bool(piece.content)
            assert stream.construct_call_response().usage.completion_tokens == 20
            return count

        return read

    return make


def sdk_iterator(backend):
    def make(url):
        client = sdk_client(url, backend)

        async def read(model):
            count = 0
            stream = await client.chat.completions.create(
                model=model,
                messages=[{"role": "user", "content": "x"}],
                stream=True,
                stream_options={"include_usage": True},
            )
            async for piece in stream:
                count += bool(piece.choices and piece.choices[0].delta.content)
            return count

        return read

    return make


def mirascope(url):
    import openai
    from mirascope.core import openai as mirascope_openai

    client = openai.AsyncOpenAI(
        base_url=url, api_key="x", http_client=openai.DefaultAsyncHttpxClient(verify=trusting())
    )

    async def read(model):
        @mirascope_openai.call(model, stream=True, client=client)
        async def ask():
            return "x"

        count = 0
        async for piece, _ in await ask():
            count += bool(piece.content)
        return count

    return read


WAYS = {
    "ostream-aiohttp": ostream("aiohttp"),
    "ostream-httpx2": ostream("httpx2"),
    "ostream-collector": ostream("collector"),
    "sdk-httpx2": sdk_iterator("httpx2"),
    "sdk-aiohttp": sdk_iterator("aiohttp"),
    "mirascope": mirascope,
}


async def main(way, url, model, streams, chunks):
    read = WAYS[way](url)
    await asyncio.gather(*(read("10") for _ in range(streams)))  # imports, connections, caches
    began = time.process_time()
    counts = await asyncio.gather(*(read(model) for _ in range(streams)))
    spent = time.process_time() - began
    assert counts == [chunks] * streams, counts
    print(json.dumps({"us": spent / (chunks * streams) * 1e6}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
