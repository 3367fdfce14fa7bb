"""Measures what the panes cost while models stream into them, and how long a key takes meanwhile.

    ui_panes.py [SCENE ...]

The program's main screen runs in a terminal of 200x50; the tokens are made inside its process, so that only
the screen is measured. Beside it, where the goal names it, stands Textual's own Markdown stream. CPU is the
process's own time; a key is timed from the byte that is written to the bytes that paint its effect. Each
scene's keys and beats are told beside those of a Textual app with one line that does nothing else, in turns
with it: what that one's keys wait for, the machine's other work and the terminal took. The heartbeat's CPU is
what the process used between two beats. Verdicts are on CPU where the goal is about CPU. Keys that are too
late prove nothing where those of the idle app take half of the goal, too: the machine is busy, and it says
so. Exits with 1 when a goal is missed.
"""

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

from ui_terminal import PROMPT, python, terminal

from ostream.timeline import percentile

SECONDS = 3
KEYS = 40
PAUSE = 0.03
AWAY = 0.15
"""Seconds in which the focus is sure to have left a pane."""
START_LIMIT = 20
"""Seconds until a scene is measured."""
LIMIT = 90
"""Seconds after which no more scenes are begun."""
IDLE_KEYS = 20

SCENES = {
    "16 x 200": ("panes", 16, 200, 1000, "mixed"),
    "8 x 1000": ("panes", 8, 1000, 1000, "mixed"),
    "16 x 1000": ("panes", 16, 1000, 1000, "mixed"),
    "16 x 100": ("panes", 16, 100, 1000, "mixed"),
    "1 x 100": ("panes", 1, 100, 2000, "mixed"),
    "1 x 100, Textual's Markdown": ("markdown", 1, 100, 2000, "mixed"),
    "1 x 200, one line of 100,000": ("panes", 1, 200, 26_000, "line"),
}


def played(scene, keys, beside):
    """What a scene's process told, how late its keys were, and those of `beside` in turns with them."""
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
        if not told.endswith(b"\n"):
            raise SystemExit(f"the scene {scene} told nothing within {START_LIMIT} s")
        latencies, idle = [], []
        is_alone = (screen, lanes) == ("panes", 1)
        for turn in range(keys):
            if is_alone:  # the focus goes to the only pane from the prompt, not from another pane
                shown.press(PROMPT)
                shown.drain(AWAY)
            shown.drain(PAUSE)
            latencies.append(shown.key_latency())
            if beside is not None and turn % (keys // IDLE_KEYS) == 0:
                beside.drain(PAUSE / 2)
                idle.append(beside.key_latency())
    return json.loads(told), sorted(latencies), sorted(idle)


def main(names):
    print(f"A terminal of 200x50; {SECONDS} s each, {KEYS} keys; in brackets those of an idle Textual app\n")
    print(
        f"{'panes x tokens a second':30}{'CPU':>7}{'arrived':>9}"
        f"{'key p50':>15}{'p99':>15}{'beat p99':>10}{'its CPU':>10}"
    )
    found, began = {}, time.perf_counter()
    with terminal(python("ui_scene.py", "idle", 1, 0, 0, SECONDS, "mixed", 2)) as idle:
        idle.drain(2)
        for name in names:
            if time.perf_counter() - began > LIMIT:
                print(f"{name:30}  not measured: {LIMIT} s are over")
                continue
            told, keys, beside = played(SCENES[name], KEYS, idle)
            found[name] = Found.of(told, keys, beside)
            print(f"{name:30}{found[name].row}", flush=True)
    print()
    missed = 0
    for number, what, value, goal, form, idle in verdicts(found):
        word = "met" if value <= goal else "MISSED"
        if value > goal and idle > goal / 2:
            word = f"not told, an idle app's takes {idle:.0f}"
        missed += word == "MISSED"
        print(f"goal {number}: {what} = {value:{form}}, goal {goal:{form}}: {word}")
    return 1 if missed else 0


@dataclass(frozen=True)
class Found:
    """What a scene took: a share of a core, shares of 1, and milliseconds."""

    cpu: float
    delivered: float
    key_p50: float
    key_p99: float
    idle_p50: float
    idle_p99: float
    beat_p99: float
    busy_p99: float

    @classmethod
    def of(cls, told, keys, beside):
        return cls(
            told["cpu"],
            told["delivered"],
            percentile(keys, 50),
            percentile(keys, 99),
            percentile(beside, 50),
            percentile(beside, 99),
            percentile(told["late"], 99),
            percentile(told["busy"], 99),
        )

    @property
    def row(self):
        return (
            f"{self.cpu:>6.1%}{self.delivered:>9.1%}"
            f"{self.key_p50:>6.0f} ({self.idle_p50:3.0f}) ms{self.key_p99:>6.0f} ({self.idle_p99:3.0f}) ms"
            f"{self.beat_p99:>7.1f} ms{self.busy_p99:>7.1f} ms"
        )


def verdicts(found):
    """Goal, what, measured, the most that is allowed, how to print both, and an idle app's."""
    for name, number, cpu, key in (
        ("16 x 200", "4", 0.30, 50),
        ("8 x 1000", "5", 0.45, None),
        ("16 x 1000", "5", None, 60),
        ("1 x 200, one line of 100,000", "5", None, 60),
    ):
        if name not in found:
            continue
        if cpu:
            yield number, f"{name} tokens a second, share of a core", found[name].cpu, cpu, ".1%", 0
        if key:
            yield number, f"{name}: key p99 in ms", found[name].key_p99, key, ".0f", found[name].idle_p99
    if "16 x 1000" in found:
        lost = max(0, 1 - found["16 x 1000"].delivered)
        yield "5", "16 x 1000 tokens a second, not delivered", lost, 0.01, ".1%", 0
    if "1 x 100" in found and "1 x 100, Textual's Markdown" in found:
        ratio = found["1 x 100"].cpu / found["1 x 100, Textual's Markdown"].cpu
        yield "8", "CPU of a pane / of Textual's Markdown, 2,000 tokens in", ratio, 1 / 8, ".3f", 0
    if "16 x 100" in found:
        yield "14", "16 x 100: CPU between two beats, p99 in ms", found["16 x 100"].busy_p99, 10, ".1f", 0


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name in SCENES]
    sys.exit(main(chosen or SCENES))
