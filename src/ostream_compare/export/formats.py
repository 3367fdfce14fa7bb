"""The formats that a comparison is exported in, by name and by a file's ending."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml
from ostream_compare.export import csv, markdown

Format = Literal["toml", "json", "csv", "md", "html", "junit"]


def _html(comparison: Comparison) -> str:
    from ostream_compare.export.html import to_html  # noqa: PLC0415 - jinja2 is for this format alone

    return to_html(comparison)


def _junit(comparison: Comparison) -> str:
    from ostream_compare.export.junit import to_junit  # noqa: PLC0415 - so is the XML writer

    return to_junit(comparison)


_WRITERS: Mapping[Format, Callable[[Comparison], str]] = MappingProxyType(
    {
        "toml": to_toml,
        "json": to_json,
        "csv": csv.to_csv,
        "md": markdown.to_markdown,
        "html": _html,
        "junit": _junit,
    }
)
_ENDINGS: Mapping[str, Format] = MappingProxyType(
    {
        ".toml": "toml",
        ".json": "json",
        ".csv": "csv",
        ".md": "md",
        ".markdown": "md",
        ".html": "html",
        ".htm": "html",
        ".xml": "junit",
    }
)


def export(comparison: Comparison, kind: Format) -> str:
    """`comparison` as a document of `kind`."""
    return _WRITERS[kind](comparison)


def format_of(name: str) -> Format | None:
    """The format that a file's ending asks for."""
    return _ENDINGS.get(PurePath(name).suffix.lower())


def check_ending(name: str, kind: Format | None) -> None:
    """Refuse a file whose ending is of no format, unless one is given.

    Raises:
        UserError: It is.
    """
    ending = PurePath(name).suffix
    if kind is None and ending and format_of(name) is None:
        message = f"{clean_line(ending)} is the ending of no format: one of {' '.join(_ENDINGS)}"
        raise UserError("Which format?", Problem(key="--output", message=message, hint="or give --format"))


def ending_of(kind: Format) -> str:
    """What a file of this format is called by default: `.md`."""
    return next(ending for ending, named in _ENDINGS.items() if named == kind)


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
