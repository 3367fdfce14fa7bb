import asyncio
import os
import sys
from pathlib import Path

import pytest

from ostream_compare.collector import client
from ostream_compare.collector.client import Collector, CollectorDied
from ostream_compare.collector.protocol import (
    Cancel,
    Finished,
    Grew,
    LaneOrder,
    Ready,
    Sent,
    StartRun,
)
from ostream_compare.domain.preset import Preset, Prompt, Provider

FAKE = Path(__file__).with_name("fake_child.py")
LIMIT = 60


def child(*words, **more):
    collector = Collector([sys.executable, str(FAKE), *words], **more)
    collector.start()
    return collector


def start_run(prompt="hi", key=None):
    preset = Preset(name="A", provider=Provider(name="p"), model="m")
    return StartRun(
        run="r", origin=0, prompt=Prompt(user=prompt), lanes=(LaneOrder(lane=0, preset=preset, key=key),)
    )


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def read_until(collector, kind, then=None):
    got = []
    async for report in collector.reports():
        got.append(report)
        if isinstance(report, kind):
            if then is None:
                return got
            then()
    return got


def run(scenario):
    async def bounded():
        async with asyncio.timeout(LIMIT):
            return await scenario

    return asyncio.run(bounded())


@pytest.fixture
def collector_of():
    started = []

    def make(*args, **more):
        started.append(child(*args, **more))
        return started[-1]

    yield make
    for collector in started:
        collector.kill()
        assert is_gone(collector.pid)


def test_a_run_started_before_any_loop_is_reported_in_order(collector_of):
    collector = collector_of()
    collector.send(start_run("hello"))

    async def scenario():
        got = await read_until(collector, Finished)
        await collector.stop()
        return got

    got = run(scenario())
    assert [type(report) for report in got] == [Ready, Sent, Grew, Finished]
    assert got[-1].event.response.content == "A says hello"
    assert is_gone(collector.pid)


def test_a_prompt_and_an_answer_longer_than_any_pipe_arrive_whole(collector_of):
    collector = collector_of()
    prompt = "ä" * 3_000_000

    async def scenario():
        collector.send(start_run(prompt))
        got = await read_until(collector, Finished)
        await collector.stop()
        return got[-1].event.response.content

    assert run(scenario()) == f"A says {prompt}"


def test_a_child_that_is_made_to_wait_loses_nothing(collector_of, monkeypatch):
    monkeypatch.setattr(client, "_BACKLOG", 0)
    collector = collector_of()
    prompts = [str(number) + "x" * 400_000 for number in range(5)]

    async def scenario():
        answers = []
        for prompt in prompts:
            collector.send(start_run(prompt))
        async for report in collector.reports():
            if isinstance(report, Finished):
                answers.append(report.event.response.content)
            if len(answers) == len(prompts):
                await collector.stop()
        return answers

    assert run(scenario()) == [f"A says {prompt}" for prompt in prompts]


def test_large_commands_sent_before_the_loop_keep_their_order(collector_of):
    collector = collector_of()
    collector.send(start_run("x" * 1_000_000))
    collector.send(Cancel(run="r"))

    async def scenario():
        states = []
        async for report in collector.reports():
            if isinstance(report, Finished):
                states.append(report.event.response.state)
            if len(states) == 2:
                await collector.stop()
        return states

    assert run(scenario()) == ["complete", "cancelled"]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("crash", "the collector ended with code 3: RuntimeError: boom ␛]0;title␇"),
        ("torn", "the collector ended with code 0"),
        ("nonsense", "the collector spoke nonsense: hello"),
    ],
)
def test_an_end_nobody_asked_for_is_told_with_its_reason(collector_of, behaviour, reason):
    collector = collector_of(behaviour)

    async def scenario():
        with pytest.raises(CollectorDied) as died:
            await read_until(collector, Finished)
        await collector.stop()
        return died.value

    died = run(scenario())
    assert died.reason == reason
    if behaviour == "crash":
        assert died.details.startswith("Traceback ...\n")


def test_a_child_killed_by_someone_else_is_told(collector_of):
    collector = collector_of()

    async def scenario():
        await read_until(collector, Ready, then=lambda: os.kill(collector.pid, 9))

    with pytest.raises(CollectorDied, match="ended by signal 9"):
        run(scenario())


def test_a_child_that_falls_silent_in_the_middle_is_ended_and_told(collector_of, monkeypatch):
    monkeypatch.setattr(client, "_TICK", 0.05)
    monkeypatch.setattr(client, "_STARTING", 1200)  # ticks; a busy machine needs some for the imports
    collector = collector_of("silent")
    collector.send(start_run())
    got = []

    async def listen():
        async for report in collector.reports():
            got.append(type(report))  # noqa: PERF401 - what came before its end counts

    with pytest.raises(CollectorDied, match="the collector hung") as told:
        run(listen())
    assert got == [Ready, Sent, Grew], "what it said before counts"
    assert "silent for 10 s" in told.value.reason
    assert is_gone(collector.pid)


def test_a_child_that_has_nothing_to_do_may_be_silent_and_one_whose_heart_beats_is_waited_for(
    collector_of, monkeypatch
):
    monkeypatch.setattr(client, "_TICK", 0.25)  # a patience of 2.5 s
    monkeypatch.setattr(client, "_STARTING", 240)
    idle, waiting = collector_of("silent"), collector_of("hang", "0.2")
    waiting.send(start_run())

    async def listen(collector):
        async for _ in collector.reports():
            pass

    async def both():
        listening = [asyncio.create_task(listen(collector)) for collector in (idle, waiting)]
        done, _ = await asyncio.wait(listening, timeout=4)
        assert not done, [task.exception() for task in done]
        await asyncio.gather(idle.stop(), waiting.stop())
        await asyncio.gather(*listening)

    run(both())


def test_a_key_in_the_childs_last_words_is_masked(collector_of):
    collector = collector_of("leak")
    collector.send(start_run(key="sk-canary"))
    with pytest.raises(CollectorDied) as died:
        run(read_until(collector, Finished))
    assert died.value.reason == "the collector ended with code 1: cannot use ***"
    assert "canary" not in died.value.details


def test_sending_to_a_dead_child_is_quiet(collector_of):
    collector = collector_of("crash")

    async def scenario():
        with pytest.raises(CollectorDied):
            await read_until(collector, Finished)
        collector.send(start_run())
        await collector.stop()
        collector.send(start_run())

    run(scenario())


def test_stop_ends_a_child_in_the_middle_of_a_flood_nobody_reads(collector_of):
    collector = collector_of()

    async def scenario():
        await read_until(collector, Ready)
        for _ in range(4):
            collector.send(start_run("x" * 6_000_000))
        await collector.stop()

    run(scenario())
    assert is_gone(collector.pid)


def test_stop_kills_a_child_that_does_not_listen(collector_of):
    collector = collector_of("deaf")

    async def scenario():
        await read_until(collector, Ready)
        await collector.stop(timeout=0.2)

    run(scenario())
    assert is_gone(collector.pid)


def test_stop_lets_the_last_reports_through(collector_of):
    collector = collector_of("hang")
    collector.send(start_run())
    states = []

    async def scenario():
        async for report in collector.reports():
            if isinstance(report, Grew):
                collector.send(Cancel(run="r"))
            if isinstance(report, Finished):
                states.append(report.event.response.state)
                stopping = asyncio.create_task(collector.stop())
        await stopping

    run(scenario())
    assert states == ["cancelled"]


def test_stop_before_anything_was_read_and_twice(collector_of):
    collector = collector_of()

    async def scenario():
        await asyncio.gather(collector.stop(), collector.stop())
        await collector.stop()

    run(scenario())
    assert is_gone(collector.pid)


def test_the_child_ends_when_its_stdin_does(collector_of):
    collector = collector_of()
    collector._process.stdin.close()
    with pytest.raises(CollectorDied, match="code 0"):
        run(read_until(collector, Finished))


def test_the_child_sees_no_key_in_its_environment_and_has_its_own_session(collector_of, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("MY_KEY", "sk-other")
    collector = collector_of("environment", hidden=["MY_KEY"])
    assert os.getsid(collector.pid) == collector.pid
    got = run(read_until(collector, Grew))
    names = got[-1].event.text.split("\n")
    assert "PATH" in names
    assert not [name for name in names if name.startswith("OPENAI_") or name == "MY_KEY"]


def test_a_program_that_cannot_be_started_is_told():
    collector = Collector(["/nonexistent/python"])
    with pytest.raises(CollectorDied, match="could not be started"):
        collector.start()
    collector.kill()
    run(collector.stop())
