"""A conversation: the next question after a run, and what the earlier ones look like. Pure."""

from dataclasses import replace

from ostream_compare.domain.comparison import Response, State
from ostream_compare.domain.lane import Ended
from ostream_compare.domain.preset import Prompt, Turn
from ostream_compare.domain.run import Run
from ostream_compare.domain.safe_text import clean_line

_QUOTE = 60
"""Characters of a question in its one line."""
_UNFINISHED: dict[State, str] = {
    "failed": "it failed",
    "truncated": "its answer was cut",
    "cancelled": "it was stopped",
}


def turn_of(run: Run) -> Turn:
    """A run as an earlier turn: of its current round, every whole answer, and why the others are left out."""
    answers: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for preset, lane in zip(run.presets, run.lanes, strict=True):
        response = lane.response if isinstance(lane, Ended) else None
        if response is not None and response.state == "complete" and (text := _said(response)):
            answers[preset.name] = text
        else:
            left_out[preset.name] = _why(response)
    return Turn(run=run.id, user=run.prompt.user, answers=answers, left_out=left_out)


def next_prompt(prompt: Prompt, run: Run) -> Prompt:
    """`prompt` as the question after `run`, with all that was said before."""
    return replace(prompt, turns=(*run.prompt.turns, turn_of(run)))


def alone(prompt: Prompt) -> Prompt:
    """`prompt` as the first question of a conversation."""
    return replace(prompt, turns=())


def turn_words(prompt: Prompt) -> str:
    """Which turn it is: `turn 2`; nothing for the first."""
    return f"turn {len(prompt.turns) + 1}" if prompt.turns else ""


def earlier_turns(prompt: Prompt, name: str) -> str:
    """One line for each earlier turn as the model of that name was sent it, cleaned."""
    lines: list[str] = []
    for number, turn in enumerate(prompt.turns, 1):
        line = f"▸ turn {number} · {shortened(turn.user)}"
        if name not in turn.answers:
            reason = turn.left_out.get(name, "it was not asked")
            line = f"▹ turn {number} is not sent again: {reason}"
        lines.append(line)
    return "\n".join(lines)


def _said(response: Response) -> str:
    return response.content if response.content.strip() else response.refusal or ""


def shortened(text: str) -> str:
    """The beginning of a question on one line, cleaned."""
    line = " ".join(clean_line(text[: 4 * _QUOTE]).split())
    return line if len(line) <= _QUOTE and len(text) <= 4 * _QUOTE else line[: _QUOTE - 1].rstrip() + "…"


def _why(response: Response | None) -> str:
    if response is None:
        return "it had not ended"
    if response.state == "complete":
        return "its answer was only a tool call" if response.tool_calls else "its answer was empty"
    return _UNFINISHED[response.state]
