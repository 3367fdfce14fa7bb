"""What a screen does with runs: begin, stop, rerun, save, copy; and the worker that hears the collector."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, cast

from textual import getters, on, work
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ostream_compare.collector.client import CollectorDied
from ostream_compare.domain import figures
from ostream_compare.domain.counted import counted
from ostream_compare.domain.lane import Ended, Streaming
from ostream_compare.domain.preset import Prompt
from ostream_compare.domain.run import Run
from ostream_compare.storage.atomic import in_words
from ostream_compare.tui.clipboard import copy
from ostream_compare.tui.messages import CollectorLost
from ostream_compare.tui.safe_app import SafeApp
from ostream_compare.tui.session import Session


class RunningScreen(Screen[None]):
    """Holds the session; its subclass shows it."""

    app = getters.app(SafeApp)

    BINDINGS: ClassVar[list[BindingType]] = [
        # enter is a new line in the prompt, because CJK input is confirmed with it
        Binding(
            "ctrl+j,alt+enter",
            "send",
            "Send",
            id="send",
            key_display="^j",
            tooltip="Send the prompt to all models",
        ),
        Binding("r", "rerun", "Rerun", id="rerun", tooltip="Run this model again"),
        Binding(
            "ctrl+r", "rerun_all", "Rerun all", show=False, id="rerun_all", tooltip="Run all models again"
        ),
        Binding("f5", "rerun_failed", "Retry", id="rerun_failed", tooltip="Run all that failed again"),
        Binding("x", "stop", "Stop", id="stop", tooltip="Stop this model"),
        Binding("X", "stop_all", "Stop all", show=False, id="stop_all", tooltip="Stop all models"),
        Binding(
            "s,ctrl+s", "save", "Save", id="save", key_display="s", tooltip="Save this comparison at once"
        ),
        Binding("y,c", "copy", "Copy", show=False, id="copy", key_display="y", tooltip="Copy this answer"),
    ]

    def __init__(self, session: Session, prompt: Prompt | None) -> None:
        super().__init__()
        self.session = session
        self.first_prompt = prompt
        self._save_when_over = False
        self._budget_told: str | None = None
        """The run of which it was said that it is over budget."""

    # What the subclass tells

    @property
    @abstractmethod
    def current(self) -> int:
        """The lane that the keys are about."""

    @property
    @abstractmethod
    def prompt_text(self) -> str:
        """What is to be sent."""

    @abstractmethod
    def run_changed(self) -> None:
        """A run began, or something was asked of it: paint."""

    @abstractmethod
    async def place_lanes(self) -> None:
        """The session may have other lanes than are shown: make room for them."""

    @abstractmethod
    def report_arrived(self) -> None:
        """There is something to flush."""

    # The worker

    @work(exclusive=True, exit_on_error=False, group="run")
    async def listen(self) -> None:
        """Hear the collector until it ends."""
        try:
            await self.session.listen(self.report_arrived)
        except CollectorDied as error:
            self.post_message(CollectorLost(error.reason))

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """A worker's own failure would vanish otherwise."""
        worker = cast("Worker[object]", event.worker)
        error = worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        reason = f"{type(error).__name__}: {error}"
        if worker.group == "run":
            self.post_message(CollectorLost(reason))
        else:
            self.notify(reason, title="That did not work", severity="error", markup=False)

    @on(CollectorLost)
    def _collector_lost(self, message: CollectorLost) -> None:
        self.session.lose(message.reason)
        self.notify(message.reason, title="The collector stopped", severity="error", markup=False)
        self.run_changed()

    # Begin and stop

    def action_send(self) -> None:
        """Begin a run with the text, unless one is under way; the text stays where it is either way."""
        text = self.prompt_text
        if text.strip():
            self.begin(self._prompt_of(text))
        else:
            self.notify("Write a prompt first.", severity="warning", markup=False)

    def _prompt_of(self, text: str) -> Prompt:
        """A prompt of the file keeps its name and its system message as long as its text is as it was."""
        run = self.session.run
        known = (run.prompt if run else None, self.first_prompt, *self.session.config.prompts)
        return next(
            (prompt for prompt in known if prompt is not None and prompt.user == text), Prompt(user=text)
        )

    def begin(self, prompt: Prompt) -> None:
        """Begin a run."""
        if not self.session.presets:
            self.notify(
                f"There is no model to ask: {self.app.key('help')} says why.", severity="error", markup=False
            )
        elif self.session.is_running:
            self.notify(
                f"A run is in progress: {self.app.key('stop_all')} stops it, then send again.",
                severity="warning",
                markup=False,
            )
        else:
            self._launch(lambda: self.session.begin(prompt))

    @work(exit_on_error=False, group="launch")
    async def _launch(self, step: Callable[[], Awaitable[None]]) -> None:
        if self.session.revive():
            self.listen()
        await step()
        await self.place_lanes()
        self.run_changed()

    def _again(self, lanes: Sequence[int]) -> None:
        run = self.session.run
        if lanes and run is not None and run.over_budget:
            self.notify(
                f"This run is over budget: {self.app.key('rerun_all')} begins a new one.",
                severity="warning",
                markup=False,
            )
        elif lanes:
            self._launch(lambda: self.session.rerun(lanes))

    def action_rerun(self) -> None:
        """This lane again."""
        self._again((self.current,))

    def action_rerun_all(self) -> None:
        """The same prompt to all, as a new run."""
        run = self.session.run
        if run is not None:
            self.begin(run.prompt)

    def action_rerun_failed(self) -> None:
        """All that failed, again."""
        self._again(self.session.failed_lanes())

    def action_stop(self) -> None:
        """Stop this lane."""
        self.session.cancel(self.current)

    def action_stop_all(self) -> None:
        """Stop all lanes."""
        self.session.cancel()

    def interrupt(self) -> str:
        """Stop everything and save it; what was done, in words."""
        if not self.session.is_running:
            return "Nothing is running."
        self._save_when_over = True
        self.session.cancel()
        return "Stopped; the run will be saved."

    def run_ended(self) -> None:
        """All lanes have their verdict."""
        run = self.session.run
        if run is not None and run.over_budget and self._budget_told != run.id:
            self._budget_told = run.id
            limit = run.spent if run.max_cost_usd is None else run.max_cost_usd
            self.notify(
                f"{figures.dollars(run.spent)} of {figures.dollars(limit)}: stopped. What came is kept.",
                title="Over budget",
                severity="warning",
                markup=False,
            )
        if self._save_when_over and self.session.run is not None:
            self._save_when_over = False
            self.save(self.session.run)

    # Keep

    def action_save(self) -> None:
        """Save the run as it is, without asking."""
        run = self.session.run
        if run is None:
            self.notify("There is nothing to save before the first run.", severity="warning", markup=False)
        else:
            self.save(run)

    def save(self, run: Run) -> None:
        """Save a run and say where."""
        try:
            path = self.session.save(run)
        except OSError as error:
            self.notify(
                f"Could not save: {in_words(error)}. Nothing is lost: {self.app.key('save')} tries again.",
                severity="error",
                markup=False,
            )
        else:
            self.notify(str(path), title="Saved", markup=False)

    def action_copy(self) -> None:
        """Copy this lane's answer, as the model wrote it."""
        text = self._answer()
        if text:
            self._copy(text)
        else:
            self.notify("There is no answer to copy yet.", severity="warning", markup=False)

    def _answer(self) -> str:
        lane = self.session.shown.lanes[self.current] if self.session.shown is not None else None
        if not isinstance(lane, Streaming | Ended):
            return ""
        return str(lane.content) or str(lane.refusal) or str(lane.tools) or str(lane.reasoning)

    @work(exclusive=True, exit_on_error=False, group="copy")
    async def _copy(self, text: str, *, why: str = "") -> None:
        where = await copy(text, self.app.copy_to_clipboard)
        self.notify(f"{why} Copied {counted(len(text), 'character')} {where}.".lstrip(), markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        del parameters
        session = self.session
        match action:
            case "send":
                return bool(session.presets)
            case "stop":
                return bool(session.presets) and session.is_open(self.current)
            case "stop_all":
                return session.is_running
            case "rerun" | "rerun_all" | "save" | "copy" | "links":
                return session.run is not None
            case "rerun_failed":
                return bool(session.failed_lanes()) and not session.is_running
            case _:
                return True
