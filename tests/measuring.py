"""What of a run with coverage is measured: each behaviour once, not again in every table and every process.

Up to Python 3.13 tracing doubles the time of all that runs, of Textual, pydantic and pytest too.
"""

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AGAIN = (
    "load/",
    "ostream/test_cut.py::test_a_cut_at_every_byte",
    "ostream/test_fuzz.py",
    "ostream/test_properties.py",
    "ostream/test_properties_live.py",
    "ostream/test_same_as_whole.py",
    "ostream/test_snapshots_live.py::test_a_hundred_thousand_chunks",
    "ostream/test_types.py",
    "safety/",
    "test_architecture.py",
    "torture/",
    "tui/markdown/test_look.py",
    "tui/snapshots/",
    "tui/test_growing.py::test_portions",
    "tui/test_readable.py::test_every_text",
)
"""Tests, as their ids begin: attacks, faults and many inputs on ways that other tests have measured."""
PACKAGES = ("ostream", "ostream_compare")
_PREFIX = "COVERAGE_"


def measured() -> dict[str, str]:
    """What a process needs in its environment to be measured too; nothing where this test is not."""
    return {name: value for name, value in os.environ.items() if name.startswith(_PREFIX)}


@contextmanager
def unmeasured() -> Iterator[None]:
    """Neither this process nor what it starts is measured meanwhile; nothing happens without coverage."""
    if not (kept := measured()):
        yield
        return
    from coverage import Coverage

    coverage = Coverage.current()
    assert coverage is not None, "the variables come from a coverage that runs"
    coverage.stop()
    for name in kept:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(kept)
        coverage.start()


def in_a_thread(work: Callable[[], object]) -> Callable[[], None]:
    """`work` for a thread that is not measured: a server of the tests."""

    def unseen() -> None:
        sys.settrace(None)
        work()

    return unseen


def import_all() -> None:
    """Import what is measured, so that its definitions are, whoever collects tests afterwards."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
