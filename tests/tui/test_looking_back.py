"""Earlier rounds in the panes."""

from datetime import UTC, datetime

import pyperclip
import pytest
from textual.widgets import Static

from ostream_compare.domain.comparison import Response, SavedError
from ostream_compare.domain.events import Delta, LaneEnded
from ostream_compare.domain.run import Repeats, Run
from ostream_compare.tui.charts.race import Race
from ostream_compare.tui.looking_back import LookingBack
from ostream_compare.tui.pacer import Pacer
from ostream_compare.tui.screens.diff import DiffScreen
from ostream_compare.tui.session import Machine
from ostream_compare.tui.views import Board, with_text
from tui.fake_collector import MS, config
from tui.harness import Stage, play


def machine(tmp_path, **repeats):
    return Machine(environ={}, results=tmp_path, repeats=Repeats(**repeats))


async def answer(stage: Stage, number: int, lanes=(0, 1), **changes) -> None:
    await stage.started(number)
    for lane in lanes:
        stage.fake.say(lane, f"# lane {lane}\n\nanswer **{number}**", at=100)
        stage.fake.end(lane, at=1000 * number, **changes)


def two_rounds() -> Run:
    """Of one model; the first of them is at its beginning."""
    return Run.begin(
        id="r",
        started_at=datetime.now(UTC),
        origin=0,
        prompt=config().prompts[0],
        presets=config("A").presets,
        repeats=Repeats(rounds=2),
    )


def edge(stage: Stage, lane: int, row: int) -> str:
    pane = stage.panes[lane]
    return pane.render_lines(pane.size.region)[row].text


def top(stage: Stage, lane: int) -> str:
    return edge(stage, lane, 0)


def figures(stage: Stage, lane: int) -> str:
    return edge(stage, lane, -1)


def test_panes_figures_table_and_keys_are_of_the_round_that_is_looked_at(tmp_path, monkeypatch):
    copied: list[str] = []
    monkeypatch.setattr(pyperclip, "copy", copied.append)

    async def scene(stage: Stage) -> None:
        await answer(stage, 1)
        await stage.started(2)
        stage.fake.end(0, "second", at=2000)
        stage.fake.end(1, state="failed", error=SavedError(kind="auth", message="bad key"))
        await answer(stage, 3)
        await stage.ended()
        assert "round 3 of 3" in top(stage, 0)
        await stage.press("full_stop")
        assert "round 3 of 3" in top(stage, 0), "there is none after the newest"
        await stage.press("comma")
        assert "round 2 of 3" in top(stage, 0)
        assert stage.text(0) == "second"
        assert "bad key" in stage.text(1)
        assert "r retries" not in stage.text(1), "nothing asks an earlier round again"
        assert "2.0s" in figures(stage, 0)
        assert "✗ auth" in stage.screen_text()
        await stage.press("y")
        assert copied == ["second"]
        await stage.press("comma")
        assert "answer 1" in stage.text(1)
        assert "✗" not in figures(stage, 1)
        await stage.press("m")
        assert "round 1 of 3 · raw" in top(stage, 0)
        assert stage.text(0) == "# lane 0\n\nanswer **1**"
        await stage.press("z")
        assert "answer **1**" in stage.text(0)
        await stage.press("z", "comma")
        assert "round 1 of 3" in top(stage, 0), "there is none before the first"
        await stage.press("d")
        screen = stage.app.screen
        assert isinstance(screen, DiffScreen)
        await stage.until(lambda: screen.diff)
        assert screen._texts() == ("# lane 0\n\nanswer **1**", "# lane 1\n\nanswer **1**")
        assert "round 1 of 3" in str(screen.query_one("#diff-states", Static).render())
        await stage.press("escape", "G")
        assert "round 3 of 3" in top(stage, 0), "following goes on to the newest"
        assert "answer **3**" in stage.text(0)

    play(scene, tmp_path, machine=machine(tmp_path, rounds=3), configuration=config("A", "B"), size=(120, 40))


def test_a_run_goes_on_behind_the_round_that_is_read(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.press("comma")
        assert "round 1 of 3" in top(stage, 0)
        await answer(stage, 1)
        await stage.started(2)
        stage.fake.say(0, "growing", at=2100)
        await stage.until(lambda: "growing" in stage.text(0))
        await stage.press("comma")
        assert "answer 1" in stage.text(0)
        stage.fake.say(0, " on", at=2200)
        await stage.until(lambda: stage.main.session.run.lanes[0].bursts == 2)
        await stage.pilot.pause()
        assert "growing" not in stage.text(0)
        assert "round 2/3" in stage.screen_text(), "the header is of the run"
        stage.fake.end(0)
        stage.fake.end(1, "second")
        await stage.started(3)
        assert "round 1 of 3" in top(stage, 0)
        await stage.press("full_stop")
        assert stage.text(0) == "growing on"
        await stage.press("comma", "r")
        await stage.until(lambda: "round 3 of 3" in top(stage, 0), "what is asked again is seen")
        await stage.press("comma", "comma")
        await answer(stage, 3)
        await stage.ended()
        assert "round 1 of 3" in top(stage, 0)
        await stage.press("ctrl+r")
        await stage.until(lambda: "round 1 of 3" in top(stage, 0) and "answer" not in stage.text(0))
        await stage.press("comma")
        assert "answer" not in stage.text(0), "a new run has no earlier rounds"

    play(scene, tmp_path, machine=machine(tmp_path, rounds=3), configuration=config("A", "B"), size=(120, 40))


def test_the_time_in_the_header_begins_with_the_first_request(tmp_path):
    def time(stage: Stage) -> str:
        return stage.screen_text().splitlines()[0].partition(" done")[2].split()[0]

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: "0/2 done" in stage.screen_text())
        assert stage.screen_text().splitlines()[0].rstrip().endswith("0/2 done"), "nothing has left"
        for number in (1, 2):
            await stage.started(number)
            for lane in (0, 1):
                stage.fake.sent(lane, at=1000 * number + 1000)
                stage.fake.end(lane, "x", at=1000 * number + 1500)
        await stage.ended()
        assert time(stage) == "1.5s", "from the first round's first request to the last answer"

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2), configuration=config("A", "B"))


@pytest.mark.parametrize(("rounds", "warmup"), [(1, 0), (2, 1)])
def test_before_the_second_round_there_is_nothing_to_go_back_to(rounds, warmup, tmp_path):
    async def scene(stage: Stage) -> None:
        await answer(stage, 1)
        await stage.press("comma")
        assert not stage.main.check_action("look", (-1,))
        assert stage.main.session.rounds.earlier(stage.main.session.run) is None
        if warmup == 0:
            assert "round" not in top(stage, 0)

    repeats = machine(tmp_path, rounds=rounds, warmup=warmup)
    play(scene, tmp_path, machine=repeats, configuration=config("A", "B"))


def test_each_round_has_its_race(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.started()
        stage.fake.sent(0, at=0)
        stage.fake.say(0, "one two three", at=400)
        await stage.until(lambda: "one" in stage.text(0))
        stage.fake.end(0, at=900)
        stage.fake.end(1, at=800, state="cancelled")
        await stage.started(2)
        session = stage.main.session
        await stage.press("comma")
        assert session.rounds.race(session.run, session.race).tracks[0].state == "complete"
        assert session.race.tracks[0].state is None
        await stage.press("full_stop")
        assert session.rounds.race(session.run, session.race) is session.race

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2), configuration=config("A", "B"))


def test_each_round_has_its_speeds():
    run = two_rounds()
    board, back = Board(run.presets), LookingBack()
    for step in range(4):
        run = run.applied(Delta(lane=0, at=step * 500 * MS, text="word " * (step + 1)))
        board.lane(run, 0, step * 500 * MS)
    text = "word word"
    answer = Response(name="A", provider="demo", model="m", state="complete", content=text)
    run = run.applied(LaneEnded(lane=0, at=2000 * MS, response=answer))
    speeds = board.lane(run, 0, 2000 * MS).spark
    assert len(speeds.strip()) > 1
    board.close(run)
    run = run.next_round().applied(LaneEnded(lane=0, at=2100 * MS, response=answer))
    assert board.lane(run, 0, 2100 * MS).spark == "", "those of the round before are not this one's"
    assert back.go(run, -1)
    earlier = board.earlier(back.earlier(run), 0)
    assert (earlier.spark, earlier.round, str(earlier.parts["answer"])) == (speeds, "round 1 of 2", text)


def test_figures_wait_for_their_time_while_an_earlier_round_is_read(tmp_path, monkeypatch):
    painted: list[int] = []

    async def scene(stage: Stage) -> None:
        await answer(stage, 1)
        await stage.started(2)
        await stage.press("comma")
        main = stage.main
        views = tuple(main._views)
        paint = main._paint_figures
        monkeypatch.setattr(main, "_pacer", Pacer(clock=lambda: 0.0))
        monkeypatch.setattr(main, "_paint_figures", lambda: (painted.append(1), paint()))
        for number in range(1, 6):
            stage.fake.say(0, "word ", at=2000 + number)
            await stage.until(lambda n=number: getattr(main.session.run.lanes[0], "bursts", 0) == n)
        await stage.pilot.pause()
        assert len(painted) == 1, "the clock stands still, so they are due once"
        assert all(a is b for a, b in zip(main._views, views, strict=True)), "panes have nothing to paint"

    play(scene, tmp_path, machine=machine(tmp_path, rounds=2), configuration=config("A", "B"))


def test_text_of_another_call_never_comes_without_its_figures():
    run = two_rounds()
    board = Board(run.presets)
    run = run.applied(Delta(lane=0, at=100 * MS, text="first"))
    view = board.lane(run, 0, 100 * MS)
    more = with_text(view, run.applied(Delta(lane=0, at=200 * MS, text=" more")))
    assert more is not None
    assert (str(more.parts["answer"]), more.figures) == ("first more", view.figures)
    response = Response(name="A", provider="demo", model="m", state="complete", content="first")
    following = run.applied(LaneEnded(lane=0, at=300 * MS, response=response)).next_round()
    assert with_text(view, following.applied(Delta(lane=0, at=400 * MS, text="second"))) is None
    assert with_text(view, run.restarted(0).applied(Delta(lane=0, at=500 * MS, text="again"))) is None


def test_races_of_a_thousand_rounds_are_not_all_kept():
    back = LookingBack()
    for number in range(1000):
        back.turned(number, Race())
    assert len(back._races) == 200
