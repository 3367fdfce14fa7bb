"""The file as it is written: one Pydantic model a table, unknown keys refused, nothing merged yet."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ostream_compare.config.fields import (
    BaseUrl,
    Body,
    Command,
    Count,
    EnvironmentVariable,
    Headers,
    IncludeUsage,
    JsonTable,
    Line,
    Money,
    Number,
    Positive,
    Stop,
    Text,
    VariableValues,
)


class Table(BaseModel):
    """A table of the file. A key that is left out is `None` here, and not in `model_fields_set`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TimeoutTable(Table):
    """Seconds; a key that is left out is taken from `[defaults]`, then from the program."""

    connect: Positive | None = Field(None, description="DNS, TCP and TLS.")
    first_token: Positive | None = Field(None, description="From the request to the first payload.")
    idle: Positive | None = Field(None, description="Between two payloads.")
    grace: Positive | None = Field(
        None, description="After the finish reason, for usage that may still come."
    )
    total: Positive | None = Field(None, description="The whole call, retries included.")


class PriceTable(Table):
    """USD per million tokens; or `provider` and `model` to price it as that one; or `free = true`."""

    input: Money | None = Field(None, description="Prompt tokens, USD per million.")
    cached_input: Money | None = Field(None, description="Cached prompt tokens; left out: as input.")
    cache_write: Money | None = Field(
        None, description="Prompt tokens written to the cache; left out: as input."
    )
    output: Money | None = Field(None, description="Completion tokens, reasoning included, USD per million.")
    provider: Line | None = Field(None, description="Price it as this provider's, by its genai-prices id.")
    model: Line | None = Field(None, description="Price it as this model.")
    free: bool | None = Field(None, description="It costs nothing.")


class RequestTable(Table):
    """What goes into the request as it stands."""

    temperature: Number | None = Field(None, ge=0, description="Randomness; some reasoning models take none.")
    top_p: Number | None = Field(None, ge=0, le=1, description="Nucleus sampling.")
    max_tokens: Count | None = Field(None, description="Most tokens of an answer; see token_param.")
    stop: Stop | None = Field(None, description="Texts that end the answer.")
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1, description="Asks for repeatable answers.")
    presence_penalty: Number | None = Field(None, ge=-2, le=2, description="Against words that were used.")
    frequency_penalty: Number | None = Field(
        None, ge=-2, le=2, description="Against words that were used often."
    )
    logit_bias: JsonTable | None = Field(None, description="Token id to bias.")
    reasoning_effort: Line | None = Field(
        None, description="How long it thinks, such as low, medium or high."
    )
    verbosity: Line | None = Field(None, description="How much it writes, such as low, medium or high.")
    service_tier: Line | None = Field(None, description="Such as auto, default, flex or priority.")
    logprobs: bool | None = Field(None, description="Ask for the tokens' log probabilities.")
    top_logprobs: int | None = Field(None, ge=0, le=20, description="Alternatives a token; needs logprobs.")
    response_format: JsonTable | None = Field(None, description='Such as { type = "json_object" }.')
    prediction: JsonTable | None = Field(None, description="Text that the answer is likely to repeat.")
    metadata: JsonTable | None = Field(None, description="Stored with the request by the provider.")
    store: bool | None = Field(None, description="Whether the provider may keep the answer.")
    user: Line | None = Field(None, description="An id of the end user, for the provider.")
    safety_identifier: Line | None = Field(None, description="A stable id of the end user, for the provider.")
    prompt_cache_key: Line | None = Field(None, description="Groups requests that share a cached prompt.")
    web_search_options: JsonTable | None = Field(None, description="For models that search.")
    extra_body: Body | None = Field(
        None, description="Anything else for the request's JSON, as the server takes it."
    )
    extra_headers: Headers | None = Field(
        None, description="Headers to add; keys of an account do not belong here."
    )


class OptionsTable(RequestTable):
    """What a model says, and what `[defaults]` may say for all of them."""

    provider: Line | None = Field(None, description="The name of a [providers.NAME] table.")
    model: Line | None = Field(None, description="The model's id as the endpoint knows it.")
    enabled: bool | None = Field(None, description="Whether it takes part in a run; true when left out.")
    system: Text | None = Field(None, description="System message of this model.")
    timeout: TimeoutTable | None = Field(None, description="Time limits in seconds.")
    retries: int | None = Field(
        None, ge=0, le=100, description="Attempts after the first; each is shown and saved."
    )
    price: PriceTable | None = Field(None, description="Your own price; left out: the public list's.")


class DefaultsTable(OptionsTable):
    """`[defaults]`: any key of a model but its name, and what concerns the whole run."""

    max_cost_usd: Money | None = Field(None, description="Most that a whole run may cost.")


class ModelTable(OptionsTable):
    """One of `[[models]]`."""

    name: Line = Field(description="Shown on the pane; unique in the file.")


class ProviderTable(Table):
    """`[providers.NAME]`: an endpoint and how to talk to it."""

    kind: Literal["demo", "openai"] = Field(
        "openai",
        description="demo: the embedded server. openai: any server that speaks OpenAI's chat completions.",
    )
    base_url: BaseUrl | None = Field(None, description="Where /chat/completions is appended.")
    api_key_env: EnvironmentVariable | None = Field(
        None, description="Environment variable that holds the key."
    )
    api_key_cmd: Command | None = Field(None, description="Command that prints the key, as a list of words.")
    token_param: Literal["max_tokens", "max_completion_tokens"] = Field(
        "max_tokens",
        description="The name under which this endpoint takes max_tokens.",
    )
    max_parallel: Count | None = Field(None, description="Requests at once; the next one waits as queue.")
    include_usage: IncludeUsage = Field(
        "auto",
        description="Whether usage is asked for; auto: asked for, and dropped when the server refuses it.",
    )
    warm: bool = Field(default=True, description="Open the connection before the clock starts.")
    price_provider: Line | None = Field(None, description="genai-prices' id; left out: found by the URL.")
    headers: Headers | None = Field(None, description="Headers for every request to it.")


class PromptTable(Table):
    """One of `[[prompts]]`; every combination of its variables' values is a prompt."""

    name: Line | None = Field(None, description="Shown in tables and saves.")
    user: Text = Field(description="The question; {name} is a variable, {{ and }} are braces.")
    system: Text | None = Field(None, description="System message for every model; takes variables too.")
    variables: dict[str, VariableValues] | None = Field(None, description="Name to values.")


class UiTable(Table):
    """`[ui]`."""

    keymap: dict[Line, Line] | None = Field(None, description="Action id to key.")


class HistoryTable(Table):
    """`[history]`: what is kept of earlier runs; left out: all of them."""

    keep_days: Count | None = Field(None, description="Days after which a run's log is deleted.")
    keep_runs: Count | None = Field(None, description="The newest so many runs are kept.")


class ConfigFile(Table):
    """Models, providers and prompts of ostream-compare."""

    version: Literal[1] = Field(1, description="Version of this file's format.")
    defaults: DefaultsTable | None = Field(None, description="Any model key may be defaulted here.")
    providers: dict[str, ProviderTable] | None = Field(None, description="Endpoints by name.")
    models: list[ModelTable] | None = Field(None, description="The models to compare.")
    prompts: list[PromptTable] | None = Field(
        None, description="The first one is asked unless you say otherwise."
    )
    ui: UiTable | None = Field(None, description="The terminal UI.")
    history: HistoryTable | None = Field(None, description="What is kept of earlier runs.")
