"""The command line: flags, what is printed where, and exit codes."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TextIO

from cyclopts import App, CycloptsError, Parameter

from ostream_compare import __version__
from ostream_compare.collector.client import Collector, CollectorDied
from ostream_compare.collector.keys import order_lanes
from ostream_compare.commands import HELP as SUB_COMMANDS
from ostream_compare.config.demo import builtin_demo
from ostream_compare.config.reading import Loaded
from ostream_compare.domain.comparison import Comparison
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.run import Repeats
from ostream_compare.domain.safe_text import clean_line, repair
from ostream_compare.export.formats import Format, export, format_of
from ostream_compare.export.text import to_text
from ostream_compare.launch import (
    Choice,
    chosen,
    find_config,
    prompt_in_file,
    prompt_of,
    prompt_text,
    repeats_of,
    trusting,
)
from ostream_compare.storage.atomic import replace_file
from ostream_compare.storage.results import save_comparison
from ostream_compare.terminal import (
    complain,
    fill_closed_streams,
    give_terminal_back,
    print_data,
    read_all,
    read_piped,
    screen_on_stderr,
)

_STDIN = 0
_EXIT_CODES = (
    "Exit codes: 0 all models answered; 1 a response failed, was cut or was skipped; 2 a wrong flag or file; "
    "3 nothing could be run; 4 over budget; 130 interrupted; 143 terminated."
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


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What a run can be told on the command line."""

    prompt: Annotated[str | None, Parameter(name=("--prompt", "-p"), allow_leading_hyphen=True)] = None
    """Ask this; in the UI the run starts at once."""
    prompt_file: Annotated[str | None, Parameter(name=("--prompt-file", "-f"), allow_leading_hyphen=True)] = (
        None
    )
    """Ask what this file says; - is stdin. Text that is piped in is a prompt without it."""
    system: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None
    """System message for every model, instead of the file's."""
    models: Annotated[
        tuple[str, ...], Parameter(name=("--models", "-m"), negative=(), show_default=False)
    ] = ()
    """Ask the models whose name or id matches this pattern, enabled or not; may be given more than once."""
    repeat: Annotated[int, Parameter(env_var="OSTREAM_COMPARE_REPEAT")] = 1
    """Ask every model this often, in rounds; medians and ranges follow."""
    warmup: Annotated[int, Parameter(env_var="OSTREAM_COMPARE_WARMUP")] = 0
    """Rounds before the first that are in no figure."""
    seed: Annotated[int | None, Parameter(env_var="OSTREAM_COMPARE_SEED")] = None
    """Makes the launch orders of the rounds again; a saved comparison has its own."""
    timeout: Annotated[float | None, Parameter(env_var="OSTREAM_COMPARE_TIMEOUT")] = None
    """Seconds for a whole call."""
    max_cost: Annotated[str | None, Parameter(env_var="OSTREAM_COMPARE_MAX_COST")] = None
    """US dollars for the whole run, instead of the file's max_cost_usd; what runs is stopped there."""
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Send nothing; print what the run can cost at most."""
    output: Annotated[str | None, Parameter(name=("--output", "-o"), allow_leading_hyphen=True)] = None
    """Write the comparison to this file, without the UI; - is stdout, instead of the table."""
    format: Format | None = None
    """Format of the output; by default what its name ends in, else toml."""
    headless: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """No UI; the default when stdout is no terminal."""
    trust: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Let this very file use well-known keys (OPENAI_API_KEY, ...) for other addresses than their owners'."""
    theme: Annotated[str | None, Parameter(env_var="OSTREAM_COMPARE_THEME")] = None
    """Colours of the UI."""
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative=(), show_default=False)] = False
    """Nothing on stderr but errors."""
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative=(), show_default=False)] = False
    """The answers below the table, too."""

    @property
    def is_export(self) -> bool:
        """Whether stdout gets the comparison's export and not its table."""
        return self.output == "-" or (self.output is None and self.format is not None)

    @property
    def choice(self) -> Choice:
        """What is to be changed in the file."""
        return Choice(models=self.models, system=self.system, timeout=self.timeout, max_cost=self.max_cost)

    @property
    def repeats(self) -> Repeats:
        """How often the prompt is asked."""
        return repeats_of(self.repeat, self.warmup, self.seed)


_DEFAULTS = Flags()


@app.default
def compare(config: str | None = None, /, *, flags: Flags = _DEFAULTS) -> int:
    """Compare the models of a TOML file.

    Args:
        config: The file; by default $OSTREAM_COMPARE_CONFIG, your own models.toml, or the built-in demo.
        flags: What a run can be told.
    """
    return _run(find_config(config, os.environ), flags)


@app.command
def demo(*, flags: Flags = _DEFAULTS) -> int:
    """Compare the built-in demo's models: no file, no key, no network.

    Args:
        flags: What a run can be told.
    """
    return _run(Loaded(config=builtin_demo()), flags)


@app.command
def validate(config: str | None = None, /) -> int:
    """Check a TOML file and name everything that is wrong with it.

    Args:
        config: The file; by default the one that a run would use.
    """
    loaded = find_config(config, os.environ)
    if loaded.problems:
        raise UserError("The file has mistakes", *loaded.problems)
    models, on = len(loaded.config.presets), len(loaded.config.enabled)
    where = clean_line(loaded.config.path or "the built-in demo")
    print_data(
        f"{where}: no mistakes; models: {models}, enabled: {on}, prompts: {len(loaded.config.prompts)}\n"
    )
    return 0


def start(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code."""
    fill_closed_streams()
    try:
        return app(list(arguments)) or 0
    except CycloptsError as error:
        complain(f"{clean_line(str(error))} See ostream-compare --help.")
        return 2
    except UserError as error:
        for problem in error.problems or (error,):
            complain(clean_line(str(problem)))
            for line in problem.excerpt if isinstance(problem, Problem) else ():
                complain(clean_line(line))
        return error.exit_code
    except CollectorDied as error:
        complain(clean_line(error.reason))
        return 3
    except KeyboardInterrupt:
        return 130


def _run(loaded: Loaded, flags: Flags) -> int:
    asked = flags.headless or flags.dry_run or flags.output is not None or flags.format is not None
    headless = asked or not _has_screen()
    if headless and loaded.problems:
        raise UserError("The file has mistakes", *loaded.problems)
    _check_output(flags)
    config = chosen(trusting(loaded.config) if flags.trust else loaded.config, flags.choice)
    repeats = flags.repeats
    given = _given_prompt(flags)
    if headless:
        return _without_screen(config, given, repeats, flags)
    return _on_screen(config, loaded.problems, given, repeats, flags)


def _has_screen() -> bool:
    return _is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb"


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether someone looks at `stream`."""
    return stream is not None and stream.isatty()


def _check_output(flags: Flags) -> None:
    """Refuse before the run what would fail after it."""
    if flags.output is None or flags.is_export:
        return
    path = Path(flags.output)
    if path.is_dir():
        raise UserError(
            "No such file", Problem(key="--output", message=f"{path} is a folder: name a file in it")
        )
    if not path.parent.is_dir():
        raise UserError(
            "No such folder", Problem(key="--output", message=f"there is no folder {path.parent}")
        )
    if not path.exists() and not os.access(path.parent, os.W_OK):
        raise UserError(
            "Not writable", Problem(key="--output", message=f"{path.parent} may not be written to")
        )


def _given_prompt(flags: Flags) -> Prompt | None:
    """The prompt of the command line: -p, else -f, else what is piped in."""
    if flags.prompt is not None:
        return prompt_of(flags.prompt, "--prompt")
    if flags.prompt_file == "-":
        return prompt_of(prompt_text(_stdin_to_its_end(), "stdin"), "stdin")
    if flags.prompt_file is not None:
        return prompt_in_file(flags.prompt_file)
    text = prompt_text(read_piped(_STDIN), "stdin")
    return prompt_of(text, "stdin") if text.strip() else None


def _stdin_to_its_end() -> bytes:
    try:
        return read_all(_STDIN)
    except OSError:  # closed
        return b""


def _collector(config: Config) -> Collector:
    keys = {preset.provider.api_key_env for preset in config.presets if preset.provider.api_key_env}
    return Collector(hidden=keys)


def _on_screen(
    config: Config, problems: Sequence[Problem], prompt: Prompt | None, repeats: Repeats, flags: Flags
) -> int:
    if not os.isatty(_STDIN) and not give_terminal_back(_STDIN):
        raise UserError(
            "No keyboard", Problem(message="there is no terminal to read keys from: use --headless")
        )
    collector = _collector(config)
    collector.start()  # before Textual takes the terminal
    try:
        from ostream_compare.tui.app import run  # noqa: PLC0415 - Textual is imported only where it is opened
        from ostream_compare.tui.session import Machine  # noqa: PLC0415 - as above

        with screen_on_stderr():
            return run(
                config,
                problems,
                prompt=prompt,
                start_now=prompt is not None,
                collector=collector,
                theme=flags.theme,
                machine=Machine(new_link=lambda: _collector(config), repeats=repeats),
            )
    finally:
        collector.kill()


def _without_screen(config: Config, given: Prompt | None, repeats: Repeats, flags: Flags) -> int:
    from ostream_compare.headless import run_headless  # noqa: PLC0415 - the UI needs none of it

    prompt = given or next(iter(config.prompts), None)
    if prompt is None:
        raise UserError(
            "No prompt", Problem(path=config.path, message="there is no prompt: give one with -p")
        )
    if flags.system is not None:  # saved with the prompt, and sent once
        prompt = replace(prompt, system=repair(flags.system))
        config = replace(config, presets=tuple(replace(preset, system=None) for preset in config.presets))
    if not config.enabled:
        problem = Problem(
            path=config.path, message="no model is enabled: set enabled = true, or choose with -m"
        )
        raise UserError("Nothing to run", problem, exit_code=3)
    if flags.dry_run:
        return _dry_run(config, prompt, repeats)
    collector = _collector(config)
    collector.start()
    try:
        orders = order_lanes(config.enabled, os.environ, trusted=config.trusted)
        notices = _Notices(quiet=flags.quiet)
        outcome = run_headless(
            config, prompt, collector, orders, repeats=repeats, tell=notices.progress, keep=notices.save
        )
    finally:
        collector.kill()
    _deliver(outcome.comparison, flags)
    return outcome.exit_code


def _dry_run(config: Config, prompt: Prompt, repeats: Repeats) -> int:
    from ostream_compare.dry_run import bounds, table  # noqa: PLC0415 - nothing else needs the price list

    run = bounds(config, prompt, repeats)
    print_data(table(run))
    return run.exit_code


def _deliver(comparison: Comparison, flags: Flags) -> None:
    if flags.is_export:
        print_data(export(comparison, flags.format or "toml"))
        return
    print_data(to_text(comparison, answers=flags.verbose))
    if flags.output is not None:
        document = export(comparison, flags.format or format_of(flags.output) or "toml")
        try:
            replace_file(Path(flags.output), document.encode())
        except OSError as error:
            problem = Problem(path=flags.output, message=f"could not be written: {error.strerror or error}")
            raise UserError("Not written", problem) from None


class _Notices:
    """What a headless run says on stderr."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def progress(self, line: str) -> None:
        """A line, if someone is there to read it."""
        if not self._quiet and _is_terminal(sys.stderr):
            complain(line)

    def save(self, comparison: Comparison) -> None:
        """Save, and say where."""
        try:
            path = save_comparison(comparison)
        except OSError as error:
            complain(f"the comparison could not be saved: {error}")
            return
        if not self._quiet:
            complain(f"saved: {path}")


for _name, _help in SUB_COMMANDS.items():
    app.command(f"ostream_compare.commands.{_name}:{_name}", name=_name, help=_help, help_epilogue="")
