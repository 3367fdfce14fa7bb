"""Which prompts a run asks: those of the command line, of a file, of a pipe, or of the presets' own file."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import PurePath

from ostream_compare.config.prompt_files import names_left, prompts_in_jsonl, prompts_in_toml
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.flags import PREFIX, Flags
from ostream_compare.launch import bytes_of_prompts, prompt_of, prompt_text
from ostream_compare.terminal import complain, read_all, read_piped

ALL = "all"
"""What `--prompts` takes for every prompt."""
_STDIN = 0


def given_prompts(flags: Flags) -> tuple[Prompt, ...]:
    """What was given beside the presets' file: -p, else -f, else what is piped in; else nothing.

    Raises:
        UserError: It cannot be read, or is empty.
    """
    if flags.resume is not None:
        return ()
    if flags.prompt is not None and not _is_outdone(flags):
        return (prompt_of(flags.prompt, "--prompt"),)
    if flags.prompt_file == "-":
        return (prompt_of(prompt_text(_stdin_to_its_end(), "stdin"), "stdin"),)
    if flags.prompt_file is not None:
        prompts = _prompts_in(flags.prompt_file)
        if not flags.quiet and (names := names_left(prompts)):
            shown = clean_line(", ".join(f"{{{name}}}" for name in names))
            complain(f"{clean_line(flags.prompt_file)}: sent as it stands, for want of variables: {shown}")
        return _named(prompts, flags)
    if flags.prompts is not None:
        return ()
    text = prompt_text(read_piped(_STDIN), "stdin")
    return (prompt_of(text, "stdin"),) if text.strip() else ()


def asked_prompts(config: Config, given: Sequence[Prompt], flags: Flags) -> tuple[Prompt, ...]:
    """The prompts of a run without a screen; of the presets' file the first, unless --prompts says more.

    Raises:
        UserError: No prompt has such a name.
    """
    if given:
        return tuple(given)
    return _named(config.prompts, flags) if flags.prompts is not None else config.prompts[:1]


def refuse_contradictions(flags: Flags) -> None:
    """Refuse flags of which one would be as if it were not there.

    Raises:
        UserError: There are such on the command line; the environment gives way to it.
    """
    one = "--prompt-file -" if flags.prompt_file == "-" else None
    if flags.prompt is not None and not _is_outdone(flags):
        one = "--prompt"
    problems: list[Problem] = []
    if one is not None and _is_typed("PROMPTS", flags.prompts):
        message = f"does not go with {one}: that is one prompt, and no set to choose from"
        problems.append(Problem(key="--prompts", message=message))
    for name, value in (("OUTPUT", flags.output), ("FORMAT", flags.format)):
        if flags.dry_run and _is_typed(name, value):
            message = "does not go with --dry-run: nothing is sent, so there is no comparison to write"
            problems.append(Problem(key=f"--{name.lower()}", message=message))
    if problems:
        raise UserError("One without the other", *problems)
    if flags.dry_run and flags.baseline is not None and not flags.quiet:
        complain("--baseline is not read: nothing is sent, so there is nothing to compare")
    if flags.dry_run and flags.fail_if and not flags.quiet:
        complain("--fail-if is not asked: nothing is sent, so there are no figures")
    if _is_typed("PROMPT", flags.prompt) and _is_typed("PROMPT_FILE", flags.prompt_file) and not flags.quiet:
        complain(f"--prompt-file {clean_line(flags.prompt_file or '')} is not read: --prompt is asked")


def _is_typed(name: str, value: str | None) -> bool:
    """Whether a flag is the command line's, and not just the environment's."""
    return value is not None and value != os.environ.get(PREFIX + name)


def _is_outdone(flags: Flags) -> bool:
    """Whether the prompt is the environment's, and the command line names a file or prompts."""
    others = {"PROMPT_FILE": flags.prompt_file, "PROMPTS": flags.prompts}
    return not _is_typed("PROMPT", flags.prompt) and any(_is_typed(*other) for other in others.items())


def _prompts_in(path: str) -> tuple[Prompt, ...]:
    """Of a set its prompts; of anything else the one that its text is."""
    content = bytes_of_prompts(path)
    ending = PurePath(path).suffix.lower()
    if ending == ".toml":
        return prompts_in_toml(content, path)
    text = prompt_text(content, path, is_set=ending == ".jsonl")
    return prompts_in_jsonl(text, path) if ending == ".jsonl" else (prompt_of(text, path),)


def _named(prompts: Sequence[Prompt], flags: Flags) -> tuple[Prompt, ...]:
    """Those whose name matches `--prompts`."""
    pattern = flags.prompts
    if pattern is None or pattern.casefold() == ALL:
        return tuple(prompts)
    names = {prompt.name: prompt.name.casefold() for prompt in prompts if prompt.name}
    folded = pattern.casefold()
    found = {name for name, low in names.items() if low == folded or fnmatchcase(low, folded)}
    if not found:
        near = get_close_matches(folded, names.values(), n=1)
        known = ", ".join(names) or "the prompts have no names"
        hint = f"did you mean {near[0]}?" if near else f"known: {known}; {ALL} is all of them"
        raise UserError(
            "No such prompt", Problem(key="--prompts", message=f"no prompt is called {pattern}", hint=hint)
        )
    return tuple(prompt for prompt in prompts if prompt.name in found)


def _stdin_to_its_end() -> bytes:
    try:
        return read_all(_STDIN)
    except OSError:  # closed
        return b""
