"""Commands about earlier runs: list, search, show, export, replay, delete."""

import csv
import io
import json
import os
import pty
import select
import subprocess

import pytest

from cli.command_line import CommandLine, lines
from ostream_compare.domain.spelling import from_json, from_toml

CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """Two finished runs and one that fails."""
    line = CommandLine(tmp_path_factory.mktemp("home"))
    for prompt in ("hi there", "about Straßen"):
        assert line("demo", "--headless", "-p", prompt).returncode == 0
    assert line("demo", "--headless", "-p", "third", "-m", "Swift").returncode == 0
    return line


def logs(line):
    return sorted((line.home / ".local/share/ostream-compare/runs").glob("*.jsonl"))


def listed(line, *arguments):
    done = line("history", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_run_is_listed_newest_first(past):
    found = listed(past)
    assert [run["prompt"] for run in found["runs"]] == ["third", "about Straßen", "hi there"]
    assert {run["state"] for run in found["runs"]} == {"finished"}
    assert [len(run["models"]) for run in found["runs"]] == [1, 4, 4]
    assert [(run["complete"], run["asked"]) for run in found["runs"]] == [(1, 1), (4, 4), (4, 4)]
    assert (found["total"], found["found"]) == (3, 3)
    table = lines(past("history", "-n", "1").stdout)
    assert table[0].split() == ["Id", "When", "State", "Done", "Cost", "Models", "Prompt"]
    assert (table[1].split()[0], table[-1]) == (found["runs"][0]["id"], "3 of 3 runs, 1 shown")
    assert " DEMO " in table[1]


@pytest.mark.parametrize(
    ("words", "found"), [("straßen", ["about Straßen"]), ("hi there", ["hi there"]), ("nothing like it", [])]
)
def test_runs_are_found_by_words(past, words, found):
    assert [run["prompt"] for run in listed(past, "--search", words)["runs"]] == found


def test_show_and_replay_print_the_table_and_the_answers(past):
    first = listed(past)["runs"][-1]["id"]
    shown = past("show", first)
    assert shown.returncode == 0
    assert first in lines(shown.stdout)[0]
    assert "hi there" in shown.stdout.decode()
    assert "---" not in past("show", first, "--no-answers").stdout.decode()
    replayed = past("replay", first)
    assert lines(replayed.stdout)[0].startswith("REPLAY DEMO")
    assert len(logs(past)) == 3, "a replay is no run"


def test_export_gives_what_was_saved_then(past):
    saved = {comparison.id: comparison for comparison in past.saved()}
    for run in listed(past)["runs"]:
        done = past("export", run["id"], "--format", "json")
        assert (done.returncode, done.stderr) == (0, b"")
        assert from_json(done.stdout.decode()) == saved[run["id"]]
    assert past("export", "last", "-o", "out.toml").returncode == 0
    assert from_toml((past.home / "out.toml").read_text()).prompts[0].user == "third"
    rows = list(csv.DictReader(io.StringIO(past("export", "--format", "csv").stdout.decode())))
    assert len(rows) == 1


@pytest.mark.parametrize("command", ["show", "export", "replay"])
@pytest.mark.parametrize(
    ("name", "said"), [("2", "3 runs begin with 2"), ("19991231", "no run is called 19991231")]
)
def test_a_name_that_is_no_run_is_an_error_with_the_nearest(past, command, name, said):
    done = past(command, name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "--speed", "0"], "0 is no positive number"),
        (["replay", "--speed", "nan"], "nan is no positive number"),
        (["replay", "last", "--prompt", "4"], "--prompt: there is no 4: the run has one prompt"),
        (["history", "--limit", "-1"], "-1 is no number of runs"),
        (["export", "-o", "none/out.toml"], "none/out.toml: could not be written"),
        (["history", "--delete", "last"], "there is nobody to ask"),
    ],
)
def test_a_wrong_flag_is_named(past, arguments, said):
    done = past(*arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert len(logs(past)) == 3


def test_an_empty_history_says_so(tmp_path):
    line = CommandLine(tmp_path)
    assert lines(line("history").stdout) == ["No run has been logged yet."]
    assert "no run has been logged yet" in line("show").stderr.decode()


def test_runs_are_deleted_with_yes_and_saved_results_stay(tmp_path):
    line = CommandLine(tmp_path)
    for prompt in ("one", "two"):
        line("demo", "--headless", "-p", prompt)
    oldest, newest = (path.stem for path in logs(line))
    done = line("history", "--delete", "last", "--delete", newest, "--yes")
    assert (done.returncode, done.stdout) == (0, b"")
    assert [run["id"] for run in listed(line)["runs"]] == [oldest]
    assert len(line.saved()) == 2
    assert [path.stem for path in logs(line)] == [oldest]


@pytest.mark.parametrize(("typed", "left"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_a_person_is_asked_before_a_run_is_deleted(tmp_path, typed, left):
    line = CommandLine(tmp_path)
    line("demo", "--headless", "-p", "one")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        line.command("history", "--delete", "last"),
        env=line.environ,
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while b"[y/N]" not in seen and select.select([ours], [], [], 30)[0]:
        seen += os.read(ours, 4096)
    os.write(ours, typed.encode())
    assert process.wait(30) == (0 if not left else 1)
    os.close(ours)
    assert len(logs(line)) == left


@pytest.mark.parametrize(
    ("arguments", "environ"), [(["--no-history"], {}), ([], {"OSTREAM_COMPARE_HISTORY": "0"})]
)
def test_a_run_can_be_kept_out_of_the_history(tmp_path, arguments, environ):
    line = CommandLine(tmp_path)
    assert line("demo", "--headless", "-p", "hi", *arguments, **environ).returncode == 0
    assert logs(line) == []
    assert len(line.saved()) == 1


def test_the_file_says_how_many_runs_are_kept(tmp_path):
    line = CommandLine(tmp_path)
    name = line.file(
        "[history]\nkeep_runs = 2\n[providers.demo]\nkind = 'demo'\n"
        "[[models]]\nname = 'Swift'\nprovider = 'demo'\nmodel = 'demo/swift'\n"
    )
    said = {}
    for prompt, quiet in (("one", ()), ("two", ()), ("three", ()), ("four", ("-q",))):
        done = line(name, "--headless", "-p", prompt, *quiet)
        assert done.returncode == 0
        said[prompt] = [text for text in lines(done.stderr) if "deleted" in text]
    one = ["1 earlier run is deleted from the history, as [history] in the file says"]
    assert said == {"one": [], "two": [], "three": one, "four": []}
    assert [run["prompt"] for run in listed(line)["runs"]] == ["four", "three"]


def test_an_export_never_writes_over_what_the_run_was_made_from(tmp_path):
    line = CommandLine(tmp_path)
    name = line.file(
        "[providers.demo]\nkind = 'demo'\n"
        "[[models]]\nname = 'Swift'\nprovider = 'demo'\nmodel = 'demo/swift'\n"
    )
    before = (tmp_path / name).read_bytes()
    assert line(name, "--headless", "-p", "hi", "-o", "run.json").returncode == 0
    kept = (tmp_path / "run.json").read_bytes()
    for arguments, why in (
        (("export", "last", "-o", f"./{name}"), b"is what the run was made from"),
        ((name, "-p", "hi", "--baseline", "run.json", "-o", "run.json"), b"is read by this run"),
    ):
        done = line(*arguments)
        assert done.returncode == 2, done.stderr
        assert why in done.stderr
    assert (tmp_path / name).read_bytes() == before
    assert (tmp_path / "run.json").read_bytes() == kept


def test_no_key_is_in_any_file_that_a_run_leaves(tmp_path):
    line = CommandLine(tmp_path)
    name = line.file(
        "[providers.x]\nbase_url = 'http://127.0.0.1:9/v1'\napi_key_env = 'X_KEY'\n"
        f"headers = {{ X-Team = '{CANARY}2' }}\n"
        "[[models]]\nname = 'X'\nprovider = 'x'\nmodel = 'm'\n"
    )
    line(name, "--headless", "-p", "hi", X_KEY=CANARY)
    assert len(logs(line)) == 1
    line("history", X_KEY=CANARY)
    files = [path for path in line.home.rglob("*") if path.is_file() and path.name != name]
    assert {path.name for path in files} >= {"history.sqlite", logs(line)[0].name}
    for path in files:
        assert CANARY.encode() not in path.read_bytes(), path


def test_files_are_shown_and_exported_as_runs_are_and_not_replayed(past):
    assert past("export", "last", "-o", "kept.json").returncode == 0
    shown = past("show", "kept.json")
    assert (shown.returncode, shown.stdout) == (0, past("show", "last").stdout)
    again = past("export", "./kept.json", "--format", "toml")
    assert from_toml(again.stdout.decode()) == from_json((past.home / "kept.json").read_text())
    assert b"no-such.toml" in past("show", "no-such.toml").stderr
    replayed = past("replay", "kept.json")
    assert replayed.returncode == 2
    assert b"only logged runs can be replayed" in replayed.stderr
