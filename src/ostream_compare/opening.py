"""The shortest way to the first picture: `ostream-compare FILE` in a terminal, with no flag.

A glance at the file gives what the first picture shows; the process that makes the calls is started, and
imports what it needs while Textual does the same; all else is read and imported behind the picture. Whatever
is not as simple as that goes the usual way, from the command line's own module.
"""

import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ostream_compare.tui.early import Opened

_PREFIX = "OSTREAM_COMPARE_"
_MOST_BYTES = 1024 * 1024
_KEY_VARIABLES = frozenset({"api_key_env", "env_key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a file says before it is checked."""

    path: str
    names: tuple[str, ...]
    """Of the models that are on."""
    demo: bool
    """Whether one of them may be the demo's."""
    prompt: str
    """The first one, as far as it needs no filling in."""
    hidden: frozenset[str]
    """Environment variables that may hold keys."""


def is_plain(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether nothing is asked for but the UI on a file, and there is a terminal for it."""
    return (
        len(arguments) == 1
        and arguments[0].endswith(".toml")
        and not arguments[0].startswith("-")
        and not any(name.startswith(_PREFIX) for name in environ)
        and environ.get("TERM") != "dumb"
        and all(_is_terminal(stream) for stream in (0, 1, 2))
    )


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def glance(path: str) -> Glance | None:
    """What the file at `path` says; `None` where the usual way has to say what is wrong with it."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not imported yet
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            return None
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError, ArithmeticError, RecursionError):
        return None
    models = [table for table in _tables(document.get("models")) if table.get("enabled", True) is True]
    names = [table.get("name") for table in models]
    if not names or not all(isinstance(name, str) for name in names):
        return None
    kinds = document.get("providers", {})
    providers = {table.get("provider") for table in models}
    demo = isinstance(kinds, dict) and any(
        isinstance(table, dict) and cast("dict[str, Any]", table).get("kind") == "demo"
        for name, table in cast("dict[str, Any]", kinds).items()
        if name in providers
    )
    return Glance(
        path=path,
        names=tuple(cast("list[str]", names)),
        demo=demo,
        prompt=_prompt(document),
        hidden=frozenset(_key_variables(document)),
    )


def _tables(value: object) -> list[dict[str, Any]]:
    entries = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict)]


def _prompt(document: dict[str, Any]) -> str:
    text = next((table.get("user") for table in _tables(document.get("prompts"))), None)
    return text if isinstance(text, str) and "{" not in text and "}" not in text else ""


def _key_variables(value: object) -> "Iterator[str]":
    """The names that stand anywhere as a key's variable."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            if key in _KEY_VARIABLES and isinstance(inner, str):
                yield inner
            yield from _key_variables(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _key_variables(inner)


def open_plainly(seen: Glance) -> int:
    """Open the UI on the file that was glanced at; the exit code."""
    from ostream_compare.collector.child import start_child  # noqa: PLC0415 - not for --version

    try:
        child = start_child(hidden=seen.hidden)
    except OSError:
        return _usual()
    from ostream_compare.domain.errors import UserError  # noqa: PLC0415 - after the child was started
    from ostream_compare.storage.settings import SettingsFile  # noqa: PLC0415 - as above
    from ostream_compare.tui.early import open_early  # noqa: PLC0415 - as above
    from ostream_compare.tui.screens.opening import Picture  # noqa: PLC0415 - as above

    def opened() -> "Opened":
        from ostream_compare.cli import opened  # noqa: PLC0415 - behind the first picture

        return opened(seen.path, child)

    known = SettingsFile.of_user().peek()
    chosen = tuple(name for name in known.models_of(seen.path) if name in seen.names)
    picture = Picture(
        file=seen.path, names=chosen or seen.names, demo=seen.demo, prompt=seen.prompt, theme=known.theme
    )
    try:
        return open_early(picture, opened)
    except UserError as error:
        from ostream_compare.cli import told  # noqa: PLC0415 - where something is wrong

        return told(error)
    except Exception as error:  # noqa: BLE001 - it is told, and where to report it: Python's own words are raw
        from ostream_compare.mishap import tell  # noqa: PLC0415 - where something is wrong

        return tell(error)
    finally:
        if child.process.poll() is None:
            child.process.kill()
            child.process.wait()


def _usual() -> int:
    from ostream_compare.cli import start  # noqa: PLC0415 - cyclopts and Pydantic take half a second

    return start(sys.argv[1:])
