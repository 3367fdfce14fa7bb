"""Rounds, retries, budgets and dry runs from the command line."""

import os
import re
import select
import signal

import pytest

from cli.command_line import LIMIT, CommandLine, lines
from cli.forking import forked
from ostream_compare.domain.spelling import from_json
from wire.cases import Answer, Frame
from wire.script import DONE, finish, stream, text, usage

MODEL = '[[models]]\nname = "{name}"\nprovider = "p"\nmodel = "{model}"\n'


@pytest.fixture
def run(tmp_path):
    return CommandLine(tmp_path)


def file_of(run, models, *, url="http://127.0.0.1:9/v1", extra=""):
    tables = "".join(MODEL.format(name=name, model=model) for name, model in models.items())
    return run.file(f'version = 1\n{extra}[providers.p]\nbase_url = "{url}"\n{tables}')


THREE = {"One": "m1", "Two": "m2", "Three": "m3"}


def test_every_round_asks_every_model_and_all_of_it_is_saved(run):
    done = run(file_of(run, THREE), "-p", "hi", "--repeat", "3", "--warmup", "1", "--seed", "7")
    assert done.returncode == 0, done.stderr
    table = lines(done.stdout)
    assert table[0].endswith("3 models · 3 rounds · 1 warm-up")
    head = ["Model", "State", "Failed", "TTFT", "Total", "tok/s", "In", "Out", "Cost", "n"]
    assert table[2].split() == head
    times = ["0.10s", "(0.10s-0.10s)", "0.20s", "(0.20s-0.20s)"]
    assert table[3].split() == ["One", "✓", "3/3", "0", *times, "—", "—", "—", "—", "3"]
    assert table[7] == "median (least-most) of n whole answers"
    assert table[9:12] == [
        "TTFT: all pairs: no clear difference (n=3)",
        "Total: all pairs: no clear difference (n=3)",
        "tok/s: all pairs: no clear difference (n=0 of 3)",
    ]
    (saved,) = run.saved()
    assert [(r.name, r.round) for r in saved.responses] == [
        (name, number) for number in (1, 2, 3) for name in THREE
    ]
    assert (saved.rounds, saved.warmup, saved.seed, saved.definitions) == (3, 1, 7, 1)
    assert all(sorted(order) == sorted(THREE) for order in saved.launch_order)
    assert len(saved.launch_order) == 3


def test_a_seed_gives_the_same_orders_again_and_none_is_drawn_and_told(run):
    file = file_of(run, {**THREE, "Four": "m4", "Five": "m5"})
    outs = [
        from_json(run(file, "-p", "hi", "--repeat", "4", "--format", "json", *seed).stdout.decode())
        for seed in (("--seed", "7"), ("--seed", "7"), ())
    ]
    assert outs[0].launch_order == outs[1].launch_order
    drawn = run(file, "-p", "hi", "--repeat", "4", "--format", "json", "--seed", str(outs[2].seed))
    assert from_json(drawn.stdout.decode()).launch_order == outs[2].launch_order


def test_the_launch_order_is_the_order_of_the_calls(run):
    done = run(
        file_of(run, THREE), "-p", "hi", "--repeat", "3", "--seed", "7", "--format", "json", child="orders"
    )
    saved = from_json(done.stdout.decode())
    assert (run.home / "orders").read_text().split("\n")[:-1] == [
        " ".join(names) for names in saved.launch_order
    ]


def test_a_retry_that_answered_is_no_failure_and_its_failed_attempt_is_kept(run):
    done = run(file_of(run, {"One": "retries", "Two": "m2"}), "-p", "hi")
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in re.split(" {2,}", line)[:2]] for line in lines(done.stdout)[3:6]]
    assert rows == [["One", "✗ limited 429, attempt 1"], ["Two", "✓ done"], ["One", "✓ done, attempt 2"]]
    assert "One, attempt 1: slow down" in done.stdout.decode()
    (saved,) = run.saved()
    assert [(r.name, r.attempt, r.state, r.error and r.error.kind) for r in saved.responses] == [
        ("One", 1, "failed", "rate_limit"),
        ("Two", 1, "complete", None),
        ("One", 2, "complete", None),
    ]
    assert [(row.n, row.failures) for row in saved.summary] == [(1, 0), (1, 0)]


def test_failures_keep_their_place_and_name_their_rounds(run):
    done = run(file_of(run, {"One": "fails", "Two": "m2"}), "-p", "hi", "--repeat", "2")
    assert done.returncode == 1
    table = lines(done.stdout)
    assert table[3].split()[:4] == ["One", "✗", "0/2", "2"]
    assert table[3].split()[-1] == "0"
    assert "One, rounds 1, 2: wrong key" in table
    assert "TTFT: One against Two: no clear difference (n=0 of 2)" in table


def test_a_model_without_its_key_is_skipped_in_every_round(run):
    file = file_of(run, {"One": "m1"})
    text_ = (run.home / file).read_text().replace('/v1"\n', '/v1"\napi_key_env = "MY_KEY"\n')
    done = run(run.file(text_), "-p", "hi", "--repeat", "2")
    assert done.returncode == 3
    assert "One, rounds 1, 2: MY_KEY is not set" in done.stdout.decode()


@pytest.mark.parametrize(
    ("file_limit", "arguments", "rounds", "code"),
    [
        ("", ("--max-cost", "0.25"), ["complete", "complete", "cancelled"], 4),
        ("0.25", (), ["complete", "complete", "cancelled"], 4),
        ("9", ("--max-cost", "0.2"), ["complete", "complete"], 4),
        ("0.01", ("--max-cost", "9"), ["complete"] * 3, 0),
        ("0.3", (), ["complete"] * 3, 0),
    ],
)
def test_a_budget_ends_the_run_and_keeps_what_came(run, file_limit, arguments, rounds, code):
    extra = f"[defaults]\nmax_cost_usd = {file_limit}\n" if file_limit else ""
    file = file_of(run, {"One": "costs"}, extra=extra)
    done = run(file, "-p", "hi", "--repeat", "3", *arguments, child="budget")
    assert done.returncode == code, done.stderr
    (saved,) = run.saved()
    assert [r.state for r in saved.responses] == rounds
    assert saved.over_budget == (code == 4)
    assert ("over budget" in done.stdout.decode()) == (code == 4)


def test_what_a_round_may_cost_is_what_is_left(run):
    run(
        file_of(run, {"One": "costs", "Two": "costs"}),
        *("-p", "hi", "--repeat", "3", "--warmup", "1", "--max-cost", "1"),
        child="budgets",
    )
    assert (run.home / "budgets").read_text().split() == ["1", "0.80", "0.60", "0.40"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--repeat", "0"), "--repeat: 0 is not between 1 and 1000"),
        (("--warmup", "-1"), "--warmup: -1 is not between 0 and 1000"),
        (("--seed", "-1"), "--seed: -1 is not between 0 and"),
        (("--max-cost", "lots"), "--max-cost: lots is no amount of US dollars (such as 0.25)"),
        (("--max-cost", "nan"), "is no amount"),
        (("--repeat", "two"), "two"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(run, arguments, said):
    done = run(file_of(run, THREE), "-p", "hi", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


def test_a_signal_ends_all_rounds(run):
    os.mkfifo(run.home / "told")
    told = os.open(run.home / "told", os.O_RDONLY | os.O_NONBLOCK)
    try:
        models = {"One": "m1", "Two": "hangs"}
        process = run.open(file_of(run, models), "-p", "hi", "--repeat", "3", child="tells")
        assert select.select([told], [], [], LIMIT)[0]
    finally:
        os.close(told)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    (saved,) = run.saved()
    assert [(r.name, r.round, r.state) for r in saved.responses] == [
        ("One", 1, "complete"),
        ("Two", 1, "cancelled"),
    ]
    assert (saved.rounds, len(saved.launch_order)) == (3, 1)


def whole_program(run, *arguments):
    return forked([*arguments, "-p", "hi", "--format", "json"], run.environ, run.home)


HELLO = (text("Hel"), text("lo"), finish("stop"), usage(3, 2), DONE)


def test_rounds_over_real_sockets(run, serve):
    site = serve(stream(*HELLO))
    file = file_of(run, {"One": "m1", "Two": "m2"}, url=site.base_url)
    done = whole_program(run, file, "--repeat", "6", "--warmup", "1")
    assert done.returncode == 0, done.stderr
    saved = from_json(done.stdout.decode())
    assert len(site.requests) == 2 * 7
    assert [(r.name, r.round) for r in saved.responses] == [
        (n, r) for r in range(1, 7) for n in ("One", "Two")
    ]
    assert {r.content for r in saved.responses} == {"Hello"}
    spread = saved.summary[0].spreads["ttft_ms"]
    assert spread.n == 6
    assert spread.min <= spread.median_low <= spread.median <= spread.median_high <= spread.max
    assert {pair.n for pair in saved.pairs if pair.figure == "ttft_ms"} == {6}


def test_a_budget_over_real_sockets(run, serve):
    site = serve(stream(*HELLO))
    extra = "[defaults]\nprice = { input = 0, output = 1_000_000 }\n"  # two dollars an answer
    file = file_of(run, {"One": "m1"}, url=site.base_url, extra=extra)
    done = whole_program(run, file, "--repeat", "5", "--max-cost", "5")
    assert done.returncode == 4, done.stderr
    saved = from_json(done.stdout.decode())
    assert [r.cost.total_usd for r in saved.responses[:2]] == ["2", "2"]
    assert len(site.requests) == len(saved.responses) == 3
    assert saved.over_budget


def test_retries_over_real_sockets(run, serve):
    headers = (("content-type", "application/json"), ("retry-after", "0"))
    busy = Answer(
        status=429, headers=headers, framing="length", frames=(Frame(b'{"error":{"message":"busy"}}'),)
    )
    site = serve(busy, stream(*HELLO))
    file = file_of(run, {"One": "m1"}, url=site.base_url, extra="[defaults]\nretries = 2\n")
    done = whole_program(run, file)
    assert done.returncode == 0, done.stderr
    saved = from_json(done.stdout.decode())
    assert [(r.attempt, r.state, r.error and r.error.status) for r in saved.responses] == [
        (1, "failed", 429),
        (2, "complete", None),
    ]
