"""Measures how soon the program's first picture is there, beside an empty Textual app's.

    ui_start.py [--quick]

Both run in a terminal of 200x50, in turns; the program opens the shipped file, whose models are the demo's.
The verdict is on the CPU that the process used until then: on a busy machine the clock tells more of its
neighbours.
Exits with 1 when the goal is missed.
"""

import statistics
import sys
from pathlib import Path

from ui_terminal import FOCUS, python, terminal

ROUNDS = 7
GOAL = 1.2
LIMIT = 30
MODELS = Path(__file__).parents[2] / "configs" / "models.toml"
COMMANDS = {
    "an empty Textual app": python("ui_scene.py", "empty", 0, 0, 0, 0, "mixed", 2),
    "the program": [sys.executable, "-m", "ostream_compare", str(MODELS)],
}


def first_paint(command):
    """Seconds, of the clock and of the CPU, until the first picture."""
    with terminal(command) as shown:
        took = shown.until(FOCUS, LIMIT)
        assert took is not None, "it painted nothing"
        return took, shown.cpu()


def main(rounds):
    found = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():  # in turns, so that a slow minute of the machine hits both
            found[name].append(first_paint(command))
    print(f"First picture, ms: median of {rounds}\n")
    medians = {}
    for name, values in found.items():
        clock, cpu = (statistics.median(of) for of in zip(*values, strict=True))
        medians[name] = cpu
        print(f"  {name:<24}{clock * 1000:6.0f} by the clock{cpu * 1000:6.0f} of CPU")
    ratio = medians["the program"] / medians["an empty Textual app"]
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"\ngoal 10: first picture / an empty Textual app's, CPU = {ratio:.2f}, goal {GOAL}: {verdict}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(2 if "--quick" in sys.argv else ROUNDS))
