"""A file of several prompts: TOML with [[prompts]], or JSON Lines with a prompt a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ostream_compare.config.flaws import MOST, Flaw, dotted, parsed
from ostream_compare.config.model import PromptTable
from ostream_compare.config.reading import loads
from ostream_compare.config.resolve import NO_MODEL
from ostream_compare.config.templates import count_flaws, names_in, prompt_flaws, prompts_of, template_of
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Prompt
from ostream_compare.domain.safe_text import repair


def prompts_in_toml(content: bytes, path: str) -> tuple[Prompt, ...]:
    """The prompts of a TOML file, every combination of variables one; the rest of the file is not used.

    Raises:
        UserError: It is no TOML, has no prompt, or one of them is wrong.
    """
    loaded = loads(content, path)
    problems = [problem for problem in loaded.problems if problem.message != NO_MODEL]
    if problems:
        raise UserError("The file has mistakes", *problems)
    if not loaded.config.prompts:
        problem = Problem(path=path, message="there is no prompt in it", hint="add a [[prompts]] table")
        raise UserError("No prompt", problem)
    return loaded.config.prompts


def prompts_in_jsonl(text: str, path: str) -> tuple[Prompt, ...]:
    """The prompts of a JSON Lines file: `{"user": ...}`, with name, system and variables where wanted.

    Braces stand for themselves in a prompt without variables.

    Raises:
        UserError: A line is wrong, or there is none.
    """
    prompts: list[Prompt] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            found, flaws = _prompts(line)
            prompts += found
            problems += (_problem(flaw, path, number) for flaw in flaws)
        if len(problems) > MOST:
            break
    if problems:
        raise UserError("The file has mistakes", *problems[:MOST])
    if not prompts:
        raise UserError("No prompt", Problem(path=path, message="there is no prompt in it"))
    return tuple(prompts)


def names_left(prompts: Sequence[Prompt]) -> list[str]:
    """What looks like a variable in prompts that have none."""
    texts = (
        text for prompt in prompts if not prompt.variables for text in (prompt.user, prompt.system or "")
    )
    return list(
        dict.fromkeys(name for text in texts for name in sorted(names_in(text)) if name.isidentifier())
    )


def _problem(flaw: Flaw, path: str, line: int) -> Problem:
    return Problem(path=path, line=line, key=dotted(flaw.path) or None, message=flaw.message, hint=flaw.hint)


def _prompts(line: str) -> tuple[list[Prompt], list[Flaw]]:
    """The prompts of a line, or what is wrong with it."""
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        return [], [Flaw(path=(), message=f"this line is no JSON: {error}")]
    if not isinstance(value, dict):
        hint = 'such as {"user": "Hello"}'
        return [], [Flaw(path=(), message="this line is no JSON object", hint=hint)]
    given = cast("Mapping[str, Any]", value)
    table = {key: item for key, item in given.items() if item is not None}
    variables = table.get("variables")
    if isinstance(variables, dict):
        table["variables"] = dict(_listed(cast("Mapping[str, object]", variables)))
    prompt, flaws = parsed(PromptTable, table, ())
    if prompt is None:
        return [], flaws
    if not prompt.variables:
        system = None if prompt.system is None else repair(prompt.system)
        return [Prompt(user=repair(prompt.user), name=prompt.name, system=system)], []
    flaws += [*prompt_flaws(table, ()), *count_flaws(prompt, ())]
    return ([] if flaws else list(prompts_of(template_of(prompt)))), flaws


def _listed(variables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """One value is a list of one."""
    for name, values in variables.items():
        yield name, values if isinstance(values, list) else [values]
