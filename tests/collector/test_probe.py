import json
import subprocess
import sys

import pytest

from ostream_compare.collector import probe
from ostream_compare.collector.discovery import Place, find_local_servers
from ostream_compare.collector.listing import ModelIds, is_listed, nearest_id, read_ids
from ostream_compare.collector.probe import Question, ask_all
from wire.cases import Answer, Frame
from wire.script import whole

LIST = {"object": "list", "data": [{"id": "a"}, {"id": "b"}]}
PLENTY = 20.0
"""Seconds that no answer here needs."""
SHORT = 0.4


def page(body, status=200, content_type="text/html"):
    return Answer(status, (("content-type", content_type),), "length", (Frame(body),))


def raw(*pieces, end="fin"):
    return Answer(framing="raw", frames=tuple(Frame(piece) for piece in pieces), end=end, hold_ms=20_000)


def ask(site, *, limit=PLENTY, **more):
    (answer,) = ask_all([Question(base_url=site.base_url, **more)], limit=limit)
    return answer


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (whole(LIST), "listed", "reachable"),
        (whole([{"id": "a"}, {"id": "b"}]), "listed", "reachable"),
        (whole({"error": "x"}, 401), "auth", "401: it wants a key"),
        (whole({}, 403), "no_list", "403"),
        (whole({}, 404), "no_list", "404"),
        (whole({}, 429), "no_list", "429"),
        (whole({}, 501), "no_list", "501"),
        (whole({}, 503), "server", "503"),
        (page(b"\n<!doctype html><title>\x1b[2J"), "not_an_api", "web page"),
        (whole({"models": []}), "no_list", "not with a list"),
        (whole({"data": {"id": "a"}}), "no_list", "not with a list"),
        (whole({"data": ["a"]}), "no_list", "not with a list"),
        (page(b"[" * 200_000), "no_list", "not with a list"),
        (page(b"\xff\xfe\x00"), "no_list", "not with a list"),
        (page(b" " * 10_000_000), "no_list", "too long"),
        (Answer(200, (), "none", (Frame(b""),)), "no_list", "not with a list"),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol", "does not speak HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), "protocol", "broke off"),
        (raw(b"", end="rst"), "protocol", "broke off"),
        (Answer(302, (("location", "@other/v1/models"),), "length"), "redirect", "302"),
    ],
)
def test_what_an_endpoint_answers_is_told_in_a_word(serve, answer, state, said):
    listing = ask(serve(answer))
    assert (listing.state, listing.models is not None) == (state, state == "listed")
    assert said in listing.message
    if listing.models:
        assert listing.models.ids == ("a", "b")


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"", end="hang"),
        raw(b"HTTP/1.1 200 OK\r\n", end="hang"),
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", end="hang"),
        Answer(
            framing="raw",
            frames=tuple(Frame(b"x" if n else b"HTTP/1.1 200 OK\r\nx: ", 50) for n in range(200)),
        ),
        Answer(frames=tuple(Frame(b" ", 50) for _ in range(200))),
    ],
)
def test_a_server_that_stalls_or_dribbles_is_given_up(serve, answer):
    site = serve(answer)
    assert ask(site, limit=SHORT).state == "timeout"
    assert len(site.requests) == 1


def test_no_host_and_no_listener(wire_server):
    refused = wire_server.refuse()
    questions = [
        Question(base_url=refused.base_url),
        Question(base_url="http://no.such.host.invalid/v1"),
        Question(base_url="http://127.0.0.1:99999/v1"),
    ]
    answers = ask_all(questions, limit=PLENTY)
    wire_server.close(refused)
    assert [answer.state for answer in answers] == ["connect", "dns", "connect"]
    assert "refused" in answers[0].message
    assert answers[1].message == "no such host"


def test_a_certificate_that_nobody_vouches_for_gets_no_key(serve):
    site = serve(whole(LIST), tls=True)
    assert ask(site, key="sk-canary").state == "tls"
    assert site.requests == []


def test_one_get_with_the_key_and_the_files_headers(serve):
    site = serve(whole(LIST))
    assert ask(site, key="sk-1", headers={"X-Team": "blue"}).state == "listed"
    (request,) = site.requests
    assert request.head.startswith(b"GET /v1/models HTTP/1.1\r\n")
    assert request.body == b""
    assert request.headers["authorization"] == "Bearer sk-1"
    assert request.headers["x-team"] == "blue"
    assert "x-api-key" not in request.headers


def test_the_one_host_that_takes_its_key_otherwise():
    sent = probe._headers(Question(base_url="https://api.anthropic.com/v1", key="sk-1"))
    assert (sent["x-api-key"], sent["anthropic-version"]) == ("sk-1", "2023-06-01")
    assert "x-api-key" not in probe._headers(Question(base_url="https://api.anthropic.com/v1"))


def test_without_a_key_none_is_sent(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    site = serve(whole(LIST))
    ask(site)
    assert "authorization" not in site.requests[0].headers


def test_a_key_does_not_follow_a_redirect(serve):
    site = serve(Answer(307, (("location", "@other/v1/models"),), "length"), whole(LIST))
    assert ask(site, key="sk-canary").state == "redirect"
    assert len(site.requests) == 1
    assert site.other.requests == []


def test_a_refused_key_and_a_key_that_is_listed(serve):
    assert ask(serve(whole({}, 401)), key="sk-1").message == "401: the key is not accepted"
    listing = ask(serve(whole({"data": [{"id": "a"}, {"id": "your key is sk-1"}]})), key="sk-1")
    assert listing.models == ModelIds(ids=("a",))
    assert "sk-1" not in repr(Question(base_url="http://x", key="sk-1"))


def test_answers_keep_the_order_of_their_questions(serve):
    sites = [serve(raw(b"", end="hang")), serve(whole(LIST)), serve(whole({}, 401))]
    answers = ask_all([Question(base_url=site.base_url) for site in sites], limit=1.5)
    assert [answer.state for answer in answers] == ["timeout", "listed", "auth"]
    assert ask_all([], limit=PLENTY) == ()


def test_a_proxy_is_used_but_not_for_this_machine(serve, monkeypatch):
    proxy, site = serve(whole(LIST)), serve(whole({"data": [{"id": "local"}]}))
    monkeypatch.setenv("HTTP_PROXY", proxy.origin)
    there = Question(base_url="http://models.example/v1")
    here = Question(base_url=site.base_url)
    far, near = ask_all([there, here], limit=PLENTY)
    assert far.models == ModelIds(ids=("a", "b"))
    assert [request.target for request in proxy.requests] == ["http://models.example/v1/models"]
    assert near.models == ModelIds(ids=("local",))


def test_a_proxy_that_cannot_be_used_keeps_its_password(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "socks9://user:canary@proxy.example:1")
    (answer,) = ask_all([Question(base_url="http://models.example/v1")], limit=PLENTY)
    assert answer.state == "proxy"
    assert "canary" not in answer.message


def test_certificates_that_cannot_be_read_are_said(serve, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/ca.pem")
    site = serve(whole(LIST), tls=True)
    assert ask(site).state == "tls"


@pytest.mark.parametrize(
    ("body", "strict", "ids"),
    [
        ({"data": []}, True, ()),
        ({"data": [{"id": "a"}, {"id": "a"}]}, True, ("a",)),
        ({"data": [{"id": "a"}, {"name": "b"}]}, True, None),
        ({"data": [{"id": "a"}, {"name": "b"}]}, False, ("a",)),
        ({"data": [{"id": 1}]}, False, None),
        ({"data": [{"id": " "}]}, False, None),
        ([{"id": "a"}], True, None),
        ([{"id": "a"}], False, ("a",)),
        ({}, False, None),
        ("a", False, None),
        (None, True, None),
    ],
)
def test_the_shapes_of_a_list(body, strict, ids):
    read = read_ids(json.dumps(body).encode(), strict=strict)
    assert (read.ids if read else None) == ids


@pytest.mark.parametrize(
    ("model", "ids", "listed"),
    [
        ("a", ("a", "b"), True),
        ("A", ("a", "b"), False),
        ("gemini-pro", ("models/gemini-pro",), True),
        ("llama3.2", ("llama3.2:latest",), True),
        ("vendor/m:free", ("vendor/m",), True),
        ("qwen3:8b", ("qwen3:4b",), False),
    ],
)
def test_servers_that_shorten_ids(model, ids, listed):
    assert is_listed(model, ModelIds(ids=ids)) is listed
    assert is_listed(model, ModelIds(ids=ids, is_whole=False))


def test_a_list_with_further_pages_says_so():
    paged = read_ids(b'{"data": [{"id": "a"}], "has_more": true}', strict=True)
    assert paged == ModelIds(ids=("a",), is_whole=False)
    assert nearest_id("GPT-5-mni", ModelIds(ids=("gpt-5", "gpt-5-mini"))) == "gpt-5-mini"
    assert nearest_id("zebra", ModelIds(ids=("gpt-5",))) is None


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (whole(LIST), True),
        (whole({"data": []}), True),
        (whole(LIST["data"]), False),
        (whole({"data": [{"id": "a"}, "b"]}), False),
        (whole({}, 401), False),
        (page(b"<html>"), False),
        (whole({"data": [{"id": "m" * 70_000}]}), False),
        (Answer(302, (("location", "@other/v1/models"),), "length"), False),
        (raw(b"220 smtp.example ESMTP\r\n"), False),
        (raw(b"", end="hang"), False),
    ],
)
def test_a_local_server_is_one_that_lists_models(serve, wire_server, answer, found, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:1")
    site, refused = serve(answer), wire_server.refuse()
    places = [Place(port=refused.port, name="Nobody"), Place(port=site.port, name="Ollama")]
    servers = find_local_servers(places, limit=SHORT if answer.end == "hang" else PLENTY)
    wire_server.close(refused)
    assert [(server.place.name, server.base_url) for server in servers] == (
        [("Ollama", f"http://127.0.0.1:{site.port}/v1")] if found else []
    )
    assert [request.target for request in site.requests] == ["/v1/models"]
    assert "authorization" not in site.requests[0].headers


def test_it_needs_neither_the_sdk_nor_the_ui():
    code = "import sys, ostream_compare.collector.discovery; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert {"openai", "textual", "genai_prices", "aiohttp"}.isdisjoint(done.stdout.split())
