"""What the rounds of a run say of its models together; it takes a moment, so nobody is kept waiting."""

from ostream_compare.domain.rows import differences
from ostream_compare.domain.run import Run
from ostream_compare.domain.summary import pairs
from ostream_compare.tui.background import in_background

RANGES = "median (least-most), n>5 [95 % interval]"
"""What stands beside a median."""


async def verdicts(run: Run) -> list[str]:
    """Which model is faster than which, once all rounds are in."""
    if run.rounds < 2 or not run.is_over:  # noqa: PLR2004 - one round says nothing of the next
        return []
    return await in_background(lambda: differences(pairs(run.responses)))
