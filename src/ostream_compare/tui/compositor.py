"""Textual's compositor, made to draw only what is seen of what changed."""

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, cast

from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Chops = list[dict[int, Strip | None]]
"""A row each: by the column where it begins, what stands between two edges of widgets; `None`: as it was."""


class ThriftyUpdate(ChopsUpdate):
    """As Textual's, but a place is written without an object for it."""

    def render_segments(self, console: Console) -> str:
        """What the terminal gets."""
        pieces: list[str] = []
        for y, first, last in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=True):
                if strip is None or x >= last or end <= first:
                    continue
                shown = strip if end <= last else strip.crop(0, last - x)
                pieces.append(f"\x1b[{y + 1};{x + 1}H{shown.render(console)}")
        return "".join(pieces)


class ThriftyCompositor(Compositor):
    """Asks a widget for a row only if changed cells of it are not covered by widgets in front.

    Textual's own asks all widgets for all their rows, whichever cells changed.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed, if anything did."""
        screen = self.size.region
        regions = [region.intersection(screen) for region in self._dirty_regions]
        self._dirty_regions.clear()
        spans = list(self._regions_to_spans(region for region in regions if region))
        if not spans:
            return None
        cuts = self.cuts
        chops: Chops = [{} for _ in cuts]
        missing: dict[int, set[int]] = {}
        for y, first, last in spans:
            row = cuts[y]
            if y not in missing:
                chops[y] = dict.fromkeys(row[:-1])
                missing[y] = set()
            missing[y] |= {*row[max(0, bisect_right(row, first) - 1) : bisect_left(row, last)]}
        self._fill(chops, missing)
        shown = cast("Sequence[Mapping[int, Strip | None]]", chops)
        return ThriftyUpdate(shown, spans, [row[1:] for row in cuts])

    def _fill(self, chops: Chops, missing: dict[int, set[int]]) -> None:
        """Take what is missing of each row, by its columns, from the foremost widget that has it."""
        for widget, (region, clip) in self.visible_widgets.items():
            if not missing:
                return
            seen = region.intersection(clip)
            left, right = seen.column_span
            rows = [
                y for y in seen.line_range if y in missing and any(left <= cut < right for cut in missing[y])
            ]
            if not rows:
                continue
            top = rows[0]
            strips = widget.render_lines(
                Region(left - region.x, top - region.y, seen.width, rows[-1] + 1 - top)
            )
            for y in rows:
                cuts = [cut for cut in self.cuts[y] if left <= cut <= right]
                wanted = missing[y]
                pieces = strips[y - top].divide([cut - left for cut in cuts[1:]])
                for cut, piece in zip(cuts, pieces, strict=False):
                    if cut in wanted:
                        chops[y][cut] = piece
                        wanted.discard(cut)
                if not wanted:
                    del missing[y]
