"""What comes of votes: they are counted, ranked, kept and taken back."""

import pytest

from ostream_compare.domain.run import Repeats
from ostream_compare.domain.spelling import from_toml
from ostream_compare.storage.ballots import votes_by_run
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import recorded_comparison, run_logs
from ostream_compare.tui.machine import Machine
from ostream_compare.tui.screens.replay import ReplayScreen
from tui.ballots import TWO, dealt, opened, sides
from tui.fake_collector import config
from tui.harness import Stage, play


def recording(folder) -> Machine:
    return Machine(environ={}, results=folder / "results", recorder=Recorder(folder))


def test_all_pairs_are_judged_counted_and_ranked_when_there_is_enough(tmp_path):
    async def scene(stage: Stage) -> None:
        stage.fake.end(3, state="failed")
        await stage.answered("one", "two", "three")
        screen = await opened(stage)
        assert len(screen.sitting.ballots) == 3
        assert "1 answer is left out" in stage.screen_text()
        assert "Flaky" not in stage.screen_text()
        for number, key in enumerate(("a", "equals_sign", "0"), 1):
            assert f"{number}/3" in stage.screen_text()
            await stage.press(key)
            await stage.press("space")
        await stage.until(lambda: "No ranks yet" in stage.screen_text())
        text = stage.screen_text()
        assert "Every pair of answers has a vote." in text
        assert "Swift has 2 votes, 8 more needed" in text
        assert [(vote.tie, vote.both_bad) for vote in stage.app.session.votes] == [
            (False, False),
            (True, False),
            (True, True),
        ]

    play(scene, tmp_path, size=(120, 40))


def test_with_enough_votes_there_are_ranks(tmp_path):
    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=10))

    async def scene(stage: Stage) -> None:
        for number in range(10):
            await stage.started(number + 1)
            stage.fake.end(0, "one")
            stage.fake.end(1, "two")
        await stage.ended()
        screen = await opened(stage)
        for _ in range(10):
            ballot = (await dealt(stage)).sitting.ballot
            await stage.press("a" if ballot.a.name == "Swift" else "b")
            await stage.press("enter")
            await stage.press("n")
        assert screen.sitting.ballot is None
        await stage.until(lambda: "#1" in stage.screen_text())
        (first,) = [line for line in stage.screen_text().splitlines() if "#1" in line]
        assert "Swift" in first
        assert "10 won, 0 tied, 0 lost" in first
        assert sorted(vote.round for vote in stage.app.session.votes) == list(range(1, 11))

    play(scene, tmp_path, configuration=config(*TWO), machine=machine, size=(120, 40))


def test_votes_are_saved_logged_and_counted_once_and_an_undo_takes_them_back(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("one", "two", "three", "four")
        await opened(stage)
        await stage.press("a", "enter", "b", "enter", "0", "u")
        screen = stage.app.screen
        assert "Names were told before." in stage.screen_text()
        assert not any("·" in side._caption for side in sides(stage))
        assert len(stage.app.session.votes) == 2
        await stage.press("enter")
        assert screen.sitting.at == 3
        await stage.press("escape")
        await stage.press("s")
        await stage.until(lambda: stage.saved)

    machine = recording(tmp_path)
    app = play(scene, tmp_path / "results", machine=machine)
    machine.recorder.close()
    votes = list(app.session.votes)
    (saved,) = (tmp_path / "results").glob("*.toml")
    assert from_toml(saved.read_text()).votes == votes
    (log,) = run_logs(tmp_path / "runs")
    assert recorded_comparison(log).votes == votes
    cast = votes_by_run(pytest.fail, data=tmp_path, results=tmp_path / "results")
    assert {run: of.every for run, of in cast.items()} == {app.session.run.id: votes}


def test_a_vote_that_was_saved_and_then_taken_back_counts_no_more(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("one", "two")
        await opened(stage)
        await stage.press("a")
        stage.app.session.save(stage.app.session.run)
        await stage.press("u")
        assert stage.app.session.votes == ()

    machine = recording(tmp_path)
    play(scene, tmp_path / "results", machine=machine, configuration=config(*TWO))
    machine.recorder.close()
    every = votes_by_run(pytest.fail, data=tmp_path, results=tmp_path / "results")
    assert [vote for votes in every.values() for vote in votes.every] == []


def test_an_earlier_run_can_be_voted_on_from_the_history(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("one", "two")
        await stage.press("ctrl+r")
        await stage.started(2)
        await stage.answered("three", "four")
        await stage.press("H")
        await stage.until(lambda: "2 runs" in stage.screen_text())
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, ReplayScreen))
        await stage.press("v")
        assert isinstance(stage.app.screen, ReplayScreen)  # the present run is voted on where it is
        await stage.press("escape")
        await stage.until(lambda: "2 runs" in stage.screen_text())
        await stage.press("down", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ReplayScreen))
        await stage.until(lambda: not stage.app.screen.session.is_running)
        replayed = stage.app.screen.session
        await opened(stage)
        await dealt(stage)
        await stage.press("equals_sign")
        assert len(replayed.votes) == 1
        assert not stage.app.screen.check_action("again", ())

    machine = recording(tmp_path)
    play(scene, tmp_path / "results", machine=machine, configuration=config(*TWO))
    machine.recorder.close()
    _, log = run_logs(tmp_path / "runs")
    (vote,) = recorded_comparison(log).votes
    assert (vote.tie, {vote.winner, vote.loser}) == (True, set(TWO))


def test_a_vote_outlives_the_answer_that_is_asked_for_again_and_the_new_one_can_be_judged(tmp_path):
    async def scene(stage: Stage) -> None:
        await stage.answered("one", "two")
        await opened(stage)
        await stage.press("a", "escape")
        await stage.press("r")
        await stage.started(2)
        stage.fake.end(0, "another one")
        await stage.ended()
        await opened(stage)
        await dealt(stage)
        await stage.press("0", "enter")
        await stage.until(lambda: "Every pair of answers has a vote." in stage.screen_text())

    machine = recording(tmp_path)
    app = play(scene, tmp_path / "results", machine=machine, configuration=config(*TWO))
    machine.recorder.close()
    votes = list(app.session.votes)
    assert [(vote.round, vote.both_bad) for vote in votes] == [(None, False), (1, True)]
    (log,) = run_logs(tmp_path / "runs")
    assert recorded_comparison(log).votes == votes
