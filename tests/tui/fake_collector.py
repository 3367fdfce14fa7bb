"""A collector in this process: plays the events that a test gives it, and remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Callable

from ostream_compare.collector.client import CollectorDied
from ostream_compare.collector.protocol import (
    Cancel,
    Command,
    Finished,
    Grew,
    LaneOrder,
    Report,
    Retrying,
    Sent,
    StartRun,
)
from ostream_compare.domain.comparison import (
    Estimate,
    Response,
    SavedCost,
    SavedError,
    SavedUsage,
    State,
    Timing,
)
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider

MS = 1_000_000
DEMO = Provider(name="demo", kind="demo")


def preset(name: str, **changes: object) -> Preset:
    return Preset(**({"name": name, "provider": DEMO, "model": f"demo/{name.lower()}"} | changes))


def config(*names: str, **changes: object) -> Config:
    presets = tuple(preset(name) for name in names or ("Swift", "Careful", "Terse", "Flaky"))
    values = {
        "path": "configs/models.toml",
        "sha256": "0" * 64,
        "presets": presets,
        "prompts": (Prompt(name="mutex", user="Explain mutex versus semaphore."),),
    }
    return Config(**(values | changes))


class FakeCollector:
    """Implements what the UI needs of a collector; nothing happens in it that a test did not ask for."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.started = 0
        self.stopped = False
        self.killed = False
        self.answers_cancel = True
        self.on_start: Callable[[StartRun], None] = lambda _: None
        self._queue: asyncio.Queue[Report | CollectorDied | None] = asyncio.Queue()
        self._orders: dict[int, LaneOrder] = {}
        self.over: set[int] = set()
        self._said: dict[int, dict[str, str]] = {}

    # What the UI calls

    def start(self) -> None:
        self.started += 1

    def send(self, command: Command) -> None:
        self.commands.append(command)
        if isinstance(command, StartRun):
            self._orders |= {order.lane: order for order in command.lanes}
            self.over -= {order.lane for order in command.lanes}
            self._said |= {order.lane: {"content": "", "reasoning": ""} for order in command.lanes}
            self.on_start(command)
        elif isinstance(command, Cancel) and self.answers_cancel:
            lanes = self._orders if command.lane is None else [command.lane]
            for lane in lanes:
                if lane not in self.over:
                    self.end(lane, state="cancelled")

    async def reports(self) -> AsyncIterator[Report]:
        while (report := await self._queue.get()) is not None:
            if isinstance(report, CollectorDied):
                raise report
            yield report

    async def stop(self, timeout: float = 2.0) -> None:  # noqa: ASYNC109 - the collector's own contract
        self.stopped = True
        self._queue.put_nowait(None)

    def kill(self) -> None:
        self.killed = True

    # What a test calls

    @property
    def starts(self) -> list[StartRun]:
        return [command for command in self.commands if isinstance(command, StartRun)]

    @property
    def cancels(self) -> list[Cancel]:
        return [command for command in self.commands if isinstance(command, Cancel)]

    @property
    def run(self) -> str:
        return self.starts[-1].run

    def die(self, reason: str = "the collector was ended by signal 9") -> None:
        self._queue.put_nowait(CollectorDied(reason))

    def sent(self, lane: int, at: int = 0) -> None:
        self._queue.put_nowait(Sent(run=self.run, event=RequestSent(lane=lane, at=at * MS)))

    def say(self, lane: int, text: str = "", *, at: int = 100, **parts: str) -> None:
        event = Delta(lane=lane, at=at * MS, text=text, **parts)
        self._said[lane]["content"] += text
        self._said[lane]["reasoning"] += parts.get("reasoning", "")
        self._queue.put_nowait(Grew(run=self.run, event=event))

    def retry(self, lane: int, message: str, at: int = 100) -> None:
        error = SavedError(kind="rate_limit", message=message)
        event = AttemptFailed(lane=lane, at=at * MS, attempt=1, error=error, wait=0.1)
        self._queue.put_nowait(Retrying(run=self.run, event=event))

    def end(
        self,
        lane: int,
        text: str = "",
        *,
        state: State = "complete",
        at: int = 1900,
        error: SavedError | None = None,
        **changes: object,
    ) -> None:
        order = self._orders[lane]
        text = text or self._said[lane]["content"]
        values = {
            "name": order.preset.name,
            "provider": order.preset.provider.name,
            "model": order.preset.model,
            "state": state,
            "content": text,
            "reasoning": self._said[lane]["reasoning"] or None,
            "error": error,
            "timing": Timing(ttft_ms=210.0, e2e_ms=float(at), tokens_per_second=112.0) if text else Timing(),
            "usage": SavedUsage(input_tokens=24, output_tokens=len(text.split()), source="api")
            if text
            else SavedUsage(),
            "estimate": Estimate(),
            "cost": SavedCost(total_usd="0", source="preset", bound="exact") if text else SavedCost(),
        }
        response = Response(**(values | changes))
        self.over.add(lane)
        self._queue.put_nowait(
            Finished(run=self.run, event=LaneEnded(lane=lane, at=at * MS, response=response))
        )
