"""Prompts that were sent, over all sessions, and the text that was not sent yet: two private files."""

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ostream_compare.storage.paths import data_folder, opened_at_once, private_folder

MOST_PROMPTS = 500
MOST_BYTES = 4 * 1024 * 1024
"""Of the history; the oldest prompts go first. One that is longer by itself is not kept in it."""

_HISTORY = "prompts.jsonl"
_DRAFT = "draft.json"
_LOCK = ".prompts.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was written and not sent."""

    user: str
    """Empty where the system prompt alone was written."""
    system: str | None = None


class PromptStore:
    """The two files.

    Args:
        folder: Where they lie; the user's data folder by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = data_folder() if folder is None else folder
        self._drafting = threading.Lock()
        self._made = 0
        self._kept = 0

    def entries(self) -> list[str]:
        """The history, oldest first, each prompt once; lines that are damaged are passed by.

        Raises:
            OSError: It cannot be read.
        """
        return _prompts(_read(self._folder / _HISTORY))

    def add(self, prompt: str) -> None:
        """Append a prompt to the history, and forget the oldest ones where it has grown too long.

        Raises:
            OSError: It could not be written.
        """
        line = _line(prompt)
        if len(line) > MOST_BYTES:
            return
        with self._locked():
            path = self._folder / _HISTORY
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                size = file.seek(0, os.SEEK_END)
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line  # what stands before it was torn
                file.write(line)
            if size + len(line) > 2 * MOST_BYTES or _count(path) > 2 * MOST_PROMPTS:
                kept = _newest(_prompts(_read(path)))
                _replace(path, b"".join(map(_line, kept)))

    def draft(self) -> Draft | None:
        """What was written and not sent.

        Raises:
            OSError: It cannot be read.
        """
        found = _parsed(_read(self._folder / _DRAFT))
        user, system = found.get("user"), found.get("system")
        if not isinstance(user, str):
            return None
        return Draft(user=user, system=system if isinstance(system, str) else None)

    def draft_step(self, draft: Draft | None) -> Callable[[], None]:
        """What keeps `draft` when it is called, on any thread; a step that was made later wins."""
        self._made += 1
        number = self._made

        def step() -> None:
            with self._drafting:
                if number > self._kept:
                    self._kept = number
                    self.keep_draft(draft)

        return step

    def keep_draft(self, draft: Draft | None) -> None:
        """Keep a draft in place of the last one; `None` forgets it.

        Raises:
            OSError: It could not be written; the last one is as it was.
        """
        path = self._folder / _DRAFT
        if draft is None:
            path.unlink(missing_ok=True)
            return
        private_folder(self._folder)
        _replace(path, json.dumps({"user": draft.user, "system": draft.system}).encode())

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Other programs wait meanwhile."""
        path = private_folder(self._folder) / _LOCK
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        with opened_at_once(path) as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _line(prompt: str) -> bytes:
    return json.dumps({"user": prompt}).encode() + b"\n"


def _count(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _prompts(content: bytes) -> list[str]:
    found: dict[str, None] = {}
    for line in content.split(b"\n"):
        prompt = _parsed(line).get("user")
        if isinstance(prompt, str) and prompt.strip():
            found.pop(prompt, None)
            found[prompt] = None
    return list(found)


def _parsed(line: bytes) -> dict[str, object]:
    """A line's object; nothing where it is damaged."""
    try:
        value = cast("object", json.loads(line))
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _newest(prompts: list[str]) -> list[str]:
    """As many of the newest as there is room for."""
    room, kept = MOST_BYTES, list[str]()
    for prompt in reversed(prompts[-MOST_PROMPTS:]):
        room -= len(_line(prompt))
        if room < 0:
            break
        kept.append(prompt)
    return kept[::-1]


def _replace(path: Path, data: bytes) -> None:
    """Write a private file, whole or not at all."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
