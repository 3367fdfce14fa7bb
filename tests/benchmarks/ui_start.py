"""Measures how soon the program's first picture is there, beside an empty Textual app's.

    ui_start.py [--quick]

Both run in a terminal of 200x50, in turns; the program opens the shipped file, whose models are the demo's.
The first picture has the panes and the names; a moment later the main screen is up, and takes the keys that
were pressed meanwhile: told, too. The verdict is on the CPU that the process used until the first picture:
on a busy machine the clock tells more of its neighbours.
Exits with 1 when the goal is missed.
"""

import statistics
import sys
from pathlib import Path

from ui_terminal import FOCUS, python, terminal

ROUNDS = 7
GOAL = 1.2
LIMIT = 30
UP = b"^j"
"""The key that sends, in the bar that the main screen has."""
MODELS = Path(__file__).parents[2] / "configs" / "models.toml"
COMMANDS = {
    "an empty Textual app": python("ui_scene.py", "empty", 0, 0, 0, 0, "mixed", 2),
    "the program": [str(Path(sys.executable).with_name("ostream-compare")), str(MODELS)],
}


def first_paint(command):
    """Seconds, of the clock and of the CPU, until the first picture; and until the program takes keys."""
    with terminal(command) as shown:
        took = shown.until(FOCUS, LIMIT)
        assert took is not None, "it painted nothing"
        first = took, shown.cpu()
        if command is not COMMANDS["the program"]:
            return first, first
        more = shown.until(UP, LIMIT)
        assert more is not None, "it never got ready"
        return first, (took + more, shown.cpu())


def main(rounds):
    found = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():  # in turns, so that a slow minute of the machine hits both
            found[name].append(first_paint(command))
    print(f"First picture, ms: median of {rounds}\n")
    medians = {}
    for name, values in found.items():
        first, up = zip(*values, strict=True)
        for what, of in ((name, first), (f"{name}, taking keys", up)):
            clock, cpu = (statistics.median(each) for each in zip(*of, strict=True))
            medians[what] = cpu
            print(f"  {what:<36}{clock * 1000:6.0f} by the clock{cpu * 1000:6.0f} of CPU")
    ratio = medians["the program"] / medians["an empty Textual app"]
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"\ngoal 10: first picture / an empty Textual app's, CPU = {ratio:.2f}, goal {GOAL}: {verdict}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(2 if "--quick" in sys.argv else ROUNDS))
