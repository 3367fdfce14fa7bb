"""Export a comparison: in which format, and to which file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, get_args

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.export.formats import Format, ending_of, export, format_of
from ostream_compare.storage.atomic import create_file, replace_file
from ostream_compare.storage.places import why_not
from ostream_compare.tui.background import in_background
from ostream_compare.tui.screens.dialog import Dialog
from ostream_compare.tui.screens.modal import Modal
from ostream_compare.tui.widgets.key_bar import KeyBar

FORMATS: tuple[Format, ...] = get_args(Format)
_ABOUT: dict[str, str] = {
    "toml": "Everything; can be opened again.",
    "json": "Everything; for other programs.",
    "csv": "A row a response, for spreadsheets.",
    "md": "Markdown: the table and all answers, to read.",
    "html": "A page of its own: table, answers, plots.",
    "junit": "JUnit XML: a test case a response, for CI.",
}
_FIRST: Format = "md"


class _Choice(Static):
    """One format; a click chooses it."""

    ALLOW_SELECT: ClassVar[bool] = False

    @dataclass
    class Clicked(Message):
        """It was clicked."""

        format: Format

    def __init__(self, kind: Format) -> None:
        super().__init__(markup=False)
        self.format: Format = kind

    def show(self, *, chosen: bool) -> None:
        """Filled or empty."""
        self.set_class(chosen, "-chosen")
        self.update(Content(f"{'(•)' if chosen else '( )'} {self.format}"))

    def on_click(self) -> None:
        """Choose this one."""
        self.post_message(self.Clicked(self.format))


class ExportDialog(Dialog[None], Modal[None]):
    """Stays open until something was written, or someone leaves."""

    CSS_PATH = "export_dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "export",
            "Export",
            priority=True,
            id="write_export",
            key_display="⏎",
            tooltip="Write the file",
        ),
        Binding(
            "down",
            "format(1)",
            "Format",
            priority=True,
            id="next_format",
            key_display="↑↓",
            tooltip="The next format",
        ),
        Binding(
            "up",
            "format(-1)",
            "Format before",
            show=False,
            priority=True,
            id="previous_format",
            tooltip="The format before",
        ),
        Binding("escape", "close", "Leave", id="close_export", key_display="esc", tooltip="Write nothing"),
    ]

    def __init__(self, taken: Callable[[], Comparison], stem: str) -> None:
        """Ask where to.

        Args:
            taken: Makes the comparison to export; called on a thread.
            stem: The proposed file's name without its ending.
        """
        super().__init__()
        self._taken = taken
        self._stem = stem
        self._format: Format = _FIRST
        self._replaces: Path | None = None
        """The file of which it was asked whether it may be written over."""
        self._writing = False

    def compose(self) -> ComposeResult:
        """Formats, the file's name, what is to be said."""
        with Vertical(id="export"):
            with Horizontal(id="formats"):
                yield from (_Choice(kind) for kind in FORMATS)
            yield Static("", id="about", markup=False)
            yield Input(
                f"{self._stem}{ending_of(self._format)}", id="path", compact=True, select_on_focus=False
            )
            yield Static("", id="said", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """The name is there already: enter is enough."""
        self.query_one("#export").border_title = "Export"
        self._path.focus()
        self._show_format()

    @property
    def _path(self) -> Input:
        return self.query_one("#path", Input)

    def _show_format(self) -> None:
        for choice in self.query(_Choice):
            choice.show(chosen=choice.format == self._format)
        self.query_one("#about", Static).update(Content(_ABOUT.get(self._format, "")))

    def _say(self, what: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(wrong, "-wrong")
        said.update(Content(clean_line(what)))

    def failed(self, reason: str) -> None:
        """The writer ended by a mistake of its own."""
        self._writing = False
        self._say(reason, wrong=True)

    # What is typed and chosen

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """A known ending chooses its format; a question that was asked is void."""
        event.stop()
        self._replaces = None
        self._say("")
        named = format_of(event.value)
        if named is not None and named != self._format:
            self._format = named
            self._show_format()

    @on(_Choice.Clicked)
    def _clicked(self, message: _Choice.Clicked) -> None:
        message.stop()
        self._choose(message.format)
        self.set_focus(self._path)

    def action_format(self, by: int) -> None:
        """Another format; the file's ending follows."""
        self._choose(FORMATS[(FORMATS.index(self._format) + by) % len(FORMATS)])

    def _choose(self, kind: Format) -> None:
        name = self._path.value
        if format_of(name) == self._format:
            stem, _, _ = name.rpartition(".")
            self._path.value = stem + ending_of(kind)
            self._path.cursor_position = len(self._path.value)
        self._format = kind
        self._show_format()

    # Writing

    def action_export(self) -> None:
        """Write the file; over another one only after asking."""
        if self._writing:
            return
        path = self._wanted()
        if path is not None:
            if os.path.lexists(path):
                self._ask(path)
            else:
                self._write(path, self._format, over=False)

    def _wanted(self) -> Path | None:
        """The path that was typed, if a file can be written there."""
        name = self._path.value.strip()
        try:
            path = Path(name).expanduser().absolute()
            reason = why_not(path)
        except (RuntimeError, ValueError) as error:
            self._say(f"That is no file's name: {error}", wrong=True)
            return None
        if not name:
            self._say("Name a file.", wrong=True)
        elif reason is not None:
            self._say(f"{reason[:1].upper()}{reason[1:]}.", wrong=True)
        else:
            return path
        return None

    def _ask(self, path: Path) -> None:
        if self._replaces == path:
            self._write(path, self._format, over=True)
            return
        self._replaces = path
        self._say(
            f"{path.name} is there already: {self.app.key('write_export')} again writes over it.", wrong=True
        )

    @work(exclusive=True, exit_on_error=False, group="export")
    async def _write(self, path: Path, kind: Format, *, over: bool) -> None:
        self._writing = True
        self._say("Writing …")

        def write() -> int:
            data = export(self._taken(), kind).encode()
            if over:
                replace_file(path, data)
            else:
                create_file(path, data)
            return len(data)

        try:
            size = await in_background(write)
        except FileExistsError:
            self._writing = False
            self._ask(path)  # somebody else was quicker
        except (OSError, ValueError) as error:  # ValueError: no system takes such a name
            self._writing = False
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._say(f"{path.name} could not be written: {why}.", wrong=True)
        else:
            self.notify(f"{path}\n{kind}, {_size(size)}", title="Exported", markup=False)
            self.dismiss(None)

    def action_close(self) -> None:
        """Leave; what is being written still comes to its end."""
        self.dismiss(None)


def _size(count: int) -> str:
    return f"{count} bytes" if count < 1000 else f"{count / 1000:.1f} kB"  # noqa: PLR2004 - a kB has 1000 bytes
