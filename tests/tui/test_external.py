import asyncio
import os
import shutil
import signal
import stat
import sys
import threading

import pytest

from ostream_compare.tui.external import Foreground, ProgramError, edited, paged

PATH = {"PATH": os.environ["PATH"]}


def edit(text, environ, tell):
    """What the editor that `environ` names makes of `text`."""

    async def run():
        return await edited(text, environ, tell, Foreground())

    return asyncio.run(run())


def page(text, environ):
    async def run():
        await paged(text, environ, Foreground())

    asyncio.run(run())


@pytest.fixture
def program(tmp_path):
    """Makes a program of Python source, in which `path` is the last argument; its command."""

    def make(source, name="my editor"):
        file = tmp_path / f"{name}.py"
        file.write_text(f"import os, sys, signal\npath = sys.argv[-1]\n{source}")
        return f"{sys.executable} {str(file)!r}"

    return make


def test_what_the_editor_leaves_is_the_prompt(program):
    command = program("text = open(path).read()\nopen(path, 'w').write(text.upper() + ' ☃\\n')")
    assert edit("a\nb", {**PATH, "EDITOR": command}, print) == "A\nB ☃"


def test_visual_goes_before_editor_and_takes_arguments(program):
    command = program("open(path, 'w').write(' '.join(sys.argv[1:-1]))")
    assert (
        edit("a", {**PATH, "VISUAL": f"{command} -w 'two words'", "EDITOR": "false"}, print) == "-w two words"
    )


@pytest.mark.parametrize("text", ["", "a", "a\n", "\n\n", "\ttab \u200f"])
def test_an_editor_that_changes_nothing_changes_nothing(program, text):
    assert edit(text, {**PATH, "EDITOR": "true"}, print) == text


def test_the_file_is_private_and_gone_afterwards(program, tmp_path):
    told = tmp_path / "told"
    command = program(
        f"print(oct(os.stat(path).st_mode), oct(os.stat(os.path.dirname(path)).st_mode), path,"
        f" file=open({str(told)!r}, 'w'))"
    )
    edit("secret", {**PATH, "EDITOR": command}, print)
    file, folder, path = told.read_text().split()
    assert [stat.S_IMODE(int(mode, 8)) for mode in (file, folder)] == [0o600, 0o700]
    assert path.endswith(".md")
    assert not os.path.exists(path)  # noqa: PTH110 - a word of a file


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"EDITOR": "no-such-editor -w"}, "$EDITOR names no-such-editor, which is not there"),
        ({"VISUAL": "'half"}, "$VISUAL is"),
        ({"EDITOR": "false"}, "false ended with code 1; the prompt is as it was"),
        ({"EDITOR": "sh -c 'kill -TERM $$'"}, "sh was ended by signal 15; the prompt is as it was"),
        ({"EDITOR": "/"}, "$EDITOR names /, which is not there"),
        ({"PATH": "/nowhere"}, "set $EDITOR"),
    ],
)
def test_an_editor_that_cannot_be_used_says_so(environ, said):
    with pytest.raises(ProgramError) as error:
        edit("text", PATH | environ, print)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("open(path, 'w').write('saved'); os.kill(os.getpid(), signal.SIGTERM)", {"prompt.md": "saved"}),
        (
            "open(path + '.swp', 'w').write('not yet'); sys.exit(1)",
            {"prompt.md": "text", "prompt.md.swp": "not yet"},
        ),
    ],
)
def test_what_an_editor_that_failed_had_written_stays_and_its_place_is_told(
    program, tmp_path, monkeypatch, source, left
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = []
    with pytest.raises(ProgramError, match="the prompt is as it was") as error:
        edit("text", {**PATH, "EDITOR": program(source)}, told.append)
    (folder,) = tmp_path.glob("ostream-compare-*")
    assert str(folder) in str(error.value)
    assert str(folder) in told[0], "who leaves at the same time reads no toast"
    assert {file.name: file.read_text() for file in folder.iterdir()} == left


@pytest.mark.parametrize("source", ["os.remove(path)", "open(path, 'wb').write(b'\\xff')"])
def test_a_file_that_is_no_text_any_more_is_not_taken(program, source):
    with pytest.raises(ProgramError, match="cannot be read"):
        edit("text", {**PATH, "EDITOR": program(source)}, print)


def test_no_place_for_the_file(monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", lambda **_: full())
    with pytest.raises(ProgramError, match="No space left"):
        edit("text", {**PATH, "EDITOR": "true"}, print)


@pytest.mark.skipif(sys.platform != "linux", reason="the program looks into /proc")
def test_ctrl_c_is_the_programs_and_ours_again_afterwards(program):
    heard = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: heard.set())
    try:
        # The program sees the default action of the signal, and this process none of it.
        command = program(
            "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
            "import time\n"
            "for _ in range(200):\n"
            "    state = [l for l in open(f'/proc/{os.getppid()}/status') if l.startswith('SigIgn')][0]\n"
            "    if int(state.split()[1], 16) & 2: break\n"
            "    time.sleep(0.01)\n"
            "os.kill(os.getppid(), signal.SIGINT)"
        )
        assert edit("text", {**PATH, "EDITOR": command}, print) == "text"
        assert not heard.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert heard.wait(5)
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_pager_gets_the_text_without_what_steers_a_terminal(program, tmp_path):
    told = tmp_path / "told"
    command = program(f"open({str(told)!r}, 'w').write(sys.stdin.read())")
    page("answer \x1b]52;c;eA==\x07\r\nend", {**PATH, "PAGER": command})
    assert told.read_text() == "answer ␛]52;c;eA==␇\nend\n"


def test_a_pager_that_fails_says_so():
    with pytest.raises(ProgramError, match="ended with code 1"):
        page("text", {**PATH, "PAGER": "false"})


def test_without_a_named_pager_a_usual_one_is_found(tmp_path):
    true = shutil.which("true")
    (tmp_path / "more").symlink_to(true)
    page("text", {"PATH": str(tmp_path)})
