"""A saved comparison: one Pydantic model, of which TOML and JSON are two spellings.

Unknown is `None` (left out in TOML), never 0. Times are milliseconds, money is a string of a
decimal number of US dollars. Field names are a contract: other programs read these files.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1
DEFINITIONS_VERSION = 1
"""Of the figures' definitions: it grows when a figure of the same name means something else."""

State = Literal["complete", "truncated", "cancelled", "failed"]


class Saved(BaseModel):
    """Base of every saved table: immutable, tolerant of fields that a later minor version adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SavedConfig(Saved):
    """The file that the run was made from."""

    path: str | None = None
    sha256: str | None = None


class SavedTurn(Saved):
    """An earlier question of the same conversation; models by name."""

    run: str
    user: str
    answers: dict[str, str] = {}
    """What was sent to each model as its own answer."""
    left_out: dict[str, str] = {}
    """Why a model was not sent this turn."""


class SavedPrompt(Saved):
    """A prompt with its variables filled in."""

    name: str | None = None
    system: str | None = None
    user: str
    variables: dict[str, str] = {}
    follows: str | None = None
    """The id of the run that this one went on from."""
    turns: list[SavedTurn] = []
    """All earlier questions, oldest first."""


class SavedError(Saved):
    """Why a response is not whole. `kind` is one of the error kinds of `ostream.errors`."""

    kind: str
    message: str
    status: int | None = None
    code: str | None = None
    hint: str | None = None
    retry_after: float | None = None


class SavedToolCall(Saved):
    """A tool call as the model made it; `arguments` is the raw JSON text."""

    id: str
    name: str
    arguments: str


class Timing(Saved):
    """Milliseconds, by the definitions of the README; `None` is unknown."""

    queue_ms: float | None = None
    connect_ms: float | None = None
    cold_connect_ms: float | None = None
    """What opening the connection took where it was done ahead of the call."""
    ttfb_ms: float | None = None
    ttft_ms: float | None = None
    ttfa_ms: float | None = None
    e2e_ms: float | None = None
    tpot_ms: float | None = None
    tokens_per_second: float | None = None
    icl_p50_ms: float | None = None
    icl_p99_ms: float | None = None
    icl_max_ms: float | None = None
    bursts: int | None = None
    clock_lag_p99_ms: float | None = None
    hidden_reasoning: bool | None = None
    """True where reasoning was billed and not streamed: TPOT and tok/s are of the answer alone."""


class SavedUsage(Saved):
    """Token counts that a server reported. `source`: api, api+reconciled, server_timings or none."""

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    source: str = "none"


class Estimate(Saved):
    """Token counts that the program estimated from the text; never mixed with reported ones."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class SavedCost(Saved):
    """Money of one response.

    `source`: provider, preset, genai-prices or none. `bound`: exact, estimated (from estimated
    tokens, or from what is left of counts that cannot be right) or lower (the response was stopped or
    cut, so it cost at least this).
    """

    total_usd: str | None = None
    input_usd: str | None = None
    output_usd: str | None = None
    source: str = "none"
    bound: Literal["exact", "estimated", "lower"] | None = None
    estimated: bool | None = None
    """True where a lower bound, too, is reckoned from estimated or doubtful tokens."""


class Response(Saved):
    """What one model answered to one prompt in one round and attempt."""

    name: str
    prompt: int = 0
    provider: str
    model: str
    served_model: str | None = None
    round: int = 1
    attempt: int = 1
    state: State
    finish_reason: str | None = None
    error: SavedError | None = None
    warnings: list[str] = []
    content: str = ""
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[SavedToolCall] = []
    timing: Timing = Timing()
    usage: SavedUsage = SavedUsage()
    estimate: Estimate = Estimate()
    cost: SavedCost = SavedCost()

    @property
    def tool_words(self) -> str:
        """The tool calls as a person reads them, a line each; nothing where there is none."""
        return "\n".join(f"{call.name}({call.arguments})" for call in self.tool_calls)


class Vote(Saved):
    """One judgement of the blind screen; of a tie, `winner` and `loser` are the two models in any order."""

    prompt: int = 0
    winner: str | None = None
    loser: str | None = None
    tie: bool = False
    both_bad: bool = False
    """Of a tie, whether it was because neither answer was any good."""
    round: int | None = None
    """Whose answers were judged; `None`, too, where one of them was asked for again since."""


class SavedSpread(Saved):
    """One figure of one model over its whole answers; what needs a larger `n` is `None`."""

    n: int
    """Answers that have the figure."""
    median: float | None = None
    min: float | None = None
    max: float | None = None
    p90: float | None = None
    """From n = 10."""
    p95: float | None = None
    """From n = 20."""
    p99: float | None = None
    """From n = 100."""
    median_low: float | None = None
    """The median's interval, by order statistics; from n = 6."""
    median_high: float | None = None
    confidence: float | None = None
    """Of that interval, 0.95 or more."""


class Summary(Saved):
    """One model over all prompts and rounds; medians, with n and the failures beside them."""

    name: str
    n: int
    failures: int
    ttft_ms: float | None = None
    e2e_ms: float | None = None
    tokens_per_second: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: str | None = None
    complete: int | None = None
    """Whole answers, of `n`; what is neither whole nor a failure was stopped."""
    cost_min_usd: str | None = None
    cost_max_usd: str | None = None
    cost_bound: Literal["exact", "estimated"] | None = None
    """Whether some of these costs are estimates."""
    spreads: dict[str, SavedSpread] = {}
    """By the name of the figure, where there is more than one round: `ttft_ms`, `e2e_ms`, ..."""
    hidden_reasoning: bool | None = None
    """True where some reasoning was billed and not streamed: those speeds are of the answer alone."""
    late_clock: bool | None = None
    """True where the clock was too late for the time to first token of some answers."""
    estimated_input_tokens: int | None = None
    """Median of what was estimated where the server counted nothing; never mixed with its counts."""
    estimated_output_tokens: int | None = None


class Pair(Saved):
    """Two models compared by one figure, round by round: exact signed-rank test on log ratios."""

    figure: str
    """`ttft_ms`, `e2e_ms` or `tokens_per_second`."""
    a: str
    b: str
    n: int
    """Rounds in which both have the figure."""
    left_out: int = 0
    """Rounds in which one of them has not."""
    ratio: float | None = None
    """Hodges-Lehmann estimate of a / b."""
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    """Of the ratio's interval."""
    p: float | None = None
    p_adjusted: float | None = None
    """By Holm over the pairs of this figure that could be tested: those that have a p."""
    wording: str
    """Of `a`: `1.8x faster (1.5 to 2.2, n=12)`, `no clear difference (n=5)`."""


class SavedChange(Saved):
    """One figure of one model against the same model in an earlier run; medians of whole answers."""

    figure: str
    """`ttft_ms`, `e2e_ms`, `tokens_per_second` or `cost_usd`."""
    n: int
    """Answers that have the figure now."""
    n_before: int
    """And in the earlier run."""
    median: float | None = None
    """Left out for money, which is a string beside the model's name."""
    median_before: float | None = None
    ratio: float | None = None
    """Hodges-Lehmann estimate of now / before."""
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    """Of the ratio's interval."""
    p: float | None = None
    p_adjusted: float | None = None
    """By Holm over the models of this figure that could be tested: those that have a p."""
    wording: str
    """Of the model now: `1.8x faster (1.5 to 2.2, n=12)`, `no clear difference (n=5)`."""


class BaselineModel(Saved):
    """One model now and in an earlier run, at the prompts that both runs have."""

    name: str
    n: int
    n_before: int
    complete: int
    """Whole answers; what is neither whole nor a failure was stopped."""
    complete_before: int
    failures: int
    failures_before: int
    cost_usd: str | None = None
    """Median of the whole answers."""
    cost_before_usd: str | None = None
    cost_bound: Literal["exact", "estimated"] | None = None
    cost_bound_before: Literal["exact", "estimated"] | None = None
    hidden_reasoning: bool | None = None
    """As in a `Summary`: some of these speeds are of the answer alone."""
    hidden_reasoning_before: bool | None = None
    late_clock: bool | None = None
    """As in a `Summary`: the clock was too late for some times to first token."""
    late_clock_before: bool | None = None
    changes: list[SavedChange] = []
    finish_reasons: dict[str, int] = {}
    """How many answers ended so; of one that failed, the kind of its error."""
    finish_reasons_before: dict[str, int] = {}
    answers: int = 0
    """Whole answers that have a counterpart: to a prompt as many as the run with fewer of them has."""
    answers_same: int = 0
    similarity: float | None = None
    """Of those that are not the same, of the first 200 of them at most, the median: words in common and
    in order, of all words, 0 to 1."""
    new_failures: list[str] = []
    """Failures of a kind that the model did not have at this prompt before."""


class Baseline(Saved):
    """The comparison against an earlier run."""

    id: str
    started_at: datetime
    rounds: int = 1
    models: list[BaselineModel] = []
    """Those that both runs have, by name."""
    only_now: list[str] = []
    only_before: list[str] = []
    notes: list[str] = []
    """What besides the models is not the same: the prompt, the config, the definitions."""


class SavedGate(Saved):
    """What became of a `--fail-if`."""

    expression: str
    holds: bool | None = None
    """`None` is unknown."""
    fails: bool
    """Whether the exit code is 5 for it: it holds, or is unknown without `--allow-unknown`."""
    reasons: list[str] = []
    """The figures that it is read from, of the models for which it holds or is unknown."""


class Comparison(Saved):
    """A whole run."""

    version: int = SCHEMA_VERSION
    id: str
    started_at: datetime
    program_version: str
    demo: bool = False
    config: SavedConfig = SavedConfig()
    prompts: list[SavedPrompt]
    rounds: int = 1
    responses: list[Response]
    votes: list[Vote] = []
    summary: list[Summary] = []
    definitions: int | None = None
    """`DEFINITIONS_VERSION` of the program that measured."""
    warmup: int = 0
    """Rounds before the first, of which only the cost is kept."""
    seed: int | None = None
    """Of the launch orders."""
    launch_order: list[list[str]] = []
    """Of each round that began, the models in the order of their launch."""
    pairs: list[Pair] = []
    """Every model against every later one, where there is more than one round."""
    max_cost_usd: str | None = None
    """What the run was allowed to cost."""
    over_budget: bool = False
    """Whether that ended it."""
    discarded: list[SavedCost] = []
    """Costs of calls whose answers are not kept: warm-ups, and what a rerun replaced."""
    price_list: str | None = None
    """Name and version of the public price list, where a cost came from it."""
    baseline: Baseline | None = None
    """The same against an earlier run, if that was asked for."""
    gates: list[SavedGate] = []
