"""Starts the program of `sitting.py`, and tells it what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

PROGRAM = Path(__file__).with_name("sitting.py")
FULL = bool(os.environ.get("TORTURE"))
"""Sizes of `make torture`; else what fits into every run of the tests."""
QUICK = {"connect": 5.0, "first_token": 6.0, "idle": 5.0, "grace": 0.3, "total": 30.0}
"""Limits of calls."""


class Program:
    """One sitting in a process of its own, and its child."""

    def __init__(self, folder: Path, columns: int = 120, lines: int = 40) -> None:
        environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "xterm-256color"}
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder), str(columns), str(lines)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def __call__(self, **line: Any) -> dict[str, Any]:
        """One line and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the program ended with {self._process.wait(60)}"
        return json.loads(answer)

    def run(self, *models: tuple[str, str], **limits: float) -> dict[str, Any]:
        """The verdicts of a run of these models, by name."""
        return self(begin=models, limits=QUICK | limits)["lanes"]

    def settled(self, most: int) -> dict[str, Any]:
        """Figures, as soon as the child takes at most so many KiB; as they are after 20 looks."""
        for _ in range(20):
            figures = self(measure=True)
            if figures["child"]["now"] <= most:
                break
        return figures
