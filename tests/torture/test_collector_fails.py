"""A collector that dies or hangs in the middle of a run, and a program that is stopped as a whole."""

import os
import signal
import time

import pytest

from collector.rig import order, run_lanes
from ostream.limits import Limits
from ostream_compare.collector.protocol import Grew
from ostream_compare.storage.history import History
from torture.program import (
    LIMIT,
    PROGRAM,
    Home,
    Terminal,
    children,
    held_streams,
    is_gone,
    models_toml,
    until,
    without_screen,
)
from torture.sizes import FULL, size
from wire.script import held, plain_stream, stream, text

_IMPATIENT = """
from ostream_compare.collector import client
from ostream_compare.__main__ import main
client._TICK = 0.5
main()
"""
QUICK = ("-c", _IMPATIENT)
"""The program with half the patience: five seconds of silence, while the heart beats every two."""
PATIENCE = PROGRAM if FULL else QUICK
FAULTS = {"dies": signal.SIGKILL, "hangs": signal.SIGSTOP}
SAID = {"dies": "was ended by signal 9", "hangs": "hung: silent for"}


@pytest.mark.parametrize("fault", size(["hangs"], FAULTS))
def test_the_panes_say_so_and_the_next_prompt_gets_another_collector(tmp_path, serve, fault):
    home = Home(tmp_path)
    site = serve(*held_streams(8), plain_stream(("whole ", "again")))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi", program=PATIENCE) as terminal:
        (first,) = terminal.until_streaming()
        since = len(terminal.seen)
        terminal.press(b"i")
        terminal.until_said(b"Leave", since)
        terminal.press(b" there")
        os.kill(first, FAULTS[fault])
        terminal.until_said(SAID[fault].encode())
        until(lambda: is_gone(first), "what is left of it ends")
        terminal.press(b" once more")
        terminal.press(b"\x0a")
        terminal.until_said(b"8/8 done")
        terminal.until(lambda: len(list(home.runs.glob("*.jsonl"))) == 2, "another run is logged")
        (second,) = terminal.until(lambda: children(terminal.process.pid), "there is another collector")
        terminal.until(lambda: home.logged().count(b'"state":"complete"') >= 8, "it answers")
        terminal.press(b"\x11")
        assert terminal.exit_code() == 0
        assert terminal.is_restored()
        until(lambda: is_gone(second), "it ends, too")
    cut, whole = home.saved()
    assert {(r.state, r.error.kind) for r in cut.responses} == {("failed", "collector")}
    assert all(SAID[fault] in response.error.message for response in cut.responses)
    assert sorted(response.content for response in cut.responses) == [f"part-{n} " for n in range(8)]
    assert [response.content for response in whole.responses] == ["whole again"] * 8
    assert "there once more" in whole.prompts[0].user, "nothing that was typed is lost"
    history = History(home.data)
    history.refresh()
    assert [run.state for run in history.page()] == ["finished", "collector_lost"]
    history.close()


@pytest.mark.parametrize("fault", size(["dies"], FAULTS))
def test_without_a_screen_what_came_is_printed_and_saved(tmp_path, serve, fault):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    file = home.file(models_toml(site.base_url))
    with without_screen(home, file, "-p", "hi", program=PATIENCE) as process:
        until(lambda: len(home.lanes_that_streamed()) == 8, "eight lanes stream")
        (collector,) = children(process.pid)
        os.kill(collector, FAULTS[fault])
        out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 1, err
        assert out.decode().count(SAID[fault]) == 8
        until(lambda: is_gone(collector), "what is left of it ends")
    (saved,) = home.saved()
    assert {response.error.kind for response in saved.responses} == {"collector"}
    assert sorted(response.content for response in saved.responses) == [f"part-{n} " for n in range(8)]


def test_what_breaks_while_the_whole_program_is_stopped_is_a_lost_connection(tmp_path, serve):
    """A laptop that sleeps: its servers give up meanwhile."""
    home = Home(tmp_path)
    answers = [stream(text(f"part-{n} "), held(text("more ")), end="rst") for n in range(8)]
    site = serve(*answers)
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        (collector,) = terminal.until_streaming()
        for pid in (terminal.process.pid, collector):
            os.kill(pid, signal.SIGSTOP)
        site.release()
        until(lambda: sum(c.over.is_set() for c in site.connections) >= len(answers), "all are cut")
        time.sleep(size(0.5, 60))  # what is tried is the time that passes
        for pid in (collector, terminal.process.pid):
            os.kill(pid, signal.SIGCONT)
        terminal.until_said(b"8/8 done")
        since = len(terminal.seen)
        terminal.press(b"?")
        terminal.until_said(b"Keys", since)
        assert not is_gone(collector), "it was not silent: nobody was there to hear it"
        terminal.press(b"\x1b")
        terminal.press(b"\x11")
        assert terminal.exit_code() == 0
        assert terminal.is_restored()
    (saved,) = home.saved()
    assert {(r.state, r.error.kind) for r in saved.responses} == {("failed", "connection_lost")}
    assert sorted(response.content[:7] for response in saved.responses) == [f"part-{n} " for n in range(8)]


def test_a_limit_that_passed_while_the_collector_stood_still_waits_for_what_came_meanwhile(serve):
    site = serve(stream(text("part "), held(text("more ")), end="rst"))

    def stand_still(collector, report):
        if isinstance(report, Grew):
            os.kill(collector.pid, signal.SIGSTOP)
            site.release()
            assert site.connections[0].over.wait(LIMIT)
            time.sleep(1.5)  # what is tried is that the limit of one second passes
            os.kill(collector.pid, signal.SIGCONT)

    limits = Limits(connect=5, first_token=20, idle=1, grace=1, total=40)
    response = run_lanes([order(0, site.base_url, timeout=limits)], meanwhile=stand_still).responses[0]
    assert (response.error.kind, response.content[:5]) == ("connection_lost", "part ")
