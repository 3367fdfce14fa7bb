"""The program as its users start it, in a home of its own: in a terminal (a pty), or without one."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from measuring import measured
from ostream_compare.domain.spelling import from_toml
from wire.script import stream, text

LIMIT = 60
"""Seconds in which everything happens, on the slowest machine; nothing waits for it where all is well."""
HOLD_MS = 35_000
"""How long a server keeps a stream open that says no more."""
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])[0-9;]*u")
_DELTA = re.compile(rb'"lane":(\d+)[^\n]*"type":"delta"\}\n')
_ON_BY_DEFAULT = frozenset({7, 25})
"""Line wrap and the cursor."""


def held_streams(count):
    """As many answers that say one thing and then nothing, their connections open."""
    return [stream(text(f"part-{number} "), end="hang", hold_ms=HOLD_MS) for number in range(count)]


def models_toml(*base_urls, count=8, settings="", prompt="hello"):
    """A file of models: `count` at the first address, one more at each further one."""
    places = [0] * count + list(range(1, len(base_urls)))
    providers = "".join(f'[providers.p{n}]\nbase_url = "{url}"\n' for n, url in enumerate(base_urls))
    models = "".join(
        f'[[models]]\nname = "M{n}"\nprovider = "p{place}"\nmodel = "m{n}"\n'
        for n, place in enumerate(places)
    )
    return f'version = 1\n{settings}\n{providers}{models}[[prompts]]\nname = "p"\nuser = "{prompt}"\n'


class Home:
    """A user's folders, and what the program has put there."""

    def __init__(self, path):
        self.path = path
        self.data = path / ".local/share/ostream-compare"
        self.state = path / ".local/state/ostream-compare"
        self.runs = self.data / "runs"
        self.results = self.data / "results"
        self.environ = {"HOME": str(path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | measured()

    def file(self, content, name="models.toml"):
        (self.path / name).write_text(content, encoding="utf-8")
        return name

    def saved(self):
        return [from_toml(path.read_text("utf-8")) for path in sorted(self.results.glob("*.toml"))]

    def logged(self):
        return b"".join(path.read_bytes() for path in sorted(self.runs.glob("*.jsonl")))

    def lanes_that_streamed(self):
        """Lanes with a piece of an answer in the log."""
        return {int(lane) for lane in _DELTA.findall(self.logged())}


PROGRAM = ("-m", "ostream_compare")


def children(pid):
    """Processes that `pid` started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_gone(pid):
    """Whether a process has ended; one that nobody has waited for yet has."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] in {"Z", "X"}


def until(condition, what, *, meanwhile=lambda: time.sleep(0.01)):
    """Wait until `condition` holds; what it returned."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := condition():
            return found
        meanwhile()
    raise AssertionError(f"it never came true: {what}")


def end_by_pid(*pids):
    """End what is left."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, 9)


@contextmanager
def without_screen(home, *arguments, program=PROGRAM, **environ):
    """The program with pipes for its streams; the process."""
    process = subprocess.Popen(
        [sys.executable, *program, *arguments, "--headless"],
        env=home.environ | {"TERM": "dumb"} | environ,
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        ended(process)


def ended(process):
    """End a process and what it started."""
    started = children(process.pid) if process.returncode is None else []
    process.kill()
    process.wait()
    end_by_pid(*started)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


class Terminal:
    """The program in a terminal: what it wrote, and what state it left the terminal in."""

    def __init__(self, home, *arguments, columns=200, rows=50, program=PROGRAM, controlling=True, **environ):
        self.home = home
        self.master, slave = os.openpty()
        self.resize(columns, rows)
        self.attributes = termios.tcgetattr(self.master)
        self.seen = b""
        self.started = []
        environ = home.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environ
        self.process = self.start([*program, *arguments], environ, slave, controlling=controlling)
        os.close(slave)

    def start(self, words, environ, slave, *, controlling):
        """The program, as a process of its own."""
        return subprocess.Popen(
            [sys.executable, *words],
            env=environ,
            cwd=self.home.path,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=not controlling,
            preexec_fn=(lambda: os.login_tty(slave)) if controlling else None,  # noqa: PLW1509 - nothing else sets a controlling terminal
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.started += children(self.process.pid)
        ended(self.process)
        end_by_pid(*(pid for pid in self.started if not is_gone(pid)))
        self.hang_up()

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys)

    def hang_up(self):
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def read(self, seconds=0.02):
        """Take in what it wrote; whether there may be more."""
        if self.master < 0:
            time.sleep(seconds)
            return True
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # nobody has the other end open any more
            return False
        self.seen += data
        return bool(data)

    def until(self, condition, what):
        """Read on until `condition` holds; what it returned."""
        try:
            return until(condition, what, meanwhile=self.read)
        except AssertionError as error:
            raise AssertionError(f"{error}; the last it wrote: {self.seen[-600:]!r}") from None

    def until_said(self, words, since=0):
        return self.until(lambda: words in self.seen[since:], words)

    def until_streaming(self, count=8):
        """Every lane has said something, and the log has it."""
        self.until(lambda: len(self.home.lanes_that_streamed()) == count, f"{count} lanes stream")
        self.started = children(self.process.pid)
        return self.started

    def exit_code(self):
        self.until(lambda: self.process.poll() is not None, "it ends")
        while self.master >= 0 and select.select([self.master], [], [], 0)[0] and self.read():
            pass
        return self.process.returncode

    @property
    def last_words(self):
        """What a failed test shows."""
        return self.seen[-2000:].decode(errors="replace")

    def left_on(self, since=0):
        """Modes that are not as a shell wants them, by number; `keyboard` for kitty's protocol."""
        modes = {}
        for numbers, switch in _MODE.findall(self.seen[since:]):
            modes |= {int(number): switch == b"h" for number in numbers.split(b";")}
        wrong = {mode for mode, on in modes.items() if on != (mode in _ON_BY_DEFAULT)}
        pushes = [way for (way,) in ((found,) for found in _KEYBOARD.findall(self.seen[since:]))]
        return wrong | ({"keyboard"} if pushes.count(b">") > pushes.count(b"<") else set())

    def is_restored(self):
        return not self.left_on() and termios.tcgetattr(self.master) == self.attributes
