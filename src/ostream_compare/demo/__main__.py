"""`python -m ostream_compare.demo`: serves the demo on loopback until it is interrupted."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from ostream_compare.demo.server import DemoServer

_LARGEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, and return the exit code: 0 after an interrupt, 2 when the port cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m ostream_compare.demo", description=__doc__)
    parser.add_argument(
        "--port", type=_port, default=0, help="port on 127.0.0.1; left out, the system chooses"
    )
    port: int = parser.parse_args(arguments).port
    try:
        asyncio.run(_serve(port))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"port {port}: {error.strerror}; choose another one, or leave --port out\n")
        return 2
    return 0


async def _serve(port: int) -> None:
    async with DemoServer(port=port) as server:
        sys.stdout.write(server.base_url + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {_LARGEST_PORT}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
