"""What every test gets: no network but loopback, no keys or proxies of the person who runs it."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from measuring import AGAIN, import_all, measured, unmeasured
from wire.cases import Answer
from wire.server import Serve, Site, WireServer

_LOOPBACK = ("127.", "::1", "localhost")
_FOREIGN_SETTINGS = ("OPENAI_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collecting is pytest's own work on the tests' text: more of it than all else that is imported."""
    if measured():
        import_all()
    with unmeasured():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Set up, run and tear down each test, measured or not."""
    again = item.nodeid.removeprefix("tests/").startswith(AGAIN)
    with unmeasured() if again else nullcontext():
        return (yield)


def _is_loopback(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    return text is None or (isinstance(text, str) and text.startswith(_LOOPBACK))


def _refuse_foreign(address: Any) -> None:
    # A path of a Unix socket is a string; an Internet address is a tuple that begins with the host.
    host: Any = None if isinstance(address, (str, bytes)) else address[0]
    if not _is_loopback(host):
        raise OSError(errno.ENETUNREACH, f"a test tried to reach {host}; tests talk to loopback only")


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """No socket of a test reaches another machine, and no name is asked of a resolver."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_foreign(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_foreign(address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **options: Any) -> Any:
        if not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, endpoints and proxies of the person who runs the tests play no part in them."""
    for name in list(os.environ):
        if name.upper().startswith(_FOREIGN_SETTINGS):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def wire_server(only_loopback: None) -> Iterator[WireServer]:
    """The raw loopback server, one thread for the whole run."""
    with WireServer() as server:
        yield server


@pytest.fixture
def serve(wire_server: WireServer) -> Iterator[Serve]:
    """Starts sites with the given answers; all are closed after the test."""
    sites: list[Site] = []

    def start(*answers: Answer, tls: bool = False) -> Site:
        sites.append(wire_server.serve(*answers, tls=tls))
        return sites[-1]

    yield start
    for site in sites:
        wire_server.close(site)
