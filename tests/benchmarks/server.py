"""A chat-completions server for benchmarks, in a process of its own: prints its port, ends with its stdin.

What to serve stands in the request's `model`: `COUNT` chunks at full speed, or `COUNT@RATE` with so many a
second, each in a write of its own.
"""

import asyncio
import json
import ssl
import sys
import threading
from pathlib import Path

CERTIFICATE = Path(__file__).parents[1] / "wire" / "localhost_test_only.pem"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
FULL_SPEED_WRITE = 64
"""Chunks in one write at full speed."""


def chunk(delta, finish=None, **more):
    body = {
        "id": "chatcmpl-Bq7Zr3KJw0cYbq1v0hV2m5t9XyA1f",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "default",
        "system_fingerprint": "fp_34a54ae93c",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        "usage": None,
        **more,
    }
    return framed(b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n")


def framed(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
FIRST = chunk({"role": "assistant", "content": ""})
TOKEN = chunk({"content": " word"})
LAST = (
    chunk({}, "stop") + chunk({}, None, choices=[], usage=USAGE) + framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"
)


async def serve_one(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            count, _, rate = json.loads(await reader.readexactly(length))["model"].partition("@")
            writer.write(HEAD + FIRST)
            await (paced(writer, int(count), float(rate)) if rate else at_full_speed(writer, int(count)))
            writer.write(LAST)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def at_full_speed(writer, count):
    while count > 0:
        part = min(count, FULL_SPEED_WRITE)
        writer.write(TOKEN * part)
        await writer.drain()
        count -= part


async def paced(writer, count, rate):
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
        writer.write(TOKEN)


async def main(*, tls):
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(serve_one, "127.0.0.1", 0, ssl=context, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(over.set)), daemon=True
    ).start()
    await over.wait()


if __name__ == "__main__":
    asyncio.run(main(tls="--tls" in sys.argv))
