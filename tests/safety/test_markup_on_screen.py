"""Goal 12 in a real terminal: markup in foreign text does nothing, crashes nothing, and is shown as it is."""

import pytest

from safety.attacks import MARKUP
from safety.hostile import answers, toml_text
from safety.planted import plant
from safety.printed import printed
from safety.sitting import DOWN, ESCAPE, F1, F2, Sitting
from torture.program import Home

ACTS = MARKUP[0]


def foreign(number):
    """All payloads, another one first each time; what Markdown would read itself is kept apart by blanks."""
    first = number % len(MARKUP)
    return " ".join(MARKUP[first:] + MARKUP[:first])


def named(number):
    """The same for a name: one payload, and a number so that no two are the same."""
    return f"{number}{MARKUP[number % len(MARKUP)]}"


@pytest.fixture
def home(tmp_path, serve):
    """A home whose file is full of markup, and the earlier runs too."""
    made = Home(tmp_path)
    plant(made, foreign)
    models = "".join(
        f'[providers.{toml_text(named(n))}]\nbase_url = "{serve(answer).base_url}"\n'
        f"[[models]]\nname = {toml_text(named(n))}\nprovider = {toml_text(named(n))}\n"
        f"model = {toml_text(named(n))}\nsystem = {toml_text(foreign(n))}\n"
        for n, answer in enumerate(answers(foreign).values())
    )
    prompts = "".join(
        f"[[prompts]]\nname = {toml_text(named(n))}\nuser = {toml_text(f'<{foreign(n)}')}\n" for n in range(3)
    )
    variables = (
        f"[[prompts]]\nname = {toml_text(named(9))}\nuser = 'about {{x}}'\n"
        f"variables = {{ x = [{toml_text(foreign(1))}, {toml_text(foreign(2))}] }}\n"
    )
    keymap = f'[ui.keymap]\n{toml_text(MARKUP[0])} = "w"\nsave = "["\nrerun = {toml_text(MARKUP[1])}\n'
    made.file(f"version = 1\n{keymap}{models}{prompts}{variables}", f"{MARKUP[0].replace('/', '|')}.toml")
    return made


def test_markup_is_shown_as_it_is_on_every_screen(home):
    path = f"{MARKUP[0].replace('/', '|')}.toml"
    with Sitting(home, path, "--theme", MARKUP[1], "-p", f"{foreign(0)}") as sitting:
        sitting.shows(
            "12/12 done", "[@click=app.quit]x[|]", "Something is wrong in the file", f"1 {named(0)}"
        )
        sitting.shows(f"5 {named(4)}", f"HTTP 400: {MARKUP[3]}", f"HTTP 502: {MARKUP[4]}")
        sitting.visit(ESCAPE)
        sitting.visit(b"1zmg", "raw", ACTS, *MARKUP)
        sitting.visit(b"m" + ESCAPE, "12/12 done")
        sitting.visit(b"t", "Results", *(named(n)[:20] for n in range(12)))
        for keys in (b"o", b"g", b"g", b"a"):
            sitting.visit(keys, named(0), named(1))
        sitting.visit(b"a" + ESCAPE, "12/12 done")
        sitting.visit(b"1d", "Diff", named(0), named(1))
        for keys in (b"w", b"l", b"s"):
            sitting.visit(keys, "Diff", ACTS)
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"v", "Blind vote")
        sitting.visit(b"a", "Blind vote")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"p", "Prompts of the file", *(named(n) for n in range(3)))
        sitting.visit(DOWN * 3 + b"\r", named(9), MARKUP[1])
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(ESCAPE + F2, "System prompt")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"M", "Models of the next run", *(named(n)[:20] for n in range(12)))
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"e", "Export")
        sitting.visit(ESCAPE, "done")
        sitting.visit(F1, "Help", f"ui.keymap.{ACTS}", "[/nope]")
        sitting.visit(ESCAPE, "done")
        sitting.visit(b"\x10", "Search for commands")
        sitting.visit(b"save", "Save ([)")
        sitting.visit(ESCAPE + ESCAPE, "done")
        sitting.visit(b"[", "Saved")
        sitting.visit(b"H", "History", ACTS)
        sitting.visit(b"/", "History")
        sitting.visit(b"[/nope]\r", "History")
        sitting.visit(b"D", "for good?", ACTS)
        sitting.visit(b"n\r", "REPLAY", ACTS)
        sitting.visit(ESCAPE, "History")
        sitting.visit(ESCAPE)
        assert sitting.process.poll() is None
        sitting.press(b"\x11")
        assert sitting.exit_code() == 0


@pytest.mark.parametrize("command", ["history", "show", "rank", "models", "validate", "export", "replay"])
def test_markup_is_printed_as_it_is(home, command):
    path = f"{MARKUP[0].replace('/', '|')}.toml"
    more = {
        "show": ["20261122-073012-abcd"],
        "export": ["20261122-073012-abcd", "--format", "md"],
        "replay": ["20261122-073012-abcd", "--speed", "1000"],
        "rank": ["--import", "votes.jsonl"],
        "models": [path],
        "validate": [path],
    }
    said = printed(home, command, *more.get(command, []), TERM="dumb").decode()
    assert "[@click=app.quit]x[" in said
    assert "[/nope]" in said or command == "validate"
