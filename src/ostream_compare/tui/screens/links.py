"""Links of an answer: a list of them, and the question that stands before each is opened."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.links import WebAddress
from ostream_compare.tui.screens.modal import Modal
from ostream_compare.tui.widgets.marked_list import MarkedList

LinkChoice = tuple[str, str] | None
"""What is to be done (`open`, `copy`), and the address."""


class LinkDialog(Modal[LinkChoice]):
    """Shows where a link really leads, and asks."""

    CSS_PATH = "links.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o,enter", "open", "Open", id="link_open", tooltip="Open the address in the browser"),
        Binding("y,c", "copy", "Copy", id="link_copy", tooltip="Copy the address"),
        Binding("escape,q,n", "dismiss(None)", "Cancel", id="link_cancel", tooltip="Leave the link alone"),
    ]

    def __init__(self, address: WebAddress) -> None:
        super().__init__()
        self._address = address

    def compose(self) -> ComposeResult:
        """The whole address, and where it leads."""
        with Vertical(id="link"):
            yield Static(Content.assemble("Leads to ", Content.styled(self._address.host, "bold")), id="host")
            yield Static(Content(clean_line(self._address.url)), id="url")
            with Horizontal(id="buttons"):
                yield Button("Open (o)", id="open", variant="primary", compact=True)
                yield Button("Copy (y)", id="copy", compact=True)
                yield Button("Cancel (esc)", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Nothing is opened by a key that was meant for something else."""
        frame = self.query_one("#link")
        frame.border_title = "Open this link?"
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        match event.button.id:
            case "open":
                self.action_open()
            case "copy":
                self.action_copy()
            case _:
                self.dismiss(None)

    def action_open(self) -> None:
        """Open it."""
        self.dismiss(("open", self._address.url))

    def action_copy(self) -> None:
        """Copy it."""
        self.dismiss(("copy", self._address.url))


class LinkList(Modal[str | None]):
    """Every link of an answer, each with its address."""

    CSS_PATH = "links.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", id="links_close", tooltip="Open none"),
    ]

    def __init__(self, links: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._links = tuple(links)

    def compose(self) -> ComposeResult:
        """Text and address of each."""
        yield MarkedList(*(Option(_pair(text, url)) for text, url in self._links), id="links")

    def on_mount(self) -> None:
        """Say what it is."""
        links = self.query_one(OptionList)
        count = len(self._links)
        links.border_title = "1 link" if count == 1 else f"{count} links"
        links.border_subtitle = Content(f"enter opens, {self.app.key('links_close')} closes").markup
        links.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """One was chosen; it is still asked about."""
        event.stop()
        self.dismiss(self._links[event.option_index][1])


def _pair(text: str, url: str) -> Content:
    shown, address = clean_line(text), clean_line(url)
    if shown == address:
        return Content(address)
    return Content.assemble(Content.styled(shown, "bold"), "  ", address)
