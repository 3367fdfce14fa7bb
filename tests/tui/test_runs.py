import os
import signal
import subprocess
import sys
import tomllib

import pytest

from ostream_compare.collector.client import CollectorDied
from ostream_compare.domain.comparison import SavedError
from ostream_compare.domain.errors import Problem
from ostream_compare.domain.preset import Provider
from ostream_compare.tui.session import Machine
from tui.fake_collector import FakeCollector, config, preset
from tui.harness import Stage, play


def test_a_run_from_start_to_save(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "0/4 done" in stage.screen_text()
        assert "queued" in stage.text(0)
        for lane in range(4):
            stage.fake.sent(lane)
        stage.fake.say(0, "A mutex ", at=200)
        stage.fake.say(0, "has one owner.", at=900)
        await stage.until(lambda: stage.text(0) == "A mutex has one owner.")
        stage.fake.end(0, "A mutex has one owner.")
        stage.fake.end(1, "Both limit access.")
        stage.fake.end(2, "Mutex: 1.", state="truncated")
        stage.fake.end(3, state="failed", error=SavedError(kind="auth", message="bad key", status=401))
        await stage.ended()
        screen = stage.screen_text()
        assert "DEMO" in screen
        assert "4/4 done" in screen
        assert "✗ cut after 2 tokens" in stage.text(2)
        assert "bad key" in stage.text(3)
        assert "✓ done 1.9s" in screen
        assert "✗ auth 401" in screen
        await stage.press("s")
        assert any(str(tmp_path) in toast for toast in stage.toasts)

    play(scene, tmp_path)
    (path,) = tmp_path.glob("*.toml")
    saved = tomllib.loads(path.read_text())
    assert [response["state"] for response in saved["responses"]] == [
        "complete",
        "complete",
        "truncated",
        "failed",
    ]
    assert saved["responses"][0]["content"] == "A mutex has one owner."
    assert saved["prompts"][0]["name"] == "mutex"


def test_what_was_saved_is_not_saved_again_on_leaving(tmp_path):
    async def scene(stage: Stage) -> None:
        for lane in range(4):
            stage.fake.end(lane, "ok")
        await stage.ended()
        await stage.press("ctrl+s", "ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    play(scene, tmp_path)
    assert len(list(tmp_path.glob("*.toml"))) == 1


def test_every_run_that_was_not_saved_is_saved_on_leaving(tmp_path):
    async def scene(stage: Stage) -> None:
        for number in (1, 2):
            await stage.started(number)
            for lane in range(4):
                stage.fake.end(lane, f"answer {number}")
            await stage.ended()
            if number == 1:
                await stage.press("ctrl+r")
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    play(scene, tmp_path)
    assert sorted("answer 1" in path.read_text() for path in tmp_path.glob("*.toml")) == [False, True]


def test_a_save_that_fails_says_so_and_loses_nothing(tmp_path):
    target = tmp_path / "file"
    target.write_text("in the way")

    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "kept")
        await stage.until(lambda: stage.text(0) == "kept")
        await stage.press("s")
        assert any("Could not save" in toast for toast in stage.toasts)
        assert stage.text(0) == "kept"
        await stage.press("ctrl+q")
        await stage.until(lambda: any("ctrl+q tries again" in toast for toast in stage.toasts))
        assert stage.app.is_running
        assert stage.text(0).startswith("kept")
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, target)
    assert app.return_value == 2
    (told,) = app.last_words
    assert told.startswith("Could not save")
    assert "[Errno" not in told


def test_a_run_that_could_not_be_saved_is_when_there_is_room(tmp_path):
    target = tmp_path / "file"
    target.write_text("in the way")

    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "kept")
        await stage.press("ctrl+q")
        await stage.until(lambda: any("ctrl+q tries again" in toast for toast in stage.toasts))
        target.unlink()
        await stage.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, target)
    assert app.return_value == 0
    assert [path.read_text().count("kept") for path in target.glob("*.toml")] == [1]


def test_a_retry_is_told(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.retry(0, "slow down")
        await stage.until(lambda: "attempt 1 failed: slow down" in stage.text(0).replace("\n", ""))

    play(scene, tmp_path)


def test_a_missing_key_goes_to_the_collector_as_such(tmp_path):
    keyed = preset(
        "Paid", provider=Provider(name="openai", base_url="https://api.example", api_key_env="NO_KEY")
    )

    async def scene(stage: Stage) -> None:
        (order,) = stage.fake.starts[0].lanes
        assert order.key is None
        assert "NO_KEY" in (order.missing_key or "")

    play(scene, tmp_path, configuration=config(presets=(keyed,)))


def test_a_collector_that_died_fails_what_was_out_and_another_takes_over(tmp_path):
    heirs: list[FakeCollector] = []

    def heir() -> FakeCollector:
        heirs.append(FakeCollector())
        return heirs[-1]

    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "whole")
        stage.fake.say(1, "half")
        await stage.until(lambda: stage.text(1) == "half")
        stage.fake.die()
        await stage.ended()
        assert stage.text(0) == "whole"
        assert stage.text(1).startswith("half")
        assert "signal 9" in stage.text(1).replace("\n", "")
        assert [lane.response.error.kind for lane in stage.app.session.run.lanes[1:]] == ["collector"] * 3
        await stage.press("f5")
        await stage.until(lambda: heirs and heirs[0].starts)
        assert heirs[0].started == 1
        assert [order.lane for order in heirs[0].starts[0].lanes] == [1, 2, 3]
        heirs[0].end(1, "again")
        await stage.until(lambda: stage.text(1) == "again")

    play(scene, tmp_path, machine=Machine(environ={}, results=tmp_path, new_link=heir))


def test_a_collector_that_cannot_be_replaced_is_told(tmp_path):
    def none() -> FakeCollector:
        raise CollectorDied("no more processes")

    async def scene(stage: Stage) -> None:
        stage.fake.die()
        await stage.ended()
        await stage.press("ctrl+r")
        await stage.until(lambda: any("no more processes" in toast for toast in stage.toasts))
        assert stage.app.is_running

    play(scene, tmp_path, machine=Machine(environ={}, results=tmp_path, new_link=none))


def test_reports_of_another_run_change_nothing(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(0, "one")
        await stage.until(lambda: stage.text(0) == "one")
        await stage.press("X")
        await stage.ended()
        old = stage.fake.starts[0]
        await stage.press("ctrl+r")
        await stage.started(2)
        stage.fake.commands.append(old)  # what follows is said of the first run
        stage.fake.say(0, "a ghost")
        stage.fake.commands.pop()
        stage.fake.say(1, "alive")
        await stage.until(lambda: stage.text(1) == "alive")
        assert "ghost" not in stage.screen_text()

    play(scene, tmp_path)


def test_problems_of_the_file_are_shown_and_listed_in_the_help(tmp_path):
    problem = Problem(message="unknown provider", path="models.toml", line=12, key="models[2].provider")

    async def scene(stage: Stage) -> None:
        assert any("models.toml:12" in toast for toast in stage.toasts)
        await stage.press("f1")
        assert "models.toml:12: models[2].provider: unknown provider" in stage.screen_text()
        await stage.press("escape")
        assert stage.app.screen is stage.main

    play(scene, tmp_path, problems=[problem])


def test_a_file_in_which_nothing_can_run_says_so(tmp_path):
    async def scene(stage: Stage) -> None:
        assert "No model can run" in stage.screen_text()
        assert any("no model to ask" in toast for toast in stage.toasts)
        await stage.press("ctrl+j")
        assert not stage.fake.commands
        await stage.press("escape", "t", "z", "x", "r", "tab", "ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    app = play(scene, tmp_path, configuration=config(presets=()))
    assert app.return_value == 0


@pytest.mark.parametrize("sizes", [[(120, 40), (60, 20), (20, 5), (38, 10), (200, 50), (80, 24)] * 3])
def test_a_resize_storm_loses_nothing(sizes, tmp_path):
    words = [f"word{number}" for number in range(300)]

    async def scene(stage: Stage) -> None:
        for number, word in enumerate(words):
            stage.fake.say(0, word + " ")
            stage.fake.say(3, word + "\n")
            if number % 20 == 0 and sizes:
                await stage.pilot.resize_terminal(*sizes.pop())
        await stage.until(lambda: "word299" in stage.text(0))
        await stage.pilot.resize_terminal(80, 24)
        pane = stage.panes[0]
        rows = " ".join(pane._transcript.row(index).text for index in range(pane._transcript.total))
        assert rows.split() == words
        assert "word299" in stage.text(3)
        assert len(stage.screen_text().splitlines()) == 24

    play(scene, tmp_path)


def test_a_terminal_that_is_too_small_says_so_and_recovers(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.pilot.resize_terminal(28, 24)
        await stage.pilot.pause()
        assert "too small" in stage.screen_text()
        await stage.pilot.resize_terminal(80, 24)
        await stage.pilot.pause()
        assert "too small" not in stage.screen_text()
        assert "1 Swift" in stage.screen_text()

    play(scene, tmp_path)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_saves_what_there_is_and_ends_the_collector(number, code, tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.say(0, "half")
        await stage.until(lambda: stage.text(0) == "half")
        os.kill(os.getpid(), number)
        await stage.until(lambda: not stage.app.is_running)
        assert stage.fake.stopped

    app = play(scene, tmp_path)
    assert app.return_value == code
    (saved,) = tmp_path.glob("*.toml")
    assert 'content = "half"' in saved.read_text()


def test_the_ui_loads_neither_the_sdk_nor_the_prices():
    code = (
        "import sys, ostream_compare.tui.app; "
        "print([name for name in ('openai', 'httpx2', 'genai_prices', 'aiohttp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
