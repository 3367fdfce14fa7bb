"""Every flag of a run: it exists, has its variable, and a flag that is given wins over it."""

from dataclasses import fields

import pytest

from cli.command_line import CommandLine, lines
from ostream_compare import cli
from ostream_compare.domain.spelling import from_json
from ostream_compare.flags import Flags

TABLE = {
    "prompt": ("from the variable", "-p given", "given"),
    "prompt_file": ("a.txt", "-f b.txt", "b.txt"),
    "prompts": ("all", "--prompts greet", "greet"),
    "system": ("be kind", "--system -brief", "-brief"),
    "models": ("One, Two words", "-m A -m B", ("A", "B")),
    "repeat": ("3", "--repeat 2", 2),
    "warmup": ("3", "--warmup 2", 2),
    "concurrency": ("3", "--concurrency 2", 2),
    "seed": ("3", "--seed 2", 2),
    "timeout": ("3", "--timeout 2.5", 2.5),
    "max_cost": ("3", "--max-cost 2", "2"),
    "dry_run": ("1", "--dry-run", True),
    "fail_if": ("ttft > 1; cost > 2", "--fail-if n>0", ("n>0",)),
    "allow_unknown": ("true", "--allow-unknown", True),
    "resume": ("last", "--resume 2026", "2026"),
    "history": ("0", "--no-history", False),
    "baseline": ("last", "--baseline 2026", "2026"),
    "output": ("a.json", "-o -", "-"),
    "format": ("json", "--format csv", "csv"),
    "headless": ("yes", "--headless", True),
    "plain": ("1", "--plain", True),
    "trust": ("1", "--trust", True),
    "theme": ("nord", "--theme dracula", "dracula"),
    "no_discover": ("1", "--no-discover", True),
    "quiet": ("1", "-q", True),
    "verbose": ("1", "-v", True),
}
"""Field: a value of its variable, the flag as it is given, and what that is read as."""
FROM_VARIABLE = {
    "models": ("One", "Two words"),
    "fail_if": ("ttft > 1", "cost > 2"),
    "repeat": 3,
    "warmup": 3,
    "concurrency": 3,
    "seed": 3,
    "timeout": 3.0,
    "history": False,
}


def test_the_table_has_every_flag():
    assert {field.name for field in fields(Flags)} == set(TABLE)


@pytest.fixture
def flags_of(monkeypatch):
    """What the command line and the environment are read as."""
    seen = []
    monkeypatch.setattr(cli, "_run", lambda _, flags: seen.append(flags) or 0)

    def read(*arguments):
        assert cli.start(["demo", *arguments]) == 0
        return seen.pop()

    return read


@pytest.mark.parametrize("name", TABLE)
def test_a_flag_wins_over_its_variable_and_that_over_the_default(name, flags_of, monkeypatch):
    variable, given, value = TABLE[name]
    default = getattr(Flags(), name)
    assert getattr(flags_of(), name) == default
    monkeypatch.setenv(f"OSTREAM_COMPARE_{name.upper()}", variable)
    expected = FROM_VARIABLE.get(name, True if default is False else variable)
    assert getattr(flags_of(), name) == expected
    assert getattr(flags_of(*given.split(" ", maxsplit=1 if len(given.split()) < 3 else -1)), name) == value
    monkeypatch.delenv(f"OSTREAM_COMPARE_{name.upper()}")
    assert getattr(flags_of(*given.split()), name) == value


@pytest.fixture
def run(tmp_path):
    return CommandLine(tmp_path)


FILE = """\
version = 1
[defaults]
max_cost_usd = 9
[providers.p]
base_url = "http://127.0.0.1:9/v1"
[[models]]
name = "One"
provider = "p"
model = "m1"
[[prompts]]
user = "from the file"
"""


@pytest.mark.parametrize(
    ("environ", "arguments", "prompt", "cost"),
    [
        ({}, (), "from the file", "9"),
        ({"PROMPT": "variable", "MAX_COST": "8"}, (), "variable", "8"),
        ({"PROMPT": "variable", "MAX_COST": "8"}, ("-p", "flag", "--max-cost", "7"), "flag", "7"),
        ({"PROMPT": "variable"}, ("-f", "asked.txt"), "from a file", "9"),
        ({"PROMPT_FILE": "asked.txt"}, ("-p", "flag"), "flag", "9"),
        ({"PROMPT_FILE": "asked.txt"}, (), "from a file", "9"),
    ],
)
def test_flag_then_variable_then_file(run, environ, arguments, prompt, cost):
    run.file("from a file\n", "asked.txt")
    variables = {f"OSTREAM_COMPARE_{name}": value for name, value in environ.items()}
    done = run(run.file(FILE), *arguments, "--format", "json", **variables)
    assert done.returncode == 0, done.stderr
    saved = from_json(done.stdout.decode())
    assert (saved.prompts[0].user, saved.max_cost_usd) == (prompt, cost)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--concurrency", "0"), "--concurrency: 0 is not between 1 and 10000"),
        (("--concurrency", "many"), "many"),
        (("--allow-unknown=no", "--fail-if", "ttft >"), "column 7"),
    ],
)
def test_a_wrong_value_is_refused(run, arguments, said):
    done = run(run.file(FILE), *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


@pytest.mark.parametrize(
    ("command", "flag"),
    [
        (["demo"], "--repeat"),
        (["demo"], "--warmup"),
        (["demo"], "--concurrency"),
        (["demo"], "--seed"),
        (["history"], "--limit"),
        (["history"], "-n"),
        (["replay"], "--prompt"),
    ],
)
@pytest.mark.parametrize("text", ["1.5", "0.5", "2.0", "1e3", "0x10", "", "[/b]", "none", "9" * 5000])
def test_what_is_no_whole_number_is_refused_and_not_rounded(command, flag, text, capsys):
    assert cli.start([*command, f"{flag}={text}"]) == 2
    assert f'Invalid value for {flag}: "{text[:1000]}" is no whole number. See' in capsys.readouterr().err


@pytest.mark.parametrize("name", ["REPEAT", "WARMUP", "CONCURRENCY", "SEED"])
def test_nor_is_one_of_a_variable(name, monkeypatch, capsys):
    monkeypatch.setenv(f"OSTREAM_COMPARE_{name}", "1.5")
    assert cli.start(["demo"]) == 2
    assert f'OSTREAM_COMPARE_{name}: "1.5" is no whole number.' in capsys.readouterr().err


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("+7", 7), ("007", 7), (" 7 ", 7), ("-7", -7)])
def test_whole_numbers_are_taken_as_they_are(flags_of, text, value):
    assert flags_of(f"--seed={text}").seed == value


def test_help_names_every_flag_and_exit_code(run):
    told = run("--help").stdout.decode()
    for field in fields(Flags):
        assert f"--{field.name.replace('_', '-')}" in told
    assert "--install-completion" in told
    assert "5 a --fail-if held" in " ".join(told.split())
    assert "\x1b" not in told


def test_completion_is_installed_for_the_shell(run):
    done = run("--install-completion", SHELL="/bin/bash")
    assert done.returncode == 0, done.stderr
    written = [
        path for path in run.home.rglob("*") if path.is_file() and b"ostream-compare" in path.read_bytes()
    ]
    assert written


def test_a_run_that_is_not_logged_leaves_no_log(run):
    folder = run.home / ".local/share/ostream-compare/runs"
    assert run(run.file(FILE), "--no-history").returncode == 0
    assert not folder.exists()
    assert run("models.toml").returncode == 0
    assert len(list(folder.iterdir())) == 1


def test_silence_where_nobody_reads(run):
    done = run(run.file(FILE), "--repeat", "3")
    limited, saved = lines(done.stderr)
    assert "does not bound the calls of" in limited
    assert saved.startswith("saved:")


@pytest.mark.parametrize(
    "flags", [("-o", "models.toml"), ("-f", "asked.md", "-o", "./asked.md"), ("-o", "link.md")]
)
def test_what_a_run_reads_is_not_written_over(run, flags):
    path = run.file(FILE)
    (run.home / "asked.md").write_text("hello")
    (run.home / "link.md").symlink_to(path)
    before = {name: (run.home / name).read_bytes() for name in (path, "asked.md")}
    done = run(path, *flags)
    assert (done.returncode, done.stdout, run.saved()) == (2, b"", [])
    assert b"is read by this run" in done.stderr
    assert before == {name: (run.home / name).read_bytes() for name in before}
