"""The embedded OpenAI-compatible server that the program runs on when there is no key.

`DemoServer` resolves on first use, so that reading the answers does not load the web framework.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostream_compare.demo.server import DemoServer

__all__ = ["DemoServer"]


def __getattr__(name: str) -> Any:
    if name == "DemoServer":
        from ostream_compare.demo.server import DemoServer  # noqa: PLC0415 - resolved on first use

        return DemoServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
