"""Measures what the panes cost while models stream into them, and how long a key takes meanwhile.

    ui_panes.py [SCENE ...]

The program's main screen runs in a terminal of 200x50; the tokens are made inside its process, so that only
the screen is measured. Beside it, where the goal names it, stands Textual's own Markdown stream. CPU is the
process's own time; a key is timed from the byte that is written to the bytes that paint its effect. The
heartbeat's CPU is what the process used between two beats: on a busy machine it tells more than the clock.
Exits with 1 when a goal is missed.
"""

import json
import os
import sys
from contextlib import suppress

from ui_terminal import python, terminal

from ostream.timeline import percentile

SECONDS = 3
KEYS = 40
PAUSE = 0.03
START_LIMIT = 60

SCENES = {
    "16 x 200": ("panes", 16, 200, 1000, "mixed"),
    "8 x 1000": ("panes", 8, 1000, 1000, "mixed"),
    "16 x 1000": ("panes", 16, 1000, 1000, "mixed"),
    "16 x 100": ("panes", 16, 100, 1000, "mixed"),
    "1 x 100": ("panes", 1, 100, 2000, "mixed"),
    "1 x 100, Textual's Markdown": ("markdown", 1, 100, 2000, "mixed"),
    "1 x 200, one line of 100,000": ("panes", 1, 200, 26_000, "line"),
}


def played(scene, keys):
    """What a scene's process told, and how late its keys were."""
    screen, lanes, rate, preload, sample = scene
    seen, out = os.pipe()
    with terminal(
        python("ui_scene.py", screen, lanes, rate, preload, SECONDS, sample, out), pass_fds=(out,)
    ) as shown:
        os.close(out)
        os.set_blocking(seen, False)
        told = b""
        for _ in range(START_LIMIT * 20):
            shown.drain(0.05)
            with suppress(BlockingIOError):
                told += os.read(seen, 1 << 20)
            if told.endswith(b"\n") or shown.process.poll() is not None:
                break
        os.close(seen)
        found = json.loads(told)
        latencies = []
        for _ in range(keys):
            shown.drain(PAUSE)
            latencies.append(shown.key_latency())
    return found, sorted(latencies)


def main(names):
    print(f"A terminal of 200x50; {SECONDS} s each, {KEYS} keys\n")
    print(
        f"{'panes x tokens a second':30}{'CPU':>7}{'arrived':>9}"
        f"{'key p50':>9}{'p99':>7}{'beat p99':>10}{'its CPU':>10}"
    )
    found = {}
    for name in names:
        told, keys = played(SCENES[name], KEYS)
        p50, p99 = percentile(keys, 50), percentile(keys, 99)
        beat = percentile(told["late"], 99)
        busy = percentile(told["busy"], 99)
        found[name] = (told["cpu"], told["delivered"], p99, beat)
        print(
            f"{name:30}{told['cpu']:>6.1%}{told['delivered']:>9.1%}"
            f"{p50:>6.0f} ms{p99:>4.0f} ms{beat:>7.1f} ms{busy:>7.1f} ms",
            flush=True,
        )
    print()
    missed = 0
    for number, what, value, goal, form in verdicts(found):
        met = value <= goal
        missed += not met
        print(f"goal {number}: {what} = {value:{form}}, goal {goal:{form}}: {'met' if met else 'MISSED'}")
    return 1 if missed else 0


def verdicts(found):
    """Goal, what, measured, the most that is allowed, and how to print both; of what was measured."""
    for name, number, cpu, key in (
        ("16 x 200", "4", 0.30, 50),
        ("8 x 1000", "5", 0.45, None),
        ("16 x 1000", "5", None, 60),
    ):
        if name not in found:
            continue
        if cpu:
            yield number, f"{name} tokens a second, share of a core", found[name][0], cpu, ".1%"
        if key:
            yield number, f"{name} tokens a second, key p99 in ms", found[name][2], key, ".0f"
    if "16 x 1000" in found:
        yield "5", "16 x 1000 tokens a second, not delivered", max(0, 1 - found["16 x 1000"][1]), 0.01, ".1%"
    if "1 x 100" in found and "1 x 100, Textual's Markdown" in found:
        ratio = found["1 x 100"][0] / found["1 x 100, Textual's Markdown"][0]
        yield "8", "CPU of a pane / of Textual's Markdown, 2,000 tokens in", ratio, 1 / 8, ".3f"
    if "16 x 100" in found:
        yield "14", "heartbeat, 16 x 100 tokens a second, p99 in ms", found["16 x 100"][3], 10, ".1f"
    if "1 x 200, one line of 100,000" in found:
        yield (
            "5",
            "one line of 100,000 characters, key p99 in ms",
            found["1 x 200, one line of 100,000"][2],
            60,
            ".0f",
        )


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name in SCENES]
    sys.exit(main(chosen or SCENES))
