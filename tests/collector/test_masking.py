"""A key that a server echoes is told nobody, however it is cut into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from collector.rig import KEY, order, run_lanes
from ostream_compare.collector.masking import MASK, Masker
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
