"""Which models of the file the next run asks, and in which order."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from ostream_compare.domain.preset import Preset
from ostream_compare.tui.model_rows import HEAD, ModelRow, columns
from ostream_compare.tui.screens.dialog import Dialog
from ostream_compare.tui.screens.modal import Modal
from ostream_compare.tui.widgets.key_bar import KeyBar
from ostream_compare.tui.widgets.marked_list import MarkedList

Picked = tuple[Preset, ...]
_MARK = 4
"""Cells of `[x] `."""


_SHARE = 90
"""Per cent of the rows above the keys that the frame may take, as the style sheet says."""
_AROUND = 5
"""Rows of it that are none of the list's: its edges, the filter, a blank, the head."""


class ModelPicker(Dialog[Picked | None], Modal[Picked | None]):
    """Answers with the chosen models in their order, or with nothing."""

    CSS_PATH = "model_picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "accept",
            "Take",
            priority=True,
            id="take_models",
            key_display="⏎",
            tooltip="Ask these from the next run on",
        ),
        Binding("space", "switch", "On, off", id="toggle_model", tooltip="Ask this model, or not"),
        Binding("a", "all(True)", "All", id="all_models", tooltip="All that are listed"),
        Binding("n", "all(False)", "None", id="no_models", tooltip="None of those that are listed"),
        Binding("r", "reset", "Reset", id="models_of_file", tooltip="As the file has them"),
        Binding("slash", "filter", "Filter", id="filter_models", key_display="/", tooltip="List fewer"),
        Binding(
            "shift+down", "shift(1)", "Move", id="model_down", key_display="⇧↑↓", tooltip="Later in the row"
        ),
        Binding("shift+up", "shift(-1)", "Move up", show=False, id="model_up", tooltip="Earlier in the row"),
        Binding("escape", "leave", "Leave", id="leave_models", key_display="esc", tooltip="As it was"),
    ]

    def __init__(self, rows: Sequence[ModelRow], chosen: Picked, of_file: Picked) -> None:
        """Ask for the models.

        Args:
            rows: All models of the file, in its order.
            chosen: Those of the next run so far.
            of_file: Those that the file enables.
        """
        super().__init__()
        self._in_file = tuple(rows)
        self._of_file = of_file
        self._listed: list[ModelRow] = []
        self._take_over(chosen)

    def _take_over(self, chosen: Picked) -> None:
        """The chosen ones are on; where they are in another order than in the file, they come first."""
        self._on = {preset.name for preset in chosen}
        file_order = tuple(row.preset.name for row in self._in_file if row.preset.name in self._on)
        names = tuple(preset.name for preset in chosen)
        places = {} if names == file_order else {name: place for place, name in enumerate(names)}
        self._rows = sorted(self._in_file, key=lambda row: places.get(row.preset.name, len(self._in_file)))

    def compose(self) -> ComposeResult:
        """A filter and the models; how many are on stands in the lower edge."""
        with Vertical(id="models"):
            yield Input(placeholder="/ filters by name, provider or id", id="filter", compact=True)
            yield Static("", id="head", markup=False)
            yield MarkedList(markup=False, compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        """The list has the keys; the filter takes them when it is asked for."""
        self.query_one("#models").border_title = "Models of the next run"
        self._list.focus()
        self._fill()

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _filter(self) -> Input:
        return self.query_one("#filter", Input)

    @property
    def picked(self) -> Picked:
        """Those that are on, in their order."""
        return tuple(row.preset for row in self._rows if row.preset.name in self._on)

    def _fill(self, at: str | None = None) -> None:
        """List what the filter leaves; the cursor goes to the model `at`, or stays where it was."""
        at = at or self._here
        self._listed = [row for row in self._rows if row.matches(self._filter.value)]
        width = self._list.scrollable_content_region.width - _MARK - 1
        head, *lines = columns([HEAD, *(row.cells for row in self._listed)], width)
        self.query_one("#head", Static).update(Content(" " * _MARK + head))
        self._list.set_options(
            Content(f"{'[x]' if row.preset.name in self._on else '[ ]'} {line}")
            for row, line in zip(self._listed, lines, strict=True)
        )
        names = [row.preset.name for row in self._listed]
        if names:
            self._list.highlighted = names.index(at) if at in names else 0
        count = f"{len(self.picked)} of {len(self._rows)} on"
        hidden = len(self._rows) - len(names)
        self._say(count + (f", {hidden} not listed" if hidden else ""))

    def _say(self, words: str) -> None:
        """In the lower edge, which is in sight whatever the size."""
        self.query_one("#models").border_subtitle = Content(words).markup

    @property
    def _here(self) -> str | None:
        place = self._list.highlighted
        return self._listed[place].preset.name if place is not None and place < len(self._listed) else None

    def on_resize(self, event: events.Resize) -> None:
        """Other columns, and as many rows as the frame has room for: it would hide the last ones else."""
        self._list.styles.max_height = max(1, (event.size.height - 1) * _SHARE // 100 - _AROUND)
        self.call_after_refresh(self._fill)

    # Keys

    @on(Input.Changed)
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_switch()

    def action_switch(self) -> None:
        """Ask this model, or not."""
        if (name := self._here) is not None:
            self._on ^= {name}
            self._fill()

    def action_all(self, on: bool) -> None:  # noqa: FBT001 - a binding's parameter has no name
        """All that are listed on, or off."""
        names = {row.preset.name for row in self._listed}
        self._on = self._on | names if on else self._on - names
        self._fill()

    def action_reset(self) -> None:
        """As the file has them."""
        self._take_over(self._of_file)
        self._fill()

    def action_shift(self, by: int) -> None:
        """This model later or earlier than its listed neighbour."""
        place = self._list.highlighted
        if place is None or not 0 <= place + by < len(self._listed):
            return
        here, there = (self._rows.index(self._listed[at]) for at in (place, place + by))
        self._rows[here], self._rows[there] = self._rows[there], self._rows[here]
        self._fill()

    def action_filter(self) -> None:
        """Type what is to be listed."""
        self.set_focus(self._filter)

    def action_accept(self) -> None:
        """Take them; from the filter, to the list."""
        if self._filter.has_focus:
            self.set_focus(self._list)
        elif self.picked:
            self.dismiss(self.picked)
        else:
            self._say("Choose one model at least.")

    def action_leave(self) -> None:
        """From the filter, to the whole list; else leave everything as it was."""
        if self._filter.has_focus:
            self._filter.value = ""
            self.set_focus(self._list)
        else:
            self.dismiss(None)
