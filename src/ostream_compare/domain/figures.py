"""Numbers to words: the one definition that the table, the panes and the exports share. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Literal

from ostream_compare.domain.comparison import Response, SavedCost, State
from ostream_compare.domain.counted import counted
from ostream_compare.domain.lane import Ended, Lane, Waiting
from ostream_compare.domain.plain_words import error_words, hint_words
from ostream_compare.domain.preset import Preset
from ostream_compare.domain.remedies import remedy

UNKNOWN = "—"
LATE = "⚠"
"""Beside a time to first token: the clock was too late for it."""
HIDDEN = "*"
"""Beside a speed: that of the answer alone, because reasoning was billed and not streamed."""

KeyOf = Callable[[str], str]
"""The key of an action by its id, as a sentence has it."""
Phase = State | Literal["queued", "waiting", "streaming"]

_DOLLARS = re.compile(r"[≥~]*\$\d+(\.\d+|)")
"""An amount, and what of it stands from the point on."""

_GLYPHS: dict[Phase, str] = {
    "queued": "◌",
    "waiting": "○",
    "streaming": "▶",
    "complete": "✓",
    "truncated": "✗",
    "cancelled": "■",
    "failed": "✗",
}
_WORDS: dict[Phase, str] = {
    "queued": "queued",
    "waiting": "waiting",
    "streaming": "streaming",
    "complete": "done",
    "truncated": "cut",
    "cancelled": "stopped",
    "failed": "failed",
}
_ERROR_WORDS = {
    "stream_error": "error",
    "bad_json": "bad data",
    "connection_lost": "cut",
    "protocol": "protocol",
    "connect": "refused",
    "dns": "no host",
    "tls": "tls",
    "stall_first": "stalled",
    "stall": "stalled",
    "total_timeout": "timeout",
    "too_large": "too large",
    "not_a_stream": "no stream",
    "empty": "empty",
    "redirect": "redirect",
    "bad_request": "rejected",
    "auth": "auth",
    "payment": "payment",
    "permission": "denied",
    "not_found": "not found",
    "unprocessable": "invalid",
    "rate_limit": "limited",
    "server": "server",
    "missing_key": "no key",
    "insecure": "insecure",
    "collector": "crashed",
}
_NUMBERED = frozenset(
    {"bad_request", "auth", "payment", "permission", "not_found", "unprocessable", "rate_limit", "server"}
)
"""Kinds whose number of the HTTP protocol people know them by."""
_DEAREST = Decimal(10**9)
"""US dollars; no call costs more, nor do all of a run."""
_MOST_PLACES = 20
"""Of an amount that is written out."""
_LATE_MS = 5.0
_LATE_SHARE = 0.02
"""A clock that ran later than either of these, the larger, is said to."""

_ESTIMATE, _AT_LEAST = "~", "≥"
_FIXABLE_ELSEWHERE = frozenset(
    {"missing_key", "insecure", "auth", "not_found", "bad_request", "permission", "unprocessable"}
)
"""Kinds that the same request meets again, so pressing r is no advice."""


def seconds(ms: float | None) -> str:
    """A duration given in milliseconds: `0.21s`, `12.4s`, `1m 05s`, `1h 02m`."""
    if ms is None or not isfinite(ms) or ms < 0:
        return UNKNOWN
    value = ms / 1000
    if 0 < value < 0.005:  # noqa: PLR2004 - what would round to 0.00 is not nothing
        return "<0.01s"
    if round(value, 2) < 10:  # noqa: PLR2004 - two decimals below ten seconds
        return f"{value:.2f}s"
    if round(value, 1) < 60:  # noqa: PLR2004 - one decimal below a minute
        return f"{value:.1f}s"
    whole = round(value)
    if whole < 3600:  # noqa: PLR2004 - seconds in an hour
        return f"{whole // 60}m {whole % 60:02d}s"
    minutes = round(value / 60)
    return f"{minutes // 60}h {minutes % 60:02d}m"


def rate(per_second: float | None) -> str:
    """Tokens a second: `112`, `38.1`, `0.42`."""
    if per_second is None or not isfinite(per_second) or per_second < 0:
        return UNKNOWN
    if round(per_second, 1) >= 100:  # noqa: PLR2004 - three digits say enough
        return f"{per_second:.0f}"
    return f"{per_second:.1f}" if round(per_second, 2) >= 1 else f"{per_second:.2g}"


def ttft(response: Response) -> str:
    """Time to first token, marked where the collector's clock ran too late to be trusted with it."""
    text = seconds(response.timing.ttft_ms)
    return f"{text}{LATE}" if is_late(response) and text != UNKNOWN else text


def aligned(texts: Sequence[str]) -> tuple[str, ...]:
    """A column, flush right, with its digits below each other.

    A mark behind a figure is a blank elsewhere, and so are further digits of dollars.
    """
    marks = (LATE, HIDDEN)
    if any(text.endswith(marks) for text in texts):
        return tuple(text if text.endswith(marks) else f"{text} " for text in texts)
    amounts = [_DOLLARS.fullmatch(text) for text in texts]
    most = max((len(amount[1]) for amount in amounts if amount), default=0)
    return tuple(
        text + " " * (most - len(amount[1])) if amount else text
        for text, amount in zip(texts, amounts, strict=True)
    )


def is_late(response: Response) -> bool:
    """Whether the collector's clock ran too late for its time to first token."""
    timing = response.timing
    if timing.ttft_ms is None or timing.clock_lag_p99_ms is None:
        return False
    return timing.clock_lag_p99_ms > max(_LATE_MS, _LATE_SHARE * timing.ttft_ms)


def speed(response: Response) -> str:
    """Tokens a second, marked where reasoning was billed and not streamed: it is then the answer's."""
    text = rate(response.timing.tokens_per_second)
    return f"{text}{HIDDEN}" if hides_reasoning(response) and text != UNKNOWN else text


def hides_reasoning(response: Response) -> bool:
    """Whether reasoning was billed and not streamed."""
    if response.timing.hidden_reasoning is not None:
        return response.timing.hidden_reasoning
    return bool(response.usage.reasoning_tokens) and not response.reasoning


def tokens(reported: int | None, estimated: int | None = None) -> str:
    """A count: `297` as a server reported it, `~297` as estimated."""
    if reported is not None:
        return str(reported)
    return UNKNOWN if estimated is None else f"~{estimated}"


def output_tokens(response: Response) -> str:
    """What came: `297`, `~297` as estimated; `≥~297` where the answer was stopped or cut."""
    count = tokens(response.usage.output_tokens, response.estimate.output_tokens)
    is_bound = response.state != "complete" and count not in {UNKNOWN, "0", "~0"}
    return _AT_LEAST + count if is_bound else count


def money(cost: SavedCost) -> str:
    """US dollars to two significant digits; `~` from estimated tokens, `≥` of a cut response, or both."""
    return Total([cost]).words if known_amount(cost) is not None else UNKNOWN


def total_money(costs: Iterable[SavedCost]) -> str:
    """The sum of what is known, and how many are not: `$0.031 + 1 unpriced`."""
    return Total(costs).words


class Total:
    """A sum of costs that need not be there at once."""

    def __init__(self, costs: Iterable[SavedCost] = ()) -> None:
        self.known: Decimal | None = None
        """The sum of what is known; `None` where nothing is."""
        self.is_least = False
        """Whether a part of it is a lower bound."""
        self.is_estimated = False
        """Whether a part of it is reckoned from estimated tokens."""
        self.unpriced = 0
        """How many costs are not known."""
        self.add(costs)

    def add(self, costs: Iterable[SavedCost]) -> None:
        """Some more."""
        for cost in costs:
            amount = known_amount(cost)
            if amount is None:
                self.unpriced += 1
                continue
            self.known = amount + (self.known or Decimal(0))
            if amount:
                self.is_least |= cost.bound == "lower"
                self.is_estimated |= cost.bound == "estimated" or bool(cost.estimated)

    @property
    def words(self) -> str:
        """The sum of what is known, and how many are not."""
        if self.known is None:
            return f"{self.unpriced} unpriced" if self.unpriced else UNKNOWN
        text = marked_dollars(self.known, is_least=self.is_least, is_estimated=self.is_estimated)
        return f"{text} + {self.unpriced} unpriced" if self.unpriced else text


def marked_dollars(amount: Decimal, *, is_least: bool, is_estimated: bool) -> str:
    """An amount with the signs of what it is: `$0.0012`, `~$0.0012`, `≥$0.0012`, `≥~$0.0012`."""
    return (_AT_LEAST if is_least else "") + (_ESTIMATE if is_estimated else "") + dollars(amount)


def dollars(amount: Decimal) -> str:
    """An amount to two significant digits, whole dollars from 100; `$0` only for exactly nothing."""
    if not amount:
        return "$0"
    if abs(amount.adjusted()) > _MOST_PLACES:
        return f"${amount:.1e}"
    places = max(0, 1 - amount.adjusted())
    rounded = round(amount, places)
    return f"${round(rounded, max(0, 1 - rounded.adjusted())):f}"


def dollars_of(amount: float) -> str:
    """The same for an amount that was reckoned with."""
    return dollars(Decimal(repr(amount))) if isfinite(amount) and amount >= 0 else UNKNOWN


def known_amount(cost: SavedCost) -> Decimal | None:
    """What a response cost; a zero out of a price list is no price (it lists 179 models at nothing).

    An amount that no call can have is none either: it may stand in a file of others.
    """
    if cost.total_usd is None:
        return None
    try:
        amount = Decimal(cost.total_usd)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= _DEAREST:
        return None
    if not amount and cost.source not in {"provider", "preset"}:
        return None
    return amount


def costs_of(responses: Iterable[Response]) -> tuple[SavedCost, ...]:
    """What is to be paid for; a call that was refused or brought nothing is no unpriced answer."""
    return tuple(
        response.cost
        for response in responses
        if known_amount(response.cost) is not None or brought_something(response)
    )


def brought_something(response: Response) -> bool:
    """Whether there was text, a tool call or a count of tokens."""
    usage = response.usage
    texts = response.content or response.reasoning or response.refusal or response.tool_calls
    counts = (usage.input_tokens, usage.output_tokens, response.timing.ttft_ms)
    return bool(texts) or any(count is not None for count in counts)


def phase(lane: Lane) -> Phase:
    """Where a lane stands."""
    if isinstance(lane, Ended):
        return lane.response.state
    if isinstance(lane, Waiting):
        return "queued" if lane.sent_at is None and lane.last_error is None else "waiting"
    return "streaming"


def glyph(state: Phase | Lane | Response) -> str:
    """One cell for a state; never the only sign of it (see `word`)."""
    return _GLYPHS[_phase_of(state)]


def word(state: Phase | Lane | Response, *, numbered: bool = True) -> str:
    """A state in a word or two; for a failure, of its kind, and the server's number beside it."""
    response = state.response if isinstance(state, Ended) else state
    if isinstance(response, Response) and response.state == "failed" and response.error:
        error = response.error
        named = _ERROR_WORDS.get(error.kind, "failed")
        has_number = numbered and error.kind in _NUMBERED and error.status is not None
        return f"{named} {error.status}" if has_number else named
    return _WORDS[_phase_of(state)]


def state(of: Phase | Lane | Response, *, numbered: bool = True) -> str:
    """Glyph and word: `✓ done`, `✗ auth 401`; without the number where there is little room."""
    return f"{glyph(of)} {word(of, numbered=numbered)}"


def usual_key(action: str) -> str:
    """The key of an action of which `explain` speaks, where no keymap says another."""
    return {"rerun": "r", "models": "M"}[action]


def explain(
    response: Response,
    *,
    key_of: KeyOf | None = usual_key,
    preset: Preset | None = None,
    alone: bool = False,
) -> str:
    """One sentence on a response that is not whole, with the remedy; "" for a whole one.

    Args:
        response: What to explain.
        key_of: Names the key of an action by its id; where there is no screen, no key helps.
        preset: What was asked, where that is known: the remedy names the place in the file then.
        alone: No other model is asked, so that this one cannot be left out.
    """
    action, does = "rerun", "retries"
    match response.state:
        case "complete":
            return ""
        case "cancelled":
            said, does = f"stopped{_after(response)}", "runs it again"
        case "truncated":
            said = f"cut{_after(response)}"
        case "failed":
            said = _failure(response)
            if response.error is not None and response.error.kind in _FIXABLE_ELSEWHERE:
                action, does = "models", "" if alone else "leaves it out"
    key = f"{key_of(action)} {does}" if key_of is not None and does else None
    advice = [part for part in (_helps(response, preset), key) if part]
    return f"{said} ({'; '.join(advice)})" if advice else said


def _helps(response: Response, preset: Preset | None) -> str | None:
    error = response.error
    if error is None or response.state != "failed":
        return None
    if error.hint:
        return hint_words(error.hint)
    return remedy(error.kind, preset) if preset is not None else None


def _failure(response: Response) -> str:
    """What happened to a failed response."""
    error = response.error
    if error is None:
        return f"failed{_after(response)}"
    if error.kind == "connection_lost":
        return f"cut{_after(response)}"
    if error.kind in {"stall", "stall_first"}:
        return f"stalled{_after(response)}: {error_words(error)}"
    return error_words(error)


def _after(response: Response) -> str:
    count = tokens(response.usage.output_tokens, response.estimate.output_tokens)
    if count in {"0", "~0"} or (count == UNKNOWN and not response.content and not response.reasoning):
        return " before the first token"
    if count == UNKNOWN:
        return f" after {counted(len(response.content) + len(response.reasoning or ''), 'character')}"
    return f" after {counted(count, 'token')}"


def _phase_of(of: Phase | Lane | Response) -> Phase:
    if isinstance(of, str):
        return of
    return of.state if isinstance(of, Response) else phase(of)
