"""What the model picker says about each model: where it is, whether there is a key, whether a price. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from ostream_compare.collector.keys import find_key
from ostream_compare.domain.figures import UNKNOWN, known_amount
from ostream_compare.domain.preset import Preset
from ostream_compare.domain.run import Run
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.tui.widgets.frame import cropped

HEAD = ("Model", "Provider", "Id", "Key", "Price")
_GAP = 2
_LEAST_NAME = 12
_LEAST_ID = 12
"""Cells below which a column of names or ids says nothing."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of the file."""

    preset: Preset
    cells: tuple[str, ...]
    """One for each of `HEAD`."""

    def matches(self, text: str) -> bool:
        """Whether its name, provider or id has every word of `text`."""
        about = " ".join(self.cells[:3]).casefold()
        return all(word in about for word in text.casefold().split())


def model_row(preset: Preset, environ: Mapping[str, str], run: Run | None, *, trusted: bool) -> ModelRow:
    """One model as it is now; a command that prints a key is not run for it."""
    return ModelRow(
        preset,
        (
            clean_line(preset.name),
            clean_line(preset.provider.name),
            clean_line(preset.model),
            _key(preset, environ, trusted=trusted),
            _price(preset, run),
        ),
    )


def _key(preset: Preset, environ: Mapping[str, str], *, trusted: bool) -> str:
    provider = preset.provider
    if provider.kind == "demo" or not provider.needs_key:
        return "none needed"
    if provider.api_key_env is None:
        return "? a command's"
    key = find_key(provider, environ, trusted=trusted)
    if key.missing is None:
        return "✓ there"
    return "✗ missing" if key.kind == "missing_key" else "✗ not sent"


def _price(preset: Preset, run: Run | None) -> str:
    """The file's word, else what the last answer showed; the price list is not loaded for it."""
    if preset.is_demo or (preset.price is not None and preset.price.free):
        return "free"
    if preset.price is not None:
        return "✓ the file's"
    asked = (
        [response for response in run.responses if response.name == preset.name] if run is not None else []
    )
    if not asked:
        return "? not asked yet"
    return "✓ known" if any(known_amount(response.cost) is not None for response in asked) else UNKNOWN


def columns(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Each row as one line of at most `width` cells; ids are cropped, providers left out before them."""
    kept = list(range(len(HEAD)))
    for dropped in (None, 1, 2):
        if dropped is not None:
            kept.remove(dropped)
        widths = {column: max((cell_len(row[column]) for row in rows), default=0) for column in kept}
        widths[0] = min(widths[0], max(_LEAST_NAME, width // 3))
        spare = width - sum(widths.values()) - _GAP * (len(kept) - 1)
        if spare < 0 and 2 in widths:  # noqa: PLR2004 - the id
            widths[2] = widths[2] + spare
        if widths.get(2, _LEAST_ID) >= min(_LEAST_ID, max((cell_len(row[2]) for row in rows), default=0)):
            break
    if 2 not in widths and spare > 0:  # noqa: PLR2004 - the id
        widths[0] = min(widths[0] + spare, max((cell_len(row[0]) for row in rows), default=0))
    joint = " " * _GAP
    lines = (
        joint.join(set_cell_size(cropped(row[at], size), size) for at, size in widths.items()) for row in rows
    )
    return [cropped(line.rstrip(), width) for line in lines]
