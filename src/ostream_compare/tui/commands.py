"""The command palette's commands: everything that has a key here, and the themes."""

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

_HIDDEN = ("pane_", "scroll_", "page_", "palette", "top", "follow", "next_pane", "previous_pane", "interrupt")
_HIDDEN_EXACTLY = frozenset({"left", "right", "up", "down"})
"""Moving about is done with keys."""


class SessionCommands(Provider):
    """Bindings that apply now, by their tooltips."""

    def _commands(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        told: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            name = binding.id
            if not name or name in told or not active.enabled:
                continue
            if not name.startswith(_HIDDEN) and name not in _HIDDEN_EXACTLY:
                told.add(name)
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
