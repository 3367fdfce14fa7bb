"""Codes to sentences: what a warning, a hint or an error of a response says to people. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ostream_compare.domain.comparison import Response, SavedError
from ostream_compare.domain.safe_text import clean_line

LIMITED = "cut_by_length"
LIMIT_WORDS = "ended at its token limit, so the text may stop in mid-sentence: raise max_tokens for more"
WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        LIMITED: LIMIT_WORDS,
        "bad_unicode": "some of its text was no valid Unicode and was repaired",
        "empty_output": "the answer is empty",
        "lenient_json": "the server sent JSON with mistakes; it was read anyway",
        "logprobs_cut": "there were more log probabilities than are kept",
        "no_done": "the answer did not end with [DONE]",
        "no_finish_reason": "the server did not say why the answer ended",
        "non_text_output": "the answer has sound or pictures, which are not shown",
        "not_sse": "the server sent lines that are no event stream; they were left out",
        "not_streamed": "the server sent the answer in one piece, so its speed cannot be measured",
        "odd_event": "the server sent events that make no sense; they were left out",
        "odd_finish": "the server gave an unknown reason for the end of the answer",
        "sent_again": "the server had closed the kept connection, so the request was sent anew, on another",
        "unclean_end": "the connection broke after the answer was whole",
        "unterminated_event": "the last event was not ended by an empty line",
        "usage_absent": "the server counted no tokens, so counts and cost are estimates or unknown",
        "usage_odd": "the server's counts of tokens make no sense, or some of them, and those are not used",
        "usage_unattributed": "the server's total has tokens that are in neither In nor Out, unpriced",
        "usage_zero": "the server counted 0 tokens for an answer or a prompt; the count is not used",
    }
)
"""By their codes, which stand in TOML, JSON and CSV."""
_LATE = "usage_late:"
"""Before the seconds that a count of tokens was waited for."""
_HINTS = {
    "wrong_path": "the path of base_url looks wrong: most end in /v1",
    "model_not_found": "the server knows no such model: look at what it lists with the models command",
}
_WAIT = "retry_after:"
_DAY = 86400
_YEAR = 365 * _DAY
_PARAM = "unsupported_param:"
_ERRNO = re.compile(
    r"\[Errno -?\d+\] (?:Connect call failed \('(?P<host>[^']*)', (?P<port>\d+)[^)]*\)|(?P<text>.*))"
)


def warning_words(code: str) -> str:
    """A warning as a sentence; one that is no code is one already."""
    if code.startswith(_LATE):
        waited = f"within {clean_line(code.removeprefix(_LATE))} s after the finish reason"
        return f"nothing more came {waited}, so usage is unknown (timeout.grace)"
    return WARNINGS.get(code) or clean_line(code)


def hint_words(hint: str) -> str:
    """What helps, as a sentence."""
    if hint.startswith(_WAIT):
        return f"the server asks to wait {_span(hint.removeprefix(_WAIT))}"
    if hint.startswith(_PARAM):
        return f"the server does not know the parameter {clean_line(hint.removeprefix(_PARAM))}: leave it out"
    return _HINTS.get(hint) or clean_line(hint).strip()


def _span(seconds: str) -> str:
    """A time to wait, in the unit that a person would take."""
    try:
        count = float(seconds)
    except ValueError:
        return f"{clean_line(seconds)} s"
    units = (
        (_YEAR, 1.0, "more than a year"),
        (2 * _DAY, _DAY, "days"),
        (7200, 3600, "hours"),
        (120, 60, "min"),
    )
    for least, unit, name in units:
        if count >= least:
            return name if least == _YEAR else f"{count / unit:.0f} {name}"
    return f"{seconds.removesuffix('.0')} s"


def error_words(error: SavedError) -> str:
    """An error's message without the numbers of the operating system."""
    return _ERRNO.sub(_without_number, clean_line(error.message).strip())


def _without_number(found: re.Match[str]) -> str:
    host, port = found["host"], found["port"]
    return found["text"] if host is None else f"nothing answers at {host} port {port}"


def is_limited(response: Response) -> bool:
    """Whether an answer is whole by definition, and stopped at the most tokens that it could have."""
    is_cut = response.finish_reason == "length" or LIMITED in response.warnings
    return response.state == "complete" and is_cut


def ending_words(response: Response) -> str:
    """What is to be said of a whole answer besides its text; "" for most."""
    if response.state != "complete":
        return ""
    if is_limited(response):
        return LIMIT_WORDS
    if response.refusal:
        return "the model refused to answer"
    if response.finish_reason == "content_filter":
        return "the provider's content filter ended the answer"
    if response.tool_calls:
        return "calls a tool; tools are not run here"
    return "" if response.content.strip() else WARNINGS["empty_output"]


def warnings_of(response: Response) -> list[str]:
    """All warnings of a response as sentences; how a whole answer ended comes first."""
    first = [said] if (said := ending_words(response)) else []
    codes = response.warnings
    if any(code.startswith(_LATE) for code in codes):
        codes = [code for code in codes if code != "no_done"]  # it was not waited for
    return list(dict.fromkeys([*first, *map(warning_words, codes)]))
