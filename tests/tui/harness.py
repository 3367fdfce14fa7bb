"""Runs a test against the app with a fake collector, and reads the screen as a person would."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import TextArea

from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.tui.app import CompareApp
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.session import Machine, Session
from ostream_compare.tui.widgets.pane import Pane
from ostream_compare.tui.widgets.prompt import PromptBox
from tui.fake_collector import FakeCollector, config

LIMIT = 60
"""Seconds in which everything happens, on the slowest machine; nothing waits for it where all is well."""


@dataclass
class Stage:
    app: CompareApp
    pilot: Pilot[int]
    fake: FakeCollector
    results: Path

    @property
    def main(self) -> MainScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    @property
    def panes(self) -> list[Pane]:
        return list(self.main.query(Pane))

    @property
    def prompt(self) -> TextArea:
        return self.main.query_one(TextArea)

    @property
    def box(self) -> PromptBox:
        return self.main.query_one(PromptBox)

    @property
    def asked(self) -> Prompt:
        """What the newest run was started with."""
        return self.fake.starts[-1].prompt

    @property
    def current(self) -> int:
        return self.main.current

    @property
    def toasts(self) -> list[str]:
        return [f"{note.title} {note.message}" for note in self.app._notifications]

    @property
    def saved(self) -> list[Path]:
        return sorted(self.results.glob("*.toml")) if self.results.is_dir() else []

    def screen_text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    def text(self, lane: int) -> str:
        return "\n".join(self.panes[lane].plain_rows).rstrip()

    async def until(self, condition: Callable[[], object], what: str | Callable[[], str] = "") -> None:
        """Let the app work until `condition` holds; `what` is said where it never does."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if condition():
                return
            await self.pilot.pause(0.01)
        said = what if isinstance(what, str) else what()
        raise AssertionError(f"it never came true: {said or condition}\n{self.screen_text()}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def burst(self, text: str) -> None:
        """Keys that are read at once, as over a slow line; `\n` is enter."""
        for sign in text:
            key = "enter" if sign == "\n" else _character_to_key(sign)
            self.app.post_message(events.Key(key, sign))
        await self.until(lambda: (turn := self.app._handing_on) is not None and turn.done(), "all was taken")

    async def taken_back(self) -> None:
        """The editor or the pager has ended, and what it left was taken."""
        await self.until(self.app.keys_go_on.is_set, "the terminal is ours again")
        await self.pilot.pause()

    async def started(self, runs: int = 1) -> None:
        await self.until(lambda: len(self.fake.starts) >= runs, f"{runs} runs started")

    async def ended(self) -> None:
        run = self.app.session
        await self.until(lambda: run.run is not None and not run.is_running, "the run ended")
        await self.pilot.pause()

    async def answered(self, *texts: str) -> None:
        """Each lane's answer, one after the other, and the run's end."""
        for lane, text in enumerate(texts):
            self.fake.end(lane, text, at=1000 * (lane + 1))
        await self.ended()


def play(
    scene: Callable[[Stage], Awaitable[None]],
    results: Path,
    *,
    configuration: Config | None = None,
    size: tuple[int, int] = (80, 24),
    problems: Sequence[Problem] = (),
    start_now: bool = True,
    machine: Machine | None = None,
    prompt: Prompt | None = None,
) -> CompareApp:
    """Play `scene`; the app, as it was left."""

    async def run() -> CompareApp:
        fake = FakeCollector()
        session = Session(configuration or config(), fake, machine or Machine(environ={}, results=results))
        app = CompareApp(session, problems, prompt=prompt, start_now=start_now)
        async with app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(app, pilot, fake, results)
            if start_now and session.presets:
                await stage.started()
            await pilot.pause()
            await scene(stage)
        return app

    return asyncio.run(run())
