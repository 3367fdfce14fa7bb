"""The command `ostream-compare`, and `python -m ostream_compare`."""

import os
import sys

from ostream_compare import __version__


def main() -> None:
    """Answer `--version` at once; anything else is the command line's."""
    if sys.argv[1:] == ["--version"]:
        print(f"ostream-compare {__version__}")
        return
    from ostream_compare.opening import glance, is_plain, open_plainly  # noqa: PLC0415 - not for --version

    if is_plain(sys.argv[1:], os.environ) and (seen := glance(sys.argv[1])) is not None:
        sys.exit(open_plainly(seen))
    from ostream_compare.cli import start  # noqa: PLC0415 - cyclopts and Pydantic take half a second

    sys.exit(start(sys.argv[1:]))


if __name__ == "__main__":
    main()
