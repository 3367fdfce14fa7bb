import pytest
from textual.widgets import Input, Static

from ostream_compare.domain.spelling import from_toml
from ostream_compare.export.formats import format_of
from ostream_compare.tui.screens.export_dialog import FORMATS, ExportDialog
from tui.fake_collector import config
from tui.harness import Stage, play

CONFIG = config("Swift", "Careful")


async def opened(stage: Stage) -> Input:
    stage.fake.end(0, "One owner.")
    stage.fake.end(1, "Another.")
    await stage.ended()
    await stage.press("e")
    await stage.until(lambda: isinstance(stage.app.screen, ExportDialog))
    return stage.app.screen.query_one(Input)


def said(stage: Stage) -> str:
    return str(stage.app.screen.query_one("#said", Static).render())


async def written(stage: Stage) -> None:
    await stage.until(lambda: stage.app.screen is stage.main, "the dialog closed")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()


def test_enter_writes_the_proposed_file(tmp_path):
    async def scene(stage: Stage) -> None:
        path = await opened(stage)
        assert path.value == f"{stage.app.session.run.id}-mutex.md"
        name = path.value
        await stage.press("enter")
        await written(stage)
        assert "One owner." in (tmp_path / name).read_text()
        assert any(str(tmp_path / name) in toast and "md, " in toast for toast in stage.toasts)

    play(scene, tmp_path / "results", configuration=CONFIG)


def test_the_format_and_the_ending_follow_each_other(tmp_path):
    async def scene(stage: Stage) -> None:
        path = await opened(stage)
        seen = []
        for _ in FORMATS:
            await stage.press("down")
            seen.append(format_of(path.value))
        start = FORMATS.index("md") + 1
        assert seen == [*FORMATS[start:], *FORMATS[:start]]
        path.value = "x.toml"
        await stage.pilot.pause()
        assert "(•) toml" in stage.screen_text()
        path.value = "x"
        await stage.press("up", "down")
        assert path.value == "x"
        await stage.press("enter")
        await written(stage)
        assert from_toml((tmp_path / "x").read_text()).prompts[0].name == "mutex"

    play(scene, tmp_path / "results", configuration=CONFIG)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_written(kind, tmp_path):
    async def scene(stage: Stage) -> None:
        path = await opened(stage)
        path.value = "~/out.bin"
        for _ in range((FORMATS.index(kind) - FORMATS.index("md")) % len(FORMATS)):
            await stage.press("down")
        await stage.press("enter")
        await written(stage)
        assert "Swift" in (tmp_path / "home" / "out.bin").read_text()

    play(scene, tmp_path / "results", configuration=CONFIG, size=(60, 20))


def test_another_file_is_written_over_only_after_asking(tmp_path):
    (tmp_path / "old.md").write_text("old")

    async def scene(stage: Stage) -> None:
        path = await opened(stage)
        path.value = "old.md"
        await stage.press("enter")
        assert "is there already" in said(stage)
        await stage.press("x", "backspace")
        assert "already" not in said(stage)
        await stage.press("enter")
        assert (tmp_path / "old.md").read_text() == "old"
        await stage.press("enter")
        await written(stage)
        assert "One owner." in (tmp_path / "old.md").read_text()

    play(scene, tmp_path / "results", configuration=CONFIG)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Name a file."),
        ("no/such/x.md", "There is no folder"),
        ("home", "is a folder"),
        ("~nobody-of-this-name/x.md", "no file's name"),
        ("a\0b.md", "could not be written"),
        ("n" * 300 + ".md", "too long"),
        ("[/nope]/x.md", "[/nope]"),
    ],
)
def test_what_cannot_be_written_is_said_and_the_name_stays(name, why, tmp_path):
    async def scene(stage: Stage) -> None:
        path = await opened(stage)
        path.value = name
        await stage.press("enter")
        await stage.until(lambda: why in said(stage), said(stage))
        assert path.value == name
        await stage.press("escape")
        assert stage.app.screen is stage.main
        assert {found.name for found in tmp_path.iterdir()} <= {"home", "results"}

    play(scene, tmp_path / "results", configuration=CONFIG)


def test_there_is_nothing_to_export_before_the_first_run(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("e")
        assert stage.app.screen is stage.main

    play(scene, tmp_path / "results", configuration=CONFIG, start_now=False)


def test_the_results_screen_exports_too(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "One owner.")
        stage.fake.end(1, "Another.")
        await stage.ended()
        await stage.press("t", "e")
        await stage.until(lambda: isinstance(stage.app.screen, ExportDialog))
        stage.app.screen.query_one(Input).value = "x.csv"
        await stage.press("enter")
        await stage.until((tmp_path / "x.csv").exists)

    play(scene, tmp_path / "results", configuration=CONFIG)
