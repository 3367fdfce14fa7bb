"""The wire corpus through the whole child process: what is recorded is what the server did."""

import hashlib
from contextlib import ExitStack

import pytest

from collector.rig import KEY, order, run_lanes
from wire.cases import load_cases
from wire.runner import limits_of, served

BATCH = 48
"""Lanes at once."""

CASES = [case for case in load_cases() if not any(key.startswith("cancel") for key in case.client)]
"""All but the cases in which the caller stops; that is `test_worker`'s."""
TIMED, OTHERS = [case for case in CASES if case.timed], [case for case in CASES if not case.timed]
BATCHES = [TIMED, *(OTHERS[start : start + BATCH] for start in range(0, len(OTHERS), BATCH))]
"""Those about time by themselves: none waits for the work of others."""


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch[0].id)
def test_corpus_is_recorded_as_it_says(wire_server, batch):
    with ExitStack() as stack:
        urls = [stack.enter_context(served(wire_server, case))[1] for case in batch]
        orders = [
            order(
                lane,
                url,
                timeout=limits_of(case),
                retries=case.client.get("max_retries", 0),
                provider={"include_usage": True},  # each case is one exchange
            )
            for lane, (case, url) in enumerate(zip(batch, urls, strict=True))
        ]
        heard = run_lanes(orders)
        assert [flaw for lane, case in enumerate(batch) for flaw in flaws(case, heard, lane)] == []


def flaws(case, heard, lane):
    """Every way in which the record differs from what the corpus expects."""
    response, expect = heard.responses[lane], case.expect
    error = response.error.kind if response.error else None
    verdict = error or ("none" if response.state == "complete" else response.state)
    if verdict != expect["error"]:
        if verdict not in expect.get("also_ok", ()):
            yield f"{case.id}: {verdict}, must be {expect['error']}"
        return
    text = response.content
    if "text_sha256" in expect:
        if hashlib.sha256(text.encode()).hexdigest() != expect["text_sha256"]:
            yield f"{case.id}: another text of {len(text)} characters"
    elif text != expect["text"] and not expect.get("also_ok"):
        yield f"{case.id}: {text[:80]!r}, must be {expect['text']!r}"
    if heard.text(lane) not in {text, ""}:
        yield f"{case.id}: the bursts add up to another text"
    if (response.reasoning or "") != expect.get("reasoning", "") and not expect.get("also_ok"):
        yield f"{case.id}: reasoning {response.reasoning!r}"
    if verdict == "none" and set(response.warnings) != set(expect.get("warnings", ())):
        yield f"{case.id}: warnings {response.warnings}"
    calls = [(call.name, call.arguments) for call in response.tool_calls]
    if calls != [(call["name"], call["arguments"]) for call in expect.get("tool_calls", ())]:
        yield f"{case.id}: tool calls {calls}"
    if usage := expect.get("usage"):
        counts = (response.usage.input_tokens, response.usage.output_tokens)
        if counts != (usage["prompt"], usage.get("billed_output", usage["completion"])):
            yield f"{case.id}: usage {counts}"
    if any(KEY[i : i + 9] in response.model_dump_json() for i in range(len(KEY) - 8)):
        yield f"{case.id}: the key is recorded"
