"""What a sitting at the screen is given from the outside: the collector, the clock, where things are kept."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ostream_compare.collector.keys import Key
from ostream_compare.collector.protocol import Command, Report
from ostream_compare.domain.preset import Provider
from ostream_compare.domain.run import Repeats
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.settings import SettingsFile


class Link(Protocol):
    """The parent's end of the pipe to the process that makes the calls."""

    def start(self) -> None:
        """Start the process; a second call changes nothing."""

    def send(self, command: Command) -> None:
        """Hand over a command without waiting."""

    def reports(self) -> AsyncIterator[Report]:
        """What the process says, until it ends."""
        ...

    async def stop(self, timeout: float = 2.0) -> None:  # noqa: ASYNC109 - the collector's own contract
        """Ask it to end, then end it."""

    def kill(self) -> None:
        """End it at once."""


async def end_link(link: Link, limit: float) -> None:
    """Ask a collector to end, wait `limit` seconds for it, and end it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit + 0.2):
            await link.stop(limit)
    link.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the sitting takes from the outside, so that tests can give their own."""

    clock: Callable[[], int] = time.perf_counter_ns
    """The collector's clock."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    """Where keys are looked up."""
    keys: dict[Provider, Key] = field(default_factory=dict[Provider, Key], repr=False)
    """Those that were found, so that each is looked up once, and none is told when the program crashes."""
    new_link: Callable[[], Link] | None = None
    """Starts another collector when one died."""
    results: Path | None = None
    """Where runs are saved; the user's results folder by default."""
    repeats: Repeats = field(default_factory=Repeats)
    """How often a prompt is asked."""
    recorder: Recorder | None = None
    """Logs every run; `None`: none is."""
    settings: SettingsFile | None = None
    """What is remembered between two starts; `None`: nothing is."""
    restores_models: bool = True
    """Whether to begin with the models that were chosen last; not where the command line names them."""

    @property
    def prompts(self) -> Path | None:
        """Where prompts are kept: with results that have a place of their own, else in the data folder."""
        return None if self.results is None else self.results / "prompts"
