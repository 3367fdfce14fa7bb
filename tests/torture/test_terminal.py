"""Terminals that change their size without end, and locales that are not UTF-8."""

import random

import pytest

from safety.screen import Screen
from torture.program import LIMIT, Home, Terminal, models_toml, without_screen
from torture.sizes import size
from wire.cases import Frame
from wire.script import DONE, finish, plain_stream, stream, text, usage

RESIZES = 200
SMALL = ((1, 1), (20, 5))
WORDS = [f"word-{number} " for number in range(size(80, 400))]
OF_MANY_SCRIPTS = "naïve → 漢字 🙂 שלום"
NARROW = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
LATIN = NARROW | {"PYTHONIOENCODING": "cp1252"}
FLAGS = [("-v",), ("--plain",), ("--format", "json"), ("-o", "out.md")]
EVERY = [(environ, flags) for environ in (NARROW, LATIN) for flags in FLAGS]


def test_two_hundred_resizes_while_eight_panes_stream_lose_nothing(tmp_path, serve):
    home = Home(tmp_path)
    slowly = [Frame(text(word), wait_ms=20) for word in WORDS]
    site = serve(stream(*slowly, finish(), usage(3, 2), DONE, keep_alive=True))
    chance = random.Random(5)
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        terminal.until_streaming()
        for number in range(RESIZES):
            wide, high = SMALL[number // 10 % 2] if number % 10 == 0 else (0, 0)
            terminal.resize(wide or chance.randrange(1, 250), high or chance.randrange(1, 70))
            terminal.read(0.005)
        since = len(terminal.seen)
        terminal.resize(20, 5)
        terminal.until_said(b"The terminal is too", since)  # small: on the next row
        since = len(terminal.seen)
        terminal.resize(200, 50)
        # What is drawn may be no more than the cells that changed: it is read as a terminal would show it.
        screen, fed = Screen(200, 50), since

        def shown(*words):
            nonlocal fed
            data, fed = terminal.seen[fed:], len(terminal.seen)
            screen.feed(data)
            return all(word in screen.text for word in words)

        terminal.until(lambda: shown("8/8 done", WORDS[-1].strip()), "all panes are done, and it is drawn")
        terminal.press(b"\x11")
        assert terminal.exit_code() == 0
        assert terminal.is_restored()
        assert b"Traceback" not in terminal.seen
    (saved,) = home.saved()
    assert [response.content for response in saved.responses] == ["".join(WORDS)] * 8


@pytest.mark.parametrize(("environ", "flags"), size([*zip([NARROW, LATIN] * 2, FLAGS, strict=True)], EVERY))
def test_a_narrow_locale_changes_no_byte_of_what_is_written(tmp_path, serve, environ, flags):
    home = Home(tmp_path)
    site = serve(plain_stream((OF_MANY_SCRIPTS,)))
    (tmp_path / "prompt.txt").write_text(OF_MANY_SCRIPTS, encoding="utf-8")
    file = home.file(models_toml(site.base_url, count=1))
    with without_screen(home, file, "-f", "prompt.txt", *flags, **environ) as process:
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err
    assert b"Error" not in err
    shown = (tmp_path / "out.md").read_text("utf-8") if "-o" in flags else out.decode()
    assert OF_MANY_SCRIPTS in shown
    (saved,) = home.saved()
    assert saved.prompts[0].user == saved.responses[0].content == OF_MANY_SCRIPTS


@pytest.mark.parametrize("environ", size([LATIN], [NARROW, LATIN]))
def test_the_screen_is_drawn_in_a_narrow_locale(tmp_path, serve, environ):
    home = Home(tmp_path)
    site = serve(plain_stream((OF_MANY_SCRIPTS,)))
    file = home.file(models_toml(site.base_url, count=1))
    with Terminal(home, file, "-p", "hi", **environ) as terminal:
        terminal.until_said(b"1/1 done")
        terminal.until_said("漢字".encode())
        assert "━".encode() in terminal.seen
        terminal.press(b"\x11")
        assert terminal.exit_code() == 0
    assert b"Error" not in terminal.seen
    assert home.saved()[0].responses[0].content == OF_MANY_SCRIPTS
