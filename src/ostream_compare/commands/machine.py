"""What `doctor` looks at. Of keys and proxies it takes no more than what may be shown to anyone."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from platformdirs import user_state_path

from ostream_compare import __version__
from ostream_compare.collector.keys import key_commands
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.domain.vendors import VENDORS
from ostream_compare.launch import CONFIG_VARIABLE, find_config
from ostream_compare.storage.paths import APP, config_file, data_folder, results_folder
from ostream_compare.storage.places import check_room

Fact = str | bool | None
"""`None` is what is not set or not known."""
Section = Mapping[str, Fact]

_LIBRARIES = (
    "textual",
    "openai",
    "httpx2",
    "pydantic",
    "cyclopts",
    "genai-prices",
    "tomlkit",
    "starlette",
    "uvicorn",
    "pyperclip",
)
_LONGEST = 200
"""Characters of a setting that are shown."""
_MOST_MODELS = 8
_LITTLE, _TOO_LITTLE = 100_000_000, 1_000_000
"""Free bytes of a disk that are told, and those in which no run of some size has room."""
_SSH = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was found."""

    sections: Mapping[str, Section]
    """By title; cleaned."""
    troubles: tuple[str, ...]
    """What is in the way, a line each; cleaned."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is in the way."""
        return not self.troubles


def report(environ: Mapping[str, str], *, discover: bool) -> Report:
    """Look at this machine; the network is asked for local servers only, and only if `discover`."""
    paths, path_troubles = _paths(environ)
    keys, file_troubles = _keys(environ)
    sections: dict[str, Section] = {
        "versions": _versions(),
        "paths": paths,
        "keys": keys,
        "terminal": terminal(environ, (sys.stdin, sys.stdout, sys.stderr)),
        "clipboard": {"copies": clipboard(environ, sys.platform, shutil.which)},
        "proxies": proxies(environ),
        "local_servers": _local_servers() if discover else {"not asked": "--no-discover"},
    }
    return Report(sections=sections, troubles=(*path_troubles, *file_troubles))


def _versions() -> Section:
    found: dict[str, Fact] = {
        "ostream-compare": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": clean_line(f"{platform.system()} {platform.release()} {platform.machine()}"),
    }
    for library in _LIBRARIES:
        found[library] = None
        with suppress(PackageNotFoundError):
            found[library] = version(library)
    return found


def _paths(environ: Mapping[str, str]) -> tuple[Section, list[str]]:
    named = environ.get(CONFIG_VARIABLE)
    config = Path(named) if named else config_file()
    folders = {
        "data": data_folder(),
        "results": results_folder(),
        "state": user_state_path(APP, appauthor=False),
    }
    states = {name: folder_state(folder) for name, folder in folders.items()}
    absent = "not there" if named else "not there: the built-in demo is run"
    is_there = os.path.isfile(config)  # noqa: PTH113 - no error in a home that is closed
    shown: dict[str, Fact] = {"config": _line(f"{config} ({'there' if is_there else absent})")}
    shown |= {name: _line(f"{folder} ({states[name]})") for name, folder in folders.items()}
    troubles = [
        _line(f"{name}: {folders[name]} {state}")
        for name, state in states.items()
        if state.startswith("cannot")
    ]
    return shown, troubles


def folder_state(folder: Path) -> str:
    """Whether files can be made in `folder`, which is tried; one that is not there is not made for it."""
    above = next((parent for parent in (folder, *folder.parents) if os.path.lexists(parent)), Path("/"))
    is_there = above == folder
    cannot = "cannot be written" if is_there and folder.is_dir() else "cannot be made"
    try:
        free = check_room(above)
    except OSError as error:
        return f"{cannot}: {error.strerror or error}"
    if free < _TOO_LITTLE:
        return f"{cannot}: {_size_words(free)} left on its disk"
    state = "can be written" if is_there else "not there yet, can be made"
    return state if free >= _LITTLE else f"{state}; {_size_words(free)} left on its disk"


def _size_words(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"  # noqa: PLR2004 - decimal units


def _keys(environ: Mapping[str, str]) -> tuple[Section, list[str]]:
    """Names of variables that hold keys, and what is wrong with the file that a run would use."""
    troubles: list[str] = []
    named: set[str] = set()
    found: dict[str, Fact] = {}
    try:
        loaded = find_config(None, environ)
    except UserError as error:
        troubles = [_line(str(error))]
    else:
        troubles = [_line(str(problem)) for problem in loaded.problems]
        variables = (preset.provider.api_key_env for preset in loaded.config.presets)
        named = {variable for variable in variables if variable is not None}
        commands = key_commands(loaded.config.presets)
        found |= {_line(f"`{run}`"): _line(f"run for the key of {names}") for run, names in commands.items()}
    for name in sorted(named | {vendor.variable for vendor in VENDORS}):
        is_set = bool(environ.get(name, "").strip())
        if is_set or name in named:
            found[name] = ("set" if is_set else "not set") + (", named by your file" if name in named else "")
    return found, troubles


def terminal(
    environ: Mapping[str, str], streams: tuple[TextIO | None, TextIO | None, TextIO | None]
) -> Section:
    """What the terminal says of itself.

    Args:
        environ: Settings.
        streams: stdin, stdout and stderr.
    """
    are_terminals = [stream is not None and stream.isatty() for stream in streams]
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), None)
    return {
        "stdin is a terminal": are_terminals[0],
        "stdout is a terminal": are_terminals[1],
        "stderr is a terminal": are_terminals[2],
        "size": _size(stream for stream, yes in zip(streams, are_terminals, strict=True) if yes),
        "TERM": _setting(environ, "TERM"),
        "COLORTERM": _setting(environ, "COLORTERM"),
        "colours": colours(environ),
        "NO_COLOR": bool(environ.get("NO_COLOR")),
        "locale": None if locale is None else _line(locale),
        "unicode": locale is not None and "utf8" in locale.lower().replace("-", ""),
        "inside": next(
            (
                name
                for name, mark in (("tmux", "TMUX"), ("screen", "STY"), ("zellij", "ZELLIJ"))
                if environ.get(mark)
            ),
            None,
        ),
        "over ssh": _is_remote(environ),
    }


def _size(terminals: Iterable[TextIO | None]) -> str | None:
    for stream in terminals:
        if stream is not None:
            with suppress(OSError):
                size = os.get_terminal_size(stream.fileno())
                return f"{size.columns}x{size.lines}"
    return None


def colours(environ: Mapping[str, str]) -> str:
    """How many colours the settings promise."""
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR"):
        return "none wanted (NO_COLOR)"
    if term in {"", "dumb"}:
        return "none"
    if environ.get("COLORTERM") in {"truecolor", "24bit"} or term.endswith("-direct"):
        return "16 million"
    return "256" if "256" in term else "16"


def clipboard(environ: Mapping[str, str], system: str, which: Callable[[str], str | None]) -> str:
    """How copying works here.

    Args:
        environ: Tells the desktop, and an SSH session.
        system: `sys.platform`.
        which: Finds a program.
    """
    by_terminal = "through the terminal (OSC 52)"
    if _is_remote(environ):
        return f"{by_terminal}: over SSH the clipboard is at the other end"
    candidates = [
        ("pbcopy", system == "darwin"),
        ("wl-copy", bool(environ.get("WAYLAND_DISPLAY"))),
        ("xclip", bool(environ.get("DISPLAY"))),
        ("xsel", bool(environ.get("DISPLAY"))),
        ("clip.exe", bool(environ.get("WSL_DISTRO_NAME"))),
    ]
    tool = next((name for name, fits in candidates if fits and which(name)), None)
    return f"with {tool}" if tool else f"{by_terminal}: no clipboard program found"


def proxies(environ: Mapping[str, str]) -> Section:
    """The proxies that are set, as hosts: what stands before an @ is never shown."""
    found: dict[str, Fact] = {}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        value = environ.get(name.lower()) or environ.get(name)
        if value:
            found[name] = _host(value)
    exempt = environ.get("no_proxy") or environ.get("NO_PROXY")
    if exempt:
        hosts = (entry.strip().rpartition("@")[2] for entry in exempt.split(","))
        found["NO_PROXY"] = _line(", ".join(host for host in hosts if host))
    return found


def _host(url: str) -> str:
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return "set, but no URL"
    if not host or ("@" in url and "@" not in parts.netloc):  # what looks like the host may be a password
        return "set, but no URL"
    return _line(host if port is None else f"{host}:{port}")


def _local_servers() -> Section:
    # Imported here, because the HTTP client takes long to load.
    from ostream_compare.collector.discovery import find_local_servers  # noqa: PLC0415 - see above

    found: dict[str, Fact] = {}
    for server in find_local_servers():
        count = len(server.models)
        names = ", ".join(clean_line(name)[:60] for name in server.models[:_MOST_MODELS])
        more = ", ..." if count > _MOST_MODELS else ""
        found[f"port {server.place.port}"] = (
            f"{server.place.name} or one like it; models: {count}{f' ({names}{more})' if names else ''}"
        )
    return found


def _is_remote(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name) for name in _SSH)


def _setting(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    return _line(value) if value else None


def _line(text: str) -> str:
    return clean_line(text)[:_LONGEST]
