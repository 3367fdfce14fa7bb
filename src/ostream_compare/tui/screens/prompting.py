"""Writing prompts: those of the file, the system prompt, the next turn, the user's editor, history, draft."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import getters, on, work
from textual.binding import Binding, BindingType

from ostream_compare.domain.conversation import alone, next_prompt, turn_of, turn_words
from ostream_compare.domain.preset import Prompt, PromptTemplate
from ostream_compare.storage.prompts import Draft, PromptStore
from ostream_compare.tui.background import in_background
from ostream_compare.tui.external import Foreground, edited, paged
from ostream_compare.tui.lending import LendingApp
from ostream_compare.tui.screens.prompt_picker import PromptForm, PromptPicker
from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.screens.system_prompt import SystemPrompt
from ostream_compare.tui.session import Session
from ostream_compare.tui.widgets.prompt import PromptBox

_DRAFT_EVERY = 1.0
"""Seconds of writing that a crash may cost."""
_LAST_DRAFT = 0.3
"""Seconds for the draft when the program is left."""


class PromptingScreen(RunningScreen):
    """What is done with the prompt box."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "p,ctrl+g", "prompts", "Prompts", show=False, id="prompts", tooltip="Choose a prompt of the file"
        ),
        Binding("f2", "system", "System", show=False, id="system", tooltip="Write the system prompt"),
        Binding("f3", "pager", "Pager", show=False, id="pager", tooltip="Read this answer in $PAGER"),
        Binding("f4", "editor", "Editor", show=False, id="editor", tooltip="Write the prompt in $EDITOR"),
        Binding("n", "next_turn", "Next turn", show=False, id="next_turn", tooltip="Ask all models on"),
        Binding("N", "fresh", "Fresh", show=False, id="fresh", tooltip="Begin a new conversation instead"),
    ]

    app = getters.app(LendingApp)
    WRITES_PROMPTS: ClassVar[bool] = True
    """Whether drafts and history are kept; what shows an earlier run keeps none."""

    prompt_given = False
    """Whether the prompt in the box came from the command line; a draft does not replace it."""

    def __init__(self, session: Session, prompt: Prompt | None) -> None:
        super().__init__(session, prompt)
        self._chosen = prompt
        """What the box was filled with."""
        self._goes_on = False
        """Whether the next prompt goes on with the conversation of the last run."""
        self._store = PromptStore(session.machine.prompts)
        self._draft_due = False
        self._warned = False

    @property
    def box(self) -> PromptBox:
        """Where the prompt is written."""
        return self.query_one(PromptBox)

    @property
    def prompt_text(self) -> str:
        """What is in the box, long pastes in full."""
        return self.box.text

    def on_mount(self) -> None:
        """Bring back what was sent and what was not."""
        own = {preset.system for preset in self.session.config.presets}
        self.box.tell_common(own.pop() if len(own) == 1 else None)
        if self.WRITES_PROMPTS:
            self._remember()

    # What is sent

    def _prompt_of(self, text: str) -> Prompt:
        """A known prompt keeps its name and variables as long as its text is as it was."""
        run = self.session.run
        last = run.prompt if run is not None else None
        known = (self._chosen, last, self.first_prompt, *self.session.config.prompts)
        same = (prompt for prompt in known if prompt is not None and prompt.user == text)
        prompt = alone(replace(next(same, Prompt(user=text)), system=self.box.system))
        return next_prompt(prompt, run) if self._goes_on and run is not None else prompt

    def begin(self, prompt: Prompt) -> None:
        """Begin a run, and remember its prompt."""
        begins = bool(self.session.presets) and not self.session.is_running
        super().begin(prompt)
        if begins:
            self._in_background(lambda: self._store.add(prompt.user))
            if prompt.user == self.prompt_text:
                self._chosen = prompt
                self._go_on(on=False)
                self.box.note_sent(prompt.user)
                self._keep_draft()

    def _fill(self, prompt: Prompt) -> None:
        self._chosen = prompt
        self.box.fill(prompt.user, prompt.system)
        self.set_focus(self.box.area)

    # Next turn

    def action_next_turn(self) -> None:
        """Write the question that follows the last one."""
        run = self.session.run
        if run is None:
            return
        self._go_on(on=True)
        if self.box.is_untouched:
            self.box.fill("", self.box.system)
        self.set_focus(self.box.area)
        lines = [f"{name}: {reason}" for name, reason in turn_of(run).left_out.items()]
        if lines and run.is_over:
            self.notify("\n".join(lines), title="Goes on without this turn", markup=False)

    def action_fresh(self) -> None:
        """Begin a new conversation with what is written."""
        self._go_on(on=False)

    def _go_on(self, *, on: bool) -> None:
        run = self.session.run
        self._goes_on = on and run is not None
        self.box.follow(turn_words(next_prompt(run.prompt, run)) if on and run is not None else "")
        self.refresh_bindings()

    @on(PromptBox.Left)
    def _left_empty(self) -> None:
        if not self.prompt_text:
            self._go_on(on=False)

    # Choosing and editing

    def action_prompts(self) -> None:
        """The file's prompts."""
        self.app.push_screen(PromptPicker(self.session.config.templates), self._picked)

    def _picked(self, picked: Prompt | PromptTemplate | None) -> None:
        if isinstance(picked, PromptTemplate):
            self.app.push_screen(PromptForm(picked), self._picked)
        elif picked is not None:
            self._fill(picked)

    def action_system(self) -> None:
        """Write the system prompt."""
        self.app.push_screen(SystemPrompt(self.box.system or "", self.box.instruct))

    def action_editor(self) -> None:
        """Write the prompt in the user's editor."""
        text = self.prompt_text

        async def edit(foreground: Foreground) -> None:
            self.set_focus(self.box.area)
            found = await edited(text, self.session.machine.environ, self._say_at_the_end, foreground)
            if found != text:
                self.box.take(found)

        self.app.lend(edit, "The editor")

    def action_pager(self) -> None:
        """Read this answer in the user's pager."""
        text = self._answer()
        if text:
            self.app.lend(partial(paged, text, self.session.machine.environ), "The pager")
        else:
            self.notify("There is no answer to read yet.", severity="warning", markup=False)

    def _say_at_the_end(self, words: str) -> None:
        self.app.last_words.append(words)

    # History and draft

    @work(exit_on_error=False, group="prompts")
    async def _remember(self) -> None:
        store = self._store
        try:
            entries, draft = await in_background(lambda: (store.entries(), store.draft()))
        except OSError as error:
            self._warn(error)
            return
        self.box.remember(entries)
        if draft is None:
            return
        may_fill = not (self.prompt_given or self.session.number) and self.box.is_untouched
        has_text = bool(draft.user) and draft.user != self.prompt_text
        if may_fill:
            if has_text:
                self.box.take(draft.user)
            self.box.instruct(draft.system)
        elif has_text:
            self.box.area.prompts.keep(draft.user)
            self._in_background(lambda: store.add(draft.user))

    @on(PromptBox.Edited)
    def _edited(self) -> None:
        if not self._draft_due:
            self._draft_due = True
            self.set_timer(_DRAFT_EVERY, self._keep_draft)

    def _keep_draft(self) -> None:
        self._draft_due = False
        self._in_background(self._store.draft_step(self._draft))

    async def keep_last_draft(self) -> None:
        """Keep what is not sent, before the program is left."""
        if not self.WRITES_PROMPTS:
            return
        with suppress(OSError, TimeoutError):
            await in_background(self._store.draft_step(self._draft), _LAST_DRAFT)

    @property
    def _draft(self) -> Draft | None:
        """What would be a pity to lose; without a user's text it is the system prompt that was written."""
        box = self.box
        text = "" if box.is_untouched or not box.text.strip() else box.text
        given = self._chosen.system if self._chosen is not None else None
        return Draft(user=text, system=box.system) if text or box.system != (given or None) else None

    @work(exit_on_error=False, group="prompts")
    async def _in_background(self, step: Callable[[], None]) -> None:
        try:
            await in_background(step)
        except OSError as error:
            self._warn(error)

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            why = error.strerror or str(error)
            self.notify(f"{why}: it lasts for this session only.", title="Prompt history", severity="warning")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer shows what applies."""
        match action:
            case "prompts":
                return bool(self.session.config.templates)
            case "next_turn" | "pager":
                return self.session.run is not None
            case "fresh":
                return self._goes_on
            case _:
                return super().check_action(action, parameters)
