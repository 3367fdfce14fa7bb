import json
import os
import select
import signal
import subprocess
import tomllib

import pytest

from cli.command_line import LIMIT, CommandLine, lines
from ostream_compare.domain.spelling import from_json, from_toml

TWO = """\
version = 1
[providers.p]
base_url = "http://127.0.0.1:9/v1"
[[models]]
name = "One"
provider = "p"
model = "m1"
[[models]]
name = "Two"
provider = "p"
model = "m2"
[[models]]
name = "Off"
provider = "p"
model = "m3"
enabled = false
"""
PROMPT = '[[prompts]]\nname = "greet"\nuser = "hello"\nsystem = "be kind"\n'


@pytest.fixture
def run(tmp_path):
    return CommandLine(tmp_path)


def test_a_run_prints_its_table_saves_itself_and_exits_0(run):
    done = run(run.file(TWO + PROMPT))
    assert done.returncode == 0, done.stderr
    table = lines(done.stdout)
    assert table[2].split() == ["Model", "State", "TTFT", "Total", "tok/s", "In", "Out", "Cost"]
    assert [line.split()[0] for line in table[3:5]] == ["One", "Two"]
    assert table[-1] == "Cost: 2 unpriced"
    assert "DEMO" not in table[0]
    (saved,) = run.saved()
    assert [response.content for response in saved.responses] == ["One says hello", "Two says hello"]
    assert (saved.prompts[0].name, saved.prompts[0].system, saved.config.path) == (
        "greet",
        "be kind",
        "models.toml",
    )
    (note,) = lines(done.stderr)
    assert note.startswith("saved: /")


def test_the_demo_says_that_it_is_one(run):
    done = run("demo", "-p", "hi")
    assert done.stdout.startswith(b"DEMO")
    assert run.saved()[0].demo


def test_quiet_says_nothing_and_verbose_prints_the_answers(run):
    file = run.file(TWO + PROMPT)
    assert run(file, "-q").stderr == b""
    assert b"--- Two\nTwo says hello\n" in run(file, "-v").stdout


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (("-o", "-"), from_toml),
        (("--format", "toml"), from_toml),
        (("--format", "json", "-o", "-"), from_json),
        (("--format", "json"), from_json),
    ],
)
def test_an_export_to_stdout_is_nothing_but_the_export(run, arguments, read):
    done = run(run.file(TWO + PROMPT), *arguments)
    assert read(done.stdout.decode()) == run.saved()[0]


@pytest.mark.parametrize(
    ("name", "arguments", "check"),
    [
        ("out.json", (), lambda text: json.loads(text)["version"] == 1),
        ("out.toml", (), lambda text: tomllib.loads(text)["version"] == 1),
        ("out", (), lambda text: tomllib.loads(text)["version"] == 1),
        ("out.txt", ("--format", "json"), lambda text: json.loads(text)["version"] == 1),
        ("out.csv", (), lambda text: text.startswith("id,started_at,")),
        ("out.md", (), lambda text: text.startswith("# Comparison")),
    ],
)
def test_an_export_to_a_file_takes_the_format_of_its_name(run, name, arguments, check):
    done = run(run.file(TWO + PROMPT), "-o", name, *arguments)
    assert done.returncode == 0
    assert check((run.home / name).read_text())
    assert b"Cost: 2 unpriced" in done.stdout


def with_key(extra=""):
    return TWO.replace('/v1"', '/v1"\napi_key_env = "MY_KEY"') + extra


@pytest.mark.parametrize(
    ("text", "arguments", "code", "said"),
    [
        (TWO + PROMPT, ("--nope",), 2, "--nope"),
        (TWO + PROMPT, ("extra", "two words"), 2, "Nothing takes extra 'two words': text with"),
        (TWO + PROMPT, ("--format", "xml"), 2, "xml"),
        (TWO + PROMPT, ("--timeout", "0"), 2, "--timeout: 0 is no positive number"),
        (TWO + PROMPT, ("--timeout", "soon"), 2, "soon"),
        (TWO + PROMPT, ("-p", " "), 2, "--prompt: the prompt is empty"),
        (TWO + PROMPT, ("-f", "no.txt"), 2, "no.txt: the prompt cannot be read: No such file"),
        (TWO + PROMPT, ("-f", "-"), 2, "stdin: the prompt is empty"),
        (TWO + PROMPT, ("-m", ""), 2, "--models: the pattern is empty (known: One, Two"),
        (TWO + PROMPT, ("-m", "Onne"), 2, "no model is called Onne (did you mean One?)"),
        (TWO + PROMPT, ("-o", "no/such/out.json"), 2, "--output: there is no folder no/such"),
        (TWO + PROMPT, ("-o", "."), 2, "is a folder"),
        (TWO + PROMPT, ("-o", "x" * 300 + ".json"), 2, "cannot be written: File name too long"),
        (TWO, (), 2, "models.toml: there is no prompt"),
        (TWO + PROMPT, ("-p", "x", "--prompts", "all"), 2, "--prompts: does not go with --prompt: that is"),
        (
            TWO + PROMPT,
            ("-f", "-", "--prompts", "no*"),
            2,
            "--prompts: does not go with --prompt-file -: that",
        ),
        (TWO + PROMPT, ("--dry-run", "-o", "x.json"), 2, "--output: does not go with --dry-run: nothing is"),
        (TWO + PROMPT, ("--dry-run", "--format", "csv"), 2, "--format: does not go with --dry-run: nothing"),
        (TWO + PROMPT + "[[models]]\nname = 3\n", (), 2, "models.toml:"),
        ("= nonsense", (), 2, "models.toml:1"),
        (with_key(PROMPT), (), 3, ""),
        (TWO.replace('"m1"', '"fails"') + PROMPT, (), 1, ""),
    ],
)
def test_what_goes_wrong_has_its_code_and_one_line(run, text, arguments, code, said):
    done = run(run.file(text), *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    if code == 2:
        assert done.stdout == b""


def test_no_enabled_model_is_nothing_to_run(run):
    text = TWO.replace('model = "m1"', 'model = "m1"\nenabled = false').replace(
        'model = "m2"', 'model = "m2"\nenabled = false'
    )
    done = run(run.file(text), "-p", "x")
    assert done.returncode == 3
    assert b"no model is enabled" in done.stderr


def test_a_missing_key_skips_its_model_visibly(run):
    text = TWO.replace('provider = "p"', 'provider = "q"', 1) + (
        '[providers.q]\nbase_url = "https://api.example.com/v1"\napi_key_env = "MY_KEY"\n'
    )
    done = run(run.file(text), "-p", "x")
    assert done.returncode == 1
    table = done.stdout.decode()
    assert "✗ no key" in table
    assert "One: MY_KEY is not set" in table
    assert [r.error.kind if r.error else None for r in run.saved()[0].responses] == ["missing_key", None]


def test_a_key_is_in_nothing_that_is_written(run):
    done = run(run.file(with_key(PROMPT)), "-v", "-o", "out.json", MY_KEY="sk-canary-1")
    assert done.returncode == 0, done.stderr
    everything = done.stdout + done.stderr
    for path in run.home.rglob("*"):
        everything += path.read_bytes() if path.is_file() else b""
    assert b"canary" not in everything


def test_models_are_chosen_by_pattern_enabled_or_not(run):
    file = run.file(TWO + PROMPT)
    run(file, "-m", "o[nf]*", "-m", "M2")
    run(file, "-m", "OFF")
    chosen = [[response.name for response in saved.responses] for saved in run.saved()]
    assert sorted(chosen) == [["Off"], ["One", "Two", "Off"]]


@pytest.mark.parametrize(
    ("arguments", "stdin", "asked"),
    [
        ((), b"", "hello"),
        ((), b" \n", "hello"),
        ((), b"from a pipe\n", "from a pipe"),
        (("-f", "-"), b"\xef\xbb\xbftwo\nlines\n", "two\nlines"),
        (("-f", "prompt.txt"), b"ignored", "from a file"),
        (("-p", "-1 + 1?", "-f", "prompt.txt"), b"ignored", "-1 + 1?"),
    ],
)
def test_the_prompt_is_the_first_that_is_given(run, arguments, stdin, asked):
    run.file("from a file\n", "prompt.txt")
    done = run(run.file(TWO + PROMPT), *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert run.saved()[0].prompts[0].user == asked


def test_a_prompt_that_is_no_text_is_refused_with_its_line(run):
    done = run(run.file(TWO), stdin=b"fine\n\xff\n")
    assert done.returncode == 2
    assert b"stdin:2: the prompt is not UTF-8" in done.stderr


def test_an_argument_that_is_no_text_is_repaired(run):
    done = run(run.file(TWO), b"-p", b"a\xffb")
    assert done.returncode == 0, done.stderr
    assert run.saved()[0].prompts[0].user == "a\ufffdb"


@pytest.mark.parametrize("arguments", [(), ("-p", "hello")])
def test_a_pipe_that_stays_silent_is_given_up(run, arguments):
    silent, held_open = os.pipe()
    try:
        process = run.open(run.file(TWO + PROMPT), *arguments, stdin=silent)
        _, err = process.communicate(timeout=LIMIT)
    finally:
        os.close(silent)
        os.close(held_open)
    assert process.returncode == 0, err
    assert run.saved()[0].prompts[0].user == "hello"


def test_a_system_message_of_the_command_line_replaces_the_files(run):
    run(run.file(TWO + PROMPT), "--system", "be brief")
    assert run.saved()[0].prompts[0].system == "be brief"


def test_the_file_comes_from_the_environment_or_the_users_folder(run):
    other = run.file(TWO + PROMPT, "other.toml")
    run("-p", "a", OSTREAM_COMPARE_CONFIG=other)
    folder = run.home / ".config/ostream-compare"
    folder.mkdir(parents=True)
    (folder / "models.toml").write_text(TWO)
    run("-p", "b")
    paths = {saved.prompts[0].user: saved.config.path for saved in run.saved()}
    assert paths == {"a": "other.toml", "b": str(folder / "models.toml")}


def test_with_no_file_at_all_it_is_the_demo(run):
    assert run().stdout.startswith(b"DEMO")


def test_a_file_named_like_a_command_is_reached_by_its_path(run):
    run.file(TWO + PROMPT, "demo")
    assert not run("./demo").stdout.startswith(b"DEMO")


def test_validate_names_what_is_wrong_with_a_key(run):
    bad = run("validate", run.file(TWO + '[ui.keymap]\nsave = "w"\nzooom = "w"\nzoom = "d"\n'))
    first, second = bad.stderr.decode().splitlines()
    line = TWO.count("\n") + 3
    assert f":{line}: ui.keymap.zooom: no action has this name (did you mean zoom?)" in first
    assert f":{line + 1}: ui.keymap.zoom: d is the key of diff" in second
    assert bad.returncode == 2


def test_validate_names_every_mistake(run):
    bad = run("validate", run.file(TWO + "[[models]]\nnname = 3\n"))
    assert bad.returncode == 2
    assert len(lines(bad.stderr)) > 1
    assert all(line.startswith("models.toml:") for line in lines(bad.stderr))
    good = run("validate", run.file(TWO + PROMPT))
    assert (good.returncode, good.stderr) == (0, b"")
    assert good.stdout == b"models.toml: no mistakes; models: 3, enabled: 2, prompts: 1\n"


@pytest.mark.parametrize("arguments", [("--version",), ("-p", "x", "--version")])
def test_version(run, arguments):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"ostream-compare 0.")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_keeps_what_there_is(run, number, code):
    os.mkfifo(run.home / "told")
    told = os.open(run.home / "told", os.O_RDONLY | os.O_NONBLOCK)
    try:
        file = run.file(TWO.replace('"m2"', '"hangs"') + PROMPT)
        process = run.open(file, "--format", "json", child="tells")
        assert select.select([told], [], [], LIMIT)[0]
    finally:
        os.close(told)
    process.send_signal(number)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == code, err
    states = {response.name: response.state for response in from_json(out.decode()).responses}
    assert states == {"One": "complete", "Two": "cancelled"}
    assert len(run.saved()) == 1


def test_a_child_that_dies_leaves_failed_responses_and_no_traceback(run):
    done = run(run.file(TWO + PROMPT), child="crash")
    assert done.returncode == 3
    assert "One: the collector ended with code 3: RuntimeError: boom" in done.stdout.decode()
    assert {r.error.kind for r in run.saved()[0].responses} == {"collector"}
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_is_no_error(run):
    process = run.open(run.file(TWO + PROMPT))
    process.stdout.close()
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert len(lines(err)) == 1


@pytest.mark.parametrize("arguments", ["--help", "history --help", "--version", "schema", "history"])
def test_nor_is_one_that_goes_away_from_help(run, arguments):
    reads, writes = os.pipe()
    os.close(reads)  # before a word is written, so that none can be read
    process = run.open(*arguments.split(), stdout=writes)
    os.close(writes)
    _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(run, closing):
    line = " ".join(f"'{word}'" for word in run.command(run.file(TWO + PROMPT)))
    done = subprocess.run(
        ["sh", "-c", f"{line} {closing}"],
        env=run.environ,
        cwd=run.home,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert run.saved()[0].prompts[0].user == "hello"


@pytest.mark.parametrize("arguments", [("--help",), ("-p", "x"), ("-p", "x", "--plain"), ("history",)])
def test_a_full_disk_behind_stdout_is_said_and_no_mistake_of_ours(run, arguments):
    file = run.file(TWO)
    arguments = (file, *arguments) if "-p" in arguments else arguments
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        process = run.open(*arguments, stdout=full)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    said = [line for line in lines(err) if not line.startswith("saved: ")]
    assert said == ["stdout could not be written: No space left on device"]
    assert len(run.saved()) == ("-p" in arguments)


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--format", "json"), 0), (("-o", "out.json"), 0), ((), 2), (("--plain",), 2)]
)
def test_no_room_for_the_save_is_said_and_counts_where_it_is_kept_nowhere_else(run, arguments, code):
    (run.home / ".local").write_text("in the way")
    done = run(run.file(TWO + PROMPT), *arguments)
    assert done.returncode == code
    assert b"could not be saved" in done.stderr
    if code == 0:
        kept = run.home / "out.json"
        document = kept.read_bytes() if kept.exists() else done.stdout
        assert len(from_json(document.decode()).responses) == 2


def test_what_cannot_be_written_hides_no_gate_and_no_worse_code(run):
    done = run(run.file(TWO + PROMPT), "-o", "/dev/full", "--format", "json", "--fail-if", "answers > 0")
    assert done.returncode == 5
    assert b"could not be written" in done.stderr
    assert b"--fail-if holds" in done.stderr


def test_nothing_from_outside_steers_the_terminal(run):
    done = run(run.file(TWO), "-v", "-p", "\x1b]52;c;YQ==\x07\x9b2J")
    assert done.returncode == 0, done.stderr
    assert "␛]52;c;YQ==␇<U+009B>2J" in done.stdout.decode()
    assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout.decode())


def test_an_ending_that_is_of_no_format_is_refused(run):
    done = run(run.file(TWO + PROMPT), "-o", "x.foo")
    assert (done.returncode, done.stdout, run.saved()) == (2, b"", [])
    assert b".foo is the ending of no format: one of .toml .json" in done.stderr


def test_an_export_of_models_without_a_key_says_why_on_stderr(run):
    done = run(run.file(with_key(PROMPT)), "-o", "-")
    assert done.returncode == 3
    assert b"One: MY_KEY is not set" in done.stderr


def test_a_theme_that_there_is_not_is_refused_without_a_screen_too(run):
    file = run.file(TWO + PROMPT)
    refused = run(file, "--theme", "nope")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert b"--theme: no theme is named nope: one of " in refused.stderr
    assert run(file, "--theme", "nord").returncode == 0
