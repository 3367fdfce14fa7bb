"""Leaving in every case: by signals too, and also when the terminal is gone and takes no byte any more."""

import asyncio
import os
import select
import signal
import termios
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
"""What the process ends with."""
_KEYBOARD, _SCREEN = 0, 2
PATIENCE = 2.5
"""Seconds from the wish to leave; Textual writes to a terminal that was hung up for ever."""
_GIVEN_BACK = b"".join(
    b"\x1b[" + mode
    for mode in (
        *(b"?%dl" % number for number in (1000, 1003, 1006, 1015, 1004, 2004, 2026, 2048)),
        b"?7h",
        b"?1l",  # what cursor keys send
        b"<u",  # the keyboard's protocol, before the screen is changed
        b"?1049l",
        b"?25h",
    )
)
"""What makes a terminal that Textual has taken the shell's again."""


def leave_on_signals(leave: Callable[[int], object]) -> None:
    """Call `leave` with the exit code of the signal that comes; a loop has to run."""
    loop = asyncio.get_running_loop()
    for number, code in SIGNALS.items():
        loop.add_signal_handler(number, leave, code)


def leave_signals_alone() -> None:
    """They do what they do in any program; a loop has to run, and is to be closed."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.remove_signal_handler(number)


def leave_at_hangup(leave: Callable[[int], object], descriptor: int = _KEYBOARD) -> None:
    """Call `leave` when the terminal is gone: only the one that controls the program sends a signal, too.

    Args:
        leave: Takes the exit code; called on the thread of the loop, which has to run.
        descriptor: The terminal's; anything else is left alone.
    """
    if not os.isatty(descriptor):
        return
    loop = asyncio.get_running_loop()

    def watch() -> None:
        gone = select.poll()
        gone.register(descriptor, 0)  # hang-ups and errors alone are told
        gone.poll()
        with suppress(RuntimeError):  # it has left already
            loop.call_soon_threadsafe(leave, SIGNALS[signal.SIGHUP])

    threading.Thread(target=watch, name="hang-up", daemon=True).start()


@contextmanager
def terminal_lent() -> Generator[None]:
    """Lend the terminal to another program: as it was before, it is afterwards, also if that was killed."""
    attributes = None
    with suppress(termios.error):  # it is none
        attributes = termios.tcgetattr(_KEYBOARD)
    try:
        yield
    finally:
        if attributes is not None and not _is_in_background():
            with suppress(OSError, termios.error):
                termios.tcsetattr(_KEYBOARD, termios.TCSANOW, attributes)
                _write_at_once(_GIVEN_BACK)


class Emergency:
    """The end of a process whose loop or whose terminal is stuck; made before the terminal is taken."""

    def __init__(self) -> None:
        self._attributes = None
        with suppress(termios.error):  # it is none
            self._attributes = termios.tcgetattr(_KEYBOARD)

    def end(self, code: int) -> None:
        """Give the terminal back, as far as it takes anything without waiting, and end at once."""
        if self._attributes is not None and not _is_in_background():
            with suppress(OSError, termios.error):
                termios.tcsetattr(_KEYBOARD, termios.TCSANOW, self._attributes)
                _write_at_once(_GIVEN_BACK)
        os._exit(code)


def _write_at_once(words: bytes) -> None:
    """What the terminal takes of it without waiting.

    Raises:
        OSError: There is none, or it takes nothing.
    """
    screen = os.open(os.ttyname(_SCREEN), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        os.write(screen, words)
    finally:
        os.close(screen)


def _is_in_background() -> bool:
    """Whether the terminal is another's, who would be disturbed and who would stop the process for it."""
    with suppress(OSError):  # it controls nobody
        return os.tcgetpgrp(_KEYBOARD) != os.getpgrp()
    return False


class Deadline:
    """Ends the process if it does not end by itself.

    Args:
        end: Takes the exit code; runs on a thread of its own.
    """

    def __init__(self, end: Callable[[int], object] | None = None, patience: float = PATIENCE) -> None:
        self._end = end or Emergency().end
        self._patience = patience
        self._timer: threading.Timer | None = None
        self._code = 0

    def arm(self, code: int) -> None:
        """The time runs from now, or as it does already; the code is the last that was given."""
        self._code = code
        if self._timer is None:
            self._timer = threading.Timer(self._patience, lambda: self._end(self._code))
            self._timer.daemon = True
            self._timer.start()

    def disarm(self) -> None:
        """It ended by itself, or it does not leave after all."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
