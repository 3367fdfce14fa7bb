"""What keys do with the text of panes: Markdown or raw, reasoning folded, parts copied, links followed."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.widget import Widget

from ostream_compare.tui.links import has_browser, web_address
from ostream_compare.tui.screens.links import LinkChoice, LinkDialog, LinkList
from ostream_compare.tui.screens.running import RunningScreen
from ostream_compare.tui.widgets.pane import Pane


class ReadingScreen(RunningScreen):
    """A screen with panes."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Who has the focus; whoever gets or loses it draws itself, and the rest of the screen stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "raw", "Raw text", show=False, id="raw", tooltip="This answer as raw text or Markdown"),
        Binding("R", "fold_pane", "Reasoning", show=False, id="fold_pane", tooltip="Fold this reasoning"),
        Binding("ctrl+t", "fold", "Fold all", show=False, id="fold", tooltip="Reasoning shown or folded"),
        Binding(
            "Y,ctrl+o",
            "copy_code",
            "Copy code",
            show=False,
            id="copy_code",
            key_display="Y",
            tooltip="Copy the last code block",
        ),
        Binding("u", "links", "Links", show=False, id="links", tooltip="Open a link of this answer"),
    ]

    @property
    def panes(self) -> Sequence[Pane]:
        """All of them, by lane."""
        return tuple(self.query(Pane))

    @property
    def pane(self) -> Pane:
        """The current one."""
        return self.panes[self.current]

    def action_raw(self) -> None:
        """This pane's text as the model wrote it, or as Markdown."""
        self.pane.show_raw(not self.pane.raw)

    def action_fold_pane(self) -> None:
        """Reasoning of this pane as one row, or in full."""
        self.pane.fold(not self.pane.folded)

    def action_fold(self) -> None:
        """Reasoning in full if it is one row anywhere, else as one row."""
        folded = not any(pane.hides_reasoning for pane in self.panes)
        for pane in self.panes:
            pane.fold(folded)

    # Copying

    def copy_selected(self) -> bool:
        """Copy what is selected in a pane; whether there was anything."""
        chosen = next((pane for pane in self.panes if pane.selection), None)
        if chosen is None:
            return False
        self._copy(chosen.selected_text)
        chosen.select(None)
        return True

    def action_copy_code(self) -> None:
        """Copy the last code block of this answer."""
        from ostream_compare.tui.markdown import last_code_block  # noqa: PLC0415 - the engine, once it is needed

        code = last_code_block(self._answer())
        if code:
            self._copy(code)
        else:
            self.notify("There is no code block in this answer.", severity="warning", markup=False)

    # Links

    @on(Pane.LinkClicked)
    def _link_clicked(self, message: Pane.LinkClicked) -> None:
        message.stop()
        self._ask(message.url)

    def action_links(self) -> None:
        """Choose one of this answer's links."""
        links = self.pane.links
        if links:
            self.app.push_screen(LinkList(links), self._ask)
        else:
            self.notify("There is no link in this answer.", severity="warning", markup=False)

    def _ask(self, url: str | None) -> None:
        if url is None:
            return
        address = web_address(url)
        if address is None:
            self.notify("Only http and https links are opened.", severity="warning", markup=False)
        else:
            self.app.push_screen(LinkDialog(address), self._decided)

    def _decided(self, choice: LinkChoice) -> None:
        match choice:
            case ("open", url):
                self._open(url)
            case ("copy", url):
                self._copy(url)
            case _:
                pass

    def _open(self, url: str) -> None:
        if has_browser():
            self.app.open_url(url)
        else:
            self._copy(url, why="There is no browser here that leaves this terminal alone.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Panes first have to be there, and an answer to be copied."""
        match action:
            case "raw" | "fold" | "fold_pane" | "links":
                return bool(self.session.presets)
            case "copy_code":
                return self.session.run is not None
            case _:
                return super().check_action(action, parameters)
