import pytest

from cli.command_line import CommandLine, lines
from ostream_compare.domain.spelling import from_json, from_toml

MODELS = 'version = 1\n[providers.p]\nbase_url = "http://127.0.0.1:9/v1"\n' + "".join(
    f'[[models]]\nname = "{name}"\nprovider = "p"\nmodel = "{model}"\n'
    for name, model in (("One", "m1"), ("Two", "m2"))
)


@pytest.fixture
def run(tmp_path):
    command = CommandLine(tmp_path)
    command.file(MODELS)
    return command


def first(run, *arguments):
    assert run("models.toml", "-p", "hi", "-o", "before.json", *arguments).returncode == 0
    return from_json((run.home / "before.json").read_text())


def test_a_run_is_compared_with_a_file_below_its_table(run):
    before = first(run, "--repeat", "7", "-m", "One")
    done = run("models.toml", "-p", "hi", "--repeat", "7", "--baseline", "before.json")
    assert done.returncode == 0, done.stderr
    out = lines(done.stdout)
    start = next(number for number, line in enumerate(out) if line.startswith("Against "))
    assert out[start] == f"Against {before.id} · {before.started_at:%Y-%m-%d %H:%M} UTC · 7 rounds"
    assert out[start + 2].split() == ["Model", "Figure", "Now", "Before", "Change"]
    assert out[start + 3] == "One    TTFT     0.10s  0.10s   no clear difference (n=7)"
    assert "One    Answers  7      7       the same" in out
    assert out[-1] == "only in this run: Two"
    (_, saved) = run.saved()
    assert (saved.baseline.id, saved.baseline.only_now) == (before.id, ["Two"])
    assert saved.baseline.models[0].changes[0].p == 1.0


@pytest.mark.parametrize("named", ["id", "last", "saved"])
def test_a_run_is_named_by_its_id_or_as_the_last(run, named):
    before = first(run)
    name = {"id": before.id, "last": "last", "saved": before.id[:15]}[named]
    done = run("models.toml", "-p", "hi", "--baseline", name, "--format", "toml")
    assert done.returncode == 0, done.stderr
    assert from_toml(done.stdout.decode()).baseline.id == before.id


def test_another_prompt_is_said(run):
    first(run)
    done = run("models.toml", "-p", "other", "--baseline", "before.json")
    assert "the prompt is another one: nothing is compared" in lines(done.stdout)


def test_a_baseline_that_is_not_there_stops_before_anything_is_asked(run):
    done = run("models.toml", "-p", "hi", "--baseline", "nope.toml")
    assert (done.returncode, done.stdout) == (2, b"")
    assert lines(done.stderr) == ["nope.toml: No such file or directory"]
    assert run.saved() == []


def test_a_run_that_is_too_large_is_refused_before_anything_is_asked(run):
    first(run)
    (run.home / "many.jsonl").write_text('{"user": "hi"}\n' * 3)
    done = run("models.toml", "-f", "many.jsonl", "--repeat", "1000", "--baseline", "last")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "a run of 6000 answers is too large for it: 2000 are the most" in done.stderr.decode()


def test_plain_lines_say_it_too(run):
    first(run)
    done = run("models.toml", "-p", "hi", "--baseline", "last", "--plain")
    assert "One, total time: 0.20s, was 0.20s: no clear difference (n=1)" in lines(done.stdout)
    assert "One, cost: unknown, was unknown: no clear difference (n=0)" in lines(done.stdout)


@pytest.mark.parametrize(
    ("ending", "start"),
    [("html", "<!DOCTYPE html>"), ("htm", "<!DOCTYPE html>"), ("xml", "<?xml"), ("md", "#")],
)
def test_the_ending_names_the_format(run, ending, start):
    assert run("models.toml", "-p", "hi", "-o", f"out.{ending}").returncode == 0
    assert (run.home / f"out.{ending}").read_text().startswith(start)


@pytest.mark.parametrize("kind", ["html", "junit"])
def test_stdout_gets_the_document_and_nothing_else(run, kind):
    done = run("models.toml", "-p", "hi", "--format", kind)
    assert done.returncode == 0
    text = done.stdout.decode()
    assert text.startswith(("<!DOCTYPE html>\n<html", "<?xml"))
    assert text.rstrip().endswith(("</html>", "</testsuites>"))
