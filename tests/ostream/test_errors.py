"""The tree of errors, keys that never stand in them, and every shape in which servers report one."""

import email.utils
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostream.error_shapes import Reported, error_in_chunk, page_title, read_error, status_error
from ostream.errors import (
    MAX_MESSAGE,
    BadStream,
    ConnectionFailed,
    ErrorKind,
    OStreamError,
    RequestRefused,
    TimedOut,
    ToolError,
    header_secrets,
    make_error,
    redact,
)

KEY = "sk-test-SECRET-0123456789abcdef"


@pytest.mark.parametrize(
    ("kinds", "kind_class"),
    [
        ("connect dns tls insecure connection_lost protocol redirect", ConnectionFailed),
        ("stall_first stall total_timeout", TimedOut),
        (
            "bad_request auth payment permission not_found unprocessable rate_limit server missing_key",
            RequestRefused,
        ),
        ("stream_error bad_json too_large not_a_stream empty", BadStream),
        ("bad_tool", ToolError),
    ],
)
def test_each_kind_has_its_class(kinds: str, kind_class: type[OStreamError]) -> None:
    for kind in kinds.split():
        assert kind in get_args(ErrorKind)
        error = make_error(kind, " words ", code="c")  # type: ignore[arg-type] - the tables' own words
        assert type(error) is kind_class
        assert (error.kind, error.message, str(error), error.code) == (kind, "words", f"{kind}: words", "c")


def test_a_long_message_is_cut() -> None:
    error = make_error("server", "x" * 5_000)
    assert len(error.message) == MAX_MESSAGE
    assert error.message.endswith("x…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"bad key {KEY}!", "bad key [key]!"),
        (f"{KEY}{KEY}", "[key]"),
        (f"it ends in {KEY[-8:]}", "it ends in [key]"),
        (f"sk-test{KEY[7:20]}*** is wrong", "[key]*** is wrong"),
        (f"seven {KEY[:7]}", f"seven {KEY[:7]}"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_a_key_is_taken_out(text: str, shown: str) -> None:
    assert redact(text, (KEY, "short")) == shown


@settings(deadline=None)
@given(st.text(), st.integers(0, 20), st.integers(8, 31), st.text())
def test_no_part_of_a_key_is_left(before: str, start: int, length: int, after: str) -> None:
    shown = redact(before + KEY[start : start + length] + after, (KEY,))
    grams = {KEY[i : i + 8] for i in range(len(KEY) - 7)}
    assert not any(gram in shown for gram in grams)


@pytest.mark.parametrize(
    ("raw", "message", "code"),
    [
        ("words", "words", None),
        ({"message": "m", "code": 7}, "m", "7"),
        ({"message": "m", "code": None, "type": "t"}, "m", "t"),
        ({"error": {"message": "m", "code": "c"}}, "m", "c"),
        ({"error": "m", "status": "s"}, "m", "s"),
        ({"error": True, "message": "m"}, "m", None),
        ({"detail": [{"loc": ["body", "n"], "msg": "bad n"}, {"msg": "bad m"}]}, "bad n; bad m", None),
        ([{"error": {"message": "m", "code": 429}}], "m", "429"),
        ([], "the server reports an error without a word", None),
        ({}, "the server reports an error without a word", None),
        ({"error": {}}, "{'error': {}}", None),
        ({"error": {"message": " ", "title": "t"}}, "t", None),
        ({"message": {"detail": "deep"}}, "deep", None),
        ({"message": "a\ud83d"}, "a\ufffd", None),
        (7, "7", None),
        (None, "None", None),
    ],
)
def test_a_shape_is_read(raw: Any, message: str, code: str | None) -> None:
    reported = read_error(raw)
    assert (reported.message, reported.code) == (message, code)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "error",
        {},
        {"error": None},
        {"error": {}},
        {"error": ""},
        {"choices": []},
        {"usage": {}},
        {"choices": [{"error": None}]},
        {"choices": None, "message": "no code"},
        {"choices": [{}], "detail": "d"},
        {"x_groq": {"id": "r"}},
        {"choices": [], "object": "error.not", "detail": "d"},
    ],
)
def test_no_error_is_seen_where_there_is_none(raw: Any) -> None:
    assert error_in_chunk(raw) is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"error": "m", "choices": [{}]}, "m"),
        ({"choices": [{"delta": {}}, {"error": {"message": "m"}}]}, "m"),
        ({"x_groq": {"error": "m"}}, "m"),
        ({"object": "error", "message": "m"}, "m"),
        ({"type": "error", "message": "m"}, "m"),
        ({"error_code": 5, "text": "m"}, "m"),
        ({"detail": "m"}, "m"),
        ({"message": "m", "code": None}, "m"),
    ],
)
def test_an_error_is_seen_in_a_chunk(raw: Any, message: str) -> None:
    reported = error_in_chunk(raw)
    assert reported is not None
    assert reported.message == message


NOW = 1_700_000_000.0
LATER = email.utils.formatdate(NOW + 90, usegmt=True)
DELAY = {"error": {"details": [{"@type": "RetryInfo", "retryDelay": "17.5s"}]}}


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"retry-after": "3"}, {}, 3),
        ({"retry-after": " 2.5 "}, {}, 2.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, {}, 1.5),
        ({"retry-after": LATER}, {}, 90),
        ({"retry-after": email.utils.formatdate(NOW - 90, usegmt=True)}, {}, 0),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after": "-4"}, {}, None),
        ({"retry-after": "nan"}, {}, None),
        ({"retry-after": "1e30"}, {}, None),
        ({}, DELAY, 17.5),
        ({"retry-after": "4"}, DELAY, 4),
        ({}, {"error": {"message": "Please try again in 1.5s."}}, 1.5),
        ({}, {"error": {"message": "please retry in 250 ms"}}, 0.25),
        ({}, {"error": {"message": "Try again after 2m"}}, 120),
        ({}, {"error": {"message": "later"}}, None),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], body: Any, wait: float | None) -> None:
    error = status_error(429, headers, json.dumps(body).encode(), (), NOW)
    assert (error.kind, error.retry_after) == ("rate_limit", wait)
    assert error.hint == (None if wait is None else f"retry_after:{wait:.1f}")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, "redirect"),
        (400, "bad_request"),
        (401, "auth"),
        (402, "payment"),
        (403, "permission"),
        (404, "not_found"),
        (405, "bad_request"),
        (418, "bad_request"),
        (422, "unprocessable"),
        (429, "rate_limit"),
        (500, "server"),
        (503, "server"),
        (529, "server"),
        (599, "server"),
    ],
)
def test_each_status_has_its_kind(status: int, kind: str) -> None:
    error = status_error(status, {"location": f"https://x/{KEY}"}, f"no {KEY}".encode(), (KEY,), NOW)
    assert (error.kind, error.status) == (kind, status)
    assert error.message.startswith(f"HTTP {status}")
    assert KEY not in f"{error}{error!r}{vars(error)}"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<html><title>502 Bad\n Gateway</title></html>", "502 Bad Gateway"),
        ("<!DOCTYPE html><h1>Not <b>here</b> &amp; now</h1>", "Not here & now"),
        ("<html><body>plain</body></html>", "plain"),
        ("<html></html>", "an empty HTML page"),
        ('{"html": "<b>"}', None),
        ("", None),
    ],
)
def test_the_title_of_a_page(text: str, title: str | None) -> None:
    assert page_title(text) == title


def test_a_report_is_a_value() -> None:
    assert read_error({"message": "m", "param": "p"}) == Reported("m", None, "p")


@pytest.mark.parametrize(
    ("name", "value", "secrets"),
    [
        ("X-Gateway-Token", "plain-words", ("plain-words",)),
        ("X-Gateway", "9f8a7b6c5d4e", ("9f8a7b6c5d4e",)),
        ("X-Gateway", "Bearer sk-live-0123456789abcdef", ("sk-live-0123456789abcdef",)),
        ("X-Tenant", "550e8400-e29b-41d4-a716-446655440000", ("550e8400-e29b-41d4-a716-446655440000",)),
        ("X-Account", "123456789012", ("123456789012",)),
        ("X-Gate", "AbCdEfGhIjKlMnOpQrSt", ("AbCdEfGhIjKlMnOpQrSt",)),
        ("X-Metadata", '{"user": "abc123def456", "plan": "free"}', ("abc123def456",)),
        ("X-Callback", "https://hooks.example.com/services/T0B1C2D3E4/plain", ("T0B1C2D3E4",)),
        ("X-Gate", "Zm9v/YmFyYmF6+cXV4==", ("Zm9v/YmFyYmF6+cXV4",)),
        ("X-Region", "abcdef0123456789", ()),
        ("User-Agent", "program/1.0abcdef12", ()),
        ("X-Thing", "us-east-1", ()),
        ("X-Thing", "claude-sonnet-4-20250514", ()),
        ("X-Thing", "meta-llama/Llama-3.3-70B-Instruct", ()),
        ("X-Thing", "https://example.com/my-application", ()),
        ("X-Thing", "natural-language-understanding", ()),
        ("X-Thing", "2026-11-22", ()),
        ("X-Thing", "production", ()),
    ],
)
def test_a_header_whose_name_says_nothing_is_secret_where_it_has_the_look_of_a_key(name, value, secrets):
    assert header_secrets({name: value}) == secrets
