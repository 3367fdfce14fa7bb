import csv
import io
from datetime import UTC, datetime

import pytest

from ostream_compare.domain.comparison import (
    Comparison,
    Estimate,
    Response,
    SavedCost,
    SavedError,
    SavedPrompt,
    SavedUsage,
    Timing,
)
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.safe_text import clean
from ostream_compare.export.formats import export, format_of, read
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


def test_the_table_shows_unknown_as_unknown_and_names_what_failed():
    lines = to_text(comparison()).splitlines()
    assert lines[0] == "20261122-073012-4f2a · 2026-11-22 07:30 UTC · 2 models"
    assert lines[2].split() == ["Model", "State", "TTFT", "Total", "tok/s", "In", "Out", "Cost"]
    assert lines[3].split() == ["Swift", "✓", "done", "0.21s", "0.60s", "90.0", "24", "18", "$0.000012"]
    assert lines[4].split() == ["Flaky", "✗", "cut", "—", "—", "—", "—", "~4", "—"]
    assert lines[5:] == [
        "",
        "Flaky: cut after ~4 tokens",
        "Flaky: late",
        "",
        "Cost: $0.000012 + 1 unpriced",
    ]


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


def test_markdown_keeps_an_answer_inside_its_section():
    document = export(comparison("# Fake head\n| a | b |", name="A|B [x](javascript:1)"), "md")
    assert "\n# Fake" not in document
    assert "\n> # Fake head\n> | a | b |" in document
    assert "| A\\|B \\[x\\]\\(javascript:1\\) |" in document


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
