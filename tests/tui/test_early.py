"""What is seen and typed before there is a session."""

import asyncio
import threading

import pytest
from textual.widgets import TextArea

from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.tui.early import EarlyApp, Opened
from ostream_compare.tui.screens.main import MainScreen
from ostream_compare.tui.screens.opening import OpeningScreen, Picture
from ostream_compare.tui.session import Machine
from tui.fake_collector import FakeCollector, config

PICTURE = Picture(file="some/models.toml", names=("One", "[b]Two\x1b[m"), demo=True, prompt="Why?\nAnd how?")
LIMIT = 60


def screen_text(app):
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


class Road:
    """What is made ready behind the picture, when it is let go."""

    def __init__(self, results, failure=None):
        self.gate = threading.Event()
        self.results, self.failure = results, failure
        self.fake = FakeCollector()

    def __call__(self):
        assert self.gate.wait(LIMIT)
        if self.failure is not None:
            raise self.failure
        machine = Machine(environ={}, results=self.results)
        return Opened(config=config(), problems=(), collector=self.fake, machine=machine)


def played(road, scene, size=(80, 24), picture=PICTURE):
    """Play `scene` on an app that is not ready; the app."""

    async def play():
        app = EarlyApp(picture, road)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            assert isinstance(app.screen, OpeningScreen)
            try:
                await scene(app, pilot)
            finally:
                road.gate.set()
        return app

    return asyncio.run(play())


async def up(app, pilot, road):
    """Let the rest be made ready, and wait until all keys have come through."""
    road.gate.set()
    async with asyncio.timeout(LIMIT):
        while not isinstance(app.screen, MainScreen) or not (app._handing_on and app._handing_on.done()):
            await pilot.pause(0.01)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 20), (20, 5)])
def test_the_picture_has_the_names_as_text(tmp_path, size):
    road = Road(tmp_path)

    async def scene(app, pilot):
        text = screen_text(app)
        if size[0] < 30:
            return
        assert "models.toml" in text
        assert "DEMO" in text
        assert "┏━ 1 One ━" in text
        assert "\x1b" not in text
        assert ("2 [b]Two␛[m" in text) == (size[0] > 60)
        assert "Why?" in text
        assert "And how?" in text
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "┏━ 1 One ━" in screen_text(app)

    played(road, scene, size)


def test_panes_of_the_picture_stand_where_they_will_stand(tmp_path):
    road = Road(tmp_path)

    async def scene(app, pilot):
        before = screen_text(app).splitlines()
        await up(app, pilot, road)
        after = screen_text(app).splitlines()
        corners = [[line.find("┏"), line.find("╭"), line.find("┗"), line.find("╰")] for line in before]
        assert corners == [[line.find("┏"), line.find("╭"), line.find("┗"), line.find("╰")] for line in after]

    names = tuple(preset.name for preset in config().enabled)
    played(road, scene, picture=Picture(file="models.toml", names=names, demo=True, prompt="Why?"))


def test_keys_that_come_too_early_are_handed_on_in_their_order(tmp_path):
    road = Road(tmp_path)

    async def scene(app, pilot):
        await pilot.press("i", *"Xxq", "escape", "tab", "i", *"zt")
        assert not road.fake.starts
        await up(app, pilot, road)
        await pilot.press("!")
        assert app.screen.query_one(TextArea).text.endswith("Xxqzt!")
        assert app.screen.current == 1  # escape leads to the first pane, tab to the next

    played(road, scene)


@pytest.mark.parametrize(("key", "code"), [("ctrl+q", 0), ("ctrl+c", 130)])
def test_one_can_leave_before_it_is_ready(tmp_path, key, code):
    road = Road(tmp_path)

    async def scene(app, pilot):
        await pilot.press("i", key)

    app = played(road, scene)
    assert app.return_value == code
    assert app.failure is None


def test_what_cannot_be_opened_is_told_when_the_terminal_is_back(tmp_path):
    failure = UserError("The file cannot be read", Problem(message="it is gone"))
    road = Road(tmp_path, failure)

    async def scene(app, pilot):
        road.gate.set()
        async with asyncio.timeout(LIMIT):
            while app.failure is None:
                await pilot.pause(0.01)

    assert played(road, scene).failure is failure
