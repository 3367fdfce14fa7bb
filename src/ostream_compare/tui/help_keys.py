"""The help's lists of keys: those of the screen that one comes from, then those of all others."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from textual.binding import ActiveBinding
from textual.content import Content

from ostream_compare.tui.key_table import DIALOGS, EVERYWHERE, FIELDS, PANES, REPLAY, KeyRow
from ostream_compare.tui.widgets.terms import Section

IN_THE_PANES = "the panes"
_SCREENS: dict[str, Sequence[KeyRow]] = {
    IN_THE_PANES: PANES,
    "an earlier run in the panes": REPLAY,
    **FIELDS,
    **DIALOGS,
}
_FIRST, _LAST = "1", "9"


class KeyLists:
    """Every key, as it is after what the user has changed.

    Args:
        active: What the screen binds now.
        remapped: Id to keys, where they are not the usual ones.
        display: How a key is written.
    """

    def __init__(
        self, active: Iterable[ActiveBinding], remapped: Mapping[str, str], display: Callable[[str], str]
    ) -> None:
        bound = [of for of in active if of.enabled]
        self._now = {of.binding.id for of in bound}
        self._shown = {of.binding.id for of in bound if of.binding.show}
        self._remapped = remapped
        self._display = display

    def here(self, screen: str) -> Section:
        """What the screen listens to, those of the last row first, and which of them do nothing now."""
        rows = sorted((*_SCREENS[screen], *self._extra(screen), *EVERYWHERE), key=self._order)
        terms = [("", Content.styled("The name at the end is what [ui.keymap] takes.", "$text-muted"))]
        return Section(title="Keys", terms=[*terms, *self._terms(rows, now=self._now)])

    def elsewhere(self, screen: str) -> list[Section]:
        """A section for each other screen."""
        return [
            Section(title=f"Keys in {other}", terms=self._terms(rows))
            for other, rows in _SCREENS.items()
            if other != screen
        ]

    def _extra(self, screen: str) -> Sequence[KeyRow]:
        is_replay = screen == IN_THE_PANES and not self._now.isdisjoint(name for name, *_ in REPLAY)
        return REPLAY if is_replay else ()

    def _order(self, row: KeyRow) -> bool:
        return row[0] not in self._shown

    def _terms(
        self, rows: Iterable[KeyRow], now: set[str | None] | None = None
    ) -> list[tuple[str, str | Content]]:
        terms: list[tuple[str, str | Content]] = []
        for name, keys, what in rows:
            stem, _, number = name.rpartition("_")
            numbered = stem and number.isdecimal()
            if numbered and number != _FIRST and name not in self._remapped:
                continue
            if numbered and name not in self._remapped:
                shown, about = f"{_FIRST}-{_LAST}", f"{what} to {_LAST}"
                said = f"{name} … {stem}_{_LAST}"
            else:
                about = what
                shown, said = self._written(self._remapped.get(name, keys)), name
            idle = now is not None and name not in now
            meaning = Content.assemble(
                Content.styled(f"{about} (not now)", "$text-muted") if idle else Content(about),
                "  ",
                Content.styled(said, "$text-muted"),
            )
            terms.append((shown, meaning))
        return terms

    def _written(self, keys: str) -> str:
        return ", ".join(dict.fromkeys(self._display(key) for key in keys.split(",")))
