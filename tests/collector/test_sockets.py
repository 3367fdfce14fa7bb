"""Stamps of our own sockets: the kernel's, however late the loop is."""

import asyncio
import socket
import ssl
import struct
import sys
import threading
import time

import pytest

from ostream_compare.collector.sockets import Sockets
from ostream_compare.collector.stamped_socket import StampedSocket
from wire.server import CERTIFICATE

PIECES = [b"a" * 10, b"b" * 2000, b"c"]


class Sender:
    """A server in a thread that sends a piece when told, and notes the time before and after."""

    def __init__(self, *, tls):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._tls = tls
        self.go, self.sent = threading.Semaphore(0), threading.Semaphore(0)
        self.spans = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._thread.join()
        self._listener.close()

    def _serve(self):
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            for piece in PIECES:
                self.go.acquire(timeout=10)
                before = time.perf_counter_ns()
                connection.sendall(piece)
                self.spans.append((before, time.perf_counter_ns()))
                self.sent.release()


async def stamps(sender, *, tls):
    """The stamp of each piece, the loop blocked from before it is sent until after."""
    stream = await Sockets().connect_tcp("127.0.0.1", sender.port, timeout=10)
    if tls:
        context = ssl.create_default_context(cafile=CERTIFICATE)
        context.check_hostname = False
        stream = await stream.start_tls(context, "localhost", timeout=10)
    found = []
    for piece in PIECES:
        sender.go.release()
        assert sender.sent.acquire(timeout=10)
        got = b""
        while len(got) < len(piece):
            got += await stream.read(65_536, timeout=10)
        assert got == piece
        found.append(stream.ostream_reads.at)
    assert await stream.read(1, timeout=10) == b""
    await stream.aclose()
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux stamps packets of a stream")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_stamp_is_that_of_the_kernel_and_not_of_a_loop_that_is_late(tls):
    with Sender(tls=tls) as sender:
        found = asyncio.run(stamps(sender, tls=tls))
    slack = 1_000_000  # two clocks are compared
    for (before, after), at in zip(sender.spans, found, strict=True):
        assert before - slack <= at <= after + slack


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_without_stamps_of_the_kernel_the_reader_stamps(monkeypatch, tls):
    monkeypatch.setattr("ostream_compare.collector.stamped_socket.sys.platform", "darwin")
    with Sender(tls=tls) as sender:
        found = asyncio.run(stamps(sender, tls=tls))
    assert all(after < at for (_, after), at in zip(sender.spans, found, strict=True))


@pytest.mark.parametrize("step", [-3600, 3600], ids=["back", "forward"])
def test_a_wall_clock_that_was_set_gives_no_stamp(monkeypatch, step):
    stamp = struct.pack("@qq", *divmod(time.time_ns(), 10**9))
    real = time.time_ns
    with StampedSocket.of((socket.AF_INET, socket.SOCK_STREAM, 0, "", ())) as reader:
        monkeypatch.setattr(
            "ostream_compare.collector.stamped_socket.time.time_ns", lambda: real() + step * 10**9
        )
        reader._note([(socket.SOL_SOCKET, 35, stamp)])
        assert reader.received_at is None
        fresh = struct.pack("@qq", *divmod(real() + step * 10**9, 10**9))
        before = time.perf_counter_ns()
        reader._note([(socket.SOL_SOCKET, 35, fresh)])
        assert abs(reader.received_at - before) < 10**9, "it is what the clock says now that counts"


def test_what_came_while_the_process_was_stopped_for_an_hour_has_its_own_stamp():
    came = struct.pack("@qq", *divmod(time.time_ns() - 3600 * 10**9, 10**9))
    before = time.perf_counter_ns()
    with StampedSocket.of((socket.AF_INET, socket.SOCK_STREAM, 0, "", ())) as reader:
        reader._latest = before - 7200 * 10**9
        reader._note([(socket.SOL_SOCKET, 35, came)])
        assert 3599 < (before - reader.received_at) / 10**9 < 3601
