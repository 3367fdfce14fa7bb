"""What scenes for pictures are made of: what is asked and answered, and how a scene is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ostream_compare.domain.comparison import SavedCost, SavedError, SavedUsage, Timing
from ostream_compare.domain.preset import Config, Prompt, PromptTemplate
from ostream_compare.domain.run import Repeats
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import RunLog
from ostream_compare.tui.machine import Machine
from storage.runs import answer, ended, header
from tui.fake_collector import MS, config
from tui.harness import Stage, play

Size = tuple[int, int]
THREE: tuple[Size, ...] = ((80, 24), (120, 40), (200, 50))
USUAL: tuple[Size, ...] = ((80, 24),)
NARROW: tuple[Size, ...] = ((60, 20),)

NAMES = (
    "Swift",
    "Careful",
    "Terse",
    "Flaky",
    "GPT mini",
    "模型 一号",
    "🦙 Llama",
    "A preset with a rather long name",
)
SHORT = "A **mutex** has one owner; a *semaphore* counts permits."
LONG = """# Mutex and semaphore

A **mutex** is owned by the task that locked it, so *only that task* may unlock it.

| | owner | count |
|---|---|---|
| mutex | yes | 1 |
| semaphore | no | 0 to N |

```python
with lock:  # one at a time
    total += 1
```

1. Use a mutex to guard data.
2. Use a semaphore to count `permits`: see [the manual](https://example.com/sync).

> 锁 is a lock, and 🔒 is one, too.
"""
THOUGHT = "The user asks for a difference; ownership is the point, and counting."
CUT = SavedError(kind="connection_lost", message="The connection was lost after 4 tokens.")
NO_KEY = SavedError(
    kind="no_key", message="OPENAI_API_KEY is not set.", hint="set it, or switch the model off"
)
PROMPTS = (
    PromptTemplate(name="mutex", user="Explain mutex versus semaphore."),
    PromptTemplate(
        name="topic",
        user="Explain {topic} to a {audience}.",
        variables={"topic": ("mutex", "semaphore"), "audience": ("beginner", "kernel hacker")},
    ),
    PromptTemplate(user="Wie spät ist es? 几点了?"),
)


@dataclass
class Clock:
    """Stands still until it is set."""

    ms: int = 0

    def __call__(self) -> int:
        return self.ms * MS


Play = Callable[[Stage, Clock], Awaitable[None]]


@dataclass(kw_only=True)
class Scene:
    """How to come to a picture."""

    play: Play
    """Ends where the picture is to be taken."""
    sizes: tuple[Size, ...] = THREE
    models: int = 4
    rounds: int = 1
    start_now: bool = True
    theme: str = "textual-dark"
    runs: int = 0
    """In the history."""
    file: dict[str, Any] = field(default_factory=dict)
    """What else the file says."""

    def configuration(self) -> Config:
        names = [*NAMES, *(f"Model {n}" for n in range(len(NAMES) + 1, 17))][: self.models]
        return config(*names, **self.file)

    def machine(self, folder: Path, clock: Clock) -> Machine:
        for number in range(self.runs):
            prompt = Prompt(user=("Explain mutex.", "What is a 锁?", "Why? " * 40)[number % 3])
            log = RunLog.create(header(number, prompt=prompt), folder / "runs")
            log.append(*answer(0, "a mutex has one owner"), *answer(1, "they count"))
            if number:
                log.append(ended())
            log.close()
        return Machine(
            environ={},
            results=folder / "results",
            clock=clock,
            repeats=Repeats(rounds=self.rounds, seed=1),
            recorder=Recorder(folder),
        )

    def played(
        self, perform: Callable[[Stage], Awaitable[None]], folder: Path, clock: Clock, size: Size = (120, 40)
    ) -> None:
        """Play `perform`, which plays this scene, in the app that this scene is of."""
        play(
            perform,
            folder / "results",
            configuration=self.configuration(),
            size=size,
            start_now=self.start_now,
            machine=self.machine(folder, clock),
        )


SCENES: dict[str, Scene] = {}


def scene(**options: Any) -> Callable[[Play], None]:
    def keep(play: Play) -> None:
        SCENES[play.__name__] = Scene(play=play, **options)

    return keep


# What is said, and what is on the screen


def words(stage: Stage) -> str:
    return " ".join(stage.screen_text().split())


async def says(stage: Stage, *texts: str) -> None:
    for text in texts:
        await stage.until(lambda text=text: text in words(stage), f"the screen says {text!r}")


def told(lane: int, number: int = 1) -> dict[str, Any]:
    """Figures of an answer, other ones for each lane and round."""
    total = (1900.0, 7800.0, 600.0, 900.0, 3100.0, 2500.0, 700.0, 4200.0)[lane % 8]
    total *= 1 + 0.07 * (number * 3 % 5)
    first = total / 5
    timing = Timing(
        queue_ms=0.3,
        connect_ms=12.0,
        ttfb_ms=first - 9,
        ttft_ms=first,
        ttfa_ms=first,
        e2e_ms=total,
        tpot_ms=8.9,
        tokens_per_second=112.0 - 7 * lane,
        icl_p50_ms=8.0,
        icl_p99_ms=41.0,
        icl_max_ms=90.0,
        bursts=30,
    )
    return {
        "timing": timing,
        "usage": SavedUsage(input_tokens=24, output_tokens=212 - 11 * lane, source="api"),
        "cost": SavedCost(total_usd=f"0.00{lane + 1:02d}", source="preset", bound="exact"),
    }


async def answered(stage: Stage, number: int) -> None:
    """One round of answers; the fourth model's first one is cut."""
    await stage.started(number)
    for lane in range(len(stage.panes)):
        figures = told(lane, number)
        begin, end = int(figures["timing"].ttft_ms), int(figures["timing"].e2e_ms)
        stage.fake.sent(lane, 5)
        if lane == 3 and number == 1:
            stage.fake.say(lane, "A mutex is", at=begin)
            timing = Timing(ttft_ms=180.0, e2e_ms=900.0)
            stage.fake.end(lane, state="failed", at=900, error=CUT, timing=timing, cost=SavedCost())
            continue
        if lane == 1:
            stage.fake.say(lane, reasoning=THOUGHT, at=begin)
        text = LONG if lane % 2 == 0 else SHORT
        lines = text.splitlines(keepends=True)
        for step, line in enumerate(lines, 1):
            stage.fake.say(lane, line, at=begin + (end - begin) * step // len(lines))
        stage.fake.end(lane, at=end, **figures)


async def whole_run(stage: Stage) -> None:
    for number in range(1, stage.app.session.machine.repeats.rounds + 1):
        await answered(stage, number)
    await stage.ended()
    count = len(stage.panes)
    await says(stage, f"{count}/{count} done")
