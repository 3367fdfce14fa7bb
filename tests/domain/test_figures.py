from decimal import Decimal
from typing import get_args

import pytest

from ostream.errors import ErrorKind
from ostream_compare.domain import figures
from ostream_compare.domain.comparison import Estimate, Response, SavedCost, SavedError, SavedUsage
from ostream_compare.domain.lane import Cancelled, Done, Failed, Streaming, Waiting
from ostream_compare.domain.rope import Rope


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (float("inf"), "—"),
        (-1, "—"),
        (0, "0.00s"),
        (0.4, "<0.01s"),
        (210, "0.21s"),
        (9_994, "9.99s"),
        (9_996, "10.0s"),
        (12_400, "12.4s"),
        (59_949, "59.9s"),
        (59_960, "1m 00s"),
        (65_000, "1m 05s"),
        (3_599_600, "1h 00m"),
        (3_720_000, "1h 02m"),
    ],
)
def test_seconds(ms, shown):
    assert figures.seconds(ms) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"),
        (float("inf"), "—"),
        (112.4, "112"),
        (99.96, "100"),
        (38.1, "38.1"),
        (1, "1.0"),
        (0.996, "1.0"),
        (0.42, "0.42"),
    ],
)
def test_rate(value, shown):
    assert figures.rate(value) == shown


@pytest.mark.parametrize(
    ("reported", "estimated", "shown"),
    [(297, None, "297"), (297, 300, "297"), (None, 297, "~297"), (None, None, "—"), (0, 5, "0")],
)
def test_tokens(reported, estimated, shown):
    assert figures.tokens(reported, estimated) == shown


def cost(total=None, source="genai-prices", bound="exact", *, estimated=None):
    return SavedCost(total_usd=total, source=source, bound=bound, estimated=estimated)


@pytest.mark.parametrize(
    ("total", "source", "bound", "shown"),
    [
        (None, "none", None, "—"),
        ("0", "preset", "exact", "$0"),
        ("0.000", "provider", "exact", "$0"),
        ("0", "preset", "lower", "$0"),
        ("0", "preset", "estimated", "$0"),
        ("0", "genai-prices", "exact", "—"),
        ("0.0012345", "genai-prices", "exact", "$0.0012"),
        ("0.0012345", "genai-prices", "estimated", "~$0.0012"),
        ("0.0012345", "genai-prices", "lower", "≥$0.0012"),
        ("1.2E-9", "preset", "exact", "$0.0000000012"),
        ("0.0099999", "preset", "exact", "$0.010"),
        ("0.999", "preset", "exact", "$1.0"),
        ("9.96", "preset", "exact", "$10"),
        ("12.34", "preset", "exact", "$12"),
        ("1234.5", "preset", "exact", "$1234"),
        ("NaN", "provider", "exact", "—"),
        ("-1", "provider", "exact", "—"),
        ("lots", "provider", "exact", "—"),
    ],
)
def test_money(total, source, bound, shown):
    assert figures.money(cost(total, source, bound)) == shown


@pytest.mark.parametrize(
    ("costs", "shown"),
    [
        ([], "—"),
        ([cost("0.01"), cost("0.021")], "$0.031"),
        ([cost("0.01"), cost("0.021"), cost()], "$0.031 + 1 unpriced"),
        ([cost(), cost()], "2 unpriced"),
        ([cost("0", "preset"), cost("0", "preset", "lower")], "$0"),
        ([cost("0.01"), cost("0", "preset", "lower")], "$0.010"),
        ([cost("0.01"), cost("0.01", bound="estimated")], "~$0.020"),
        ([cost("0.01", bound="lower"), cost("0.01", bound="estimated")], "≥~$0.020"),
        ([cost("0.01", bound="lower", estimated=True)], "≥~$0.010"),
        ([cost("0.01"), cost("0.01", bound="lower", estimated=True)], "≥~$0.020"),
    ],
)
def test_total_money(costs, shown):
    assert figures.total_money(costs) == shown


@pytest.mark.parametrize("amount", ["1e308", "1e999999", "-1", "NaN", "2000000000", "free"])
def test_an_amount_that_no_call_can_have_is_unknown(amount):
    assert figures.total_money([cost(amount), cost("0.01")]) == "$0.010 + 1 unpriced"


def test_an_amount_of_any_size_is_written_shortly():
    assert figures.dollars(Decimal("1.23e30")) == "$1.2e+30"
    assert figures.dollars(Decimal("1.23e-400")) == "$1.2e-400"
    assert figures.dollars(Decimal("1e999999")) == "$1.0e+999999"


def test_a_cost_never_reads_as_nothing():
    for exponent in range(1, 13):
        assert Decimal(figures.dollars(Decimal(10) ** -exponent * 3).lstrip("$")) > 0


def response(state="failed", kind=None, message="it broke", hint=None, status=None, **more):
    error = SavedError(kind=kind, message=message, hint=hint, status=status) if kind else None
    return Response(name="A", provider="p", model="m", state=state, error=error, **more)


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        ("waiting", "○ waiting"),
        (Waiting(), "◌ queued"),
        (Waiting(sent_at=1), "○ waiting"),
        (Waiting(attempt=1, last_error=SavedError(kind="server", message="")), "○ waiting"),
        (Streaming(sent_at=0, first_at=1, answer_at=1, last_at=1), "▶ streaming"),
        (Done(response=response("complete"), at=1, content=Rope(), reasoning=Rope()), "✓ done"),
        (Cancelled(response=response("cancelled"), at=1, content=Rope(), reasoning=Rope()), "■ stopped"),
        (Failed(response=response("truncated"), at=1, content=Rope(), reasoning=Rope()), "✗ cut"),
        (response(kind="connection_lost"), "✗ cut"),
        (response(kind="stall"), "✗ stalled"),
        (response(kind="missing_key"), "✗ no key"),
        (response(kind="auth", status=401), "✗ auth 401"),
        (response(kind="auth"), "✗ auth"),
        (response(kind="not_found", status=404), "✗ not found 404"),
        (response(kind="rate_limit", status=429), "✗ limited 429"),
        (response(kind="connection_lost", status=200), "✗ cut"),
        (response(kind="connect"), "✗ refused"),
        (response(kind="server", status=503), "✗ server 503"),
        (response(kind="server"), "✗ server"),
        (response(kind="of another version"), "✗ failed"),
        (response(), "✗ failed"),
    ],
)
def test_state_is_a_glyph_and_a_word(of, shown):
    assert figures.state(of) == shown


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (response("complete"), ""),
        (
            response(kind="connection_lost", usage=SavedUsage(output_tokens=4)),
            "cut after 4 tokens (r retries)",
        ),
        (
            response(kind="connection_lost", estimate=Estimate(output_tokens=1)),
            "cut after ~1 token (r retries)",
        ),
        (response("truncated", content="abc"), "cut after 3 characters (r retries)"),
        (response("truncated"), "cut before the first token (r retries)"),
        (
            response("cancelled", usage=SavedUsage(output_tokens=9)),
            "stopped after 9 tokens (r runs it again)",
        ),
        (response(), "failed before the first token (r retries)"),
        (
            response(kind="stall", message="nothing for 20 s", content="ab"),
            "stalled after 2 characters: nothing for 20 s (r retries)",
        ),
        (response(kind="rate_limit", message="slow down"), "slow down (r retries)"),
        (response(kind="server", message="oops", hint="wait"), "oops (wait; r retries)"),
        (
            response(kind="missing_key", message="no key", hint="set OPENAI_API_KEY"),
            "no key (set OPENAI_API_KEY; M leaves it out)",
        ),
        (response(kind="auth", message="wrong\x1b]0;x\x07\nkey"), "wrong␛]0;x␇ key (M leaves it out)"),
    ],
)
def test_explain(of, shown):
    assert figures.explain(of) == shown


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (response("truncated"), "cut before the first token"),
        (response("cancelled", content="ab"), "stopped after 2 characters"),
        (response(kind="server", message="oops", hint="wait"), "oops (wait)"),
        (response(kind="rate_limit", message="slow down"), "slow down"),
    ],
)
def test_without_a_screen_no_key_is_named(of, shown):
    assert figures.explain(of, key_of=None) == shown


def test_the_shortest_word_of_a_failure_is_still_one():
    for kind in get_args(ErrorKind):
        failed = response(kind=kind, status=499)
        assert any(map(str.isalpha, figures.word(failed, numbered=False))), kind
        assert not any(map(str.isdigit, figures.word(failed, numbered=False))), kind


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["0.21s", "—"], ("0.21s", "—")),
        (
            ["$0.00090", "≥~$0.0011", "—", "$12", "$0"],
            ("$0.00090", "≥~$0.0011 ", "—", "$12      ", "$0      "),
        ),
        (["$0.0011 (0.00090-0.0012)", "$0.002"], ("$0.0011 (0.00090-0.0012)", "$0.002")),
        (["0.21s⚠", "1.90s", "—"], ("0.21s⚠", "1.90s ", "— ")),
        (["38.1*", "112"], ("38.1*", "112 ")),
        ([], ()),
    ],
)
def test_digits_stand_below_each_other(texts, shown):
    assert figures.aligned(texts) == shown
