"""Pictures of every screen: what is asserted in words comes first, how it looks after."""

import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.widgets import Input, TextArea

from storage.runs import STARTED
from tui.harness import Stage
from tui.snapshots.compact import compact
from tui.snapshots.scenes import SCENES
from tui.snapshots.stages import Clock, Scene, Size

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
PAINTERS = ("textual", "rich", "pygments", "markdown-it-py")
"""Another version of one of these may paint another picture of the same screen."""


def other_painters() -> list[str]:
    pins = dict(line.lower().split("==") for line in CONSTRAINTS.read_text().splitlines() if "==" in line)
    return [f"{name} {version(name)}" for name in PAINTERS if version(name) != pins[name].strip()]


pytestmark = pytest.mark.skipif(
    bool(other_painters()), reason=f"not as pinned in constraints.txt: {', '.join(other_painters())}"
)


class Pictures(SingleFileSnapshotExtension):
    file_extension = "svg"
    _write_mode = WriteMode.TEXT


class FixedDate(datetime):
    @classmethod
    def now(cls, tz=None):
        return STARTED


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """The same date, zone and run everywhere."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr("ostream_compare.tui.session.datetime", FixedDate)
    monkeypatch.setattr("ostream_compare.tui.session.new_run_id", lambda at: f"{at:%Y%m%d-%H%M%S}-0000")
    yield
    monkeypatch.undo()
    time.tzset()


async def settled(stage: Stage) -> str:
    """The picture, once nothing moves."""
    for screen in stage.app.screen_stack:
        for widget in (*screen.query(Input), *screen.query(TextArea)):
            widget.cursor_blink = False
    before = ""
    for _ in range(50):
        await stage.pilot.pause(0.05)
        picture = stage.app.export_screenshot(simplify=True)
        if picture == before:
            return compact(picture)
        before = picture
    raise AssertionError(f"the screen does not come to rest:\n{stage.screen_text()}")


def taken(scene: Scene, size: Size, folder: Path) -> str:
    clock, pictures = Clock(), []

    async def perform(stage: Stage) -> None:
        stage.app.theme = scene.theme
        await scene.play(stage, clock)
        if scene.play.__name__ != "toasts":
            stage.app.clear_notifications()
        pictures.append(await settled(stage))

    scene.played(perform, folder, clock, size)
    (picture,) = pictures
    return picture


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param(name, size, id=f"{name}-{size[0]}x{size[1]}")
        for name, scene in SCENES.items()
        for size in scene.sizes
    ],
)
def test_it_looks_as_it_did(name: str, size: Size, tmp_path: Path, snapshot: SnapshotAssertion):
    picture = taken(SCENES[name], size, tmp_path)
    if picture != snapshot.use_extension(Pictures):
        new = tmp_path / f"{name}.svg"
        new.write_text(picture)
        pytest.fail(
            f"{name} looks different at {size[0]}x{size[1]}: {new}.\n"
            "Look at it in a browser; if that is how it shall look: make snapshots",
            pytrace=False,
        )
