"""The user's own editor and pager, on a private file, while the screen is put aside; no Textual in here."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ostream_compare.domain.safe_text import clean

_EDITORS = ("nano", "vi")
_PAGERS = ("less", "more")
"""For those who named none."""


class ProgramError(Exception):
    """The program is not there, or did not end well; its text says what to do."""


def edited(text: str, environ: Mapping[str, str]) -> str:
    """`text` as the user's editor left it; the line end at its end is not part of it.

    Raises:
        ProgramError: There is no editor, it failed, or what it wrote is no text. Nothing was changed.
    """
    command = _command(environ, ("VISUAL", "EDITOR"), _EDITORS)
    with _private_file(text, "prompt.md") as path:
        code = _run([*command, str(path)], environ)
        if code != 0:
            raise ProgramError(f"{command[0]} {_end(code)}; the prompt is as it was.")
        try:
            content = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ProgramError(f"what {command[0]} wrote cannot be read: {error}") from None
    lines = content.replace("\r\n", "\n")
    return lines if lines == text else lines.removesuffix("\n")


def paged(text: str, environ: Mapping[str, str]) -> None:
    """Show `text` in the user's pager, cleaned of everything that steers a terminal.

    Raises:
        ProgramError: There is no pager, or it failed.
    """
    command = _command(environ, ("PAGER",), _PAGERS)
    with _private_file(clean(text) + "\n", "answer.md") as path, path.open("rb") as file:
        code = _run(command, environ, stdin=file.fileno())
    if code != 0:
        raise ProgramError(f"{command[0]} {_end(code)}.")


def _end(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


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


@contextmanager
def _private_file(text: str, name: str) -> Generator[Path]:
    """A file that only the user can read, in a folder of its own, gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix="ostream-compare-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / name
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "replace"))
            yield path
    except OSError as error:
        raise ProgramError(f"no temporary file can be written: {error.strerror or error}") from None


def _run(command: Sequence[str], environ: Mapping[str, str], stdin: int | None = None) -> int:
    """Run a program in the foreground; its ctrl+c is not ours meanwhile.

    They are ignored here once it runs, and not before, because a program inherits what is ignored.
    """
    try:
        process = subprocess.Popen(command, env=dict(environ), stdin=stdin)  # noqa: S603 - the user's own
    except OSError as error:
        raise ProgramError(f"{command[0]} cannot be started: {error.strerror or error}") from None
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        return process.wait()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
