import re

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.strip import Strip

from ostream_compare.collector.keys import Key
from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Provider
from ostream_compare.storage.recorder import Recorder
from ostream_compare.tui.filters import ControlFilter
from ostream_compare.tui.session import Machine
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


def test_markup_is_shown_as_it_is_on_every_surface(tmp_path):
    configuration = config(
        presets=tuple(preset(payload, model=f"m{payload}") for payload in MARKUP),
        path=f"dir/{MARKUP[0].replace('/', '|')}{MARKUP[3]}.toml",
    )
    problems = [Problem(message=payload, key=payload) for payload in MARKUP]

    async def scene(stage: Stage) -> None:
        assert MARKUP[0].replace("/", "|") + MARKUP[3] in stage.screen_text()  # header
        last = len(MARKUP) - 1
        for lane, payload in enumerate(MARKUP):
            stage.fake.say(lane, payload, reasoning=payload + " thought")
            if lane == last:
                stage.fake.end(
                    lane, state="failed", error=SavedError(kind="auth", message=payload, hint=payload)
                )
            stage.main.notify(payload, title=payload)
        await stage.until(lambda: "✗" in stage.text(last))
        await stage.until(lambda: len(stage.toasts) >= len(MARKUP))
        await stage.press("ctrl+t")
        await stage.pilot.pause(0.05)
        assert {f"{payload} {payload}" for payload in MARKUP} <= set(stage.toasts)
        screen = stage.screen_text()
        for lane, payload in enumerate(MARKUP):
            shown = payload.removeprefix("\\")  # Markdown's own escape; reasoning is shown to the letter
            assert stage.text(lane).startswith(f"▾ reasoning\n{payload} thought\n\n{shown}")
            assert f"{lane + 1} {payload} " in screen  # frame
        for pane in stage.panes:
            pane.show_raw(True)
        await stage.pilot.pause()
        for lane, payload in enumerate(MARKUP):
            assert stage.text(lane).startswith(f"▾ reasoning\n{payload} thought\n\n{payload}")
        for lane in (0, 1, 2):
            await stage.pilot.click(stage.panes[lane], offset=(4, 2))
        await stage.press("t")
        assert all(payload in stage.screen_text() for payload in MARKUP)
        await stage.press("escape", "f1")
        assert all(payload in stage.screen_text() for payload in MARKUP)
        await stage.press("escape", "ctrl+p")
        await stage.pilot.pause(0.05)
        await stage.press("escape")
        assert stage.app.is_running
        assert stage.app.return_value is None

    play(scene, tmp_path, configuration=configuration, size=(200, 60), problems=problems)


def test_no_control_character_reaches_the_screen(tmp_path):
    configuration = config(
        presets=tuple(preset(f"A{payload}", model=payload) for payload in ESCAPES),
        path=f"x{''.join(ESCAPES)}.toml",
    )
    problems = [Problem(message=payload) for payload in ESCAPES]

    async def scene(stage: Stage) -> None:
        assert_clean(stage.screen_text())
        for lane, payload in enumerate(ESCAPES):
            stage.fake.say(lane, f"text {payload} end", reasoning=payload)
            if lane % 2:
                stage.fake.end(lane, state="failed", error=SavedError(kind="server", message=payload))
            stage.main.notify(payload, title=payload)
        await stage.until(lambda: "end" in stage.text(7) and "✗" in stage.text(7))
        await stage.pilot.pause(0.05)
        for key in ("t", "escape", "f1", "escape"):
            assert_clean(stage.screen_text())
            await stage.press(key)
        assert_clean(stage.screen_text())

    play(scene, tmp_path, configuration=configuration, size=(200, 60), problems=problems)


def assert_clean(screen: str) -> None:
    bad = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\U000e0000-\U000e0fff]", screen)
    assert not bad


@pytest.mark.parametrize("payload", ESCAPES)
def test_the_second_wall_stops_what_a_widget_let_through(payload):
    strip = Strip([Segment("fine "), Segment(payload)]).apply_filter(ControlFilter(), Color(0, 0, 0))
    assert_clean(strip.text)
    assert strip.text.startswith("fine ")


def test_the_second_wall_leaves_a_line_as_wide_as_it_was():
    segments = [Segment("a\x1b[2J\u202eb", None), Segment(" end" + " " * 20)]
    shown = ControlFilter().apply(segments, Color(0, 0, 0))
    assert Segment.get_line_length(shown) == Segment.get_line_length(segments)
    assert "".join(segment.text for segment in shown).rstrip() == "a␛[2J<U+202E>b end"


def test_the_second_wall_leaves_clean_text_alone():
    segments = [Segment("plain ├─ 日本語 👩‍💻 ✓")]
    assert ControlFilter().apply(segments, Color(0, 0, 0)) is segments


KEY = "sk-canary-0123456789"


def raise_with(key: str) -> None:
    local = f"{key} \x1b]0;title\x07"
    group = ExceptionGroup("two", [ValueError(local), KeyError(local)])
    group.add_note(f"noted {local}")
    raise group


def test_a_crash_tells_no_local_variable_no_key_and_nothing_to_the_terminal(tmp_path):
    provider = Provider(name="p", base_url="https://api.example.com/v1", api_key_env="K")
    machine = Machine(environ={}, results=tmp_path, keys={provider: Key(value=KEY)})

    async def scene(stage: Stage) -> None:
        try:
            raise_with(KEY)
        except ExceptionGroup:
            stage.app._fatal_error()
        with stage.app.error_console.capture() as printed:
            stage.app._print_error_renderables()
        text = printed.get()
        assert "raise group" in text
        assert text.count("[key]") == 3
        assert "canary" not in text
        assert "␛]0;title" in text
        assert "\x1b" not in re.sub("\x1b\\[[0-9;]*m", "", text)

    play(scene, tmp_path, machine=machine)


def test_a_crash_tells_no_secret_of_a_header_or_a_body(tmp_path):
    params = {
        "extra_headers": {"X-Session": "of the headers"},
        "extra_body": {"vault": {"password": "of-the-body-1"}},
    }

    async def scene(stage: Stage) -> None:
        try:
            int("one of the headers, another of-the-body-1")
        except ValueError:
            stage.app._fatal_error()
        with stage.app.error_console.capture() as printed:
            stage.app._print_error_renderables()
        assert "one [key], another [key]" in printed.get()

    play(scene, tmp_path, configuration=config(presets=(preset("one", params=params),)))


def test_a_crash_says_whose_mistake_it_is_and_where_the_log_lies(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "canary-of-the-shell")

    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "half an answer", at=100)
        await stage.until(lambda: stage.text(0) == "half an answer")
        try:
            int("about canary-of-the-shell and sk-canary-0123456789")
        except ValueError:
            stage.app._fatal_error()
        with stage.app.error_console.capture() as printed:
            stage.app._print_error_renderables()
        text = printed.get()
        assert "about [key] and [key]" in text
        assert "a mistake of ostream-compare, not yours" in text
        (log,) = (tmp_path / "data" / "runs").iterdir()
        assert str(log) in "".join(text.split("\n"))
        assert "half an answer" in log.read_text()
        assert stage.app.return_code == 70

    machine = Machine(environ={}, results=tmp_path / "results", recorder=Recorder(tmp_path / "data"))
    play(scene, tmp_path / "results", machine=machine)
