"""Several prompts: where they come from, that each is asked of each model, and going on after an end."""

import json
import os
import select
import signal
import time
from contextlib import suppress
from decimal import Decimal

import pytest

from cli.command_line import LIMIT, CommandLine, lines
from ostream_compare.domain.errors import UserError
from ostream_compare.domain.spelling import from_json
from ostream_compare.storage.run_log import read_run, recorded_comparison

FILE = """\
version = 1
[providers.p]
base_url = "http://127.0.0.1:9/v1"
{more}
[[models]]
name = "One"
provider = "p"
model = "{one}"
[[models]]
name = "Two"
provider = "p"
model = "{two}"
[[prompts]]
name = "greet"
user = "hello {{who}}"
variables = {{ who = ["you", "me"] }}
[[prompts]]
name = "leave"
user = "goodbye"
system = "be brief"
"""
JSONL = '{"name":"a","user":"lone { brace"}\n\n{"user":"{x}","system":"s","variables":{"x":["1",2]}}\n'


@pytest.fixture
def run(tmp_path):
    return CommandLine(tmp_path)


def file_of(run, one="m1", two="m2", more=""):
    return run.file(FILE.format(one=one, two=two, more=more))


def logs(run):
    return sorted((run.home / ".local/share/ostream-compare/runs").glob("*.jsonl"))


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ((), ["hello you"]),
        (("--prompts", "all"), ["hello you", "hello me", "goodbye"]),
        (("--prompts", "GREET"), ["hello you", "hello me"]),
        (("--prompts", "l*"), ["goodbye"]),
        (("-f", "set.jsonl"), ["lone { brace", "1", "2"]),
        (("-f", "set.jsonl", "--prompts", "a"), ["lone { brace"]),
        (("-f", "set.toml"), ["only {braces}", "x b"]),
        (("-f", "set.txt"), ['{"user":"not a set"}']),
        (("-p", "this", "-f", "set.jsonl"), ["this"]),
    ],
)
def test_every_prompt_is_asked_of_every_model(run, arguments, asked):
    run.file(JSONL, "set.jsonl")
    run.file(
        '[[prompts]]\nuser = "only {{braces}}"\n[[prompts]]\nuser="x {a}"\nvariables={a=["b"]}\n', "set.toml"
    )
    run.file('{"user":"not a set"}\n', "set.txt")
    done = run(file_of(run), *arguments, "--format", "json", "--repeat", "2")
    assert done.returncode == 0, done.stderr
    saved = from_json(done.stdout.decode())
    assert [prompt.user for prompt in saved.prompts] == asked
    assert [(r.prompt, r.round, r.name, r.content) for r in saved.responses] == [
        (prompt, number, name, f"{name} says {user}")
        for prompt, user in enumerate(asked)
        for number in (1, 2)
        for name in ("One", "Two")
    ]
    assert [(row.n, row.complete) for row in saved.summary] == [(2 * len(asked), 2 * len(asked))] * 2


def test_the_log_tells_what_is_saved(run):
    done = run(file_of(run, two="fails"), "--prompts", "all", "--warmup", "1", "--format", "json")
    assert done.returncode == 1
    (log,) = logs(run)
    assert recorded_comparison(log) == from_json(done.stdout.decode())
    assert run.saved() == [from_json(done.stdout.decode())]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("set.jsonl", '{"user":"x"}\nhello\n', "set.jsonl:2: this line is no JSON"),
        ("set.jsonl", '["x"]\n', 'set.jsonl:1: this line is no JSON object (such as {"user": "Hello"})'),
        ("set.jsonl", '\n{"usr":"x"}\n', "set.jsonl:2: usr: unknown key (did you mean user?)"),
        ("set.jsonl", '{"user":"{a}","variables":{"b":["1"]}}\n', "set.jsonl:1: user: asks for {a}"),
        ("set.jsonl", "\n\n", "set.jsonl: there is no prompt in it"),
        ("set.toml", "version = 1\n", "set.toml: there is no prompt in it"),
        (
            "set.toml",
            '[[prompts]]\nuse = "x"\n',
            "set.toml:2: prompts[0].use: unknown key (did you mean user?)",
        ),
        ("set.toml", "x\n", "set.toml:1: this is no TOML"),
    ],
)
def test_a_wrong_set_names_file_line_and_key(run, name, content, said):
    run.file(content, name)
    done = run(file_of(run), "-f", name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-f", "set.jsonl"), ["set.jsonl: sent as it stands, for want of variables: {n}, {who}"]),
        (("-f", "set.jsonl", "-q"), []),
        (("-p", "x", "-f", "set.jsonl"), ["--prompt-file set.jsonl is not read: --prompt is asked"]),
        (("--prompts", "leave"), []),
    ],
)
def test_what_is_not_filled_in_and_what_is_not_read_is_said(run, arguments, said):
    plain = {"user": 'Name {n} of {"a": 1} and {{m}} { to {n}', "system": "You are {who}"}
    run.file(json.dumps(plain) + '\n{"user":"{x}","variables":{"x":"1"}}\n', "set.jsonl")
    variables = {"OSTREAM_COMPARE_PROMPT": "theirs"} if "--prompts" in arguments else {}
    done = run(file_of(run), *arguments, **variables)
    assert done.returncode == 0
    assert [line for line in lines(done.stderr) if not line.startswith("saved: ")] == said
    (saved,) = run.saved()
    asked = {"-f": plain["user"], "-p": "x", "--prompts": "goodbye"}
    assert saved.prompts[0].user == asked[arguments[0]]


def test_a_prompt_that_there_is_not_is_refused(run):
    done = run(file_of(run), "--prompts", "gret")
    assert done.returncode == 2
    assert lines(done.stderr) == ["--prompts: no prompt is called gret (did you mean greet?)"]


def test_a_set_is_bounded_before_it_is_sent(run):
    run.file("".join(json.dumps({"user": "x" * n}) + "\n" for n in (1, 100)), "set.jsonl")
    file = file_of(run, more="[defaults]\nmax_tokens = 10\nprice = { input = 1, output = 1 }")
    done = run(file, "-f", "set.jsonl", "--dry-run", "--repeat", "3", child="crash")
    assert done.returncode == 0, done.stderr
    assert lines(done.stdout)[1].split()[:4] == ["One", "6", "≤116", "≤10"]


def test_a_budget_ends_a_set_and_keeps_what_there_is(run):
    run.file("".join(json.dumps({"user": str(n)}) + "\n" for n in range(50)), "set.jsonl")
    done = run(
        file_of(run, "costs", "m2"),
        "-f",
        "set.jsonl",
        "--max-cost",
        "0.35",
        "--format",
        "json",
        "--concurrency",
        "1",
    )
    assert done.returncode == 4, done.stderr
    saved = from_json(done.stdout.decode())
    whole = [r.prompt for r in saved.responses if (r.name, r.state) == ("One", "complete")]
    assert saved.over_budget
    assert 3 <= len(whole) <= 5
    assert max(r.prompt for r in saved.responses) < 8, "no more prompts are begun"


def test_few_prompts_are_under_way_at_once(run):
    """A model that never answers stops the others from running away."""
    run.file("".join(json.dumps({"user": str(n)}) + "\n" for n in range(50)), "set.jsonl")
    os.mkfifo(run.home / "told")
    told = os.open(run.home / "told", os.O_RDONLY | os.O_NONBLOCK)
    try:
        process = run.open(file_of(run, two="hangs"), "-f", "set.jsonl", "--concurrency", "4", child="tells")
        assert select.select([told], [], [], LIMIT)[0]
    finally:
        os.close(told)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    (saved,) = run.saved()
    prompts = {response.prompt for response in saved.responses}
    assert prompts == set(range(len(prompts)))
    assert 1 <= len(prompts) <= 3
    assert {r.state for r in saved.responses if r.name == "Two"} == {"cancelled"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_was_answered_is_not_asked_again(run, number):
    """The second model hangs, the run is ended; then it answers, and nobody else is asked."""
    os.mkfifo(run.home / "told")
    told = os.open(run.home / "told", os.O_RDONLY | os.O_NONBLOCK)
    try:
        process = run.open(file_of(run, two="hangs"), "--prompts", "all", child="tells")
        assert select.select([told], [], [], LIMIT)[0]
    finally:
        os.close(told)
    wait_for_verdict(run)
    process.send_signal(number)
    process.communicate(timeout=LIMIT)
    (log,) = logs(run)
    answered = [found.prompt for found in read_run(log).verdicts() if found.event.response.name == "One"]
    done = run("models.toml", "--resume", "last", "--format", "json", child="answers-all")
    assert done.returncode == 0, done.stderr
    saved = from_json(done.stdout.decode())
    assert [(r.prompt, r.name, r.state) for r in saved.responses] == [
        (prompt, name, "complete") for prompt in range(3) for name in ("One", "Two")
    ]
    assert (
        sorted((run.home / "answers-all").read_text().split()) == ["One"] * (3 - len(answered)) + ["Two"] * 3
    )


def wait_for_verdict(run):
    """Until the first answer is in the log."""
    for _ in range(LIMIT * 100):
        if any(type(record).__name__ == "Finished" for record in logged(run)):
            return
        time.sleep(0.01)
    pytest.fail("no verdict was logged")


def test_a_run_goes_on_to_the_same_comparison(run):
    file = file_of(run)
    whole = run(file, "--prompts", "all", "--seed", "7", "--repeat", "2", "--format", "json")
    (log,) = logs(run)
    records = log.read_bytes().splitlines(keepends=True)
    for cut in (1, len(records) // 3, len(records) // 2, len(records) - 3):
        log.write_bytes(b"".join(records[:cut]) + b"torn")
        answered = {(found.prompt, found.round, found.event.lane) for found in read_run(log).verdicts()}
        (run.home / "orders").unlink(missing_ok=True)
        done = run(file, "--resume", "last", "--format", "json", child="orders")
        assert done.returncode == 0, done.stderr
        saved = from_json(done.stdout.decode())
        assert saved.model_copy(update={"discarded": []}) == from_json(whole.stdout.decode())
        asked = (run.home / "orders").read_text().split()
        assert len(asked) == 3 * 2 * 2 - len(answered)
        assert recorded_comparison(log) == saved


def logged(run):
    """What all logs hold so far; nothing of one whose first line is being written."""
    records = []
    for log in logs(run):
        with suppress(UserError):
            records += read_run(log).records()
    return records


def kill_while_the_second_hangs(run, more, *arguments):
    """Once the log has the first model's verdict, and a piece of the second one."""
    file = file_of(run, two="hangs", more=more)
    process = run.open(file, *arguments)
    for _ in range(LIMIT * 100):
        told = [type(record).__name__ for record in logged(run)]
        if told.count("Grew") - told.count("Finished") == 1:
            break
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=LIMIT)
    assert (told.count("Grew"), told.count("Finished")) == (2, 1)
    return file


PRICED = "[defaults]\nprice = {{ input = 10000, output = 20000 }}"
PIECE = Decimal("0.12")
"""`hello you` is 2 tokens, `Two says hello you` is 4."""


def lose_the_collector_of_the_second(run, more, *arguments):
    """Once it has said the first model's verdict, and a piece of the second one."""
    file = file_of(run, two="dies", more=more)
    assert run(file, *arguments).returncode in {1, 3}  # some answered, or none: it was the warm-up
    return file


@pytest.mark.parametrize("warmup", [0, 1])
@pytest.mark.parametrize("cut_off", [kill_while_the_second_hangs, lose_the_collector_of_the_second])
def test_what_a_kill_cut_off_is_paid_for(run, cut_off, warmup):
    """Nobody reported what it cost: by estimate, at least what was received, before and after going on."""
    file = cut_off(run, PRICED.format(), "--warmup", str(warmup))
    (log,) = logs(run)
    before = recorded_comparison(log)
    cut = before.discarded[-1] if warmup else before.responses[-1].cost
    assert (Decimal(cut.total_usd), cut.bound, cut.estimated) == (Decimal("0.10"), "lower", True)
    assert history_of(run) == ("0.10", "lower", "0/2" if warmup else "1/2")
    for _ in range(2):  # a run that is whole is only told
        done = run(file, "--resume", "last", "--format", "json", child="answers-all")
        assert done.returncode == 0, done.stderr
        saved = from_json(done.stdout.decode())
        assert cut in saved.discarded
        assert recorded_comparison(log) == saved
        assert history_of(run) == ("0.10", "lower", "2/2")


def history_of(run):
    """Of its only run: what it cost, of what kind that is, and how many answers are whole of how many."""
    (past,) = json.loads(run("history", "--format", "json").stdout)["runs"]
    return f"{Decimal(past['cost_usd']):.2f}", past["cost_bound"], f"{past['complete']}/{past['planned']}"


@pytest.mark.parametrize("cut_off", [kill_while_the_second_hangs, lose_the_collector_of_the_second])
def test_what_a_kill_cut_off_counts_for_the_budget(run, cut_off):
    file = cut_off(run, PRICED.format())
    again = run(file, "--resume", "last", "--max-cost", "0.09", child="orders")
    assert again.returncode == 4, again.stderr
    assert not (run.home / "orders").exists()


def test_failures_are_asked_again_and_a_finished_run_is_only_told(run):
    file = file_of(run, two="fails")
    run(file, "--prompts", "all")
    (run.home / "orders").unlink(missing_ok=True)
    again = run(file, "--resume", "last", "--format", "json", child="orders")
    assert again.returncode == 1
    assert (run.home / "orders").read_text().split() == ["Two"] * 3
    assert len(from_json(again.stdout.decode()).responses) == 6
    whole = CommandLine(run.home)
    (run.home / "orders").unlink()
    whole(file_of(run), "-p", "hi")
    told = whole("models.toml", "--resume", "last", child="orders")
    assert told.returncode == 0, told.stderr
    assert not (run.home / "orders").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume", "2099"), "no run is called 2099"),
        (("--resume", "last", "-p", "x"), "--prompt: does not go with --resume"),
        (("--resume", "last", "--repeat", "3"), "--repeat: does not go with --resume"),
    ],
)
def test_what_cannot_go_on_is_refused(run, arguments, said):
    file = file_of(run)
    run(file)
    done = run(file, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


def test_a_budget_that_is_spent_is_asked_for_before_anything_is_paid_again(run):
    run.file("".join(json.dumps({"user": str(n)}) + "\n" for n in range(6)), "set.jsonl")
    file = file_of(run, "costs", "m2")
    assert run(file, "-f", "set.jsonl", "--max-cost", "0.2", "--concurrency", "1").returncode == 4
    (log,) = logs(run)
    begun = {found.prompt for found in read_run(log).verdicts()}
    again = run(file, "--resume", "last", "--format", "json", child="orders")
    assert again.returncode == 4, again.stderr
    assert not (run.home / "orders").exists()
    assert {response.prompt for response in from_json(again.stdout.decode()).responses} == begun
    more = run(file, "--resume", "last", "--max-cost", "9", "--format", "json")
    assert more.returncode == 0, more.stderr
    saved = from_json(more.stdout.decode())
    assert [r.content for r in saved.responses if r.name == "One"] == [f"One says {n}" for n in range(6)]
    assert not saved.over_budget
    assert not recorded_comparison(log).over_budget
