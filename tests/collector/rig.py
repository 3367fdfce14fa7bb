"""Drives the real child process: orders go down the pipe, reports are gathered until every lane ended."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cli.forking import forked_worker
from ostream.limits import Limits
from ostream_compare.collector.client import Collector
from ostream_compare.collector.protocol import (
    Finished,
    Grew,
    LaneOrder,
    Ready,
    Report,
    Retrying,
    Sent,
    StartRun,
)
from ostream_compare.domain.comparison import Response
from ostream_compare.domain.preset import Preset, Prompt, Provider

KEY = "sk-test-SECRET-0123456789abcdef"
LIMITS = Limits(connect=5, first_token=20, idle=20, grace=0.3, total=40)
"""Long: no test waits for a clock of these."""


def order(lane: int, base_url: str | None, *, key: str | None = KEY, **changes: Any) -> LaneOrder:
    """A call of one lane; `provider` and preset fields by name."""
    provider = Provider(name=f"p{lane}", base_url=base_url, **changes.pop("provider", {}))
    fields = {"name": f"lane {lane}", "model": "m", "timeout": LIMITS, **changes}
    return LaneOrder(lane=lane, preset=Preset(provider=provider, **fields), key=key)


@dataclass
class Heard:
    """What the child said, in order."""

    reports: list[Report] = field(default_factory=list)

    @property
    def responses(self) -> dict[int, Response]:
        """The verdict of each lane."""
        found = (report.event for report in self.reports if isinstance(report, Finished))
        return {event.lane: event.response for event in found}

    def text(self, lane: int) -> str:
        """What the lane's bursts add up to."""
        return "".join(r.event.text for r in self.reports if isinstance(r, Grew) and r.event.lane == lane)

    def of(self, kind: type, lane: int) -> list[Any]:
        """The lane's events of one kind of report."""
        return [r.event for r in self.reports if isinstance(r, kind) and r.event.lane == lane]


def run_lanes(
    orders: Sequence[LaneOrder],
    *,
    prompt: str | Prompt = "Say hello",
    max_cost_usd: Decimal | None = None,
    meanwhile: Callable[[Collector, Report], None] | None = None,
) -> Heard:
    """Make the calls in a child of their own; `meanwhile` sees each report as it comes."""
    collector = Collector(child=forked_worker())
    collector.start()
    heard = Heard()

    async def listen() -> None:
        origin = time.perf_counter_ns()
        collector.send(
            StartRun(
                run="r",
                origin=origin,
                prompt=prompt if isinstance(prompt, Prompt) else Prompt(user=prompt),
                lanes=tuple(orders),
                max_cost_usd=max_cost_usd,
            )
        )
        async for report in collector.reports():
            heard.reports.append(report)
            if meanwhile is not None and not isinstance(report, Ready):
                meanwhile(collector, report)
            if len(heard.responses) == len(orders):
                break
        await collector.stop()

    try:
        asyncio.run(asyncio.wait_for(listen(), 120))
    finally:
        collector.kill()
    return heard


__all__ = ["KEY", "LIMITS", "Grew", "Heard", "Retrying", "Sent", "order", "run_lanes"]
