"""Goal 11 for files of others: a configuration, flags, variables, run logs, saves, votes and settings."""

import pytest

from ostream_compare.domain.safe_text import clean
from ostream_compare.domain.spelling import from_json, from_toml
from safety.attacks import ESCAPES, escapes, first_word, steers
from safety.hostile import toml_text
from safety.planted import RUN, comparison, plant
from safety.printed import printed
from safety.sitting import ESCAPE, F1, Sitting
from torture.program import Home

FORMATS = ("toml", "json", "csv", "md", "html", "junit")
WRONG = f"""
version = 1
{toml_text(escapes(0))} = 1
[defaults]
{toml_text(escapes(1))} = 2
[providers.demo]
kind = "demo"
[providers.{toml_text(escapes(2))}]
base_url = {toml_text(escapes(3))}
api_key_env = {toml_text(escapes(4))}
[[models]]
name = "Good"
provider = "demo"
model = "demo/swift"
[[models]]
name = {toml_text(escapes(5))}
provider = {toml_text(escapes(6))}
model = {toml_text(escapes(7))}
extra_headers = {{ {toml_text(escapes(8))} = {toml_text(escapes(9))} }}
[[prompts]]
user = {toml_text(escapes(10))}
{toml_text(escapes(11))} = ""
[ui.keymap]
{toml_text(escapes(0))} = "w"
save = {toml_text(escapes(1))}
quit = "w"
help = "ctrl+q"
"""
RIGHT = f"""
[providers.demo]
kind = "demo"
[[models]]
name = "A"
provider = "demo"
model = "demo/swift"
system = {toml_text(escapes(0))}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = Home(tmp_path_factory.mktemp("home"))
    plant(made, escapes)
    return made


def named(number):
    """Foreign text that a file can be called."""
    return "".join(letter for letter in escapes(number) if letter not in "/\0")[:100]


def test_wrong_files_flags_and_settings_are_told_as_text(home):
    name = home.file(WRONG, f"{named(0)}.toml")
    environ = {"OSTREAM_COMPARE_TIMEOUT": "5", "PAGER": escapes(5), "EDITOR": escapes(6)}
    with Sitting(home, name, "--theme", escapes(3), "-p", escapes(4), **environ) as sitting:
        sitting.shows("1/1 done", "Something is wrong in the file", first_word(0), "␛")
        sitting.visit(ESCAPE)
        sitting.visit(F1, "Help", first_word(1))
        for _ in range(4):
            sitting.visit(b"\x1b[6~", "Help")
        sitting.visit(ESCAPE, "1/1 done")
        sitting.visit(b"\x1bOR", "1/1 done")  # the pager, which there is none of
        sitting.visit(b"\x1bOS", "1/1 done")
        sitting.visit(ESCAPE)
        sitting.visit(b"s", "Saved")
        sitting.press(b"\x11")
        assert sitting.exit_code() == 0


def test_an_earlier_run_of_others_is_text_on_every_screen(tmp_path):
    home = Home(tmp_path)
    plant(home, escapes)
    with Sitting(home, "demo") as sitting:
        sitting.shows("Careful")
        sitting.visit(ESCAPE)
        sitting.visit(b"H", "History", first_word(0))
        sitting.visit(b"/", "History")
        sitting.visit(b"Kcsi", "Kcsi", first_word(0))
        sitting.visit(ESCAPE, "History", first_word(0))
        sitting.visit(b"D", "for good?")
        sitting.visit(b"n\r", "REPLAY", f"1 {first_word(0)}", f"2 {first_word(1)}")
        for keys in (b"1zm", b"m" + ESCAPE, b"t", b"a", b"a" + ESCAPE, b"1d", b"w", b"l", b"s", ESCAPE):
            sitting.visit(keys, "␛")
        sitting.visit(b"e", "Export")
        sitting.visit(ESCAPE, "REPLAY")
        sitting.visit(b"p", "REPLAY", f"1 {first_word(0)}")
        sitting.visit(ESCAPE, "History")
        sitting.visit(ESCAPE, "Careful")
        sitting.press(b"\x11")
        assert sitting.exit_code() == 0


@pytest.mark.parametrize(
    "line",
    [
        ("validate", "wrong.toml"),
        ("models", "wrong.toml"),
        ("models", "right.toml"),
        ("models", "right.toml", "--format", "json"),
        ("doctor",),
        ("history",),
        ("history", "--format", "json"),
        ("history", "--delete", escapes(3)),
        ("show", RUN),
        ("show", escapes(1)),
        ("replay", RUN, "--speed", "1000"),
        ("rank", "--import", "votes.jsonl"),
        ("rank", "--import", "votes.jsonl", "--format", "json"),
        ("rank", "--import", escapes(4)),
        *(("export", RUN, "--format", form) for form in FORMATS),
        ("export", RUN, "-o", f"{named(1)}.html"),
        ("demo", "--headless", "-m", "Swift", "-p", escapes(5), "--baseline", "planted.json"),
        ("demo", "--headless", "-m", "Swift", "-p", escapes(5), "--plain", "-v"),
        ("demo", "--headless", "-m", escapes(6)),
        ("demo", "--headless", "--fail-if", escapes(7)),
        ("demo", "--headless", "-f", escapes(8)),
        ("demo", "--headless", "-o", f"no/{escapes(9)}"),
        ("demo", "--headless", "--format", escapes(10)),
        ("demo", "--dry-run", "-p", escapes(11)),
        (escapes(0),),
        ("demo", f"--{escapes(1)}"),
        (f"{named(2)}.toml", "--headless", "-p", "x"),
        ("--help",),
    ],
    ids=lambda line: "-".join(word for word in line if word.isascii() and word.isprintable())[:60] or "odd",
)
def test_no_command_prints_what_steers_a_terminal(home, line):
    home.file(WRONG, "wrong.toml")
    home.file(WRONG, f"{named(2)}.toml")
    home.file(RIGHT, "right.toml")
    printed(home, *line, TERM="dumb" if line[0] == "replay" else "xterm-256color")


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_holds_no_escape_and_json_and_toml_hold_what_was_said(home, form):
    document = printed(home, "export", RUN, "--format", form, pty=False).decode().replace("\r\n", "\n")
    assert not [letter for letter in document if steers(letter)]
    if form in {"json", "toml"}:
        kept = from_json(document) if form == "json" else from_toml(document)
        said = comparison(escapes)
        last = {each.name: each for each in kept.responses}
        assert [last[each.name].content for each in said.responses] == [
            each.content for each in said.responses
        ]
        assert last[escapes(0)].tool_calls == said.responses[0].tool_calls
        assert last[escapes(2)].error == said.responses[2].error
        assert kept.prompts[0].user == said.prompts[0].user
    else:
        shown = clean(ESCAPES["title"])
        assert shown in document
