"""A comparison as Markdown, for people: the table, the prompt, the answers."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ostream_compare.domain import baseline_rows, figures
from ostream_compare.domain.comparison import Comparison, Response, SavedPrompt
from ostream_compare.domain.digest import Digest
from ostream_compare.domain.plain_words import warnings_of
from ostream_compare.domain.rows import (
    RANGES,
    certainty,
    differences,
    headline,
    is_repeated,
    remarks,
    table,
    total_cost,
)
from ostream_compare.domain.safe_text import clean, clean_line
from ostream_compare.export.answer_text import answer_text
from ostream_compare.export.turns import names_of, not_sent, sent_answers

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


def to_markdown(comparison: Comparison) -> str:
    """`comparison` as one document; texts from outside stand in quotes, so that none ends its section."""
    return "".join(markdown_pieces(comparison, [comparison.responses]))


def markdown_pieces(comparison: Comparison, pages: Iterable[Sequence[Response]]) -> Iterator[str]:
    """The same piece by piece.

    Args:
        comparison: What there is to say of all responses together.
        pages: The responses, some at a time; they are gone through twice.
    """
    digest = Digest.over(comparison, pages)
    lines = ["# Comparison", "", _literal(headline(comparison, digest)), ""]
    lines += _table(comparison)
    if is_repeated(comparison):
        said = [RANGES, *certainty(comparison), *differences(comparison.pairs), *remarks(comparison, digest)]
        lines += [part for line in said for part in ("", _literal(line))]
    lines += [
        "",
        f"Cost: {_literal(total_cost(comparison, digest))}",
        *_conditions(comparison),
        *_against(comparison),
    ]
    yield "\n".join(lines)
    names = names_of(comparison, digest.names)
    for number, prompt in enumerate(comparison.prompts, 1):
        yield "\n" + "\n".join(_asked(prompt, names, number if len(comparison.prompts) > 1 else None))
    for page in pages:
        for response in page:
            yield "\n\n" + "\n".join(_answer(response, comparison))
    yield "\n"


def _asked(prompt: SavedPrompt, names: Sequence[str], number: int | None) -> list[str]:
    """Of a set, with the number by which its answers name it."""
    title = "Prompt" if number is None else f"Prompt {number}"
    title += f": {_literal(prompt.name)}" if prompt.name else ""
    lines = ["", f"## {title}", ""]
    if prompt.system:
        lines += ["System:", "", *_quoted(prompt.system), ""]
    for place, turn in enumerate(prompt.turns, 1):
        lines += [f"Turn {place}, run {_literal(turn.run)}:", "", *_quoted(turn.user), ""]
        for words in not_sent(turn, names):
            lines += [_literal(f"Turn {place}, {words}"), ""]
        for name, answer in sent_answers(turn, names):
            lines += [f"Turn {place}, answer of {_literal(name)}:", "", *_quoted(answer), ""]
    if prompt.turns:
        lines += [f"Turn {len(prompt.turns) + 1}, this run:", ""]
    return lines + _quoted(prompt.user)


def _table(comparison: Comparison) -> list[str]:
    head, *rows = table(comparison)
    return [_cells(head), "|" + " --- |" * 2 + " ---: |" * (len(head) - 2), *(_cells(row) for row in rows)]


def _conditions(comparison: Comparison) -> list[str]:
    """What a reader needs to do it again."""
    lines: list[str] = []
    if comparison.seed is not None and is_repeated(comparison):
        orders = "; ".join(
            f"{number}: {', '.join(names)}" for number, names in enumerate(comparison.launch_order, 1)
        )
        lines += ["", _literal(f"Launch order by round (seed {comparison.seed}): {orders}")]
    if comparison.definitions is not None:
        lines += ["", f"Definitions of the figures: version {comparison.definitions}"]
    return lines


def _against(comparison: Comparison) -> list[str]:
    """The same against an earlier run, where that was asked for."""
    baseline = comparison.baseline
    if baseline is None:
        return []
    lines = ["", f"## {_literal(baseline_rows.headline(baseline))}", ""]
    if rows := baseline_rows.table(baseline):
        head, *rest = rows
        lines += [_cells(head), "|" + " --- |" * len(head), *(_cells(row) for row in rest), ""]
        lines += [_literal(baseline_rows.MEANING), ""]
    return [*lines, *(f"- {_literal(line)}" for line in baseline_rows.remarks(baseline))]


def _cells(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_literal(cell) for cell in cells) + " |"


def _answer(response: Response, comparison: Comparison) -> list[str]:
    place = f", prompt {response.prompt + 1}" if len(comparison.prompts) > 1 else ""
    place += f", round {response.round}" if comparison.rounds > 1 else ""
    place += f", attempt {response.attempt}" if response.attempt > 1 else ""
    lines = [
        f"## {_literal(response.name)}{place}",
        "",
        f"{figures.state(response)} · {_literal(response.model)}",
        "",
    ]
    reason = figures.explain(response, key_of=None)
    for said in ([reason] if reason else []) + warnings_of(response):
        lines += [_literal(said), ""]
    return lines + _quoted(answer_text(response) or "(no text)")


def _quoted(text: str) -> list[str]:
    return [f"> {line}".rstrip() for line in clean(text).split("\n")]


def _literal(text: str) -> str:
    """`text` on one line with no meaning to Markdown."""
    return _SPECIAL.sub(r"\\\1", clean_line(text))
