import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.pages import PAYLOADS, empty, failed, full
from ostream_compare.domain.comparison import SavedError
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
    assert swift.findtext("system-out") == "hello"
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
    assert after.get("name") == "hello, attempt 2"


def test_rounds_have_names_of_their_own():
    one = full().responses[0]
    responses = [one.model_copy(update={"round": number}) for number in (1, 2)]
    root = tree(full(responses=responses, rounds=2))
    assert [case.get("name") for case in root.iter("testcase")] == ["hello, round 1", "hello, round 2"]
    assert [suite.get("tests") for suite in root] == ["2"]


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
        assert next(root.iter("testcase")).findtext("system-out") == payload
        assert root[0].get("name") == payload


@settings(deadline=None, max_examples=60)
@given(text=st.text(st.characters(), max_size=30))
def test_any_text_is_well_formed(text):
    tree(full(text, text))
