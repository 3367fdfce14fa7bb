"""--fail-if, --plain and the exit codes that they take part in, from the command line."""

import subprocess
import xml.etree.ElementTree as ET

import pytest

from cli.command_line import LIMIT, CommandLine, lines
from ostream_compare.domain.spelling import from_json

MODEL = '[[models]]\nname = "{name}"\nprovider = "p"\nmodel = "{model}"\n'
KEYED = 'api_key_env = "NO_SUCH_KEY"\n'


@pytest.fixture
def run(tmp_path):
    return CommandLine(tmp_path)


def file_of(run, models, *, provider="", defaults=""):
    tables = "".join(MODEL.format(name=name, model=model) for name, model in models.items())
    return run.file(
        f'version = 1\n{defaults}[providers.p]\nbase_url = "http://127.0.0.1:9/v1"\n{provider}{tables}'
    )


TWO = {"One": "m1", "Two": "m2"}


@pytest.mark.parametrize(
    ("models", "flags", "code", "said"),
    [
        (TWO, ("ttft > 0.2",), 0, ()),
        (TWO, ("ttft >= 0.1",), 5, ("--fail-if holds: ttft >= 0.1", "  One: ttft is 0.1 s")),
        (TWO, ("ttft > 9", "e2e > 100ms"), 5, ("--fail-if holds: e2e > 100ms",)),
        (TWO, ("ttft_p95 > 0.8",), 5, ("--fail-if is unknown, which counts as if it held: ttft_p95 > 0.8",)),
        (TWO, ("ttft_p95 > 0.8", "--allow-unknown"), 0, ("--fail-if is unknown, which is allowed",)),
        (TWO, ("ttft_p95 > 0.8", "--allow-unknown", "--fail-if", "n > 0"), 5, ("--fail-if holds: n > 0",)),
        ({"One": "fails", "Two": "m2"}, ("failures > 0",), 5, ("  One: failures is 1",)),
        ({"One": "fails", "Two": "m2"}, ("failures > 1",), 1, ()),
        ({"One": "costs"}, ("cost >= 0.1",), 5, ("  One: cost is $0.1",)),
        ({"One": "costs"}, ("cost >= 0.1", "--max-cost", "0.01"), 4, ("--fail-if is unknown",)),
    ],
)
def test_a_gate_decides_the_exit_code_and_says_why(run, models, flags, code, said):
    arguments = [part for flag in flags for part in ([flag] if "--" in flag else ["--fail-if", flag])]
    if "--fail-if" in flags or "--max-cost" in flags:  # given with their values
        arguments = ["--fail-if", *flags]
    done = run(file_of(run, models), "-p", "hi", "-q", *arguments)
    assert done.returncode == code, done.stderr
    told = done.stderr.decode()
    assert all(line in told for line in said), told
    assert bool(said) == ("--fail-if" in told)
    assert lines(done.stdout)[2].startswith("Model")


def test_nothing_that_could_be_run_comes_before_a_gate(run):
    done = run(file_of(run, TWO, provider=KEYED), "-p", "hi", "--fail-if", "n > 0")
    assert done.returncode == 3


def test_a_wrong_expression_is_refused_before_anything_is_sent(run):
    done = run(file_of(run, TWO), "-p", "hi", "--fail-if", "ttft > 1 or tfft > 1", child="orders")
    assert (done.returncode, done.stdout) == (2, b"")
    assert lines(done.stderr) == [
        "--fail-if: column 13: unknown figure tfft (did you mean ttft?)",
        "  ttft > 1 or tfft > 1",
        "              ^^^^",
    ]
    assert not (run.home / "orders").exists()
    assert run.saved() == []


@pytest.mark.parametrize(
    ("gate", "code", "said"),
    [
        ("ttft_change > 10%", 0, ""),
        ("total_ratio >= 1 and tps_change == 0", 5, "--fail-if is unknown"),
        ("baseline.ttft >= ttft", 5, "  One: baseline.ttft is 0.1 s"),
    ],
)
def test_a_gate_may_set_figures_against_a_baseline(run, gate, code, said):
    file = file_of(run, {"One": "m1"})
    assert run(file, "-p", "hi", "-o", "before.json").returncode == 0
    done = run(file, "-p", "hi", "--baseline", "before.json", "--fail-if", gate, "-o", "now.json")
    assert done.returncode == code, done.stderr
    assert said in done.stderr.decode()
    (saved,) = from_json((run.home / "now.json").read_text()).gates
    assert (saved.expression, saved.fails) == (gate, code == 5)
    alone = run(file, "-p", "hi", "--fail-if", gate, child="orders")
    assert (alone.returncode, alone.stdout) == (2, b"")


def test_a_ci_is_shown_every_gate(run):
    file = file_of(run, TWO)
    gates = ("ttft > 9", "ttft >= 0.1", "ttft_p95 > 0.8")
    flags = [part for gate in gates for part in ("--fail-if", gate)]
    for more, counts in (((), ("2", "1")), (("--allow-unknown",), ("1", "1"))):
        done = run(file, "-p", "hi", "-o", "-", "--format", "junit", *flags, *more)
        assert done.returncode == 5
        suite = ET.fromstring(done.stdout).findall("testsuite")[-1]
        assert [case.get("name") for case in suite.iter("testcase")] == list(gates)
        failed = len(list(suite.iter("failure"))) + len(list(suite.iter("error")))
        assert (str(failed), str(len(list(suite.iter("failure"))))) == counts


def test_plain_is_lines_in_the_order_of_events(run):
    done = run(file_of(run, {"One": "m1"}), "-p", "hi", "--plain", "-q")
    assert (done.returncode, done.stderr) == (0, b"")
    told = lines(done.stdout)
    assert told[:5] == [
        "One starts.",
        "One: first token after <0.01s.",
        "One: done, after 0.20s. The answer:",
        "One says hi",
        "End of the answer of One.",
    ]
    assert told[6:] == [
        "One, state: done",
        "One, time to first token: 0.10s",
        "One, total time: 0.20s",
        "One, tokens a second: unknown",
        "One, input tokens: unknown",
        "One, output tokens: unknown",
        "One, cost: unknown",
        "Cost of the run: 1 unpriced",
    ]


def test_plain_says_what_failed_and_where_in_the_run(run):
    done = run(file_of(run, {"One": "fails", "Two": "retries"}), "-p", "hi", "--plain", "--repeat", "2")
    assert done.returncode == 1
    told = lines(done.stdout)
    assert "One, round 2/2: auth 401: wrong key, after 0.20s. The answer:" in told
    assert "Two, round 1/2: attempt 1 failed: slow down. Trying again." in told
    assert not {"✓", "✗", "—", "·"} & set(done.stdout.decode())


def test_a_reader_that_goes_away_ends_nothing_loudly(run):
    command = run.command(file_of(run, TWO), "-p", "hi", "--plain", "--repeat", "20")
    quoted = " ".join(f"'{part}'" for part in command)
    done = subprocess.run(
        ["sh", "-c", f"{quoted} | head -n 1"],
        env=run.environ,
        cwd=run.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=True,
    )
    assert len(lines(done.stdout)) == 1
    (note,) = lines(done.stderr)
    assert note.startswith("saved: ")
