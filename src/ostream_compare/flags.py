"""What a run can be told on the command line, and by the environment: every flag has its variable."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from ostream_compare.domain.run import Repeats
from ostream_compare.export.formats import Format
from ostream_compare.launch import Choice, repeats_of
from ostream_compare.whole import WHOLE

PREFIX = "OSTREAM_COMPARE_"
"""A flag's variable is this and its name: `OSTREAM_COMPARE_MAX_COST`; a flag that is given wins."""


def _text(name: str, *more: str) -> Parameter:
    """A flag whose value may begin with a dash."""
    return Parameter(name=(f"--{name}", *more), allow_leading_hyphen=True, env_var=_variable(name))


def _value(name: str, *more: str) -> Parameter:
    return Parameter(name=(f"--{name}", *more), env_var=_variable(name))


def _switch(name: str, *more: str) -> Parameter:
    """A flag without a value; its variable takes 1, true or yes."""
    return Parameter(name=(f"--{name}", *more), negative=(), show_default=False, env_var=_variable(name))


def _several(name: str, separator: str, *more: str) -> Parameter:
    """A flag that may be given more than once; its variable parts values by `separator`."""

    def split(_: object, text: str, *, delimiter: str | None = None) -> list[str]:  # noqa: ARG001 - cyclopts gives it
        return [part.strip() for part in text.split(separator) if part.strip()]

    return Parameter(
        name=(f"--{name}", *more),
        negative=(),
        show_default=False,
        allow_leading_hyphen=True,
        env_var=_variable(name),
        env_var_split=split,
    )


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace("-", "_")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What a run can be told on the command line."""

    prompt: Annotated[str | None, _text("prompt", "-p")] = None
    """Ask this; in the UI the run starts at once."""
    prompt_file: Annotated[str | None, _text("prompt-file", "-f")] = None
    """Ask what this file says; - is stdin. A .toml with [[prompts]] or a .jsonl is a set: no UI."""
    prompts: Annotated[str | None, _text("prompts")] = None
    """Of the file's [[prompts]], ask those whose name matches this pattern; all is all of them. No UI."""
    system: Annotated[str | None, _text("system")] = None
    """System message for every model, instead of the file's."""
    models: Annotated[tuple[str, ...], _several("models", ",", "-m")] = ()
    """Ask the models whose name or id matches this pattern, enabled or not; may be given more than once."""
    repeat: Annotated[int, WHOLE, _value("repeat")] = 1
    """Ask every model this often, in rounds; medians and ranges follow."""
    warmup: Annotated[int, WHOLE, _value("warmup")] = 0
    """Rounds before the first that are in no figure."""
    concurrency: Annotated[int | None, WHOLE, _value("concurrency")] = None
    """Calls at once over all providers, the others queue; by default all of a prompt, of a set 8."""
    seed: Annotated[int | None, WHOLE, _value("seed")] = None
    """Makes the launch orders of the rounds again; a saved comparison has its own."""
    timeout: Annotated[float | None, _value("timeout")] = None
    """Seconds for a whole call."""
    max_cost: Annotated[str | None, _value("max-cost")] = None
    """US dollars for the whole run, instead of the file's max_cost_usd; what runs is stopped there."""
    dry_run: Annotated[bool, _switch("dry-run")] = False
    """Send nothing; print what the run can cost at most."""
    fail_if: Annotated[tuple[str, ...], _several("fail-if", ";")] = ()
    """Exit with 5 if this holds or is unknown: 'ttft > 0.8', with --baseline 'cost_change > 10%'. No UI."""
    allow_unknown: Annotated[bool, _switch("allow-unknown")] = False
    """A --fail-if of which nothing is known passes."""
    resume: Annotated[str | None, _text("resume")] = None
    """Go on with an interrupted run, by its id or last: only what has no whole answer is asked. No UI."""
    history: Annotated[
        bool, Parameter(name="--history", negative="--no-history", env_var=_variable("history"))
    ] = True
    """Log the run for history, show, replay and --resume."""
    baseline: Annotated[str | None, _text("baseline")] = None
    """Compare with an earlier run: a saved TOML or JSON file, a run's id, or last. No UI."""
    output: Annotated[str | None, _text("output", "-o")] = None
    """Write the comparison to this file, without the UI; - is stdout, instead of the table."""
    format: Annotated[Format | None, _value("format")] = None
    """Format of the output; by default what its name ends in, else toml."""
    headless: Annotated[bool, _switch("headless")] = False
    """No UI; the default when stdout is no terminal."""
    plain: Annotated[bool, _switch("plain")] = False
    """Plain lines on stdout as things happen, for screen readers and logs: no table, no UI."""
    trust: Annotated[bool, _switch("trust")] = False
    """Let this very file use well-known keys (OPENAI_API_KEY, ...) for other addresses than their owners'."""
    theme: Annotated[str | None, _value("theme")] = None
    """Colours of the UI."""
    no_discover: Annotated[bool, _switch("no-discover")] = False
    """Does nothing: no run looks for local model servers, only init and doctor do."""
    quiet: Annotated[bool, _switch("quiet", "-q")] = False
    """Nothing on stderr but errors."""
    verbose: Annotated[bool, _switch("verbose", "-v")] = False
    """The answers below the table, too."""

    @property
    def needs_no_screen(self) -> bool:
        """Whether a flag says that there is no UI."""
        switches = self.headless or self.plain or self.dry_run
        values = (self.output, self.format, self.prompts, self.resume, self.baseline)
        return switches or bool(self.fail_if) or any(value is not None for value in values)

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
