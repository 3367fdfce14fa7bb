"""Goal 11 in a real terminal: what servers and files say is shown and never obeyed."""

import pytest

from ostream_compare.domain.safe_text import clean
from safety.attacks import ESCAPES, bare_c1, escapes, first_word
from safety.hostile import answers, models_toml
from safety.screen import Screen, Steered
from safety.sitting import DOWN, ESCAPE, F1, F2, Sitting
from torture.program import Home

COUNT = 12
"""Of models, and of kinds of escapes: the first that a model says is another one each time."""


@pytest.mark.parametrize("name", ESCAPES)
def test_the_terminal_of_these_tests_obeys_no_escape(name):
    screen = Screen(80, 24)
    with pytest.raises(Steered):
        screen.feed(b"fine " + ESCAPES[name].encode(), final=True)
    with pytest.raises(Steered):
        screen.feed(b"fine " + bare_c1("\x9b2J".encode()), final=True)
    screen = Screen(80, 24)
    screen.feed(clean(ESCAPES[name]).encode(), final=True)
    assert screen.text.strip() == clean(ESCAPES[name])


@pytest.fixture
def hostile(tmp_path, serve):
    """A home with a file of models whose servers attack, from the one prompt to the other."""
    home = Home(tmp_path)
    urls = {name: serve(answer).base_url for name, answer in answers(escapes).items()}
    home.file(models_toml(urls, escapes))
    return home


def test_no_surface_of_a_sitting_obeys_what_servers_and_the_file_say(hostile):
    with Sitting(hostile, "models.toml", "-p", escapes(2), SSH_TTY="there") as sitting:
        sitting.shows("12/12 done", "Kosc52␛]52", "HTTP 400: Kcsi", "HTTP 502: Kdcs")
        sitting.visit(ESCAPE)
        for lane in range(9):  # by themselves, as Markdown and raw
            sitting.visit(b"%d" % (lane + 1) + b"z", f"{lane + 1} ")
            sitting.visit(b"mg", "raw")
            sitting.visit(b"m" + ESCAPE, "12/12 done")
        sitting.visit(b"\x14", "Kosc52␛]52;c;UFdORUQ=␇")  # reasoning
        sitting.visit(b"t", "Results", "Kcsi")
        for keys in (b"o", b"O", b"g", b"g", b"a", b"a", b"/"):
            sitting.visit(keys, "Results")
        sitting.visit(ESCAPE + ESCAPE, "12/12 done")
        sitting.visit(b"1d", "Diff", "Kosc52␛]52")
        for keys in (b"w", b"l", b"s", b"]", b"\t"):
            sitting.visit(keys, "Diff", "␛")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"u", " links", "http://example.com/x")
        sitting.visit(b"\r", "Open this link?", "Leads to ")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"v", "Blind vote")
        sitting.visit(b"a", "Blind vote")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"p", "Prompts of the file", "Kcsi")
        sitting.visit(DOWN + b"\r", "about")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(F2, "System prompt")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"M", "Models of the next run", "Midway")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"e", "Export")
        sitting.visit(b"\r", "Exported")
        sitting.visit(F1, "Help")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"\x10", "Search for commands")
        sitting.visit(ESCAPE, "12/12 done")
        sitting.visit(b"1y", "Copied")
        sitting.visit(b"Y", "Copied")
        sitting.visit(b"s", "Saved")
        sitting.visit(b"H", "History", first_word(2))
        sitting.visit(b"D", "for good?", first_word(2))
        sitting.visit(b"n\r", "REPLAY", "Kosc52␛]52", "HTTP 400: Kcsi")
        sitting.visit(ESCAPE, "History")
        sitting.visit(b"p", "REPLAY", "12/12 done")
        sitting.visit(ESCAPE + ESCAPE, "models.toml")
        sitting.visit(b"n", "12/12 done")
        sitting.press(b"\x11")
        assert sitting.exit_code() == 0
        sitting.read()
        sitting.screen.feed(b"", final=True)
        answer, code = sitting.screen.copied
    (saved,) = hostile.saved()[:1]
    assert answer == saved.responses[0].content, "what is copied is what the model wrote"
    assert code == f"{escapes(2)}\n"
