"""The command `ostream-compare`, and `python -m ostream_compare`."""

import os
import sys
from contextlib import suppress

from ostream_compare import __version__

_INTERRUPTED = 130
"""The exit code of ctrl+c."""


def main() -> None:
    """Answer `--version` at once; anything else is the command line's."""
    if sys.argv[1:] == ["--version"]:
        with suppress(OSError):  # a full disk behind stdout: the command line's way says so
            print(f"ostream-compare {__version__}", flush=True)
            return
    try:
        code = _answered(sys.argv[1:])
    except KeyboardInterrupt:  # while modules are imported, or after the screen was left
        code = _INTERRUPTED
    import signal  # noqa: PLC0415 - not for --version

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an end of Python is not worth a traceback either
    sys.exit(code)


def _answered(arguments: list[str]) -> int:
    from ostream_compare.opening import glance, is_plain, open_plainly  # noqa: PLC0415 - not for --version

    if is_plain(arguments, os.environ) and (seen := glance(arguments[0])) is not None:
        return open_plainly(seen)
    from ostream_compare.cli import start  # noqa: PLC0415 - cyclopts and Pydantic take half a second

    return start(arguments)


if __name__ == "__main__":
    main()
