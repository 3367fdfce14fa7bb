"""`{name}` in a prompt, and every combination of the values that its variables take."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import cast

from ostream_compare.config.flaws import Flaw, KeyPath, did_you_mean, shorten
from ostream_compare.config.model import PromptTable
from ostream_compare.domain.preset import Prompt, PromptTemplate

MOST_COMBINATIONS = 1000

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


def names_in(text: str) -> set[str]:
    """The variables that `text` asks for."""
    return {match[1].strip() for match in _PIECE.finditer(text) if match[1] is not None}


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its variables filled in; values are not read for braces again."""

    def piece(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else values[match[1].strip()]

    return _PIECE.sub(piece, text)


def prompt_flaws(table: Mapping[str, object], path: KeyPath) -> Iterator[Flaw]:
    """Variables that are missing or unused, and braces that stand alone, in a table as written."""
    texts = {key: text for key in ("user", "system") if isinstance(text := table.get(key), str)}
    variables = table.get("variables", {})
    known = set(cast("dict[str, object]", variables)) if isinstance(variables, dict) else None
    asked = {name for text in texts.values() for name in names_in(text)}
    for key, text in texts.items():
        if lone := next((match[0] for match in _PIECE.finditer(text) if match[0] in {"{", "}"}), None):
            yield Flaw(path=(*path, key), message=f"has a lone {lone}", hint=f"write {lone * 2} for a brace")
        for name in sorted(names_in(text) - known) if known is not None else ():
            hint = did_you_mean(name, known - asked) if known else None
            yield Flaw(
                path=(*path, key),
                message=f"asks for {{{shorten(name)}}}, which variables does not have",
                hint=hint or "write {{ and }} for braces",
            )
    for name in sorted(known - asked) if known else ():
        hint = did_you_mean(name, asked - known) if known else None
        yield Flaw(path=(*path, "variables", name), message=f"{{{shorten(name)}}} is used nowhere", hint=hint)


def count_flaws(table: PromptTable, path: KeyPath) -> Iterator[Flaw]:
    """Too many combinations."""
    count = prod(len(values) for values in (table.variables or {}).values())
    if count > MOST_COMBINATIONS:
        yield Flaw(
            path=(*path, "variables"), message=f"makes {count} prompts; {MOST_COMBINATIONS} is the most"
        )


def template_of(table: PromptTable) -> PromptTemplate:
    """A prompt of the file, its variables not filled in."""
    return PromptTemplate(
        user=table.user, name=table.name, system=table.system, variables=table.variables or {}
    )


def prompts_of(template: PromptTemplate) -> Iterator[Prompt]:
    """One prompt for each combination of values; the last variable changes fastest."""
    for combination in product(*template.variables.values()):
        yield prompt_with(template, dict(zip(template.variables, combination, strict=True)))


def prompt_with(template: PromptTemplate, values: Mapping[str, str]) -> Prompt:
    """The prompt with these values of its variables; every variable has one."""
    system = None if template.system is None else filled(template.system, values)
    return Prompt(user=filled(template.user, values), name=template.name, system=system, variables=values)
