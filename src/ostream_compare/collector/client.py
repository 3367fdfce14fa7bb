"""The parent's end of the pipe: starts the child that makes the calls, talks to it, ends it."""

import asyncio
import os
import subprocess
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from typing import IO

from pydantic import ValidationError

from ostream_compare.collector.child import WORKER, Child, start_child
from ostream_compare.collector.masking import secrets_of, spellings
from ostream_compare.collector.protocol import (
    REPORTS,
    Alive,
    Command,
    Finished,
    Ready,
    Report,
    StartRun,
    Stop,
    to_line,
)
from ostream_compare.domain.safe_text import clean, clean_line

_READ = 1 << 18
"""Bytes a read; as much as a pipe's transport of asyncio takes."""
_BACKLOG = 1 << 23
"""Bytes not yet taken by the consumer at which the child is made to wait."""
_FAIR = 64
"""Reports handed out before the loop gets a turn, so that a flood cannot hold up the keys."""
_TICK = 1.0
"""Seconds of the parent's own time, so that a whole program that was stopped for long finds no one silent."""
_HUNG = 10
"""Silent ticks after which a child with calls to make is taken for hung; its heart beats at every other."""
_STARTING = 60
"""The same for a child that still imports what it needs."""
_TAIL = 4096
"""Bytes of the child's stderr that are kept for its obituary."""


class CollectorDied(Exception):  # noqa: N818 - it says what happened
    """The child ended without having been asked to.

    Args:
        reason: One line for a person.
        details: The tail of what it wrote to stderr, cleaned, keys masked.
    """

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Collector:
    """The child process and its two pipes.

    Args:
        command: What to start; the worker of this program by default.
        hidden: Environment variables that the child must not see, beside every `OPENAI_*`.
        child: One that was started already, for `start` to take.
    """

    def __init__(
        self, command: Sequence[str] = WORKER, *, hidden: Iterable[str] = (), child: Child | None = None
    ) -> None:
        self._early = child
        self._command = tuple(command)
        self._hidden = frozenset(hidden)
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._stopping = False
        self._released = False
        self._keys: set[str] = set()
        self._inbox: _Inbox | None = None
        self._outbox = bytearray()
        self._out: set[tuple[str, int]] = set()
        """Calls that were ordered and have no verdict."""
        self._ready = False
        self._writer: asyncio.AbstractEventLoop | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, once it was started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child; no event loop is needed. A second call changes nothing.

        Raises:
            CollectorDied: It could not be started.
        """
        if self._process is not None:
            return
        try:
            child = self._early or start_child(self._command, hidden=self._hidden)
        except OSError as error:
            raise CollectorDied(f"the collector could not be started: {error}") from error
        self._process, self._stderr = child.process, child.stderr
        assert self._process.stdout is not None
        self._inbox = _Inbox(self._process.stdout)
        os.set_blocking(self._stdin, False)
        os.set_blocking(self._process.stdout.fileno(), False)

    def send(self, command: Command) -> None:
        """Hand `command` to the child, in order, without waiting for it.

        What the pipe does not take at once is written as it empties. To a child that is gone nothing
        is sent: `reports` says so.
        """
        if isinstance(command, StartRun):
            secrets = {secret for order in command.lanes for secret in secrets_of(order)}
            self._keys |= secrets.union(spellings(secrets))
            self._out |= {(command.run, order.lane) for order in command.lanes}
            if self._inbox is not None:
                self._inbox.wake()
        self._outbox += to_line(command)
        self._flush()

    async def reports(self) -> AsyncIterator[Report]:
        """What the child says, until it ends; one consumer at a time.

        Raises:
            CollectorDied: It ended, spoke nonsense, or hung, without having been asked to stop.
        """
        inbox = self._attach()
        handed_out = 0
        while (line := await self._next(inbox)) is not None:
            try:
                report = REPORTS.validate_json(line)
            except ValidationError:
                if self._stopping:  # a line torn by its end
                    continue
                self.kill()
                raise CollectorDied(f"the collector spoke nonsense: {self._masked(line[:200])}") from None
            del line  # a verdict's is as long as its answer, and the next one may be far off
            self._ready = self._ready or isinstance(report, Ready)
            if isinstance(report, Alive):
                continue
            if isinstance(report, Finished):
                self._out.discard((report.run, report.event.lane))
            yield report
            handed_out += 1
            if handed_out % _FAIR == 0:
                await asyncio.sleep(0)
        if not self._stopping:
            raise await self._obituary()

    async def _next(self, inbox: "_Inbox") -> bytes | None:
        try:
            return await inbox.next(self._patience)
        except TimeoutError:
            silence = self._patience() or 0
            self.kill()
            raise CollectorDied(f"the collector hung: silent for {silence} s, it was ended") from None

    def _patience(self) -> int | None:
        """Ticks for which it may say nothing; `None`: it has nothing to say."""
        if not self._out or self._stopping:
            return None
        return _HUNG if self._ready else _STARTING

    async def stop(self, timeout: float = 2.0) -> None:  # noqa: ASYNC109 - a share of it for each step
        """Ask the child to end, then terminate it, then kill it; at most `timeout` seconds in all."""
        process = self._process
        if process is None or self._released:
            return
        if not self._stopping:
            self._stopping = True
            self.send(Stop())
        inbox = self._attach()
        inbox.drain()
        steps = ((self._close_stdin, 0.7), (process.terminate, 0.3))
        for step, share in steps:
            step()
            if await asyncio.to_thread(_ended_within, process, timeout * share):
                break
        self.kill()

    def kill(self) -> None:
        """End the child at once, for emergency exits; no loop is needed, a second call changes nothing."""
        self._stopping = True
        process = self._process
        if process is None or self._released:
            return
        self._released = True
        process.kill()
        process.wait()
        self._close_stdin()
        if self._stderr is not None:
            self._stderr.close()
        if self._inbox is not None:
            self._inbox.close()

    @property
    def _stdin(self) -> int:
        assert self._process is not None, "start() comes first"
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    def _flush(self) -> None:
        try:
            while self._outbox:
                del self._outbox[: os.write(self._stdin, self._outbox[:_READ])]
        except BlockingIOError:
            if self._writer is None:
                # Before the loop runs, the rest waits until `reports` is read.
                with suppress(RuntimeError):
                    self._writer = asyncio.get_running_loop()
                    self._writer.add_writer(self._stdin, self._flush)
            return
        except (BrokenPipeError, ValueError):  # the child is gone, or its pipe is closed
            self._outbox.clear()
        self._stop_writing()

    def _stop_writing(self) -> None:
        if self._writer is not None:
            with suppress(ValueError, RuntimeError):  # the pipe is closed, or the loop
                self._writer.remove_writer(self._stdin)
            self._writer = None

    def _close_stdin(self) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.closed:
            return
        self._stop_writing()
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def _attach(self) -> "_Inbox":
        assert self._inbox is not None, "start() comes first"
        self._flush()
        return self._inbox

    async def _obituary(self) -> CollectorDied:
        process = self._process
        assert process is not None
        if not await asyncio.to_thread(_ended_within, process, 1.0):
            process.kill()
        code = process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        details = self._stderr_tail()
        last = clean_line(details.strip().rpartition("\n")[2])
        return CollectorDied(f"the collector {how}" + (f": {last}" if last else ""), details)

    def _stderr_tail(self) -> str:
        if self._stderr is None or self._stderr.closed:
            return ""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _TAIL))
        return self._masked(self._stderr.read())

    def _masked(self, text: bytes) -> str:
        shown = clean(text.decode("utf-8", "replace"))
        for key in sorted(self._keys, key=len, reverse=True):
            shown = shown.replace(key, "***")
        return shown


class _Inbox:
    """Bytes from the child as lines of any length; the child waits while too many are not taken."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lines: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._partial: list[bytes] = []
        self._over = False
        self._draining = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._heard = False
        """Something came in this tick, were it a part of a line."""

    async def next(self, patience: Callable[[], int | None]) -> bytes | None:
        """The next line without its newline; `None` at the end. A torn last line is dropped.

        Args:
            patience: How many silent ticks are borne; `None` is any number.

        Raises:
            TimeoutError: There were more.
        """
        silent = 0
        while not self._lines:
            if self._over:
                return None
            self._news.clear()
            self._heard = False
            self._listen()
            borne = patience()
            try:
                async with asyncio.timeout(None if borne is None else _TICK):
                    await self._news.wait()
            except TimeoutError:
                silent = 0 if self._heard else silent + 1
                if borne is not None and silent >= borne:
                    raise
        line = self._lines.popleft()
        self._waiting_bytes -= len(line)
        return line

    def wake(self) -> None:
        """There may be less patience than before."""
        self._news.set()

    def drain(self) -> None:
        """Read on whether or not anyone takes the lines, so that the child never hangs on its last words."""
        self._draining = True
        self._listen()

    def close(self) -> None:
        """Close the pipe; what lay in it can still be taken."""
        with suppress(BlockingIOError):
            while not self._over:
                self._read()
        self._shut()

    def _shut(self) -> None:
        self._unlisten()
        self._pipe.close()
        self._over = True
        self._news.set()

    def _read(self) -> None:
        data = os.read(self._pipe.fileno(), _READ)
        if not data:
            self._shut()
            return
        self._heard = True
        first, *rest = data.split(b"\n")
        self._partial.append(first)
        for piece in rest:
            self._add(b"".join(self._partial))
            self._partial = [piece]
        if self._waiting_bytes > _BACKLOG and not self._draining:
            self._unlisten()

    def _add(self, line: bytes) -> None:
        if line:
            self._lines.append(line)
            self._waiting_bytes += len(line)
            self._news.set()

    def _listen(self) -> None:
        if self._loop is None and not self._over:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._pipe.fileno(), self._read)

    def _unlisten(self) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop that it belonged to is gone
                self._loop.remove_reader(self._pipe.fileno())
            self._loop = None


def _ended_within(process: subprocess.Popen[bytes], limit: float) -> bool:
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        return False
    return True
