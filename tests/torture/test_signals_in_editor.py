"""A signal to the program while an editor or a pager has the terminal: both end, and nothing is lost."""

import os
import re
import signal
import sys
import termios

import pytest

from ostream_compare.storage.history import History
from ostream_compare.storage.prompts import PromptStore
from torture.program import HOLD_MS, Home, Terminal, children, held_streams, is_gone, models_toml, until
from wire.script import held, stream, text

EDITOR = """
import pathlib, signal, sys, termios, tty
if STUBBORN:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
tty.setraw(0)
path = pathlib.Path(sys.argv[1])
path.write_text("what was saved")
path.with_name("prompt.md.swp").write_text(LEFT) if LEFT else None
print("EDITOR IS UP", flush=True)
signal.pause()
signal.pause()
"""


def scripted(home, source, **values):
    """An editor or a pager; its command."""
    for name, value in values.items():
        source = source.replace(name, repr(value))
    return f"{sys.executable} {home.path / home.file(source, 'program.py')}"


def assert_ended(terminal, code, started):
    assert terminal.exit_code() == code, terminal.last_words
    assert terminal.left_on() == set()
    assert termios.tcgetattr(terminal.master) == terminal.attributes
    assert b"Traceback" not in terminal.seen
    until(lambda: all(map(is_gone, started)), "the editor and the collector end")


@pytest.mark.parametrize(
    ("number", "code", "stubborn"),
    [(signal.SIGTERM, 143, False), (signal.SIGTERM, 143, True), (signal.SIGHUP, 129, False)],
)
def test_a_signal_ends_the_editor_too_and_keeps_what_it_saved(tmp_path, serve, number, code, stubborn):
    home = Home(tmp_path)
    site = serve(*held_streams(2))
    file = home.file(models_toml(site.base_url, count=2))
    editor = scripted(home, EDITOR, STUBBORN=stubborn, LEFT="")
    with Terminal(home, file, "-p", "hi", EDITOR=editor, TMPDIR=str(tmp_path)) as terminal:
        terminal.until_streaming(2)
        terminal.press(b"\x1bOS")
        terminal.until_said(b"EDITOR IS UP")
        os.kill(terminal.process.pid, number)
        assert_ended(terminal, code, children(terminal.process.pid))
    (saved,) = home.saved()
    assert sorted(response.content for response in saved.responses) == ["part-0 ", "part-1 "]
    draft = PromptStore(home.data).draft()
    assert draft is not None
    assert draft.user == "what was saved"
    assert list(tmp_path.glob("ostream-compare-*")) == []
    history = History(home.data)
    history.refresh()
    assert [run.state for run in history.page()] == ["cancelled"]
    history.close()


def test_what_an_ended_editor_had_put_aside_stays_and_its_place_is_told(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(1))
    file = home.file(models_toml(site.base_url, count=1))
    editor = scripted(home, EDITOR, STUBBORN=False, LEFT="not saved yet")
    with Terminal(home, file, EDITOR=editor, TMPDIR=str(tmp_path)) as terminal:
        terminal.until_said(b"Send")
        terminal.press(b"\x1bOS")
        terminal.until_said(b"EDITOR IS UP")
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert_ended(terminal, 143, children(terminal.process.pid))
        (folder,) = tmp_path.glob("ostream-compare-*")
        assert str(folder).encode() in terminal.seen.rpartition(b"\x1b[?1049l")[2].replace(b"\r\n", b"")
    assert (folder / "prompt.md.swp").read_text() == "not saved yet"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_signal_ends_the_pager_too(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(1))
    file = home.file(models_toml(site.base_url, count=1))
    pager = scripted(home, "import signal\nprint('PAGER IS UP', flush=True)\nsignal.pause()\n")
    with Terminal(home, file, "-p", "hi", PAGER=pager) as terminal:
        terminal.until_streaming(1)
        terminal.until_said(b"part-0")
        terminal.press(b"\x1bOR")
        terminal.until_said(b"PAGER IS UP")
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert_ended(terminal, 143, children(terminal.process.pid))
    assert len(home.saved()) == 1


CRASHING = """
import ostream_compare.__main__ as program
from ostream_compare.tui.lending import LendingApp

lend = LendingApp.lend

def lend_and_fail(self, *what):
    lend(self, *what)
    async def fail():
        import asyncio, pathlib
        while not pathlib.Path("editor.up").exists():
            await asyncio.sleep(0.01)
        raise RuntimeError("a mistake of ours")
    self.call_next(fail)

LendingApp.lend = lend_and_fail
raise SystemExit(program.main())
"""


def test_a_crash_beside_an_editor_is_told_and_keeps_what_was_written(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(*held_streams(1))
    file = home.file(models_toml(site.base_url, count=1))
    told = EDITOR.replace("print(", "pathlib.Path('editor.up').touch()\nprint(")
    editor = scripted(home, told, STUBBORN=False, LEFT="not saved yet")
    crashing = ("-c", CRASHING)
    with Terminal(home, file, "-p", "hi", program=crashing, EDITOR=editor, TMPDIR=str(tmp_path)) as terminal:
        terminal.until_streaming(1)
        terminal.press(b"\x1bOS")
        assert terminal.exit_code() == 70
        assert terminal.is_restored()
    said = re.sub(rb"\s+", b" ", terminal.seen.rpartition(b"EDITOR IS UP")[2])
    (folder,) = tmp_path.glob("ostream-compare-*")
    assert b"a mistake of ours" in said
    assert b"What came so far is in" in said
    assert str(folder).encode() in said.replace(b" ", b"")
    assert {path.read_text() for path in folder.iterdir()} == {"what was saved", "not saved yet"}
    assert b"part-0" in home.logged()


@pytest.mark.parametrize("beside", [b"", b"\x1bOS"], ids=["at the same time", "after another F4"])
def test_ctrl_q_as_the_editor_opens_leaves_and_saves(tmp_path, serve, beside):
    home = Home(tmp_path)
    site = serve(*held_streams(1))
    file = home.file(models_toml(site.base_url, count=1))
    editor = scripted(home, EDITOR, STUBBORN=False, LEFT="")
    with Terminal(home, file, "-p", "hi", EDITOR=editor, TMPDIR=str(tmp_path)) as terminal:
        terminal.until_streaming(1)
        terminal.until_said(b"part-0")
        terminal.press(b"\x1bOS" + beside + b"\x11")
        assert terminal.exit_code() == 0, terminal.last_words
        assert terminal.is_restored()
    assert len(home.saved()) == 1


def test_what_streams_while_an_editor_is_open_is_logged_as_it_comes_and_painted_afterwards(tmp_path, serve):
    home = Home(tmp_path)
    site = serve(stream(text("before "), held(text("meanwhile ")), end="hang", hold_ms=HOLD_MS))
    file = home.file(models_toml(site.base_url, count=1))
    editor = scripted(home, EDITOR, STUBBORN=False, LEFT="")
    with Terminal(home, file, "-p", "hi", EDITOR=editor) as terminal:
        terminal.until_streaming(1)
        terminal.until_said(b"before")
        terminal.press(b"\x1bOS")
        terminal.until_said(b"EDITOR IS UP")
        site.release()
        terminal.resize(100, 30)
        terminal.until(lambda: b"meanwhile " in home.logged(), "it was logged")
        assert terminal.seen.rpartition(b"EDITOR IS UP")[2].strip() == b"", "the terminal is the editor's"
        (collector,) = terminal.started
        (program,) = {*children(terminal.process.pid)} - {collector}
        os.kill(program, signal.SIGTERM)
        terminal.until_said(b"meanwhile")
