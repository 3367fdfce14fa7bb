"""The command palette's commands: everything that has a key here, and the themes."""

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

_HIDDEN = ("pane_", "scroll_", "page_", "palette")


class SessionCommands(Provider):
    """Bindings that apply now, by their tooltips."""

    def _commands(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id and active.enabled and not binding.id.startswith(_HIDDEN):
                key = self.app.get_key_display(binding)
                run = partial(self.app.run_action, binding.action, active.node)
                yield f"{binding.description} ({key})", binding.tooltip, run
        yield "Theme", "Choose the colours", self.app.action_change_theme

    async def discover(self) -> Hits:
        """All commands, when nothing is typed yet."""
        for title, about, run in self._commands():
            yield DiscoveryHit(title, run, help=about)

    async def search(self, query: str) -> Hits:
        """Commands that match."""
        matcher = self.matcher(query)
        for title, about, run in self._commands():
            score = max(matcher.match(title), matcher.match(about))
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=about)
