"""`replay`: an earlier run, played again in the panes it ran in; without a terminal, its table."""

import os
import sys
from math import inf
from typing import Annotated

from cyclopts import Parameter

from ostream_compare.commands.past import found, told
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.retelling import comparison_of
from ostream_compare.export.text import to_text
from ostream_compare.storage.earlier import names_file
from ostream_compare.terminal import has_screen, print_data, screen_on_stderr
from ostream_compare.whole import WHOLE


def replay(
    run: str = "last",
    /,
    *,
    speed: float = 1.0,
    prompt: Annotated[int, WHOLE] = 1,
    theme: Annotated[str | None, Parameter(env_var="OSTREAM_COMPARE_THEME")] = None,
) -> int:
    """Play an earlier run again.

    Args:
        run: Its id, the beginning of it, or last.
        speed: Times as fast as it was; inf shows at once how it ended.
        prompt: Of a set of prompts, the number of the one that is played.
        theme: Colours of the UI.
    """
    if not 0 < speed <= inf:
        raise UserError("No speed", Problem(key="--speed", message=f"{speed:g} is no positive number"))
    if names_file(run):
        problem = Problem(
            path=run,
            message="a file has no timing of its own: only logged runs can be replayed",
            hint="show prints it",
        )
        raise UserError("Not a logged run", problem)
    if not has_screen() or not os.isatty(sys.stdin.fileno()):
        comparison = comparison_of(told(run))
        _check_prompt(prompt, len(comparison.prompts))
        print_data("REPLAY " + to_text(comparison))
        return 0
    recorded = found(run)
    _check_prompt(prompt, len(recorded.header.prompts))
    from ostream_compare.tui.replay_app import play  # noqa: PLC0415 - Textual is imported only where it is opened

    with screen_on_stderr():
        return play(recorded, speed=speed, prompt=prompt - 1, theme=theme)


def _check_prompt(prompt: int, count: int) -> None:
    if not 1 <= prompt <= count:
        there = "the run has one prompt" if count == 1 else f"the run has prompts 1 to {count}"
        raise UserError("No such prompt", Problem(key="--prompt", message=f"there is no {prompt}: {there}"))
