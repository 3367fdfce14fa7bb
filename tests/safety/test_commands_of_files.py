"""What `api_key_cmd` of a file may do: it runs when models are asked, as it stands, and at no other time."""

import pytest

from safety.echo import Echo
from safety.printed import printed
from safety.sitting import Sitting
from torture.program import Home

RAN = "ran by a command"


def config(origin, home, *more):
    words = ", ".join(f"'{word}'" for word in ("touch", str(home.path / RAN), *more))
    return (
        f'[providers.near]\nbase_url = "{origin}/v1"\napi_key_cmd = [{words}]\n'
        '[[models]]\nname = "answer"\nprovider = "near"\nmodel = "answer"\n'
        '[[prompts]]\nuser = "hello"\n'
    )


@pytest.fixture
def home(tmp_path):
    with Echo() as near:
        made = Home(tmp_path)
        made.file(config(near.origin, made))
        yield made
        assert near.seen == [], "and no call is made without a key"


def has_run(home):
    return (home.path / RAN).exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "models.toml"),
        ("models.toml", "--dry-run", "-p", "hello"),
        ("models.toml", "--dry-run", "--trust", "-p", "hello"),
        ("doctor", "--no-discover"),
        ("schema",),
        ("history",),
    ],
)
def test_nothing_but_asking_runs_it(home, arguments):
    assert printed(home, *arguments, OSTREAM_COMPARE_CONFIG="models.toml")
    assert not has_run(home)


def test_a_file_that_lies_where_one_stands_is_not_used_until_it_is_named(home):
    for arguments in (
        ("models",),
        ("--dry-run", "-p", "hello"),
        ("--headless", "-p", "hello", "-m", "Terse"),
    ):
        assert b"Terse" in printed(home, *arguments), "the demo"
    assert not has_run(home)


def test_the_screen_opens_without_it_and_sending_runs_it(home):
    with Sitting(home, "models.toml") as sitting:
        sitting.shows("hello")
        sitting.settle()
        assert not has_run(home)
        sitting.press(b"\x1b\r")
        sitting.shows("printed nothing")
        assert has_run(home)
        sitting.press(b"\x11")
        assert sitting.exit_code() == 0


def test_without_a_screen_it_runs_and_is_named_where_it_fails(home):
    said = printed(home, "models.toml", "--headless", "-p", "hello")
    assert has_run(home)
    assert b"touch" in said


def test_no_shell_reads_it(tmp_path):
    with Echo() as near:
        home = Home(tmp_path)
        odd = ["; touch semicolon", "$(touch dollar)", "| touch pipe", "*"]
        home.file(config(near.origin, home, *odd))
        printed(home, "models.toml", "--headless", "-p", "hello")
        made = {path.name for path in tmp_path.iterdir()}
        assert {RAN, "*", "; touch semicolon", "$(touch dollar)"} <= made
        assert not made & {"semicolon", "dollar", "pipe"}
