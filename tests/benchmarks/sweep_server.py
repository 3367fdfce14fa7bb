"""A bare chat-completions server for thousands of streams, in a process of its own; ends with its stdin.

What to serve stands in the request's `model`: `COUNT` chunks at once, or `COUNT@RATE` with so many a second,
each in a write of its own. It prints its port, and at its end what it has sent: streams, chunks.
"""

import asyncio
import json
import resource
import sys
import threading

from server import FIRST, HEAD, LAST, TOKEN


class Stream(asyncio.Protocol):
    """One connection, with one answer after the other."""

    sent = streams = open = most = 0

    def __init__(self):
        self.received = b""
        self.paced = None

    def connection_made(self, transport):
        self.transport = transport
        Stream.open += 1
        Stream.most = max(Stream.most, Stream.open)

    def connection_lost(self, error):
        Stream.open -= 1
        if self.paced is not None:
            self.paced.cancel()

    def data_received(self, data):
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        if len(body) < length:
            return
        self.received = body[length:]
        count, _, rate = json.loads(body[:length])["model"].partition("@")
        if rate:
            self.transport.write(HEAD + FIRST)
            loop = asyncio.get_running_loop()
            self.tick(loop, loop.time(), 0, int(count), float(rate))
        else:
            self.transport.write(HEAD + FIRST + TOKEN * int(count) + LAST)
            self.ended(int(count))

    def tick(self, loop, start, number, count, rate):
        if number == count:
            self.transport.write(LAST)
            self.ended(count)
            return
        self.transport.write(TOKEN)
        after = start + (number + 1) / rate
        self.paced = loop.call_at(after, self.tick, loop, start, number + 1, count, rate)

    def ended(self, count):
        self.paced = None
        Stream.streams += 1
        Stream.sent += count


async def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stream, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    over = asyncio.Event()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(over.set)), daemon=True
    ).start()
    await over.wait()
    print(json.dumps({"streams": Stream.streams, "chunks": Stream.sent, "at_once": Stream.most}))


if __name__ == "__main__":
    asyncio.run(main())
