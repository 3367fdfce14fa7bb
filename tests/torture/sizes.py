"""How much is tried: a little in every test run, all of it with `TORTURE=1` (`make torture`)."""

import os

FULL = os.environ.get("TORTURE", "0") == "1"


def size(usual, full):
    """The number for this run."""
    return full if FULL else usual
