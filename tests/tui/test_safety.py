import pytest
from rich.segment import Segment
from textual.color import Color
from textual.strip import Strip

from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.errors import Problem
from ostream_compare.tui.filters import ControlFilter
from tui.fake_collector import config, preset
from tui.harness import Stage, play

MARKUP = [
    "[@click=app.quit]x[/]",
    "[/nope]",
    "[b]x[/b]",
    "[red",
    "\\[x]",
    "[link=http://x]y[/link]",
    "$primary",
    "[/]",
]
ESCAPES = [
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b[2J",
    "\x9b31m",
    "\x1b]0;title\x1b\\",
    "\x07\x08\x0b\x0c\x0e\x7f",
    "\u202eevil\u202c",
    "\U000e0041\U000e0042",
    "\x1bPq\x1b\\",
]


@pytest.mark.parametrize("payload", MARKUP)
def test_markup_is_shown_as_it_is_on_every_surface(payload, tmp_path):
    configuration = config(
        presets=(preset(payload), preset("Plain", model=payload)),
        path=f"dir/{payload.replace('/', '|')}.toml",
    )

    async def scene(stage: Stage) -> None:
        assert payload.replace("/", "|") in stage.screen_text()  # header
        stage.fake.say(0, payload, reasoning=payload + " thought")
        await stage.until(lambda: payload in stage.text(0))
        screen = stage.screen_text()
        assert screen.count(payload) >= 4  # frame, reasoning, answer, table
        stage.fake.end(1, state="failed", error=SavedError(kind="auth", message=payload, hint=payload))
        await stage.until(lambda: payload in stage.text(1))
        stage.main.notify(payload, title=payload)
        await stage.pilot.pause(0.05)
        assert any(payload in toast for toast in stage.toasts)
        await stage.press("t")
        assert payload in stage.screen_text()
        await stage.press("escape", "f1")
        assert payload in stage.screen_text()
        await stage.press("escape")
        await stage.press("ctrl+p")
        await stage.press("escape")
        await stage.pilot.click(stage.panes[0], offset=(4, 1))
        assert stage.app.is_running
        assert stage.app.return_value is None

    play(
        scene,
        tmp_path,
        configuration=configuration,
        size=(120, 40),
        problems=[Problem(message=payload, key=payload)],
    )


@pytest.mark.parametrize("payload", ESCAPES)
def test_no_control_character_reaches_the_screen(payload, tmp_path):
    configuration = config(presets=(preset(f"A{payload}"), preset("B")), path=f"x{payload}.toml")

    async def scene(stage: Stage) -> None:
        stage.fake.say(0, f"text {payload} end", reasoning=payload)
        stage.fake.end(1, state="failed", error=SavedError(kind="server", message=payload))
        await stage.until(lambda: "end" in stage.text(0))
        stage.main.notify(payload, title=payload)
        await stage.pilot.pause(0.05)
        for key in ("t", "escape", "f1", "escape"):
            assert_clean(stage.screen_text())
            await stage.press(key)
        assert_clean(stage.screen_text())

    play(scene, tmp_path, configuration=configuration, size=(120, 40), problems=[Problem(message=payload)])


def assert_clean(screen: str) -> None:
    bad = {
        character
        for character in screen
        if ord(character) < 0x20
        and character != "\n"
        or 0x7F <= ord(character) < 0xA0
        or 0x202A <= ord(character) <= 0x202E
        or 0xE0000 <= ord(character) <= 0xE0FFF
    }
    assert not bad


@pytest.mark.parametrize("payload", ESCAPES)
def test_the_second_wall_stops_what_a_widget_let_through(payload):
    strip = Strip([Segment("fine "), Segment(payload)]).apply_filter(ControlFilter(), Color(0, 0, 0))
    assert_clean(strip.text)
    assert strip.text.startswith("fine ")


def test_the_second_wall_leaves_clean_text_alone():
    segments = [Segment("plain ├─ 日本語 👩‍💻 ✓")]
    assert ControlFilter().apply(segments, Color(0, 0, 0)) is segments


def test_a_crash_tells_no_local_variable(tmp_path):
    async def scene(stage: Stage) -> None:
        secret = "sk-canary"  # noqa: F841 - it must not be shown
        try:
            raise ValueError("boom")
        except ValueError:
            stage.app._fatal_error()
        text = "".join(segment.text for segment in stage.app._exit_renderables[0].segments)
        assert "boom" in text
        assert "sk-canary" not in text.replace('secret = "sk-canary"', "")

    play(scene, tmp_path)
