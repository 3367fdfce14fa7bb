"""Stamps each read of one stream with nothing but a socket; in a process of its own, ends with its stdin.

    bare_reader.py PORT MODEL

At its end it prints one line of JSON, `[[stamp, number of the chunk], ...]`. What its stamps are late by is
the doing of the kernel, the scheduler and the other processes: no reader of this machine does better then.
"""

import asyncio
import gc
import json
import re
import sys
import threading
import time

CONTENT = re.compile(rb'"content":" (\d+)"')


class Bare(asyncio.Protocol):
    def __init__(self):
        self.reads = []

    def data_received(self, data):
        self.reads.append((time.perf_counter_ns(), data))


async def main(port, model):
    gc.disable()
    loop = asyncio.get_running_loop()
    transport, bare = await loop.create_connection(Bare, "127.0.0.1", port)
    body = json.dumps({"model": model}).encode()
    transport.write(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
    over = asyncio.Event()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(over.set)), daemon=True
    ).start()
    await over.wait()
    transport.abort()
    print(json.dumps([(at, int(number)) for at, data in bare.reads for number in CONTENT.findall(data)]))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
