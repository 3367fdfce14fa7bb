"""A comparison as Markdown, for people: the table, the prompt, the answers."""

import re

from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Comparison, Response
from ostream_compare.domain.rows import COLUMNS, headline, row, total_cost
from ostream_compare.domain.safe_text import clean, clean_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")


def to_markdown(comparison: Comparison) -> str:
    """`comparison` as one document; texts from outside stand in quotes, so that none ends its section."""
    lines = ["# Comparison", "", _literal(headline(comparison)), ""]
    lines += _table(comparison)
    lines += ["", f"Cost: {total_cost(comparison)}"]
    for prompt in comparison.prompts:
        title = f"Prompt: {_literal(prompt.name)}" if prompt.name else "Prompt"
        lines += ["", f"## {title}", ""]
        if prompt.system:
            lines += ["System:", "", *_quoted(prompt.system), ""]
        lines += _quoted(prompt.user)
    for response in comparison.responses:
        lines += ["", *_answer(response)]
    return "\n".join(lines) + "\n"


def _table(comparison: Comparison) -> list[str]:
    rows = [_cells(COLUMNS), "|" + " --- |" * 2 + " ---: |" * (len(COLUMNS) - 2)]
    return rows + [_cells(row(response)) for response in comparison.responses]


def _cells(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_literal(cell) for cell in cells) + " |"


def _answer(response: Response) -> list[str]:
    lines = [
        f"## {_literal(response.name)}",
        "",
        f"{figures.state(response)} · {_literal(response.model)}",
        "",
    ]
    if reason := figures.explain(response, keys=False):
        lines += [_literal(reason), ""]
    return lines + _quoted(response.content or response.refusal or "(no text)")


def _quoted(text: str) -> list[str]:
    return [f"> {line}".rstrip() for line in clean(text).split("\n")]


def _literal(text: str) -> str:
    """`text` on one line with no meaning to Markdown."""
    return _SPECIAL.sub(r"\\\1", clean_line(text))
