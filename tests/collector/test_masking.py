"""A key that a server echoes is told nobody, however it is cut into pieces."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.rig import KEY, Retrying, order, run_lanes
from ostream_compare.collector.masking import MASK, Masker, masked, masked_error, spellings
from ostream_compare.domain.comparison import Response, SavedError, SavedToolCall
from wire.cases import Answer, Frame
from wire.script import DONE, delta, finish, stream, text, tool, tools
from wire.server import Serve

ALPHABET = st.sampled_from(["s", "k", "-", "a", KEY, KEY[:9], KEY[5:], " "])


@given(st.lists(ALPHABET, max_size=12).map("".join), st.lists(st.integers(1, 40), max_size=40))
def test_a_key_is_masked_wherever_a_text_is_cut(whole: str, sizes: list[int]) -> None:
    masker, told, start = Masker([KEY]), "", 0
    for size in [*sizes, len(whole)]:
        told += masker.feed(whole[start : start + size])
        start += size
    told += masker.rest()
    assert told == whole.replace(KEY, MASK)


def test_no_key_and_a_very_short_one_hold_nothing_back() -> None:
    assert [Masker(secrets).feed("none") for secrets in ([], ["none"])] == ["none", "none"]


def test_of_secrets_that_stand_in_each_other_nothing_is_left() -> None:
    secrets = ["gate-abcdefgh", "pass gate-abcdefgh", "abcdefgh"]
    for size in range(1, 40):
        masker = Masker(secrets)
        whole = "a pass gate-abcdefgh b gate-abcdefgh c abcdefgh d pass gate-abc"
        told = (
            "".join(masker.feed(whole[at : at + size]) for at in range(0, len(whole), size)) + masker.rest()
        )
        assert told == f"a {MASK} b {MASK} c {MASK} d pass gate-abc"


def test_what_the_body_calls_a_secret_is_masked_and_its_other_words_are_not(serve: Serve) -> None:
    held = {
        "gateway": {"api_key": "hidden-one-1"},
        "hooks": [{"Authorization": "hidden-two-2"}],
        "secret": 12345678,
    }
    words = {"stop_token": "end-of-text", "keyboard": "qwertz-de"}
    site = serve(
        stream(text("hidden-one-1 hidden-"), text("two-2 end-of-text qwertz-de 12345678"), finish(), DONE)
    )
    heard = run_lanes([order(0, site.base_url, params={"extra_body": held | words})])
    told = f"{MASK} {MASK} end-of-text qwertz-de 12345678"
    assert heard.responses[0].content == heard.text(0) == told


def test_a_secret_that_is_a_word_is_masked_where_it_is_quoted(serve: Serve) -> None:
    inner = json.dumps(json.dumps({"password": "sunshine"}))
    said = f'{{"password": "sunshine"}} {inner} no "sunshine state", only sunshine'
    told = said.replace('"sunshine"', f'"{MASK}"').replace('\\"sunshine\\"', f'\\"{MASK}\\"')
    assert told.count(MASK) == 2
    body = {"extra_body": {"login": {"password": "sunshine"}}}
    site = serve(stream(*map(text, said), finish(), DONE), failing(said))
    heard = run_lanes([order(0, site.base_url, params=body)])
    assert heard.responses[0].content == heard.text(0) == told
    error = run_lanes([order(0, site.base_url, params=body)]).responses[0].error
    assert error is not None
    assert error.message == f"HTTP 500: {told}"


NESTED = ["abcdabcd", "abcdabcd1234", "--abcdabcd--zz", "1234abcd9", "cdabcd12"]
PIECES = st.sampled_from([*NESTED, *(secret[:-1] for secret in NESTED), "ab", "cd", "-", "12", "z"])


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(st.integers(1, 15), max_size=60))
def test_what_is_told_of_secrets_in_secrets_does_not_depend_on_the_cuts(whole: str, sizes: list[int]) -> None:
    masker, told, start = Masker(NESTED), "", 0
    for size in [*sizes, len(whole)]:
        told += masker.feed(whole[start : start + size])
        start += size
    told += masker.rest()
    at_once = Masker(NESTED)
    assert told == at_once.feed(whole) + at_once.rest()
    assert not any(secret in told for secret in NESTED)


def test_the_rest_of_a_longer_secret_is_not_told_either() -> None:
    for whole in ("x abcdabcd1234 y", "x --abcdabcd--zz y"):
        masker = Masker(NESTED)
        assert "".join(map(masker.feed, whole)) + masker.rest() == f"x {MASK} y"
    masker = Masker(NESTED)
    assert masker.feed("x abcdabcd") + masker.rest() == f"x {MASK}"


def test_an_answer_that_echoes_the_key_reaches_nobody(serve: Serve) -> None:
    echoed = f"Bearer {KEY}!"
    pieces = [echoed[at : at + 3] for at in range(0, len(echoed), 3)]
    site = serve(
        stream(
            *(delta(reasoning_content=piece) for piece in pieces),
            *map(text, pieces),
            text(KEY[:7]),
            tools(tool(0, f'{{"k": "{KEY}"}}', call_id="1", name="send")),
            finish("tool_calls"),
            DONE,
        )
    )
    heard = run_lanes([order(0, site.base_url)])
    response = heard.responses[0]
    assert response.content == heard.text(0) == f"Bearer {MASK}!{KEY[:7]}"
    assert response.reasoning == f"Bearer {MASK}!"
    assert response.tool_calls[0].arguments == f'{{"k": "{MASK}"}}'
    assert KEY not in repr(heard.reports)


PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQ/BADANBg+kqhki\n-----END PRIVATE KEY-----\n"
UMLAUTS = "S3cr3t-päss-äöü-99"
WRITTEN = [
    (PEM, PEM),
    (PEM, json.dumps(PEM)[1:-1]),
    (PEM, json.dumps(PEM)[1:-1].replace("/", "\\/")),
    (UMLAUTS, UMLAUTS),
    (UMLAUTS, json.dumps(UMLAUTS)[1:-1]),
    ('quote"d \\ one', json.dumps('quote"d \\ one')[1:-1]),
    ("päss/wörd-12", json.dumps("päss/wörd-12", ensure_ascii=False).replace("/", "\\/")[1:-1]),
]


@pytest.mark.parametrize(("secret", "written"), WRITTEN)
def test_a_secret_is_masked_as_it_is_and_as_json_writes_it(secret: str, written: str) -> None:
    whole = f'{{"k": "{written}"}} and {written[:6]}'
    for size in (1, 3, 7, 400):
        masker = Masker([secret])
        told = "".join(masker.feed(whole[at : at + size]) for at in range(0, len(whole), size))
        assert told + masker.rest() == f'{{"k": "{MASK}"}} and {written[:6]}'
    said = masked(response(content=whole, error=SavedError(kind="server", message=f"no: {whole}")), [secret])
    assert said.content == f'{{"k": "{MASK}"}} and {written[:6]}'
    assert said.error is not None
    assert said.error.message == f'no: {{"k": "{MASK}"}} and {written[:6]}'


def response(**fields: Any) -> Response:
    return Response.model_validate(
        {"name": "n", "provider": "p", "model": "m", "state": "complete", **fields}
    )


def test_every_text_of_the_server_is_masked_and_no_other() -> None:
    said = response(
        name=KEY,
        provider=KEY,
        model=f"of {KEY}",
        served_model=KEY,
        finish_reason=KEY,
        error=SavedError(kind="server", message=KEY, code=KEY, hint=f"unsupported_param:{KEY}", status=500),
        content=f"a {KEY}",
        reasoning=f"b {KEY}",
        refusal=f"c {KEY}",
        tool_calls=[SavedToolCall(id=KEY, name=KEY, arguments=KEY)],
    )
    assert masked(said, [KEY]) == response(
        name=KEY,
        provider=KEY,
        model=f"of {KEY}",
        served_model=MASK,
        finish_reason=MASK,
        error=SavedError(
            kind="server", message=MASK, code=MASK, hint=f"unsupported_param:{MASK}", status=500
        ),
        content=f"a {MASK}",
        reasoning=f"b {MASK}",
        refusal=f"c {MASK}",
        tool_calls=[SavedToolCall(id=MASK, name=MASK, arguments=MASK)],
    )


NO_SECRETS = [
    "complete",
    "tool_calls",
    "cancelled",
    "provider",
    "reasoning",
    "output_tokens",
    "retry_after",
    "lm-studio",
]


@pytest.mark.parametrize("secret", NO_SECRETS)
def test_a_key_that_is_a_word_of_the_record_leaves_the_record_whole(secret: str) -> None:
    said = response(
        name="lm-studio",
        model="lm-studio",
        served_model="lm-studio",
        finish_reason="tool_calls",
        error=SavedError(kind="server", message="no", hint="retry_after:2.0"),
        content=f"about {secret}",
    )
    assert masked(said, [secret]) == said.model_copy(update={"content": f"about {MASK}"})


@pytest.mark.parametrize(
    ("fields", "params"),
    [
        ({"name": "lm-studio", "key": "lm-studio"}, {}),
        ({"name": "good", "key": "complete"}, {}),
        (
            {"name": "anthropic haiku"},
            {"extra_body": {"credentials": {"provider": "anthropic", "region": "us-east-1"}}},
        ),
        ({"name": "vault-0001"}, {"extra_body": {"password": "vault-0001"}}),
    ],
)
def test_a_model_that_is_called_as_a_secret_is_keeps_its_name(
    serve: Serve, fields: dict[str, Any], params: dict[str, Any]
) -> None:
    site = serve(stream(text("anthropic has us-east-1"), finish(), DONE))
    heard = run_lanes([order(0, site.base_url, params=params, **fields)])
    answer = heard.responses[0]
    assert (answer.name, answer.state, answer.finish_reason) == (fields["name"], "complete", "stop")
    assert answer.content == heard.text(0) == "anthropic has us-east-1"


def test_fields_of_a_schema_are_no_secrets(serve: Serve) -> None:
    login = {"password": {"title": "Password", "type": "string", "format": "password"}}
    body = {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": login}}}]}
    site = serve(stream(text("The Password field, a password, has a format"), finish(), DONE))
    heard = run_lanes([order(0, site.base_url, params={"extra_body": body})])
    assert heard.responses[0].content == heard.text(0) == "The Password field, a password, has a format"


def failing(message: str) -> Answer:
    error = {"error": {"message": message, "code": message[:40]}}
    kind = ("content-type", "application/json")
    return Answer(status=500, headers=(kind,), framing="length", frames=(Frame(json.dumps(error).encode()),))


def test_an_attempt_that_is_tried_again_tells_no_secret_either(serve: Serve) -> None:
    body = {"gateway": {"api_key": "hidden-one-1", "private_key": PEM}}
    told = f"no hidden-one-1 of {json.dumps(PEM)}"
    site = serve(failing(told), failing(told))
    heard = run_lanes([order(0, site.base_url, retries=1, params={"extra_body": body})])
    (first,) = heard.of(Retrying, 0)
    last = heard.responses[0].error
    assert last is not None
    for error in (first.error, last):
        assert error.message == f'HTTP 500: no {MASK} of "{MASK}"'
        assert error.code.startswith(f"no {MASK} of ")
        assert "MIIEvQ" not in repr(error)
    assert "hidden-one" not in repr(heard.reports)


@pytest.mark.parametrize("kept", range(8, len(PEM), 9))
def test_what_a_cut_leaves_of_a_secret_in_an_error_is_masked(kept: int) -> None:
    for spelled in (PEM, json.dumps(PEM)[1:-1]):
        error = masked_error(SavedError(kind="server", message=f"no {spelled[:kept]}…"), [PEM])
        assert error.message == f"no {MASK}…"


def test_an_error_that_was_cut_in_the_middle_of_a_secret_tells_none_of_it(serve: Serve) -> None:
    site = serve(failing("x" * 1970 + " hidden-one-1-and-more-of-it"))
    body = {"gateway": {"api_key": "hidden-one-1-and-more-of-it"}}
    heard = run_lanes([order(0, site.base_url, params={"extra_body": body})])
    error = heard.responses[0].error
    assert error is not None
    assert error.message.endswith(f"x {MASK}…")
    assert "hidden-o" not in repr(heard.reports)


def test_very_short_secrets_have_no_spelling() -> None:
    assert spellings(["short-1", "ab/cdefg"]) == ("ab\\/cdefg", "ab/cdefg")
