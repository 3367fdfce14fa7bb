"""The formats that a comparison is exported in, by name and by a file's ending."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml
from ostream_compare.export import csv, markdown

Format = Literal["toml", "json", "csv", "md"]

_WRITERS: Mapping[Format, Callable[[Comparison], str]] = MappingProxyType(
    {"toml": to_toml, "json": to_json, "csv": csv.to_csv, "md": markdown.to_markdown}
)
_ENDINGS: Mapping[str, Format] = MappingProxyType(
    {".toml": "toml", ".json": "json", ".csv": "csv", ".md": "md", ".markdown": "md"}
)


def export(comparison: Comparison, kind: Format) -> str:
    """`comparison` as a document of `kind`."""
    return _WRITERS[kind](comparison)


def format_of(name: str) -> Format | None:
    """The format that a file's ending asks for."""
    return _ENDINGS.get(PurePath(name).suffix.lower())


def read(text: str, kind: Format, *, path: str | None = None) -> Comparison:
    """The comparison in an export.

    Raises:
        UserError: The format keeps too little to be read back, or the text is not of it.
    """
    if kind == "toml":
        return from_toml(text, path=path)
    if kind == "json":
        return from_json(text, path=path)
    raise UserError(
        "Cannot read", Problem(message=f"{kind} is for people: read a TOML or JSON export", path=path)
    )
