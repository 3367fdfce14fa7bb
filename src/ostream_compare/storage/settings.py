"""What the program remembers between two starts: the theme, and the models that were chosen for a file."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from ostream_compare.storage.paths import opened_at_once, private_folder, state_folder

_VERSION = 1
_FILES = 200
"""Configuration files that are remembered; the oldest are forgotten."""
_LARGEST = 4 * 1024 * 1024
"""Bytes; a larger file is none of ours."""

Models = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that is remembered."""

    theme: str | None = None
    """Name of a theme."""
    models: Models = field(default=())
    """Names of the chosen models by the key of their file, the last used file last."""

    def models_of(self, config: str | None) -> tuple[str, ...]:
        """The models that were chosen for a configuration file; none: nothing is remembered."""
        return dict(self.models).get(_key(config), ()) if self.models else ()


class SettingsFile:
    """A small private JSON file; without a path nothing is read or written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.notice = ""
        """What was wrong with the file when it was last read."""

    @classmethod
    def of_user(cls) -> "SettingsFile":
        """The one in the user's state folder."""
        return cls(state_folder() / "settings.json")

    def load(self) -> Settings:
        """What is remembered; a file that cannot be used is as good as none, and `notice` says so."""
        self.notice = ""
        if self._path is None:
            return Settings()
        try:
            with opened_at_once(self._path) as file:
                content = file.read(_LARGEST + 1)
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            self.notice = f"{self._path} cannot be read: {error.strerror or error}"
            return Settings()
        try:
            return _read(content)
        except _NewerError:
            self.notice = f"{self._path} is a newer version's: it is left alone, and nothing is remembered"
            self._path = None
        except (ValueError, RecursionError):
            self._set_aside(self._path)
        return Settings()

    def peek(self) -> Settings:
        """What `load` would give, with nothing done and nothing said about a file that cannot be used."""
        if self._path is None:
            return Settings()
        try:
            with opened_at_once(self._path) as file:
                return _read(file.read(_LARGEST + 1))
        except (OSError, ValueError, RecursionError, _NewerError):
            return Settings()

    def _set_aside(self, path: Path) -> None:
        aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}")
        self.notice = f"{path} is damaged: the theme and the models chosen last are forgotten"
        with suppress(OSError):
            path.rename(aside)
            self.notice += f"; it is kept as {aside.name}"

    def remember_theme(self, theme: str) -> None:
        """Open with this theme.

        Raises:
            OSError: It could not be written.
        """
        self._keep(replace(self.load(), theme=theme))

    def remember_models(self, config: str | None, names: Sequence[str]) -> None:
        """Begin with these models of a configuration file, in this order.

        Raises:
            OSError: It could not be written.
        """
        settings = self.load()
        others = tuple((key, of) for key, of in settings.models if key != _key(config))
        self._keep(replace(settings, models=(*others, (_key(config), tuple(names)))[-_FILES:]))

    def _keep(self, settings: Settings) -> None:
        if self._path is None:
            return
        from ostream_compare.storage.atomic import replace_private  # noqa: PLC0415 - nothing is written at the start

        private_folder(self._path.parent)
        document = {"version": _VERSION, "theme": settings.theme, "models": dict(settings.models)}
        replace_private(self._path, json.dumps(document, indent=1).encode())


class _NewerError(Exception):
    """Another version of the program wrote it."""


def _key(config: str | None) -> str:
    """A configuration file by its place; its content may change."""
    if config is None:
        return "demo"
    from hashlib import sha256  # noqa: PLC0415 - the first picture rarely needs it

    return sha256(str(Path(config).absolute()).encode("utf-8", "surrogateescape")).hexdigest()


def _read(content: bytes) -> Settings:
    """The settings in a file.

    Raises:
        ValueError: It is none of ours.
        _NewerError: It is a newer version's.
    """
    if len(content) > _LARGEST:
        raise ValueError("too large")
    document = json.loads(content)
    if not isinstance(document, dict):
        raise ValueError("no object")  # noqa: TRY004 - the file is wrong, not a caller
    table = cast("dict[str, object]", document)
    version = table.get("version")
    if not isinstance(version, int) or version < 1:
        raise ValueError("no version")
    if version > _VERSION:
        raise _NewerError
    theme, models = table.get("theme"), table.get("models", {})
    if not (theme is None or isinstance(theme, str)) or not isinstance(models, dict):
        raise ValueError("not our types")
    return Settings(theme=theme, models=tuple(_entries(cast("dict[str, object]", models))))


def _entries(models: dict[str, object]) -> list[tuple[str, tuple[str, ...]]]:
    entries: list[tuple[str, tuple[str, ...]]] = []
    for key, names in models.items():
        if not isinstance(names, list):
            raise ValueError("no list of names")  # noqa: TRY004 - as above
        listed = cast("list[object]", names)
        if not all(isinstance(name, str) for name in listed):
            raise ValueError("a name that is no text")
        entries.append((key, tuple(cast("list[str]", listed))))
    return entries
