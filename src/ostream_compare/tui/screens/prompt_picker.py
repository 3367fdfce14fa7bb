"""The file's prompts in a list, and a form for the variables of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from ostream_compare.config.templates import prompt_with, prompts_of
from ostream_compare.domain.preset import Prompt, PromptTemplate
from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.tui.screens.modal import Modal
from ostream_compare.tui.widgets.marked_list import MarkedList

_ABOUT = 200
"""Characters of a prompt in its row; the terminal cuts them further."""
_PREVIEW = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list."""

    value: Prompt | PromptTemplate
    """A template is asked for its variables' values first."""
    title: str
    variables: str
    about: str
    """The prompt's first line."""

    @property
    def is_template(self) -> bool:
        """Whether values are still missing."""
        return isinstance(self.value, PromptTemplate)

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word is somewhere in it."""
        where = f"{self.title} {self.variables} {self.value.user} {self.value.system or ''}".casefold()
        return all(word in where for word in words)


def entries(templates: Sequence[PromptTemplate]) -> Iterator[Entry]:
    """Each prompt; one with variables as a form first, then with each combination of the file's values."""
    for template in templates:
        title = clean_line(template.name or "")
        if template.variables:
            asked = " ".join(f"{{{clean_line(name)}}}" for name in template.variables)
            yield Entry(template, title, f"{asked} …", _first_line(template.user))
        for prompt in prompts_of(template):
            given = ", ".join(clean_line(f"{name}: {value}") for name, value in prompt.variables.items())
            yield Entry(prompt, title, given, _first_line(prompt.user))


def _first_line(text: str) -> str:
    line = text.strip()[:_ABOUT].partition("\n")[0]
    return clean_line(line)


_SHARE = 80
"""Per cent of the screen's height that the frame may take, as the style sheet says."""
_AROUND = 4
"""Rows of it that are none of the list's: its edges, the filter, a blank."""


class PromptPicker(Modal[Prompt | PromptTemplate | None]):
    """Filtered by typing; enter takes the row that is marked."""

    CSS_PATH = "prompting.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="picker_close", tooltip="Take no prompt"),
        Binding("down", "mark(1)", "Down", show=False, id="picker_down", tooltip="The next prompt"),
        Binding("up", "mark(-1)", "Up", show=False, id="picker_up", tooltip="The prompt before"),
        Binding("pagedown", "mark(10)", "Page down", show=False, id="picker_page_down", tooltip="Ten on"),
        Binding("pageup", "mark(-10)", "Page up", show=False, id="picker_page_up", tooltip="Ten back"),
    ]

    def __init__(self, templates: Sequence[PromptTemplate]) -> None:
        super().__init__()
        self._all = tuple(entries(templates))
        self._shown = self._all

    def compose(self) -> ComposeResult:
        """What is typed, and what matches."""
        with Vertical(id="picker"):
            yield Input(placeholder="type to filter", compact=True)
            yield MarkedList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Everything matches nothing typed."""
        frame = self.query_one("#picker")
        frame.border_title = "Prompts of the file"
        frame.border_subtitle = Content(f"enter takes · {self.app.key('picker_close')} closes").markup
        self.query_one(OptionList).can_focus = False
        self._filter("")

    def on_resize(self, event: events.Resize) -> None:
        """As many rows as the frame has room for: it would hide the last ones else."""
        rows = event.size.height * _SHARE // 100 - _AROUND
        self.query_one(OptionList).styles.max_height = max(1, rows)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter(event.value)

    def _filter(self, query: str) -> None:
        words = query.casefold().split()
        self._shown = tuple(entry for entry in self._all if entry.matches(words))
        rows = self.query_one(OptionList)
        rows.clear_options()
        rows.add_options(Option(_row(entry)) for entry in self._shown)
        rows.highlighted = 0 if self._shown else None
        self.query_one("#picker").border_title = f"Prompts of the file · {len(self._shown)}"

    def action_mark(self, by: int) -> None:
        """Mark another row."""
        rows = self.query_one(OptionList)
        if self._shown:
            rows.highlighted = min(max(0, (rows.highlighted or 0) + by), len(self._shown) - 1)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        marked = self.query_one(OptionList).highlighted
        if marked is not None:
            self.dismiss(self._shown[marked].value)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index].value)


def _row(entry: Entry) -> Content:
    parts = [Content.styled(entry.title, "bold")] if entry.title else []
    if entry.variables:
        parts.append(Content.styled(entry.variables, "$text-accent" if entry.is_template else "$text-muted"))
    return Content("  ").join([*parts, Content(entry.about)])


class ValueInput(Input):
    """A variable's value; up and down go through those of the file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "Next", show=False, id="value_next", tooltip="The file's next value"),
        Binding("up", "choose(-1)", "Back", show=False, id="value_back", tooltip="The file's value before"),
    ]

    def __init__(self, variable: str, values: Sequence[str]) -> None:
        super().__init__(values[0] if values else "", compact=True)
        self.variable = variable
        self._values = tuple(values)

    def action_choose(self, by: int) -> None:
        """Another value of the file."""
        if self._values:
            at = self._values.index(self.value) + by if self.value in self._values else 0
            self.value = self._values[at % len(self._values)]
            self.action_end()


class PromptForm(Modal[Prompt | None]):
    """Asks for the values of a prompt's variables, and shows what becomes of it."""

    CSS_PATH = "prompting.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="form_cancel", tooltip="Take no prompt"),
        Binding("ctrl+j,alt+enter", "take", "Take", id="form_take", tooltip="Take it with these values"),
    ]

    def __init__(self, template: PromptTemplate) -> None:
        super().__init__()
        self._template = template

    def compose(self) -> ComposeResult:
        """A field for each variable, and the prompt below."""
        with VerticalScroll(id="form", can_focus=False):
            for name, values in self._template.variables.items():
                offered = " | ".join(clean_line(value) for value in values)
                yield Label(Content.assemble(Content.styled(clean_line(name), "bold"), "  ", offered))
                yield ValueInput(name, values)
            yield Static(id="preview", markup=False)

    def on_mount(self) -> None:
        """The file's first values stand in the fields."""
        frame = self.query_one("#form")
        frame.border_title = Content(clean_line(self._template.name or "Prompt")).markup
        cancel = self.app.key("form_cancel")
        frame.border_subtitle = Content(f"↑↓ values · enter goes on · {cancel} cancels").markup
        self._preview()

    @property
    def _filled(self) -> Prompt:
        fields = self.query(ValueInput)
        return prompt_with(self._template, {field.variable: field.value for field in fields})

    def _preview(self) -> None:
        self.query_one("#preview", Static).update(clean(self._filled.user[:_PREVIEW]))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._preview()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        fields = list(self.query(ValueInput))
        place = fields.index(event.input) if isinstance(event.input, ValueInput) else -1
        if place + 1 < len(fields):
            self.set_focus(fields[place + 1])
        else:
            self.action_take()

    def action_take(self) -> None:
        """Take the prompt as it is."""
        self.dismiss(self._filled)
