"""A TOML file of presets, read: what is right is a `Config`, what is wrong a list of problems."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from ostream_compare.config.flaws import dotted
from ostream_compare.config.key_lines import KeyLines
from ostream_compare.config.resolve import resolve
from ostream_compare.config.syntax import syntax_error
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Config

MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file that could be read, however much of it is wrong."""

    config: Config
    """The models and prompts that are right."""
    problems: tuple[Problem, ...] = ()
    """Everything that is wrong, by line."""
    wrong: tuple[str, ...] = ()
    """Names of the models that are left out because of it."""
    keymap_lines: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    """Line of each entry of `[ui.keymap]`: what is wrong there, only the UI's table of keys can tell."""


def load(path: str | Path) -> Loaded:
    """The presets of the file at `path`.

    Raises:
        UserError: It cannot be read, or it is no TOML at all.
    """
    return loads(_read(path), str(path))


def loads(content: bytes, path: str) -> Loaded:
    """The presets in `content`; `path` is what problems call it.

    Raises:
        UserError: It is no TOML.
    """
    text = _decoded(content, path)
    raw, lines = _parsed(text, path)
    found = resolve(raw, lines)
    problems = [
        Problem(
            path=path,
            line=lines.of(flaw.path),
            key=dotted(flaw.path) or None,
            message=flaw.message,
            hint=flaw.hint,
        )
        for flaw in found.flaws
    ]
    config = Config(
        path=path,
        sha256=sha256(content).hexdigest(),
        presets=tuple(found.models.presets),
        prompts=found.prompts,
        templates=found.templates,
        max_cost_usd=found.max_cost_usd,
        keymap=found.keymap,
        history=found.history,
    )
    keymap_lines = {name: lines.of(("ui", "keymap", name)) for name in found.keymap}
    return Loaded(
        config=config,
        problems=tuple(problems),
        wrong=tuple(found.models.wrong),
        keymap_lines=keymap_lines,
    )


def _unreadable(path: str, message: str, hint: str | None = None, line: int | None = None) -> UserError:
    return UserError("The file cannot be read", Problem(path=path, line=line, message=message, hint=hint))


def _read(path: str | Path) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(str(path), "there is no such file", _sibling(Path(path))) from None
    except IsADirectoryError:
        raise _unreadable(str(path), "is a folder, not a file", _first_config(Path(path))) from None
    except PermissionError:
        raise _unreadable(str(path), "may not be read by you", "see its permissions") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise _unreadable(str(path), f"cannot be read: {reason or error}") from None
    if len(content) > MOST_BYTES:
        raise _unreadable(str(path), "is over 1 MiB, which no file of presets is", "is it the right file?")
    return content


def _sibling(path: Path) -> str:
    try:
        names = [other.name for other in path.parent.glob("*.toml")]
    except OSError:
        names = []
    matches = get_close_matches(path.name, names, n=1)
    if matches:
        return f"did you mean {path.with_name(matches[0])}?"
    return "ostream-compare init writes a starter file, ostream-compare demo needs none"


def _first_config(path: Path) -> str | None:
    try:
        names = sorted(path.glob("*.toml"))
    except OSError:
        return None
    return f"did you mean {names[0]}?" if names else None


def _decoded(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, "is not UTF-8", "save it as UTF-8", line) from None


def _parsed(text: str, path: str) -> tuple[dict[str, Any], KeyLines]:
    try:
        return tomllib.loads(text, parse_float=_decimal), KeyLines(text)
    except RecursionError:
        raise _unreadable(path, "is nested too deeply", "presets need three levels") from None
    except ValueError as error:  # tomllib's own, or a number of thousands of digits
        raise syntax_error(str(error), text, path) from None


def _decimal(text: str) -> Decimal:
    """A number exactly as written; one beyond any exponent is infinite and refused where it stands."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")
