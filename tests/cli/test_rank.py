import csv
import io
import json
import random
from datetime import UTC, datetime

import pytest

from cli.command_line import lines
from cli.endpoint import Program
from ostream_compare.domain.comparison import Comparison, Vote
from ostream_compare.domain.spelling import to_toml


@pytest.fixture
def run(tmp_path):
    return Program(tmp_path)


def votes(count=80, names=("Swift", "Careful", "=Terse"), seed=3):
    source = random.Random(seed)
    rows = []
    for number in range(count):
        a, b = sorted(source.sample(names, 2), key=names.index, reverse=source.random() < 0.2)
        rows.append({"winner": a, "loser": b, "tie": number % 6 == 0})
    return "\n".join(map(json.dumps, rows))


def test_votes_of_a_file_are_ranked(run):
    done = run("rank", "--import", run.file(votes(), "votes.jsonl"))
    assert (done.returncode, done.stderr) == (0, b"")
    out = lines(done.stdout)
    assert out[0].split() == ["#", "Model", "Rating", "95", "%", "Wins", "Ties", "Losses", "Votes"]
    assert [line.split()[:2] for line in out[1:4]] == [["1", "Swift"], ["2", "Careful"], ["3", "=Terse"]]
    assert out[5].startswith("80 votes. Bradley-Terry")


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_programs_and_spreadsheets_get_the_same(run, kind):
    done = run("rank", "--import", run.file(votes(), "votes.jsonl"), "--format", kind)
    if kind == "json":
        report = json.loads(done.stdout)
        assert (report["votes"], report["missing"]) == (80, [])
        rows = report["models"]
    else:
        rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    assert [str(row["rank"]) for row in rows] == ["1", "2", "3"]
    assert rows[2]["name"] == ("=Terse" if kind == "json" else "'=Terse")
    assert all(float(row["low"]) < float(row["rating"]) < float(row["high"]) for row in rows)


def test_patterns_choose_the_models(run):
    file = run.file(votes(), "votes.jsonl")
    done = run("rank", "--import", file, "-m", "s*", "-m", "CAREFUL")
    assert [line.split()[1] for line in lines(done.stdout)[1:3]] == ["Swift", "Careful"]


def test_too_few_votes_say_what_is_missing(run):
    done = run("rank", "--import", run.file("winner,loser\nA,B\n", "votes.csv"))
    assert done.returncode == 1
    out = lines(done.stdout)
    assert out[1].split() == ["—", "A", "—", "—", "1", "0", "0", "1"]
    assert out[4:] == ["No ranks yet:", "  A has 1 vote, 9 more needed", "  B has 1 vote, 9 more needed"]


def test_nothing_at_all(run):
    done = run("rank")
    assert (done.returncode, lines(done.stdout)) == (1, ["No ranks yet:", "  there are no votes"])


def test_votes_of_the_demo_are_left_out_and_counted(run):
    saved = run.home / ".local" / "share" / "ostream-compare" / "results"
    saved.mkdir(parents=True, exist_ok=True)
    demo = Comparison(
        id="20261122-073012-4f2a",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        program_version="1",
        demo=True,
        prompts=[],
        responses=[],
        votes=[Vote(winner="Swift", loser="Careful")] * 3,
    )
    (saved / "demo.toml").write_text(to_toml(demo))
    file = run.file(votes(), "votes.jsonl")
    for flags, count, said in (
        ((), 80, ["3 votes on answers of the demo left out: --demo counts demo votes, too"]),
        (("-m", "=*", "-m", "swift"), None, []),
        (("--demo",), 83, []),
    ):
        done = run("rank", "--import", file, "--format", "json", *flags)
        assert lines(done.stderr) == said
        assert count in {None, json.loads(done.stdout)["votes"]}


def test_a_bad_line_is_named_on_stderr(run):
    done = run("rank", "--import", run.file('{"winner":"\\u001b[2J"}', "votes.jsonl"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert lines(done.stderr) == ["votes.jsonl:1: loser is missing: the name of a model (of a tie, too)"]


def test_a_hostile_name_steers_no_terminal(run):
    text = "\n".join(json.dumps({"winner": "\x1b[2J\nX", "loser": "B"}) for _ in range(10))
    for kind in ("text", "json", "csv"):
        done = run("rank", "--import", run.file(text, "votes.jsonl"), "--format", kind)
        assert done.returncode == 0
        assert b"\x1b" not in done.stdout
