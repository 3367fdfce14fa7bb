"""Copying that works on a desktop and over SSH, and says which way it went."""

import os
from collections.abc import Callable, Mapping

from ostream_compare.tui.background import in_background

_LIMIT = 1.0
"""Seconds for the system's clipboard program, which hangs on some machines."""


async def copy(text: str, to_terminal: Callable[[str], None], environ: Mapping[str, str] = os.environ) -> str:
    """Copy `text`; where to, in words.

    Args:
        text: What to copy.
        to_terminal: Sends OSC 52.
        environ: Tells an SSH session, in which the system clipboard is another machine's.
    """
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    if not remote and await _to_system(text):
        return "to the system clipboard"
    to_terminal(text)
    return "through the terminal (OSC 52)"


async def _to_system(text: str) -> bool:
    import pyperclip  # noqa: PLC0415 - it looks for clipboard programs when imported

    try:
        await in_background(lambda: pyperclip.copy(text), _LIMIT)
    except (pyperclip.PyperclipException, OSError, TimeoutError):
        return False
    return True
