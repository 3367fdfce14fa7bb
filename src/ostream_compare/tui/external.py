"""The user's own editor and pager, on a private file, while the screen is put aside; no Textual in here."""

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ostream_compare.domain.safe_text import clean
from ostream_compare.tui.leaving import terminal_lent

_EDITORS = ("nano", "vi")
_PAGERS = ("less", "more")
"""For those who named none."""
_PATIENCE = 1.0
"""Seconds that a program has to end in, once it was asked to."""


class ProgramError(Exception):
    """The program is not there, or did not end well; its text says what to do."""


@dataclass(frozen=True, slots=True)
class _End:
    """How a program ended."""

    code: int
    by_us: bool
    """Whether it was asked to, because this program was."""

    @property
    def is_well(self) -> bool:
        return self.code == 0 or self.by_us

    def __str__(self) -> str:
        return f"was ended by signal {-self.code}" if self.code < 0 else f"ended with code {self.code}"


class Foreground:
    """The terminal in the hands of one program, while this one goes on in the background.

    The keyboard's signals are the program's meanwhile; whoever ends us calls `end` first.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_by_us = False
        self._exited = asyncio.Event()
        self.over = asyncio.Event()
        """Set by who borrowed the terminal, once all that the program left was taken."""

    async def run(self, command: Sequence[str], environ: Mapping[str, str], stdin: int | None = None) -> _End:
        """Run a program until it ends.

        Raises:
            ProgramError: It cannot be started.
        """
        if self._ended_by_us:
            return _End(0, by_us=True)
        with terminal_lent():
            try:
                process = subprocess.Popen(command, env=dict(environ), stdin=stdin)  # noqa: ASYNC220, S603 - its wait is a thread's; the user's own
            except OSError as error:
                raise ProgramError(f"{command[0]} cannot be started: {error.strerror or error}") from None
            self._process = process
            with _keyboard_left_alone():
                try:
                    code = await asyncio.to_thread(process.wait)
                finally:
                    _end_now(process)
                    self._exited.set()
        return _End(code, self._ended_by_us)

    async def end(self, number: int) -> None:
        """Ask the program to end, with a signal; see to it that it does, and that what it left is taken."""
        self._ended_by_us = True
        if self._process is not None:
            with suppress(OSError):  # it runs as somebody else
                self._process.send_signal(number)
            if not await _set_within(self._exited, _PATIENCE):
                with suppress(OSError):
                    self._process.kill()
        await _set_within(self.over, _PATIENCE)


@contextmanager
def _keyboard_left_alone() -> Generator[None]:
    """Ignore what the keyboard signals; not before the program runs, which would inherit that."""
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _end_now(process: "subprocess.Popen[bytes]") -> None:
    """End a program that nobody waits for any more."""
    if process.poll() is None:
        with suppress(OSError):  # it runs as somebody else
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def edited(
    text: str, environ: Mapping[str, str], tell: Callable[[str], object], foreground: Foreground
) -> str:
    """`text` as the user's editor left it; the line end at its end is not part of it.

    Args:
        text: What is in the file at first.
        environ: Names the editor, and is its own.
        tell: Takes where that is which the editor had not saved when it was ended with this program.
        foreground: Where it runs.

    Raises:
        ProgramError: There is no editor, it failed, or what it wrote is no text. Nothing was changed.
    """
    command = _command(environ, ("VISUAL", "EDITOR"), _EDITORS)
    with _private_file(text, "prompt.md") as private:
        path = private.path
        kept = f"What {command[0]} had not saved is in {path.parent}"
        try:
            end = await foreground.run([*command, str(path)], environ)
        except asyncio.CancelledError:  # this program ends by a mistake of its own
            if private.keep(unless=text):
                tell(kept)
            raise
        if not end.is_well:
            left = ""
            if private.keep(unless=text):
                left = f" What it left is in {path.parent}"
                tell(kept)  # the toast is not read by who leaves just now
            raise ProgramError(f"{command[0]} {end}; the prompt is as it was.{left}")
        if end.by_us and private.keep():
            tell(kept)
        try:
            content = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ProgramError(f"what {command[0]} wrote cannot be read: {error}") from None
    lines = content.replace("\r\n", "\n")
    return lines if lines == text else lines.removesuffix("\n")


async def paged(text: str, environ: Mapping[str, str], foreground: Foreground) -> None:
    """Show `text` in the user's pager, cleaned of everything that steers a terminal.

    Raises:
        ProgramError: There is no pager, or it failed.
    """
    command = _command(environ, ("PAGER",), _PAGERS)
    with _private_file(clean(text) + "\n", "answer.md") as private, private.path.open("rb") as file:
        end = await foreground.run(command, environ, stdin=file.fileno())
    if not end.is_well:
        raise ProgramError(f"{command[0]} {end}.")


def _command(environ: Mapping[str, str], variables: Sequence[str], usual: Sequence[str]) -> list[str]:
    for name in variables:
        if named := environ.get(name, "").strip():
            try:
                words = shlex.split(named)
            except ValueError as error:
                raise ProgramError(f"${name} is {named!r}: {error}") from None
            if shutil.which(words[0], path=environ.get("PATH")) is None:
                raise ProgramError(f"${name} names {words[0]}, which is not there.")
            return words
    found: Iterator[str] = (name for name in usual if shutil.which(name, path=environ.get("PATH")))
    if name := next(found, None):
        return [name]
    raise ProgramError(f"set ${variables[-1]} to the program that you want.")


@dataclass(slots=True)
class _PrivateFile:
    """A file in a folder of its own."""

    path: Path
    stays: bool = False
    """Whether the folder is left where it is."""

    def keep(self, *, unless: str | None = None) -> bool:
        """Leave the folder where it is if more is in it than this file: a swap file, an emergency copy.

        Args:
            unless: What the file holds as long as nothing was written; another content is worth keeping, too.
        """
        with suppress(OSError):
            has_more = any(file != self.path for file in self.path.parent.iterdir())
            is_written = unless is not None and self.path.read_bytes() != _bytes_of(unless)
            self.stays = has_more or is_written
        return self.stays


@contextmanager
def _private_file(text: str, name: str) -> Generator[_PrivateFile]:
    """A file that only the user can read, gone afterwards."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="ostream-compare-"))
    except OSError as error:
        raise _no_file(error) from None
    private = _PrivateFile(folder / name)
    try:
        descriptor = os.open(private.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_bytes_of(text))
        yield private
    except OSError as error:
        raise _no_file(error) from None
    finally:
        if not private.stays:
            shutil.rmtree(folder, ignore_errors=True)


def _bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _no_file(error: OSError) -> ProgramError:
    return ProgramError(f"no temporary file can be written: {error.strerror or error}")
