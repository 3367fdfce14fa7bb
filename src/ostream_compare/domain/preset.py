"""What a TOML file says about providers, models and prompts, resolved: defaults are merged in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from ostream.limits import Limits

TokenParam = Literal["max_tokens", "max_completion_tokens"]
IncludeUsage = Literal["auto", True, False]
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a preset says about money; USD per million tokens."""

    input: Decimal | None = None
    """Prompt tokens."""
    cached_input: Decimal | None = None
    """Cached prompt tokens; billed at `input` when left out."""
    cache_write: Decimal | None = None
    """Prompt tokens written to the cache; billed at `input` when left out."""
    output: Decimal | None = None
    """Completion tokens, reasoning included."""
    provider: str | None = None
    """Price it as this provider's (with `model`)."""
    model: str | None = None
    """Price it as this model."""
    free: bool = False
    """An explicit $0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An endpoint and how to talk to it. The key itself is never part of it."""

    name: str
    """The name of its table in the file."""
    kind: Literal["demo", "openai"] = "openai"
    """`demo` is the embedded server; its `base_url` is known once the collector has started it."""
    base_url: str | None = None
    """Where `/chat/completions` is appended."""
    api_key_env: str | None = None
    """Environment variable that holds the key."""
    api_key_cmd: tuple[str, ...] | None = None
    """Command that prints the key."""
    token_param: TokenParam = "max_tokens"  # noqa: S105
    """The name under which this endpoint takes `max_tokens`."""
    max_parallel: int | None = None
    """Requests at once; the next one waits and shows its waiting as queue."""
    include_usage: IncludeUsage = "auto"
    """Whether `stream_options.include_usage` is asked for; `auto` drops it when the server refuses it."""
    warm: bool = True
    """Open the connection before the clock starts."""
    price_provider: str | None = None
    """genai-prices' id of this provider; by default it is found by the URL."""

    @property
    def needs_key(self) -> bool:
        """Whether a key is named for it."""
        return self.api_key_env is not None or self.api_key_cmd is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One model to compare, with everything that its request needs but the key and the prompt."""

    name: str
    """Unique in the file; shown on the pane."""
    provider: Provider
    """The endpoint, resolved."""
    model: str
    """The model's id as the endpoint knows it."""
    enabled: bool = True
    """Whether it takes part in a run unless asked for otherwise."""
    system: str | None = None
    """System message of this model; a prompt's own goes before it."""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Request parameters (`temperature`, `max_tokens`, `reasoning_effort`, `extra_body`, ...) as JSON."""
    timeout: Limits = field(default_factory=Limits)
    """The call's clocks."""
    retries: int = 0
    """Attempts after the first."""
    price: Price | None = None
    """The file's own price; `None` leaves it to the provider's word and genai-prices."""

    @property
    def is_demo(self) -> bool:
        """Whether the embedded demo server answers."""
        return self.provider.kind == "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question that was asked before this one, and what each model answered."""

    run: str
    """The id of the run that asked it."""
    user: str
    """The user message."""
    answers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """By the preset's name; only what is sent again: whole answers, without reasoning."""
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the preset's name: why this turn is not sent to it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question, its variables filled in."""

    user: str
    """The user message."""
    name: str | None = None
    """Its name in the file."""
    system: str | None = None
    """System message for every model."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """The values that were filled in."""
    turns: tuple[Turn, ...] = ()
    """What the conversation said before, oldest first; each model is sent its own answers."""

    @property
    def follows(self) -> str | None:
        """The id of the run that this one goes on from."""
        return self.turns[-1].run if self.turns else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """One of the file's prompts, its variables not filled in."""

    user: str
    """The question; `{name}` is a variable, `{{` and `}}` are braces."""
    name: str | None = None
    system: str | None = None
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Name to the file's values."""


def sent_messages(prompt: Prompt, preset: Preset) -> list[tuple[Role, str]]:
    """What is sent: the prompt's system message, the preset's own, the earlier turns, the question."""
    sent: list[tuple[Role, str]] = [("system", text) for text in (prompt.system, preset.system) if text]
    for turn in prompt.turns:
        if answer := turn.answers.get(preset.name):
            sent.append(("user", turn.user))
            sent.append(("assistant", answer))
    return [*sent, ("user", prompt.user)]


def sent_texts(prompt: Prompt, preset: Preset) -> list[str]:
    """The texts of the messages that are sent, in their order."""
    return [text for _, text in sent_messages(prompt, preset)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long earlier runs are kept; `None` is for ever."""

    days: int | None = None
    runs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole file, as the program uses it."""

    path: str | None
    """As the user gave it; `None` for the built-in demo."""
    sha256: str | None
    """Of the file's bytes, as hex."""
    presets: tuple[Preset, ...]
    """The models that are right, in the file's order."""
    prompts: tuple[Prompt, ...] = ()
    """Every combination of variables is a prompt."""
    templates: tuple[PromptTemplate, ...] = ()
    """The same prompts before their variables are filled in."""
    max_cost_usd: Decimal | None = None
    """Of a whole run."""
    trusted: bool = False
    """Whether the user lets this very file use well-known keys for other addresses than their owners'."""
    keymap: Mapping[str, str] = field(default_factory=dict[str, str])
    """Binding id to keys, from `[ui.keymap]`."""
    history: Retention = field(default_factory=Retention)
    """What is kept of earlier runs."""

    @property
    def enabled(self) -> tuple[Preset, ...]:
        """The models that take part by default."""
        return tuple(preset for preset in self.presets if preset.enabled)

    @property
    def is_demo(self) -> bool:
        """Whether any enabled model is answered by the demo server."""
        return any(preset.is_demo for preset in self.enabled)
