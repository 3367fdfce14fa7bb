"""The command line: flags, what is printed where, and exit codes."""

import errno
import os
import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError
from cyclopts.exceptions import UnusedCliTokensError

from ostream_compare import __version__
from ostream_compare.asking import asked_prompts, given_prompts, refuse_contradictions
from ostream_compare.collector.client import Collector, CollectorDied
from ostream_compare.collector.keys import key_commands
from ostream_compare.commands import HELP as SUB_COMMANDS
from ostream_compare.commands import REPLAY as REPLAY_HELP
from ostream_compare.config.demo import builtin_demo
from ostream_compare.config.reading import Loaded
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.safe_text import clean_line
from ostream_compare.export.formats import check_ending
from ostream_compare.flags import Flags
from ostream_compare.launch import chosen, find_config, trusting
from ostream_compare.storage.places import is_same_file, why_not
from ostream_compare.terminal import (
    complain,
    fill_closed_streams,
    flush_streams,
    give_terminal_back,
    has_screen,
    print_data,
    screen_on_stderr,
)

if TYPE_CHECKING:
    from ostream_compare.collector.child import Child
    from ostream_compare.tui.early import Opened
    from ostream_compare.tui.session import Machine

_STDIN = 0
_COMMANDS = ("demo", "validate", "replay", *SUB_COMMANDS)
_LIKE = 0.7
"""How much of a command's letters a word has that is taken for it."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What `--help` is told by a full disk; files that cannot be written are named."""
_EXIT_CODES = (
    "Exit codes: 0 all models answered; 1 a response failed, was cut or was skipped; "
    "2 a wrong flag, or a file that cannot be read or written; "
    "3 nothing could be run; 4 over budget; 5 a --fail-if held; 70 a mistake of the program; "
    "130 interrupted; 143 terminated. Of several, the first of 130, 4, 3, 5, 2, 1. "
    "Every flag has a variable: --max-cost is OSTREAM_COMPARE_MAX_COST."
)

app = App(
    name="ostream-compare",
    help="Compare language models side by side: answers, speed, tokens and cost, live.",
    help_epilogue=_EXIT_CODES,
    help_format="plaintext",
    version=f"ostream-compare {__version__}",
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
)
app.register_install_completion_command(help="Install tab completion for your shell.")  # pyright: ignore[reportUnknownMemberType] - its keywords are untyped

_DEFAULTS = Flags()


@app.default
def compare(config: str | None = None, /, *, flags: Flags = _DEFAULTS) -> int:
    """Compare the models of a TOML file.

    Args:
        config: The file; by default $OSTREAM_COMPARE_CONFIG, your own models.toml, or the built-in demo.
        flags: What a run can be told.
    """
    if config is not None and (meant := _meant(config)):
        problem = Problem(
            path=config, message="there is no such file, and no such command", hint=f"did you mean {meant}?"
        )
        raise UserError("No such command", problem)
    return _run(find_config(config, os.environ), flags)


@app.command
def demo(*, flags: Flags = _DEFAULTS) -> int:
    """Compare the built-in demo's models: no file, no key, no network.

    Args:
        flags: What a run can be told.
    """
    return _run(Loaded(config=builtin_demo()), flags)


@app.command(help_epilogue="Exit codes: 0 no mistakes; 2 the file has some, or cannot be read.")
def validate(config: str | None = None, /) -> int:
    """Check a TOML file and name everything that is wrong with it.

    Args:
        config: The file; by default the one that a run would use.
    """
    from ostream_compare.tui.keymap import usable_keymap  # noqa: PLC0415 - for this command alone

    loaded = find_config(config, os.environ)
    file = loaded.config
    problems = [*loaded.problems, *usable_keymap(file.keymap, file.path, loaded.keymap_lines)[1]]
    if problems:
        raise UserError("The file has mistakes", *sorted(problems, key=lambda problem: problem.line or 0))
    models, on = len(file.presets), len(file.enabled)
    where = clean_line(file.path or "the built-in demo")
    print_data(f"{where}: no mistakes; models: {models}, enabled: {on}, prompts: {len(file.prompts)}\n")
    for command, names in key_commands(file.presets).items():
        print_data(f"A run starts `{command}` for the key of {names}\n")
    return 0


def start(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code."""
    fill_closed_streams()
    try:
        return _called(arguments)
    except CycloptsError as error:
        complain(f"{_no_command(arguments) or _refused(error)} See ostream-compare --help.")
        return 2
    except UserError as error:
        return told(error)
    except CollectorDied as error:
        complain(clean_line(error.reason))
        return 3
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - it is told, and where to report it: Python's own words are raw
        return _failed(error)
    finally:
        flush_streams()


def _called(arguments: Sequence[str]) -> int:
    try:
        return app(list(arguments)) or 0
    except SystemExit as error:
        # Rich leaves so where nobody reads the help on (`--help | head -1`), which is no error.
        if isinstance(error.__context__, BrokenPipeError):
            return 0
        raise


def _failed(error: Exception) -> int:
    """Say what nobody foresaw; the exit code."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        return told(
            UserError("Not written", Problem(message=f"stdout could not be written: {error.strerror}"))
        )
    from ostream_compare.mishap import tell  # noqa: PLC0415 - seldom needed

    return tell(error)


def _no_command(arguments: Sequence[str]) -> str | None:
    """That the first word is a command misspelt, if it is: the rest is only wrong because of that."""
    word = arguments[0] if arguments else ""
    meant = _meant(word)
    return meant and f"There is no command {clean_line(word)}: did you mean {meant}?"


def _meant(word: str) -> str | None:
    """The command that was probably meant by `word`, which is neither one nor a file."""
    if not word.isalpha() or word in _COMMANDS or os.path.exists(word):  # noqa: PTH110 - no error in a folder that is closed
        return None
    return next(iter(get_close_matches(word.casefold(), _COMMANDS, n=1, cutoff=_LIKE)), None)


def _refused(error: CycloptsError) -> str:
    """What is wrong with a command line, for a person."""
    if isinstance(error, UnusedCliTokensError):
        surplus = clean_line(shlex.join(error.unused_tokens or ()))
        return f"Nothing takes {surplus}: text with blanks needs quotes, and a prompt -p."
    return clean_line(str(error))


def told(error: UserError) -> int:
    """Say on stderr what is wrong; the exit code."""
    for problem in error.problems or (error,):
        complain(clean_line(str(problem)))
        for line in problem.excerpt if isinstance(problem, Problem) else ():
            complain(clean_line(line))
    return error.exit_code


def opened(path: str, child: "Child") -> "Opened":
    """What the UI shows of a file when no flag says more; the collector is `child`, which runs already.

    Raises:
        UserError: The file cannot be read.
    """
    from ostream_compare.tui.early import Opened  # noqa: PLC0415 - Textual is imported only where it is opened

    loaded = find_config(path, os.environ)
    collector = Collector(hidden=_key_variables(loaded.config), child=child)
    collector.start()
    return Opened(
        config=loaded.config,
        problems=loaded.problems,
        collector=collector,
        machine=_machine(loaded.config, _DEFAULTS),
    )


def _run(loaded: Loaded, flags: Flags) -> int:
    headless = flags.needs_no_screen or not has_screen()
    if headless and loaded.problems:
        raise UserError("The file has mistakes", *loaded.problems)
    _check_output(flags, loaded.config.path)
    if headless and flags.theme is not None:
        _check_theme(flags.theme)
    config = trusting(loaded.config) if flags.trust else loaded.config
    if flags.resume is not None:
        return _go_on(config, flags)
    refuse_contradictions(flags)
    config = chosen(config, flags.choice)
    given = given_prompts(flags)
    if headless or len(given) > 1:
        return _without_screen(config, given, flags)
    return _on_screen(config, loaded.problems, given[0] if given else None, flags)


def _without_screen(config: Config, given: Sequence[Prompt], flags: Flags) -> int:
    from ostream_compare.headless.command import run_without_screen  # noqa: PLC0415 - the UI needs none of it

    return run_without_screen(config, asked_prompts(config, given, flags), flags, _collector)


def _go_on(config: Config, flags: Flags) -> int:
    from ostream_compare.headless.command import resume  # noqa: PLC0415 - as above

    return resume(config, flags, _collector)


def _check_output(flags: Flags, config: str | None) -> None:
    """Refuse before the run what would fail after it, or write over what it was made from."""
    if flags.output is None or flags.is_export:
        return
    check_ending(flags.output, flags.format)
    reason = why_not(Path(flags.output))
    read_files = (config, flags.prompt_file, flags.baseline)
    if any(is_same_file(flags.output, read) for read in read_files if read is not None):
        reason = f"{clean_line(flags.output)} is read by this run and would be lost"
    if reason:
        raise UserError("Not writable", Problem(key="--output", message=reason))


def _check_theme(name: str) -> None:
    """Refuse what a screen would refuse, too."""
    from ostream_compare.tui.themes import THEMES  # noqa: PLC0415 - Textual is imported only where it is needed

    if name not in THEMES:
        problem = Problem(key="--theme", message=f"no theme is named {name}: one of {', '.join(THEMES)}")
        raise UserError("No such theme", problem)


def _collector(config: Config) -> Collector:
    return Collector(hidden=_key_variables(config))


def _key_variables(config: Config) -> set[str]:
    return {preset.provider.api_key_env for preset in config.presets if preset.provider.api_key_env}


def _machine(config: Config, flags: Flags) -> "Machine":
    from ostream_compare.storage.recorder import Recorder  # noqa: PLC0415 - SQLite is not for --help
    from ostream_compare.storage.settings import SettingsFile  # noqa: PLC0415 - for the screen alone
    from ostream_compare.tui.session import Machine  # noqa: PLC0415 - Textual is imported only where it is opened

    return Machine(
        new_link=lambda: _collector(config),
        repeats=flags.repeats,
        recorder=Recorder(retention=config.history) if flags.history else None,
        settings=SettingsFile.of_user(),
        restores_models=not flags.models,
    )


def _on_screen(config: Config, problems: Sequence[Problem], prompt: Prompt | None, flags: Flags) -> int:
    if not os.isatty(_STDIN) and not give_terminal_back(_STDIN):
        raise UserError(
            "No keyboard", Problem(message="there is no terminal to read keys from: use --headless")
        )
    collector = _collector(config)
    collector.start()  # before Textual takes the terminal
    try:
        from ostream_compare.tui.app import run  # noqa: PLC0415 - Textual is imported only where it is opened

        with screen_on_stderr():
            return run(
                config,
                problems,
                prompt=prompt,
                start_now=prompt is not None,
                collector=collector,
                theme=flags.theme,
                machine=_machine(config, flags),
            )
    finally:
        collector.kill()


for _name, _help in SUB_COMMANDS.items():
    app.command(f"ostream_compare.commands.{_name}:{_name}", name=_name, help=_help, help_epilogue="")
app.command("ostream_compare.replay:replay", name="replay", help=REPLAY_HELP, help_epilogue="")
