"""Signals while eight models answer: the terminal is given back, what came is saved, nobody stays behind."""

import os
import signal
import termios

import pytest

from ostream_compare.storage.history import History
from torture.program import (
    HOLD_MS,
    LIMIT,
    Home,
    Terminal,
    children,
    held_streams,
    is_gone,
    models_toml,
    until,
    without_screen,
)
from torture.sizes import size
from wire.script import stream, text

ROUNDS = size(1, 34)
"""Of each signal: with three of them, 100 of 100."""
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def assert_kept(home, count=8):
    """One save with what every lane had said, and a log that ended."""
    (saved,) = home.saved()
    assert {response.state for response in saved.responses} == {"cancelled"}
    assert sorted(response.content for response in saved.responses) == [f"part-{n} " for n in range(count)]
    history = History(home.data)
    history.refresh()
    assert [run.state for run in history.page()] == ["cancelled"]
    assert history.notices == []
    history.close()


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("number", CODES)
def test_a_signal_gives_the_terminal_back_and_saves_what_came(tmp_path, serve, number, round_):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        collector = terminal.until_streaming()
        assert terminal.left_on() >= {1049, 1000, 1003, 1006, 2004, 25}, "it has taken the terminal"
        os.kill(terminal.process.pid, number)
        assert terminal.exit_code() == CODES[number], terminal.last_words
        assert terminal.left_on() == set()
        assert terminal.is_restored()
        assert b"Traceback" not in terminal.seen
        assert b"Saved " in terminal.seen.rpartition(b"\x1b[?1049l")[2]
        assert collector
        until(lambda: all(map(is_gone, collector)), "the collector ends")
        assert site.client_closed_first()
    assert_kept(home)


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("number", size([signal.SIGTERM], CODES))
def test_a_signal_without_a_screen_prints_and_saves_what_came(tmp_path, serve, number, round_):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    with without_screen(home, home.file(models_toml(site.base_url)), "-p", "hi") as process:
        until(lambda: len(home.lanes_that_streamed()) == 8, "eight lanes stream")
        collector = children(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == CODES[number], err
        assert out.count("⊘".encode()) + out.count(b"stopped") + out.count(b"cancelled") >= 8, out.decode()
        assert b"Traceback" not in err
        assert collector
        until(lambda: all(map(is_gone, collector)), "the collector ends")
    assert_kept(home)


def test_ctrl_c_stops_and_saves_and_the_second_one_leaves(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        collector = terminal.until_streaming()
        terminal.press(b"\x03")
        terminal.until(home.saved, "the run is saved")
        assert_is_alive(terminal, collector)
        terminal.press(b"\x03")
        assert terminal.exit_code() == 130
        assert terminal.is_restored()
        until(lambda: all(map(is_gone, collector)), "the collector ends")
    assert_kept(home)


def assert_is_alive(terminal, collector):
    assert terminal.process.poll() is None
    assert not any(map(is_gone, collector))
    asked = len(terminal.seen)
    terminal.press(b"?")
    terminal.until_said(b"Keys", asked)
    terminal.press(b"\x1b")


@pytest.mark.parametrize("controlling", [True, False])
def test_a_terminal_that_goes_away_loses_nothing(tmp_path, serve, controlling):
    """With a hang-up signal, or, where it is not the program's controlling terminal, without one."""
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    file = home.file(models_toml(site.base_url))
    with Terminal(home, file, "-p", "hi", controlling=controlling) as terminal:
        collector = terminal.until_streaming()
        terminal.hang_up()
        assert terminal.exit_code() == CODES[signal.SIGHUP]
        until(lambda: all(map(is_gone, collector)), "the collector ends")
    assert_kept(home)
    assert b"Traceback" not in home.logged()


def test_the_child_of_a_parent_that_was_killed_ends_by_itself(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        collector = terminal.until_streaming()
        terminal.process.kill()
        terminal.process.wait()
        until(lambda: all(map(is_gone, collector)), "the collector ends")
        assert site.client_closed_first()
    history = History(home.data)
    history.refresh()
    (run,) = history.page()
    assert run.state == "interrupted"
    texts = sorted(response.content for response in history.load(run.id).responses)
    assert texts == [f"part-{n} " for n in range(8)], "what streamed is in the log"
    history.close()


def test_ctrl_z_gives_the_terminal_back_and_fg_draws_it_anew_while_streams_go_on(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        terminal.until_streaming()
        for press in (lambda: terminal.press(b"\x1a"), lambda: os.kill(terminal.process.pid, signal.SIGTSTP)):
            press()
            terminal.until(lambda: is_stopped(terminal.process.pid), "it is stopped")
            terminal.until(terminal.is_restored, "the terminal is as it was")
            since = len(terminal.seen)
            os.kill(terminal.process.pid, signal.SIGCONT)
            terminal.until_said(b"part-0", since)
            terminal.until(lambda: terminal.left_on() >= {1049, 1000, 2004}, "it has the terminal again")
        assert len(home.lanes_that_streamed()) == 8
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.exit_code() == 143
        assert terminal.is_restored()
    assert_kept(home)
    assert all(response.timing.ttft_ms > 0 for response in home.saved()[0].responses)


def test_a_program_that_was_stopped_and_goes_on_still_gives_the_terminal_back(tmp_path, serve):
    """SIGSTOP takes nobody's terminal away, so that there is nothing to take again."""
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        terminal.until_streaming()
        for _ in range(3):
            os.kill(terminal.process.pid, signal.SIGSTOP)
            until(lambda: is_stopped(terminal.process.pid), "it is stopped")
            os.kill(terminal.process.pid, signal.SIGCONT)
            assert_is_alive(terminal, terminal.started)
        terminal.press(b"\x11")
        assert terminal.exit_code() == 0
        assert terminal.left_on() == set()
        assert termios.tcgetattr(terminal.master) == terminal.attributes
    assert_kept(home)


STUCK = """
import runpy, sys, time
from ostream_compare.tui.session import Session
Session.wind_up = lambda session: time.sleep(1000)
sys.argv[0] = "ostream-compare"
runpy.run_module("ostream_compare", run_name="__main__")
"""


def test_a_program_that_is_stuck_while_it_leaves_gives_the_terminal_back(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(8))
    file = home.file(models_toml(site.base_url))
    with Terminal(home, file, "-p", "hi", program=("-c", STUCK)) as terminal:
        collector = terminal.until_streaming()
        assert terminal.left_on() >= {1049, 1000, 1003, 1006, 2004, 25}, "it has taken the terminal"
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.exit_code() == 143
        assert terminal.is_restored(), terminal.left_on()
        until(lambda: all(map(is_gone, collector)), "the collector ends")


STRUCK_AT_THE_CLOSE = """
import os, runpy, signal, sys
from asyncio.selector_events import BaseSelectorEventLoop
close = BaseSelectorEventLoop.close
def closed(loop):
    close(loop)
    os.kill(os.getpid(), signal.SIGINT)
BaseSelectorEventLoop.close = closed
sys.argv[0] = "ostream-compare"
runpy.run_module("ostream_compare", run_name="__main__")
"""


def test_a_signal_while_the_loop_is_closed_is_no_traceback(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(2))
    file = home.file(models_toml(site.base_url, count=2))
    with Terminal(home, file, "-p", "hi", program=("-c", STRUCK_AT_THE_CLOSE)) as terminal:
        collector = terminal.until_streaming(2)
        terminal.press(b"\x11")
        assert terminal.exit_code() == 130
        assert terminal.is_restored()
        assert b"Traceback" not in terminal.seen, terminal.last_words
        until(lambda: all(map(is_gone, collector)), "the collector ends")
    assert len(home.saved()) == 1


def test_a_terminal_that_takes_no_byte_any_more_holds_up_nobody(tmp_path, serve):
    home = Home(tmp_path)
    words = "word " * 2000
    site = serve(stream(*[text(words)] * 50, end="hang", hold_ms=HOLD_MS))
    with Terminal(home, home.file(models_toml(site.base_url)), "-p", "hi") as terminal:
        collector = terminal.until_streaming()
        until(lambda: home.logged().count(words.encode()) == 8 * 50, "more came than the terminal takes")
        terminal.press(b"tztztzttm" * 20)
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.process.wait(LIMIT) == 143
        assert termios.tcgetattr(terminal.master) == terminal.attributes
        until(lambda: all(map(is_gone, collector)), "the collector ends")


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 - no path of ours
        return file.read().rpartition(")")[2].split()[0] == "T"
