"""The garbage collector, kept out of the way of the frames."""

import gc

THRESHOLDS = (20_000, 50, 1000)
"""A full collection holds everything for up to 200 ms, so it is made rare."""


def freeze() -> None:
    """Collect once, and never look again at what is there now: screens, styles, modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def thaw() -> None:
    """Let everything be collected again."""
    gc.unfreeze()
