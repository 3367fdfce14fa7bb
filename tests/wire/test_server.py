"""The wire server itself: what it sends is byte-exact, and what it records is so."""

import socket
import ssl

import pytest

from wire.cases import Answer, Frame, load_cases
from wire.script import held, stream, text
from wire.server import Site, WireServer

REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"


def talk(site: Site, until: bytes | None = None) -> bytes:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as client:
        client.sendall(REQUEST)
        return receive(client, until)


def receive(client: socket.socket, until: bytes | None = None) -> bytes:
    data = b""
    while until is None or not data.endswith(until):
        more = client.recv(65536)
        if not more:
            return data
        data += more
    return data


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (
            Answer(headers=(), frames=(Frame(b"ab"), Frame(b"c"))),
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        ),
        (
            Answer(headers=(), frames=(Frame(b"ab"),), end="abort"),
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
        ),
        (
            Answer(529, (("x-a", "b"),), "length", (Frame(b"ab"),)),
            b"HTTP/1.1 529 Unknown\r\nx-a: b\r\ncontent-length: 2\r\n\r\nab",
        ),
        (Answer(204, (), "none"), b"HTTP/1.1 204 No Content\r\n\r\n"),
        (Answer(framing="raw", frames=(Frame(b"SSH-2.0\r\n"),)), b"SSH-2.0\r\n"),
        (Answer(framing="silent"), b""),
    ],
)
def test_every_framing_is_byte_exact(wire_server: WireServer, answer: Answer, sent: bytes) -> None:
    site = wire_server.serve(answer)
    assert talk(site) == sent
    assert [(r.target, r.json) for r in site.requests] == [("/v1/chat/completions", {})]
    wire_server.close(site)


def test_a_reset_reaches_the_client(wire_server: WireServer) -> None:
    site = wire_server.serve(stream(text("a"), end="rst"))
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as client:
        client.sendall(REQUEST)
        with pytest.raises(ConnectionResetError):
            receive(client)
    wire_server.close(site)


def test_header_values_are_filled_in(wire_server: WireServer) -> None:
    site = wire_server.serve(Answer(308, (("location", "@other/x"), ("retry-after", "@httpdate+1")), "none"))
    assert site.other is not None
    head = talk(site)
    assert f"location: http://127.0.0.1:{site.other.port}/x\r\n".encode() in head
    assert b" GMT\r\n" in head
    assert site.other.requests == []
    wire_server.close(site)


def test_it_knows_who_closed_first(wire_server: WireServer) -> None:
    patient = wire_server.serve(stream(text("a"), end="hang"))
    hasty = wire_server.serve(stream(text("a"), end="hang", hold_ms=1))
    for site in (patient, hasty):
        talk(site, until=b"\n\n\r\n" if site is patient else None)
    assert patient.client_closed_first()
    assert not hasty.client_closed_first()
    wire_server.close(patient)
    wire_server.close(hasty)


def test_a_held_frame_waits_for_the_test(wire_server: WireServer) -> None:
    site = wire_server.serve(stream(text("a"), held(text("b"))))
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as client:
        client.sendall(REQUEST)
        assert b'"b"' not in receive(client, until=b"\n\n\r\n")
        site.release()
        assert b'"b"' in receive(client, until=b"0\r\n\r\n")
    wire_server.close(site)


def test_answers_follow_each_other_on_one_connection(wire_server: WireServer) -> None:
    first = Answer(429, (), "length", keep_alive=True)
    site = wire_server.serve(first, Answer(framing="raw", frames=(Frame(b"second"),)))
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as client:
        client.sendall(REQUEST)
        assert receive(client, until=b"\r\n\r\n").startswith(b"HTTP/1.1 429 ")
        client.sendall(REQUEST)
        assert receive(client) == b"second"
    assert len(site.connections) == 1
    assert talk(site) == b"second"
    wire_server.close(site)


def test_ports_that_refuse_swallow_or_show_a_bad_certificate(wire_server: WireServer) -> None:
    refusing, swallowing = wire_server.refuse(), wire_server.swallow()
    with pytest.raises(ConnectionRefusedError):
        talk(refusing)
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", swallowing.port), timeout=0.2)
    secure = wire_server.serve(stream(text("a")), tls=True)
    with (
        socket.create_connection(("127.0.0.1", secure.port), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
    for site in (refusing, swallowing, secure):
        wire_server.close(site)


def test_the_corpus_is_read_whole() -> None:
    cases = load_cases()
    assert len({case.id for case in cases}) == len(cases)
    assert len(cases) > 201
    zipped = next(case for case in cases if case.id == "net-gzip").answers[0].frames[0].data
    cut = next(case for case in cases if case.id == "net-gzip-cut").answers[0].frames[0].data
    assert zipped[: len(zipped) // 2] == cut
