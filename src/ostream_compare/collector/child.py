"""The child process itself: started early, before anything is imported that talks to it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import IO

# -P: a folder named like a library in the directory that the user stands in is not imported.
WORKER = (sys.executable, "-P", "-m", "ostream_compare.collector.worker")


@dataclass(frozen=True, slots=True)
class Child:
    """A process that was started, with pipes for its input and its output."""

    process: subprocess.Popen[bytes]
    stderr: IO[bytes]
    """A file without a name."""


def start_child(command: Sequence[str] = WORKER, *, hidden: AbstractSet[str] = frozenset()) -> Child:
    """Start it, without any `OPENAI_*` variable.

    Args:
        command: What to start.
        hidden: More environment variables that it must not see.

    Raises:
        OSError: It could not be started.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("OPENAI_") and name not in hidden
    }
    stderr = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
    try:
        process = subprocess.Popen(  # noqa: S603 - a command of the program's own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
            env=environment,
            start_new_session=True,  # a ctrl+c in the terminal is the parent's to answer
        )
    except OSError:
        stderr.close()
        raise
    return Child(process, stderr)
