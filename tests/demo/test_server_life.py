"""Start and end of the demo server, in a loop of its caller and as a program."""

import asyncio
import gc
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from demo.loopback import (
    body,
    chat,
    streamed,
)
from ostream_compare.demo import DemoServer
from ostream_compare.demo.models import MODELS


def test_stop_cuts_open_streams_and_leaves_the_loop_as_it_was(capfd):
    async def run():
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        server = DemoServer()
        base_url = await server.start()
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
        async with httpx2.AsyncClient(base_url=base_url, timeout=60) as client:
            async with (
                asyncio.timeout(60),
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
                _, pending = await asyncio.wait(others, timeout=60)
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


def test_the_module_serves_until_it_is_interrupted():
    command = [sys.executable, "-m", "ostream_compare.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            base_url = process.stdout.readline().strip()
            listed = httpx2.get(f"{base_url}/models", timeout=60).json()
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=60)
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
