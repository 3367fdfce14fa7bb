"""A replay: the recorded lanes, stamps and figures again; only the waiting is of this time."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from ostream_compare.domain.lane import Ended
from ostream_compare.domain.recorded import Restarted, RoundBegan, happened
from ostream_compare.storage.run_log import RunLog, read_run, recorded_comparison, run_logs
from ostream_compare.tui.replay_app import ReplayApp
from ostream_compare.tui.replaying import Pace, ReplaySession, steps
from ostream_compare.tui.widgets.prompt import PromptBox
from storage.runs import MS, answer, ended, header, verdict
from tui.test_recording import SCENES, Sitting, names


async def played(session):
    """Play to the end, a flush a step; every picture on the way."""
    pictures = []

    def arrived():
        changed = session.flush()
        pictures.append((session.run, changed))

    await session.listen(arrived)
    session.flush()
    return pictures


@pytest.mark.parametrize(("scene", "repeats", "how"), SCENES, ids=names)
def test_a_replay_ends_as_the_run_did(tmp_path, scene, repeats, how):
    async def play():
        sitting = Sitting(tmp_path, repeats)
        await scene(sitting)
        live = sitting.session
        views = [live.lane_view(lane) for lane in range(2)]
        over, head = live.run.is_over, live.run_view(tuple(views))
        await live.wind_up()
        (path,) = run_logs(tmp_path / "runs")
        before = path.read_bytes()
        session = ReplaySession(read_run(path), speed=inf)
        assert session.is_running
        await played(session)
        assert not session.is_running
        again = [session.lane_view(lane) for lane in range(2)]
        if over:
            assert [view.cells for view in again] == [view.cells for view in views]
            assert [view.state for view in again] == [view.state for view in views]
            assert session.run_view(tuple(again)).elapsed == head.elapsed
        else:
            assert all(view.over for view in again)
        assert [str(view.parts["answer"]) for view in again] == [str(view.parts["answer"]) for view in views]
        assert session.comparison_of(session.run) == recorded_comparison(path)
        assert path.read_bytes() == before, "a replay logs nothing"
        assert run_logs(tmp_path / "runs") == [path]
        assert session.unsaved == ()

    asyncio.run(play())


def made(folder, *records, **changes):
    log = RunLog.create(header(**changes), folder)
    log.append(*records)
    log.close()
    return read_run(log.path)


def test_the_waits_are_those_of_the_run_and_shrink_with_the_speed(tmp_path, monkeypatch):
    records = sorted(
        [*answer(0, "one two three", at=100), *answer(1, "four five", at=300)], key=lambda one: one.event.at
    )
    run = made(tmp_path, *records, ended())

    async def play(speed):
        now = 0
        slept = []

        async def sleep(seconds):
            nonlocal now
            slept.append(seconds)
            now += int(seconds * 1_000_000_000)

        monkeypatch.setattr("ostream_compare.tui.replaying.asyncio.sleep", sleep)
        session = ReplaySession(run, speed=speed)
        session.pace = Pace(speed, lambda: now)
        stamps = []
        await session.listen(lambda: stamps.append(session.pace.now()))
        session.flush()
        return sum(slept), stamps

    once, stamps = asyncio.run(play(1.0))
    twice, _ = asyncio.run(play(2.0))
    assert once == pytest.approx(records[-1].event.at / 1e9, abs=0.01)
    assert twice == pytest.approx(once / 2, abs=0.01)
    for record, told in zip(records, stamps, strict=False):
        assert abs(told - record.event.at) < 2 * MS


def test_a_loop_that_is_late_shows_no_silence_that_was_not(tmp_path, monkeypatch):
    records = [*answer(0, "one two three", at=100), ended()]
    session = ReplaySession(made(tmp_path, *records), speed=2.0)
    clock = [0]
    session.pace = Pace(2.0, lambda: clock[0])
    late = []

    async def sleep(seconds):
        clock[0] += int(seconds * 1_000_000_000) + 900 * MS
        late.append(session.pace.now())

    monkeypatch.setattr("ostream_compare.tui.replaying.asyncio.sleep", sleep)
    asyncio.run(session.listen(session.flush))
    stamps = [record.event.at for record in records[:-1]]
    assert late
    assert set(late) <= set(stamps)


def test_the_pause_before_a_rerun_is_not_waited_for(tmp_path):
    records = [
        *answer(0, "one"),
        *answer(1, "two"),
        Restarted(lane=0),
        *answer(0, "three", at=900_000),
        ended(),
    ]
    played_steps = steps(made(tmp_path, *records).records(), 0)
    assert [step.jumps for step in played_steps].count(True) == 1
    (jump,) = [step for step in played_steps if step.jumps]
    assert jump.at == 900_000 * MS
    assert isinstance(jump.records[0], Restarted)


def test_what_has_no_stamp_comes_with_what_follows_and_other_prompts_are_left_out(tmp_path):
    first, second = answer(0, "one"), answer(0, "two")
    other = [replace(record, prompt=1) for record in answer(1, "three")]
    began = RoundBegan(round=2)
    played_steps = steps(made(tmp_path, *first, *other, began, *second, ended()).records(), 0)
    told = [record for step in played_steps for record in step.records]
    assert told == [*first, began, *second, ended()]
    assert played_steps[len(first)].records == (began, second[0])
    assert played_steps[-1].at is None


def test_of_a_set_a_prompt_is_played_without_the_wait_for_the_prompts_before_it(tmp_path):
    log = RunLog.create(replace(header(), prompts=(header().prompts[0],) * 2), tmp_path)
    later = [
        replace(record, prompt=1) for lane in range(2) for record in answer(lane, "late answer", at=3_600_000)
    ]
    log.append(*answer(0, "one"), *answer(1, "two"), *later, ended())
    log.close()

    async def play():
        session = ReplaySession(read_run(log.path), speed=50.0, prompt=1)
        assert session.pace.now() >= 3_600_000 * MS
        async with asyncio.timeout(60):
            await played(session)
        assert [lane.response.content for lane in session.run.lanes] == ["late answer"] * 2
        assert len(session.comparison_of(session.run).responses) == 4

    asyncio.run(play())


def test_played_again_it_begins_anew(tmp_path):
    run = made(tmp_path, *answer(0, "one two"), *answer(1, "three"), ended())

    async def play():
        session = ReplaySession(run, speed=inf)
        await played(session)
        first = session.run
        session.again(inf)
        assert session.is_running
        assert session.lane_view(0).phase == "queued"
        await played(session)
        assert session.run.lanes == first.lanes

    asyncio.run(play())


def test_what_no_key_can_ask_again_advises_none(tmp_path):
    verdicts = [verdict(0, "half", state="cancelled"), verdict(1, "half", state="truncated")]
    run = made(tmp_path, *(happened(event) for event in verdicts), ended("cancelled"))

    async def play():
        session = ReplaySession(run, speed=inf)
        await played(session)
        return [session.lane_view(lane).parts["note"] for lane in range(2)]

    assert asyncio.run(play()) == ["■ stopped after 4 characters", "✗ cut after 4 characters"]


def test_every_picture_of_a_replay_is_one_of_the_live_run(tmp_path):
    run = made(tmp_path, *answer(0, "one two three"), *answer(1, "four"), ended())

    async def play():
        session = ReplaySession(run, speed=inf)
        return [str(picture.lanes[0].content) for picture, _ in await played(session)]

    texts = asyncio.run(play())
    assert texts[:5] == ["", "one ", "one two ", "one two three ", "one two three"]


def test_a_replay_needs_no_network_no_key_and_no_child(tmp_path):
    run = made(tmp_path, *answer(0, "one"), *answer(1, "two"), ended())
    code = f"""
import asyncio, sys
from math import inf
from pathlib import Path
def refuse(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.exec", "os.posix_spawn")):
        raise RuntimeError(event)
from ostream_compare.storage.run_log import read_run
from ostream_compare.tui.replaying import ReplaySession
session = ReplaySession(read_run(Path({str(run.path)!r})), speed=inf)
async def play():
    sys.addaudithook(refuse)
    await session.listen(session.flush)
    session.flush()
    await session.wind_up()
asyncio.run(play())
assert [lane.response.content for lane in session.run.lanes] == ["one", "two"]
assert not {{"openai", "httpx2", "aiohttp"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=Path.cwd(), timeout=60, check=False)
    assert done.returncode == 0


def test_the_keys_lead_through_the_prompts_of_a_set(tmp_path):
    asked = tuple(replace(header().prompts[0], user=user) for user in ("first?", "second?"))
    log = RunLog.create(replace(header(), prompts=asked), tmp_path)
    for prompt, text in enumerate(("early", "late")):
        for lane in range(2):
            log.append(*(replace(record, prompt=prompt) for record in answer(lane, f"{text} answer")))
    log.append(ended())
    log.close()
    session = ReplaySession(read_run(log.path), speed=inf)

    def shown(screen):
        run = session.run
        told = [lane.response.content if isinstance(lane, Ended) else "" for lane in run.lanes]
        offered = [by for by in (1, -1) if screen.check_action("turn", (by,))]
        return session.prompt, run.prompt.user, screen.query_one(PromptBox).text, told, offered

    async def play():
        app = ReplayApp(session, (), prompt=None, start_now=False)
        async with app.run_test(size=(80, 24)) as pilot:
            for key, expected in (
                ("", (0, "first?", "first?", ["early answer"] * 2, [1])),
                ("n", (1, "second?", "second?", ["late answer"] * 2, [-1])),
                ("n", (1, "second?", "second?", ["late answer"] * 2, [-1])),
                ("N", (0, "first?", "first?", ["early answer"] * 2, [1])),
            ):
                await pilot.press(*([key] if key else []))
                async with asyncio.timeout(60):
                    while shown(app.screen) != expected:
                        await pilot.pause(0.02)

    asyncio.run(play())
