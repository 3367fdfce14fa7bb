"""Compares what came of a case with what its row in the corpus demands."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from wire.cases import Case
from wire.runner import KEY, Outcome

_KEY_RUN = 9
"""So many characters of the key in a row give it away."""

_LONGEST_MESSAGE = 4_000

_ONE_REQUEST = {400, 401, 403, 404}
"""Statuses after which the same request is never sent again (but once without `stream_options`)."""


def differences(case: Case, got: Outcome) -> list[str]:
    """Every way in which `got` is not what the case expects; empty when all is well."""
    found = [*_always(case, got)]
    expect = case.expect
    if got.verdict != expect["error"] and got.verdict in expect.get("also_ok", ()):
        return found
    if got.verdict != expect["error"]:
        shown = got.stream.error or got.stream.state
        return [*found, f"verdict: {got.verdict} ({shown}), must be {expect['error']}"]
    found += _text(expect, got)
    found += _error(expect, got)
    found += _finish(expect, got)
    found += _tools(expect, got)
    found += _usage(expect, got)
    if expect["error"] == "none":
        found += _differs("warnings", {str(w) for w in got.stream.warnings}, set(expect.get("warnings", ())))
    if "model" in expect:
        found += _differs("model", got.stream.model, expect["model"])
    for other in expect.get("other_choices", ()):
        found += _other_choice(other, got)
    return found


def _differs(what: str, got: object, must: object) -> list[str]:
    return [] if got == must else [f"{what}: {_short(got)}, must be {_short(must)}"]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}... ({len(text)} characters)"


def _always(case: Case, got: Outcome) -> Iterator[str]:
    """What holds for every case, whatever it expects."""
    runs = [KEY[i : i + _KEY_RUN] for i in range(len(KEY) - _KEY_RUN + 1)]
    if any(run in got.report for run in runs):
        yield "the key leaks into the error"
    state = str(got.stream.state)
    if state not in {"complete", "truncated", "cancelled", "failed"}:
        yield f"state after the end: {state}"
    if (state == "failed") != (got.stream.error is not None):
        yield f"state {state} with error {got.stream.error!r}"
    if got.raised is not got.stream.error:
        yield f"iteration raised {got.raised!r}, the stored error is {got.stream.error!r}"
    if got.raised_again is not got.stream.error:
        yield f"the second iteration raised {got.raised_again!r}, the stored error is {got.stream.error!r}"
    if got.replayed_text != got.chunk_text and state != "cancelled":
        yield f"replay gave {_short(got.replayed_text)} after {_short(got.chunk_text)}"
    if case.hangs and not got.closed_by_client:
        yield "the server's hold ended before the client closed its socket"
    if got.other_requests:
        yield f"{got.other_requests} request(s) reached another origin"
    if got.stream.error is not None:
        yield from _shown_message(got.stream.error.message)
    yield from _request_count(case, got)


def _shown_message(message: str) -> Iterator[str]:
    if not message.strip():
        yield "message: empty"
    if len(message) > _LONGEST_MESSAGE:
        yield f"message: {len(message)} characters"
    if re.search(r"<(html|head|title|body|h1)\b", message, re.IGNORECASE):
        yield f"message shows markup: {_short(message)}"


def _request_count(case: Case, got: Outcome) -> Iterator[str]:
    if got.requests != case.expect.get("requests", got.requests):
        yield f"{got.requests} request(s), must be {case.expect['requests']}"
    first = case.answers[0].status
    if case.transport != "http" or first not in _ONE_REQUEST:
        return
    most = 2 if "stream_options" in str(case.expect.get("hint")) else 1
    if got.requests > most:
        yield f"{got.requests} requests after a {first}, must be {most} at most"


def _text(expect: Mapping[str, Any], got: Outcome) -> Iterator[str]:
    text = got.stream.content
    flags = expect.get("also_ok", ())
    if "text_len" in expect:
        yield from _differs("length of text", len(text), expect["text_len"])
        yield from _differs("hash of text", hashlib.sha256(text.encode()).hexdigest(), expect["text_sha256"])
    elif "raw_think" in flags and "</think>" in text:
        if expect["text"] not in text:
            yield f"text: {_short(text)}, must hold {_short(expect['text'])}"
        return
    else:
        partial = [flag.removeprefix("partial_") for flag in flags if flag.startswith("partial_")]
        accepted = [expect["text"], *partial]
        if text not in accepted and not ("text_fffd" in flags and "\ufffd" in text):
            yield f"text: {_short(text)}, must be {_short(expect['text'])}"
    if "raw_think" not in flags:
        yield from _differs("joined contents of the chunks (against stream.content)", got.chunk_text, text)
    yield from _differs("reasoning", got.stream.reasoning or "", expect.get("reasoning", ""))
    yield from _differs("refusal", got.stream.refusal or "", expect.get("refusal", ""))


def _error(expect: Mapping[str, Any], got: Outcome) -> Iterator[str]:
    error = got.stream.error
    if error is None:
        return
    if expect.get("message_contains", "") not in error.message:
        yield f"message: {_short(error.message)}, must contain {_short(expect['message_contains'])}"
    if "code" in expect:
        yield from _differs("code", error.code, expect["code"])
    if "hint" in expect:
        yield from _differs("hint", error.hint, expect["hint"])


def _finish(expect: Mapping[str, Any], got: Outcome) -> Iterator[str]:
    reasons: list[Any] = list(got.stream.finish_reasons or ())
    first = reasons[0] if reasons else None
    if first is None and "no_finish" in expect.get("also_ok", ()):
        return
    yield from _differs("finish_reason", first, expect.get("finish_reason"))
    if got.choices:
        yield from _differs("finish_reason of the completion", got.choices[0].finish_reason, first)


def _tools(expect: Mapping[str, Any], got: Outcome) -> Iterator[str]:
    calls = [] if got.message is None else list(got.message.tool_calls or ())
    legacy = None if got.message is None else got.message.function_call
    found: list[tuple[str, str, str]] = [
        (call.id, call.function.name, call.function.arguments) for call in calls
    ]
    if legacy is not None:
        found.append(("legacy", legacy.name, legacy.arguments))
    wanted = [(call["id"], call["name"], call["arguments"]) for call in expect.get("tool_calls", ())]
    if any(not call_id for call_id, _, _ in found):
        yield "tool call without an id"
    if len(found) == len(wanted):  # an id of "" in the corpus stands for any made-up one
        wanted = [(w[0] or f[0], *w[1:]) for w, f in zip(wanted, found, strict=True)]
    yield from _differs("tool calls", found, wanted)


def _usage(expect: Mapping[str, Any], got: Outcome) -> Iterator[str]:
    stream = got.stream
    wanted: Mapping[str, int] | None = expect.get("usage")
    if wanted is None:
        if expect["error"] == "none":
            yield from _differs("input_tokens", stream.input_tokens, None)
            yield from _differs("output_tokens", stream.output_tokens, None)
        return
    raw = stream.usage
    if raw is None:
        yield "usage: None"
        return
    counts = {"prompt": raw.prompt_tokens, "completion": raw.completion_tokens, "total": raw.total_tokens}
    yield from _differs("usage", counts, {name: wanted[name] for name in counts})
    yield from _differs("input_tokens", stream.input_tokens, wanted["prompt"])
    billed = wanted.get("billed_output", wanted["completion"])
    yield from _differs("output_tokens", stream.output_tokens, billed)
    if "reasoning" in wanted:
        yield from _differs("reasoning_tokens", stream.reasoning_tokens, wanted["reasoning"])
    if "cached" in wanted:
        yield from _differs("cached_tokens", stream.cached_tokens, wanted["cached"])


def _other_choice(wanted: Mapping[str, Any], got: Outcome) -> Iterator[str]:
    choice = next((c for c in got.choices if c.index == wanted["index"]), None)
    if choice is None:
        yield f"choice {wanted['index']} is missing"
        return
    yield from _differs(f"text of choice {wanted['index']}", choice.message.content, wanted["text"])
    yield from _differs(f"finish of choice {wanted['index']}", choice.finish_reason, wanted["finish_reason"])
