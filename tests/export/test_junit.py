import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.pages import PAYLOADS, empty, failed, full
from ostream_compare.domain.comparison import SavedError, SavedGate, SavedPrompt
from ostream_compare.domain.spelling import from_json, from_toml, to_json, to_toml
from ostream_compare.export.formats import export

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tree(comparison):
    document = export(comparison, "junit")
    assert not ILLEGAL.search(document)
    return ET.fromstring(document.encode())


def cases(root):
    return {case.get("classname"): case for case in root.iter("testcase")}


def test_a_suite_a_model_and_a_case_a_response():
    root = tree(full())
    assert [suite.get("name") for suite in root] == ["Swift", "Flaky"]
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("2", "1", "0")
    swift = cases(root)["Swift"]
    assert (swift.get("name"), swift.get("time")) == ("hello", "0.600")
    assert swift.findtext("system-out") == "hello\n\nhello(hello)"
    properties = {of.get("name"): of.get("value") for of in swift.find("properties")}
    assert properties["timing.ttft_ms"] == "210.0"
    assert properties["usage.output_tokens"] == "18"
    assert properties["cost.total_usd"] == "0.00006"
    assert "timing.tpot_ms" not in properties, "unknown is left out"
    flaky = next(suite for suite in root if suite.get("name") == "Flaky")
    assert {element.get("time") for element in (flaky, *flaky.iter("testcase"))} == {None}, "not 0 either"
    assert root.get("time") == "0.600"
    failure = cases(root)["Flaky"].find("failure")
    assert (failure.get("type"), failure.text) == ("auth", "hello")
    of_error = {of.get("name"): of.get("value") for of in cases(root)["Flaky"].find("properties")}
    assert of_error["error.kind"] == "auth"
    assert "error.retry_after" not in of_error
    assert not any(name.startswith("error.") for name in properties)


def test_what_failed_or_was_cut_fails_and_what_nobody_asked_is_skipped():
    found = {
        name: next((tag for tag in ("failure", "skipped") if case.find(tag) is not None), "passed")
        for name, case in cases(tree(failed())).items()
    }
    assert found == {"M0": "failure", "M1": "skipped", "M2": "failure", "M3": "skipped"}


def test_a_retry_that_answered_is_no_failure():
    one = full().responses[0]
    first = one.model_copy(
        update={"state": "failed", "error": SavedError(kind="rate_limit", message="slow down")}
    )
    root = tree(full(responses=[first, one.model_copy(update={"attempt": 2})]))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("2", "0", "1")
    before, after = root.iter("testcase")
    assert before.find("skipped").get("message") == "tried again: slow down"
    assert (before.get("name"), after.get("name")) == ("hello, failed attempt 1", "hello")


def test_rounds_have_names_of_their_own():
    one = full().responses[0]
    responses = [one.model_copy(update={"round": number}) for number in (1, 2)]
    root = tree(full(responses=responses, rounds=2))
    assert [case.get("name") for case in root.iter("testcase")] == ["hello, round 1", "hello, round 2"]
    assert [suite.get("tests") for suite in root] == ["2"]


def prompted(*prompts):
    one = full().responses[0]
    responses = [one.model_copy(update={"prompt": number}) for number in range(len(prompts))]
    return full(prompts=list(prompts), responses=responses)


def names(comparison):
    return [case.get("name") for case in tree(comparison).iter("testcase")]


LONG = "Explain to a careful reader what a mutex is, and what a semaphore is, "


def test_a_prompt_without_a_name_is_called_by_its_first_words():
    assert names(prompted(SavedPrompt(user="  What is\na monad?\t"))) == ["What is a monad?"]
    (name,) = names(prompted(SavedPrompt(user=LONG + "now.")))
    assert name == "Explain to a careful reader what a mutex is, and what a…"
    assert names(prompted(SavedPrompt(user="x" * 99), SavedPrompt(user=" \n"))) == [
        "x" * 60 + "…",
        "prompt 2",
    ]


def test_no_two_prompts_have_one_name_and_their_order_changes_none():
    prompts = [
        SavedPrompt(user=LONG + "one"),
        SavedPrompt(user=LONG + "two"),
        SavedPrompt(name="mutex", user="To a beginner", variables={"audience": "beginner"}),
        SavedPrompt(name="mutex", user="To a hacker", variables={"audience": "kernel hacker"}),
        SavedPrompt(user="hi"),
        SavedPrompt(user="hi", system="Be terse."),
    ]
    found = names(prompted(*prompts))
    assert len(set(found)) == len(prompts)
    assert found[2:4] == ["mutex, audience=beginner", "mutex, audience=kernel hacker"]
    assert all(re.fullmatch("hi #[0-9a-f]{6}", name) for name in found[4:])
    assert names(prompted(*reversed(prompts))) == list(reversed(found))


def test_prompts_that_ask_the_same_are_numbered():
    hi = SavedPrompt(name="hi (2)", user="x")
    first, second, third, other = names(prompted(*[SavedPrompt(user="hi")] * 3, hi))
    assert (second, third, other) == (f"{first} (2)", f"{first} (3)", "hi (2)")


GATES = [
    SavedGate(expression="ttft > 1", holds=True, fails=True, reasons=["A: ttft is 2 s", "B: ttft is 3 s"]),
    SavedGate(expression="cost > 1", holds=False, fails=False),
    SavedGate(expression="tps < 1", fails=True, reasons=["A: tps is unknown: no answer has it"]),
    SavedGate(expression="n < 1 & <b>", fails=False, reasons=["no model has a verdict"]),
]


def test_every_gate_is_a_case_that_fails_where_the_exit_code_says_so():
    root = tree(full(gates=GATES))
    suite = root.findall("testsuite")[-1]
    assert {suite.get(key) for key in ("name",)} == {"--fail-if"}
    counts = ("tests", "failures", "errors", "skipped")
    assert [suite.get(name) for name in counts] == ["4", "1", "1", "1"]
    assert [root.get(name) for name in counts] == ["6", "2", "1", "1"]
    held, passed, unknown, allowed = suite.iter("testcase")
    assert held.find("failure").get("message") == "it holds; A: ttft is 2 s; B: ttft is 3 s"
    assert held.findtext("failure") == "A: ttft is 2 s\nB: ttft is 3 s"
    assert (passed.get("name"), list(passed)) == ("cost > 1", [])
    message = "it is unknown, which counts as if it held; A: tps is unknown: no answer has it"
    assert unknown.find("error").get("message") == message
    assert allowed.find("skipped") is not None
    assert allowed.get("name") == "n < 1 & <b>"
    assert {case.get("classname") for case in suite.iter("testcase")} == {"--fail-if"}


def test_gates_come_through_toml_and_json():
    comparison = full(gates=GATES)
    assert from_toml(to_toml(comparison)).gates == from_json(to_json(comparison)).gates == GATES
    assert "--fail-if" in export(from_toml(to_toml(comparison)), "junit")


def test_nothing_at_all_is_an_empty_report():
    root = tree(empty())
    assert (root.get("tests"), root.get("failures"), list(root)) == ("0", "0", [])


@pytest.mark.parametrize("payload", [*PAYLOADS, "\x1b[2J\x00\ufffe\uffff\ud800\u202e"])
def test_markup_and_control_characters_are_text(payload):
    root = tree(full(payload, payload))
    assert {element.tag for element in root.iter()} <= {
        *("testsuites", "testsuite", "testcase", "properties", "property", "failure"),
        *("system-out", "system-err"),
    }
    if payload.isprintable():
        assert next(root.iter("testcase")).findtext("system-out") == f"{payload}\n\n{payload}({payload})"
        assert root[0].get("name") == payload


@settings(deadline=None, max_examples=60)
@given(text=st.text(st.characters(), max_size=30))
def test_any_text_is_well_formed(text):
    tree(full(text, text))
