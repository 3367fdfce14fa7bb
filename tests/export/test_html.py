import base64
import hashlib
import re

import pytest

from export.pages import PAYLOADS, Page, empty, failed, full
from ostream_compare.domain.comparison import SavedPrompt, SavedTurn
from ostream_compare.domain.safe_text import clean
from ostream_compare.export.formats import export

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "h1", "h2", "h3"),
    *("p", "span", "i", "div", "table", "tr", "th", "td", "details", "summary", "article", "ul", "li"),
    *("dl", "dt", "dd", "code", "svg", "text", "rect", "line", "circle", "path", "g"),
}


def page_of(comparison):
    return Page(export(comparison, "html"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_shown_as_it_is_wherever_it_stands(payload):
    harmless = page_of(full("harmless", "harmless"))
    page = page_of(full(payload, payload))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    assert {tag for tag, _ in page.elements} <= TAGS
    assert {name for _, attrs in page.elements for name in attrs} == {
        name for _, attrs in harmless.elements for name in attrs
    }
    assert page.shown.count(payload) >= 20, "answer, prompt, names, error, baseline, votes"
    assert "49" not in page.shown.replace("0.1.0", "")


def test_nothing_comes_from_elsewhere_and_nothing_runs():
    document = export(full(), "html")
    page = Page(document)
    assert "://" not in document
    for attribute in ("src", "href", "action", "style", "srcset", "xlink:href"):
        assert not [attrs for _, attrs in page.elements if attribute in attrs]
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert not re.search(r"@import|url\(", document)


def test_the_policy_allows_this_style_and_nothing_else():
    document = export(full(), "html")
    (policy,) = [
        attrs["content"]
        for attrs in Page(document).all("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.search(r"<style>(.*)</style>", document, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert {"width=device-width, initial-scale=1"} <= {a.get("content") for a in Page(document).all("meta")}


def test_it_has_the_table_the_answers_and_what_they_rest_on():
    shown = page_of(full(demo=True)).shown
    assert "DEMO" in shown.partition("Figures")[0]
    for text in (
        "0.21s",
        "90.0",
        "ab" * 32,
        "version 1",
        "last content - first byte sent",
        "genai-prices",
        "as it was on 2026-11-22",
        "$1.0",  # 0.000024 / 24 tokens, per million
        "$2.0",
        "hello better than B",
        "B and hello: a tie",
        "queued, connecting",
        "Tool call: hello(hello)",
    ):
        assert text in shown
    assert "DEMO" not in page_of(full()).shown


def test_tokens_of_a_cut_answer_are_the_same_in_the_table_and_above_the_answer():
    run = full("x")
    cut = run.responses[1].model_copy(update={"state": "truncated", "error": None})
    page = export(run.model_copy(update={"responses": [cut]}), "html")
    assert page.count("≥~4") == 2
    assert "≥~4 tokens out" in page


def test_reasoning_is_folded_and_the_answers_are_not():
    document = export(full(), "html")
    assert "<details><summary>Reasoning</summary>" in document
    answers = document.partition("<h2>Answers</h2>")[2].partition("<h2>")[0]
    assert answers.count("<details") == 1


def test_control_characters_are_visible_symbols():
    document = export(full("\x1b]52;c;YQ==\x07\x9b\u202e\x00\ud800\uffff"), "html")
    assert clean(document) == document
    assert "\u241b]52;c;YQ==\u2407&lt;U+009B&gt;&lt;U+202E&gt;\u2400" in document
    assert "\uffff" not in document
    document.encode()


@pytest.mark.parametrize("comparison", [empty(), failed()])
def test_a_run_without_answers_is_a_page(comparison):
    page = page_of(comparison)
    assert page.all("svg") == []
    assert ("No model was asked." in page.shown) == (not comparison.responses)
    if comparison.responses:
        for text in ("no such host", "MY_KEY is not set", "✗ cut", "■ stopped", "before the first token"):
            assert text in page.shown


def test_rounds_and_prompts_are_groups_of_which_a_few_are_open():
    one = full().responses[0]
    responses = [
        one.model_copy(update={"name": name, "prompt": prompt, "round": number})
        for number in (1, 2, 3)
        for prompt in (0, 1)
        for name in ("A", "B")
    ]
    prompts = [SavedPrompt(user="a", name="first"), SavedPrompt(user="b")]
    document = export(full(responses=responses, prompts=prompts, rounds=3, pairs=[]), "html")
    titles = re.findall(r"<summary>(prompt \d[^<]*round \d)</summary>", document)
    assert titles == [
        *("prompt 1, first, round 1", "prompt 1, first, round 2", "prompt 1, first, round 3"),
        *("prompt 2, round 1", "prompt 2, round 2", "prompt 2, round 3"),
    ]
    answers = document.partition("<h2>Answers</h2>")[2].partition("<h2>")[0]
    assert (answers.count("<details open>"), answers.count("<article>")) == (3, 12)


def test_earlier_turns_stand_before_the_question():
    turns = [SavedTurn(run="r", user="<first>", answers={"A": "a"})]
    shown = page_of(full(prompts=[SavedPrompt(user="<second>", turns=turns)])).shown
    assert shown.index("<first>") < shown.index("<second>")
