"""Signals in every moment between the first import and the last: no moment leaves the terminal taken."""

import signal
from pathlib import Path

import pytest

from torture.program import Home, Terminal, held_streams, models_toml, until
from torture.sizes import FULL
from torture.test_signals import CODES

STRUCK = str(Path(__file__).with_name("struck.py"))
FIRST = {"start": 100, "taken": 1, "left": 1}
LAST = {"start": 10_000, "taken": 250_000, "left": 8_000}
"""Steps that there are, about."""
STEPS = 25
A_FEW = [
    ("start", signal.SIGINT, 300, ["-p", "hi"]),
    ("start", signal.SIGINT, 2000, []),
    ("taken", signal.SIGTERM, 1, ["-p", "hi"]),
    ("taken", signal.SIGHUP, 300, []),
    ("left", signal.SIGINT, 3000, ["-p", "hi"]),
]


def every():
    """All signals at steps that lie evenly, and at the first one."""
    return [
        (moment, number, step, arguments)
        for moment, last in LAST.items()
        for place, step in enumerate(range(FIRST[moment], last, last // STEPS))
        for number in [[*CODES][place % 3]]
        for arguments in ([], ["-p", "hi"])
    ]


def processes_of(home):
    """Those that live in this home."""
    wanted = f"HOME={home.path}".encode()
    found = []
    for place in Path("/proc").iterdir():
        try:
            if place.name.isdecimal() and wanted in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


@pytest.mark.parametrize("strike", every() if FULL else A_FEW)
def test_a_signal_at_any_step_gives_the_terminal_back(tmp_path, serve, strike):
    moment, number, step, arguments = strike
    home = Home(tmp_path)
    site = serve(*held_streams(2))
    file = home.file(models_toml(site.base_url, count=2))
    program = (STRUCK, str(int(number)), str(step), moment)
    with Terminal(home, file, *arguments, program=program) as terminal:
        process = terminal.process

        def is_ready():
            shown = len(home.lanes_that_streamed()) == 2 if arguments else b"Quit" in terminal.seen
            return shown or process.poll() is not None

        terminal.until(is_ready, "it runs, or has ended")
        if moment == "left":
            terminal.press(b"\x11")
        elif process.poll() is None:  # the step comes later than this, or never
            process.send_signal(number)
        code = terminal.exit_code()
        # By itself, or, while there is nothing to give back, by the signal's own way.
        assert code in {CODES[number], -number} | ({0} if moment == "left" else set()), terminal.last_words
        assert terminal.is_restored(), terminal.left_on()
        assert b"Traceback" not in terminal.seen, terminal.last_words
        until(lambda: not processes_of(home), "nobody stays behind")
    saved = home.saved()
    assert [{response.state for response in each.responses} for each in saved] == [{"cancelled"}] * len(saved)
    if moment == "left":
        assert len(saved) == (1 if arguments else 0)
