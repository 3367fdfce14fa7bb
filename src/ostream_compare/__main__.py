"""The command `ostream-compare`, and `python -m ostream_compare`."""

import sys

from ostream_compare import __version__


def main() -> None:
    """Answer `--version` at once; anything else is the command line's."""
    if sys.argv[1:] == ["--version"]:
        print(f"ostream-compare {__version__}")
        return
    from ostream_compare.cli import start  # noqa: PLC0415 - cyclopts and Pydantic take half a second

    sys.exit(start(sys.argv[1:]))


if __name__ == "__main__":
    main()
