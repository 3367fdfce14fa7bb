"""What a run is started with: the file, the models and the prompt that flags and environment choose."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from ostream_compare.config.demo import builtin_demo
from ostream_compare.config.reading import Loaded, load
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Config, Preset, Prompt
from ostream_compare.domain.run import Repeats
from ostream_compare.domain.safe_text import clean_line, repair
from ostream_compare.storage.paths import config_file
from ostream_compare.storage.trust import is_trusted, trust

CONFIG_VARIABLE = "OSTREAM_COMPARE_CONFIG"

LONGEST_PROMPT = 8 * 1024 * 1024
"""Bytes; more than any model takes, and less than an endless pipe gives."""
LARGEST_SET = 64 * 1024 * 1024
"""Bytes of a file of several prompts."""
MOST_CALLS = 10_000
MOST_ROUNDS = 1_000
"""More than anyone waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the flags of a run change in a file."""

    models: tuple[str, ...] = ()
    """Patterns of names; the enabled ones when empty."""
    system: str | None = None
    """System message for every model, instead of the file's."""
    timeout: float | None = None
    """Seconds for a whole call."""
    max_cost: str | None = None
    """US dollars for the whole run, instead of the file's."""


def find_config(named: str | None, environ: Mapping[str, str]) -> Loaded:
    """The file that was named, else the environment's, else the user's own, else the built-in demo.

    Raises:
        UserError: It cannot be read.
    """
    path = named or environ.get(CONFIG_VARIABLE) or config_file()
    if isinstance(path, Path) and not os.path.isfile(path):  # noqa: PTH113 - no error in a home that is closed
        return Loaded(config=builtin_demo())
    loaded = load(path)
    return replace(loaded, config=replace(loaded.config, trusted=is_trusted(loaded.config.sha256)))


def trusting(config: Config) -> Config:
    """`config`, trusted from now on: this very file may use well-known keys for the addresses that it names.

    Raises:
        UserError: It cannot be remembered.
    """
    if config.sha256 is None:
        return config
    try:
        trust(config.sha256, config.path or "")
    except OSError as error:
        problem = Problem(key="--trust", message=f"cannot be remembered: {error}")
        raise UserError("Not trusted", problem) from None
    return replace(config, trusted=True)


def chosen(config: Config, choice: Choice) -> Config:
    """`config` with its models enabled, limited and instructed as the flags say.

    Raises:
        UserError: A pattern matches no model, or a limit is none.
    """
    if choice.timeout is not None and not 0 < choice.timeout < float("inf"):
        problem = Problem(key="--timeout", message=f"{choice.timeout:g} is no positive number of seconds")
        raise UserError("Not a time limit", problem)
    if choice.max_cost is not None:
        config = replace(config, max_cost_usd=_money(choice.max_cost))
    presets = _picked(config, choice.models) if choice.models else config.presets
    if choice.timeout is not None:
        presets = tuple(
            replace(preset, timeout=replace(preset.timeout, total=choice.timeout)) for preset in presets
        )
    if choice.system is None:
        return replace(config, presets=presets)
    return replace(
        config,
        presets=tuple(replace(preset, system=repair(choice.system)) for preset in presets),
        prompts=tuple(replace(prompt, system=None) for prompt in config.prompts),
        templates=tuple(replace(template, system=None) for template in config.templates),
    )


def repeats_of(rounds: int, warmup: int, seed: int | None) -> Repeats:
    """How often a prompt is asked.

    Raises:
        UserError: A number makes no sense.
    """
    for flag, number, least, most in (
        ("--repeat", rounds, 1, MOST_ROUNDS),
        ("--warmup", warmup, 0, MOST_ROUNDS),
        ("--seed", seed or 0, 0, 2**63 - 1),
    ):
        if not least <= number <= most:
            problem = Problem(key=flag, message=f"{number} is not between {least} and {most}")
            raise UserError("Not that often", problem)
    return Repeats(rounds=rounds, warmup=warmup, seed=seed)


def concurrency_of(calls: int | None) -> int | None:
    """How many calls there may be at once.

    Raises:
        UserError: The number makes no sense.
    """
    if calls is not None and not 1 <= calls <= MOST_CALLS:
        problem = Problem(key="--concurrency", message=f"{calls} is not between 1 and {MOST_CALLS}")
        raise UserError("Not that many", problem)
    return calls


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        problem = Problem(
            key="--max-cost", message=f"{clean_line(text)} is no amount of US dollars", hint="such as 0.25"
        )
        raise UserError("Not an amount", problem)
    return amount


def _picked(config: Config, patterns: Sequence[str]) -> tuple[Preset, ...]:
    matched = {
        pattern: {preset.name for preset in config.presets if _matches(preset, pattern)}
        for pattern in patterns
    }
    problems = [
        Problem(
            path=config.path,
            key="--models",
            message=f"no model is called {pattern}" if pattern.strip() else "the pattern is empty",
            hint=_known(config, pattern),
        )
        for pattern, names in matched.items()
        if not names
    ]
    if problems:
        raise UserError("No such model", *problems)
    names = set[str]().union(*matched.values())
    return tuple(replace(preset, enabled=preset.name in names) for preset in config.presets)


def _matches(preset: Preset, pattern: str) -> bool:
    folded = pattern.casefold()
    names = (preset.name.casefold(), preset.model.casefold())
    return folded in names or any(fnmatchcase(name, folded) for name in names)


def _known(config: Config, pattern: str) -> str:
    names = {preset.name.casefold(): preset.name for preset in config.presets}
    near = get_close_matches(pattern.casefold(), names, n=1)
    return f"did you mean {names[near[0]]}?" if near else "known: " + ", ".join(names.values())


def prompt_of(text: str, source: str) -> Prompt:
    """A prompt that was given outside the file.

    Raises:
        UserError: There is nothing in it.
    """
    if not text.strip():
        raise UserError("No prompt", Problem(key=source, message="the prompt is empty"))
    return Prompt(user=repair(text))


def bytes_of_prompts(path: str) -> bytes:
    """What a file of one prompt or of several has in it, a byte more than it may have at most.

    Raises:
        UserError: It cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST_SET + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(
            "No prompt", Problem(path=path, message=f"the prompt cannot be read: {why}")
        ) from None


def prompt_text(content: bytes, source: str, *, is_set: bool = False) -> str:
    """What was read from `source`, as text; the line ends at its end are not part of it.

    Raises:
        UserError: It is not UTF-8, or too long.
    """
    most = LARGEST_SET if is_set else LONGEST_PROMPT
    if len(content) > most:
        problem = Problem(path=source, message=f"the prompt is over {most >> 20} MiB")
        raise UserError("No prompt", problem)
    try:
        return content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(path=source, line=line, message="the prompt is not UTF-8", hint="save it as UTF-8")
        raise UserError("No prompt", problem) from None
