"""Lets the coverage of a test run see into the processes that the tests start."""

import os


def measured() -> dict[str, str]:
    """What a process needs in its environment to be measured too; nothing in a run without coverage."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
