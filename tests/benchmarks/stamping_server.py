"""A chat-completions server that stamps what it does; in a process of its own, ends with its stdin.

Prints its port; then, for each line on its stdin, one line of JSON: for each `model` that was asked for, its
streams in order, each as `[stamp of the request, [stamp of each chunk]]`, and forgets them. Stamps are
nanoseconds of `time.perf_counter_ns()`, which is one clock for all processes of a Linux machine.

What to serve stands in the request's `model`, `COUNT@RATE#LANE`: COUNT chunks, RATE a second, each in a write
of its own and with its number as its text. As from endpoints that know nothing of each other, a chunk comes
anywhere in its share of a second, by a generator that is seeded with the model's name.
"""

import asyncio
import gc
import json
import random
import sys
import threading
import time

from server import FIRST, HEAD, LAST, chunk

THINKING = 0.2
"""Seconds between a request and the first share of its answer."""
TEXTS = [chunk({"content": f" {number}"}) for number in range(8000)]
"""Made ahead, so that a request does not wait for another one's."""


class Stamps:
    """What was stamped and not yet handed out."""

    def __init__(self):
        self.streams = {}

    def hand_out(self):
        streams, self.streams = self.streams, {}
        print(json.dumps(streams), flush=True)


class Serving(asyncio.Protocol):
    """One connection; the request's stamp is that of its first bytes."""

    def __init__(self, stamps):
        self.stamps = stamps
        self.received = b""
        self.at = 0
        self.answering = None

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, exc):
        if self.answering is not None:
            self.answering.cancel()

    def data_received(self, data):
        if not self.received:
            self.at = time.perf_counter_ns()
        self.received += data
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = next(
            (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None
        )
        if length is None or len(body) < int(length.split(b":")[1]):
            return
        self.received = b""
        model = json.loads(body)["model"]
        written = []
        self.stamps.streams.setdefault(model, []).append((self.at, written))
        self.answering = asyncio.create_task(self.answer(model, written))

    async def answer(self, model, written):
        loop = asyncio.get_running_loop()
        start = loop.time() + THINKING
        count, rate = (int(number) for number in model.partition("#")[0].split("@"))
        jitter = random.Random(model)
        self.transport.write(HEAD + FIRST)
        for number, text in enumerate(TEXTS[:count]):
            due = start + (number + jitter.random()) / rate
            await asyncio.sleep(max(0.0, due - loop.time()))
            written.append(time.perf_counter_ns())
            self.transport.write(text)
        self.transport.write(LAST)


def obey(loop, stamps, over):
    for _ in sys.stdin:
        loop.call_soon_threadsafe(stamps.hand_out)
    loop.call_soon_threadsafe(over.set)


async def main():
    gc.disable()  # a collection between stamp and write would be taken for the reader's fault
    loop = asyncio.get_running_loop()
    stamps, over = Stamps(), asyncio.Event()
    server = await loop.create_server(lambda: Serving(stamps), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=obey, args=(loop, stamps, over), daemon=True).start()
    await over.wait()


if __name__ == "__main__":
    asyncio.run(main())
