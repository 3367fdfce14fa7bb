import csv
import io
import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest

from ostream_compare.domain.comparison import (
    Comparison,
    Estimate,
    Response,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedSpread,
    SavedToolCall,
    SavedUsage,
    Summary,
    Timing,
)
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean
from ostream_compare.domain.summary import pairs, summary
from ostream_compare.export.formats import export, format_of, read
from ostream_compare.export.plain import ended
from ostream_compare.export.text import to_text


def comparison(content="hello", name="Swift", **more):
    return Comparison(
        id="20261122-073012-4f2a",
        started_at=datetime(2026, 11, 22, 7, 30, tzinfo=UTC),
        program_version="0.1.0",
        prompts=[SavedPrompt(user=content)],
        responses=[
            Response(
                name=name,
                provider="p",
                model="m",
                state="complete",
                content=content,
                timing=Timing(ttft_ms=210, e2e_ms=600, tokens_per_second=90),
                usage=SavedUsage(input_tokens=24, output_tokens=18, source="api"),
                cost=SavedCost(total_usd="0.000012", source="preset", bound="exact"),
            ),
            Response(
                name="Flaky",
                provider="p",
                model="m",
                state="failed",
                content="A mutex is",
                error=SavedError(kind="connection_lost", message="reset"),
                estimate=Estimate(output_tokens=4),
                warnings=["late"],
            ),
        ],
        **more,
    )


@pytest.mark.parametrize("kind", ["text", "plain", "md", "html", "junit"])
@pytest.mark.parametrize(
    ("said", "texts", "remark"),
    [
        ({"refusal": "I will not."}, ["I will not."], "the model refused to answer"),
        (
            {"tool_calls": [SavedToolCall(id="1", name="look", arguments="up")]},
            ["look(up)"],
            "calls a tool; tools are not run here",
        ),
        (
            {"content": "Wait.", "tool_calls": [SavedToolCall(id="1", name="look", arguments="up")]},
            ["Wait.", "look(up)"],
            "calls a tool; tools are not run here",
        ),
        (
            {"content": "It is", "refusal": "No, I will not."},
            ["It is", "No, I will not."],
            "the model refused to answer",
        ),
        (
            {"content": "Some", "finish_reason": "content_filter"},
            ["Some"],
            "the provider's content filter ended the answer",
        ),
    ],
)
def test_every_text_says_what_was_answered_and_how_it_ended(kind, said, texts, remark):
    answered = Response(name="Swift", provider="p", model="m", state="complete").model_copy(update=said)
    saved = comparison().model_copy(update={"responses": [answered]})
    if kind == "text":
        document = to_text(saved, answers=True)
    elif kind == "plain":
        document = ended(answered, "")
    else:
        document = export(saved, kind)
    document = unescape(document).replace("\\", "")
    assert all(text in document for text in texts)
    assert remark in document
    assert not re.search(r"no text", document, re.IGNORECASE)


def test_the_table_shows_unknown_as_unknown_and_names_what_failed():
    lines = to_text(comparison()).splitlines()
    assert lines[0] == "20261122-073012-4f2a · 2026-11-22 07:30 UTC · 2 models"
    assert lines[2].split() == ["Model", "State", "TTFT", "Total", "tok/s", "In", "Out", "Cost"]
    assert lines[3].split() == ["Swift", "✓", "done", "0.21s", "0.60s", "90.0", "24", "18", "$0.000012"]
    assert lines[4].split() == ["Flaky", "✗", "cut", "—", "—", "—", "—", "≥~4", "—"]
    assert lines[5:] == [
        "",
        "Flaky: cut after ~4 tokens",
        "Flaky: late",
        "",
        "Cost: $0.000012 + 1 unpriced",
    ]


@pytest.mark.parametrize("kind", ["text", "md", "html", "junit"])
@pytest.mark.parametrize("rounds", [1, 2])
def test_every_text_has_the_warnings_of_a_whole_answer(kind, rounds):
    answered = comparison().responses[0].model_copy(update={"warnings": ["usage_absent"]})
    saved = comparison().model_copy(update={"responses": [answered], "rounds": rounds})
    saved = saved.model_copy(update={"summary": summary(saved.responses)})
    document = to_text(saved) if kind == "text" else export(saved, kind)
    assert "the server counted no tokens" in document


def test_answers_to_a_set_say_which_prompt_they_answer():
    first, second = comparison().responses
    saved = comparison().model_copy(
        update={
            "prompts": [SavedPrompt(user="a", name="one"), SavedPrompt(user="b")],
            "responses": [first, second.model_copy(update={"prompt": 1, "attempt": 2})],
        }
    )
    heads = [line for line in export(saved, "md").splitlines() if line.startswith("## ")]
    assert heads == ["## Prompt 1: one", "## Prompt 2", "## Swift, prompt 1", "## Flaky, prompt 2, attempt 2"]
    texts = [line for line in to_text(saved, answers=True).splitlines() if line.startswith("--- ")]
    assert texts == ["--- Swift, prompt 1", "--- Flaky, prompt 2, attempt 2"]


def test_columns_line_up_under_wide_names():
    lines = to_text(comparison(name="漢字漢字")).splitlines()
    assert lines[3].index("✓") + 4 == lines[4].index("✗"), "four characters take eight cells"


@pytest.mark.parametrize("kind", ["md", "text"])
def test_a_demo_says_that_it_is_one(kind):
    demo = comparison(demo=True)
    assert "DEMO" in (to_text(demo) if kind == "text" else export(demo, kind)).partition("Model")[0]
    assert "DEMO" not in to_text(comparison())


@pytest.mark.parametrize("kind", ["csv", "md", "toml", "json", "text"])
def test_no_export_steers_a_terminal(kind):
    hostile = comparison("\x1b]52;c;YQ==\x07\x9b2J\u202e\ud800", name="A\x1b[2J\nB")
    document = to_text(hostile, answers=True) if kind == "text" else export(hostile, kind)
    document = document.replace("\r\n", "\n")  # CSV's own line ends
    assert clean(document) == document
    document.encode()


@pytest.mark.parametrize(
    "start", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1", "\n=1"]
)
def test_a_formula_in_a_cell_stays_text(start):
    rows = list(csv.DictReader(io.StringIO(export(comparison(start), "csv"), newline="")))
    assert rows[0]["content"] == "'" + clean(start)


def test_csv_has_a_row_a_response_and_empty_cells_for_unknown():
    rows = list(csv.DictReader(io.StringIO(export(comparison('a,"b"\nc'), "csv"), newline="")))
    assert [row["name"] for row in rows] == ["Swift", "Flaky"]
    assert rows[0]["content"] == 'a,"b"\nc'
    assert (rows[0]["timing.ttft_ms"], rows[0]["usage.output_tokens"]) == ("210.0", "18")
    assert (rows[1]["timing.ttft_ms"], rows[1]["usage.output_tokens"], rows[1]["error.kind"]) == (
        "",
        "",
        "connection_lost",
    )


def test_two_estimates_are_not_struck_out():
    guess = SavedCost(total_usd="0.1", source="preset", bound="estimated")
    responses = [response.model_copy(update={"cost": guess}) for response in comparison().responses]
    saved = comparison(discarded=[guess]).model_copy(update={"responses": responses})
    assert "\nCost: \\~$0.30 \\(\\~$0.10 of it" in export(saved, "md")


def test_markdown_keeps_an_answer_inside_its_section():
    document = export(comparison("# Fake head\n| a | b |", name="A|B [x](javascript:1) &amp;"), "md")
    assert "\n# Fake" not in document
    assert "\n> # Fake head\n> | a | b |" in document
    assert "| A\\|B \\[x\\]\\(javascript:1\\) \\&amp; |" in document


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.json", "json"),
        ("b.c.TOML", "toml"),
        ("a.csv", "csv"),
        ("a.markdown", "md"),
        ("a.txt", None),
        ("-", None),
    ],
)
def test_an_ending_names_its_format(name, kind):
    assert format_of(name) == kind


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_toml_and_json_are_read_back(kind):
    assert read(export(comparison(), kind), kind) == comparison()


def test_csv_is_not_read_back():
    with pytest.raises(UserError, match="TOML or JSON"):
        read(export(comparison(), "csv"), "csv")


def repeated(rounds=10, names=("Swift", "Slow"), **more):
    """Answers in rounds: the second model takes twice as long, and its second round failed."""
    responses = [
        Response(
            name=name,
            provider="p",
            model="m",
            round=number,
            state="failed" if (place, number) == (1, 2) else "complete",
            content=f"{name} {number}",
            error=SavedError(kind="server", message="oops", status=500)
            if (place, number) == (1, 2)
            else None,
            timing=Timing(ttft_ms=(200 + number) * (place + 1), e2e_ms=1000.0),
            usage=SavedUsage(input_tokens=24, output_tokens=number, source="api"),
            cost=SavedCost(total_usd=f"0.{number:04}", source="preset", bound="exact"),
        )
        for number in range(1, rounds + 1)
        for place, name in enumerate(names)
    ]
    made = {
        "rounds": rounds,
        "responses": responses,
        "summary": summary(responses),
        "pairs": pairs(responses),
        "seed": 7,
        "launch_order": [list(names)[:: 1 if number % 2 else -1] for number in range(rounds)],
        "definitions": 1,
    }
    return comparison().model_copy(update=made | more)


def test_repeats_show_medians_ranges_n_and_clear_differences():
    lines = to_text(repeated()).splitlines()
    assert lines[0].endswith("2 models · 10 rounds")
    assert lines[2].split() == [
        "Model",
        "State",
        "Failed",
        "TTFT",
        "Total",
        "tok/s",
        "In",
        "Out",
        "Cost",
        "n",
    ]
    swift, slow = (re.split(" {2,}", line) for line in lines[3:5])
    assert swift == [
        "Swift",
        "✓ 10/10",
        *("0", "0.21s (0.20s-0.21s)", "1.00s (1.00s-1.00s)", "—", "24", "5 (1-10)"),
        *("$0.00055 ($0.00010-$0.0010)", "10"),
    ]
    assert slow[1:3] == ["✗ 9/10", "1"]
    assert slow[-1] == "9"
    assert "TTFT: Swift against Slow: 2.0x faster (2.0 to 2.0, n=9 of 10)" in lines
    assert "Total: Swift against Slow: no clear difference (n=9 of 10)" in lines
    assert "tok/s: Swift against Slow: no clear difference (n=0 of 10)" in lines
    assert "TTFT: Swift: median 0.21s, 0.20s to 0.21s with 97.9 % confidence, p90 0.21s (n=10)" in lines
    assert not [line for line in lines if "Slow: median" in line and "p90" in line], "nine are too few"
    assert "Slow, round 2: oops" in lines


def test_a_figure_of_fewer_answers_says_so_and_estimates_keep_their_sign():
    row = Summary(
        name="A",
        n=5,
        failures=0,
        complete=5,
        cost_usd="0.001",
        cost_min_usd="0.001",
        cost_max_usd="0.001",
        cost_bound="estimated",
        spreads={"ttft_ms": SavedSpread(n=4, median=210, min=200, max=250), "e2e_ms": SavedSpread(n=0)},
    )
    line = to_text(repeated(summary=[row], pairs=[], rounds=5)).splitlines()[3]
    assert re.split(" {2,}", line) == [
        *("A", "✓ 5/5", "0", "0.21s (0.20s-0.25s) n=4", "—", "—", "—", "—", "~$0.0010", "5")
    ]


def test_rounds_that_never_began_are_said():
    cut = repeated(rounds=2).model_copy(update={"rounds": 5, "over_budget": True, "warmup": 1})
    text = to_text(cut)
    assert "2 of 5 rounds · 1 warm-up" in text
    assert text.endswith("over budget: stopped\n")


def test_one_round_looks_as_it_did_whatever_is_saved_with_it():
    one = repeated(rounds=1)
    assert to_text(one).splitlines()[2].split() == [
        "Model", "State", "TTFT", "Total", "tok/s", "In", "Out", "Cost"
    ]  # fmt: skip


def test_csv_says_how_a_response_was_launched():
    rows = list(csv.DictReader(io.StringIO(export(repeated(rounds=2), "csv"), newline="")))
    assert [(row["name"], row["round"], row["launched"]) for row in rows] == [
        ("Swift", "1", "2"),
        ("Slow", "1", "1"),
        ("Swift", "2", "1"),
        ("Slow", "2", "2"),
    ]
    assert {(row["seed"], row["rounds"], row["definitions"]) for row in rows} == {("7", "2", "1")}


def test_markdown_has_the_rounds_and_how_to_make_them_again():
    document = export(repeated(rounds=2), "md")
    assert "| Model | State | Failed | TTFT |" in document
    assert "no clear difference \\(n=1 of 2\\)" in document
    assert "## Slow, round 2\n" in document
    assert "Launch order by round \\(seed 7\\): 1: Slow, Swift; 2: Swift, Slow" in document
    assert "Definitions of the figures: version 1" in document


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_repeats_are_read_back(kind):
    assert read(export(repeated(), kind), kind) == repeated()


def test_rounds_that_went_wrong_alike_share_a_line():
    wrong = {1, 2, 4, 6, 7, 8, 10}
    error = SavedError(kind="server", message="oops", status=500)
    every = [
        Response(
            name="A",
            provider="p",
            model="m",
            round=number,
            state="failed" if number in wrong else "complete",
            error=error if number in wrong else None,
        )
        for number in range(1, 11)
    ]
    text = to_text(repeated(responses=every, summary=summary(every), pairs=[]))
    assert "\nA, rounds 1, 2, 4, 6-8, 10: oops\n" in text


def test_csv_has_the_calls_and_the_warnings_of_an_answer_and_nothing_where_there_are_none():
    calls = [SavedToolCall(id="1", name="look", arguments='{"to": "\x1b[2Jüp"}')]
    first, second = comparison().responses
    saved = comparison().model_copy(
        update={"responses": [first.model_copy(update={"tool_calls": calls}), second]}
    )
    rows = list(csv.DictReader(io.StringIO(export(saved, "csv"), newline="")))
    assert json.loads(rows[0]["tool_calls"]) == [calls[0].model_dump()]
    assert (rows[0]["warnings"], rows[1]["tool_calls"]) == ("", "")
    assert json.loads(rows[1]["warnings"]) == ["late"]


def test_csv_ends_with_the_prompt_and_guards_it_too():
    prompts = [SavedPrompt(name="=1+1", user="@hello", system="-brief")]
    saved = comparison().model_copy(update={"prompts": prompts})
    head, *rows = csv.reader(io.StringIO(export(saved, "csv"), newline=""))
    assert head[-3:] == ["prompt_system", "prompt_name", "prompt_text"]
    assert {tuple(row[-3:]) for row in rows} == {("'-brief", "'=1+1", "'@hello")}
