"""The upper bound of a run's cost: exact figures, and nothing sent."""

from decimal import Decimal

import pytest

from cli.command_line import CommandLine, lines
from ostream_compare.collector import lane_call
from ostream_compare.domain.preset import Config, Preset, Price, Prompt, Provider, sent_texts
from ostream_compare.domain.run import Repeats
from ostream_compare.dry_run import bounds

LOCAL = Provider(name="p", base_url="http://127.0.0.1:9/v1")
OPENAI = Provider(name="openai", base_url="https://api.openai.com/v1")
DEMO = Provider(name="demo", kind="demo")
TWO_SIX = Price(input=Decimal(2), output=Decimal(6))
FILE = """\
version = 1
[providers.p]
base_url = "http://127.0.0.1:9/v1"
api_key_cmd = ["touch", "called"]
[[models]]
name = "One"
provider = "p"
model = "m1"
max_tokens = 100
retries = 1
price = { input = 2, output = 6 }
[[models]]
name = "Two"
provider = "p"
model = "m2"
price = { input = 2, output = 6 }
"""


def bound(*, provider=LOCAL, price=TWO_SIX, prompt="hello", system=None, retries=0, repeats=None, **params):
    preset = Preset(
        name="A",
        provider=provider,
        model="gpt-4o-mini",
        params=params,
        price=price,
        retries=retries,
        system=system,
    )
    config = Config(path=None, sha256=None, presets=(preset,))
    (found,) = bounds(config, [Prompt(user=prompt, system="Be.")], repeats or Repeats()).models
    return found


def test_a_bound_is_bytes_and_messages_in_and_max_tokens_out_for_every_call():
    found = bound(prompt="héllo", max_tokens=100, retries=2, repeats=Repeats(rounds=3, warmup=1))
    assert (found.calls, found.input_tokens, found.output_tokens) == (12, 6 + 16 + 3 + 16, 100)
    assert found.call_usd == Decimal("0.000682")  # (41 * 2 + 100 * 6) / 1e6
    assert found.usd == Decimal("0.008184")


@pytest.mark.parametrize(
    ("changes", "tokens_in", "tokens_out", "usd", "reason"),
    [
        ({"max_completion_tokens": 50}, 40, 50, "0.000380", None),
        ({"max_tokens": 50, "system": "Hi!"}, 59, 50, "0.000418", None),
        ({"max_tokens": 50, "extra_body": {"n": 3}}, 40 + 24, 150, "0.001028", None),
        ({"max_tokens": 50, "extra_body": {"max_tokens": 90}}, 40 + 34, 90, "0.000688", None),
        ({"max_tokens": 50, "temperature": 0.7, "seed": 1}, 40, 50, "0.000380", None),
        ({}, 40, None, None, "no bound: set max_tokens"),
        (
            {"max_tokens": 50, "web_search_options": {"a": 1}},
            40,
            50,
            None,
            "web_search_options is billed apart",
        ),
        ({"provider": DEMO, "price": None}, 40, None, "0", None),
        ({"price": Price(free=True)}, 40, None, "0", None),
        ({"price": Price(input=Decimal(3), output=Decimal(0))}, 40, None, "0.00012", None),
        (
            {
                "price": Price(input=Decimal(2), output=Decimal(6), cache_write=Decimal("2.5")),
                "max_tokens": 50,
            },
            40,
            50,
            "0.0004",
            None,
        ),
        ({"price": None, "max_tokens": 50}, 40, 50, None, "no price is known"),
        ({"price": None, "provider": OPENAI, "max_tokens": 1000}, 40, 1000, "0.000606", None),
        ({"price": Price(provider="openai", model="gpt-4o"), "max_tokens": 10}, 40, 10, "0.0002", None),
    ],
)
def test_what_counts_for_a_bound(changes, tokens_in, tokens_out, usd, reason):
    found = bound(**changes)
    assert (found.input_tokens, found.output_tokens) == (tokens_in, tokens_out)
    assert found.usd == (None if usd is None else Decimal(usd))
    assert (reason in found.reason) if reason else found.reason is None


def test_the_texts_that_are_counted_are_the_texts_that_are_sent():
    prompt, preset = Prompt(user="u", system="s"), Preset(name="A", provider=LOCAL, model="m", system="t")
    sent = [message["content"] for message in lane_call.messages(prompt, preset)]
    assert sent_texts(prompt, preset) == sent


@pytest.mark.parametrize(
    ("limit", "code"), [((), 0), (("--max-cost", "0.00385"), 4), (("--max-cost", "1"), 0)]
)
def test_a_dry_run_prints_the_bounds_and_sends_nothing(tmp_path, limit, code):
    run = CommandLine(tmp_path)
    done = run(run.file(FILE), "-p", "hello", "--repeat", "3", "--dry-run", *limit, child="crash")
    assert (done.returncode, done.stderr) == (code, b"")
    table = lines(done.stdout)
    assert table[0].split() == ["Model", "Calls", "In", "Out", "A", "call", "The", "run"]
    assert table[1].split() == ["One", "6", "≤21", "≤100", "≤$0.000642", "≤$0.003852"]
    assert table[2].split() == ["Two", "3", "≤21", "—", "—", "—"]
    assert table[4] == "Two: no bound: set max_tokens"
    assert "Total: no bound: 3 of 9 calls have none; the others cost at most $0.003852" in table
    assert ("Over budget: the run may cost $0.00385" in table) == (code == 4)
    assert run.saved() == []
    assert not (tmp_path / "called").exists(), "no key is looked up"


@pytest.mark.parametrize("flags", [["--fail-if", "ttft > 1"], ["--baseline", "nosuch.json"]])
def test_a_dry_run_says_which_flags_wait_for_figures(tmp_path, flags):
    run = CommandLine(tmp_path)
    said = run(run.file(FILE), "-p", "x", "--dry-run", *flags)
    quiet = run(run.file(FILE), "-p", "x", "--dry-run", "-q", *flags)
    assert (said.returncode, quiet.returncode, quiet.stderr) == (0, 0, b"")
    assert said.stderr.startswith(flags[0].encode())


def test_a_dry_run_needs_a_prompt_and_a_right_file(tmp_path):
    run = CommandLine(tmp_path)
    assert run(run.file(FILE), "--dry-run").returncode == 2
    assert run(run.file(FILE + "[[models]]\n"), "-p", "x", "--dry-run").returncode == 2


UNPRICED = FILE.replace("price = { input = 2, output = 6 }", "")


def test_models_without_a_price_are_not_said_to_cost_nothing(tmp_path):
    run = CommandLine(tmp_path)
    done = run(run.file(UNPRICED), "-p", "x", "--repeat", "2", "--dry-run")
    assert "Total: no bound: 6 of 6 calls have no price" in lines(done.stdout)


def test_a_limit_says_whose_calls_it_cannot_bound(tmp_path):
    run = CommandLine(tmp_path)
    file = run.file(FILE.replace('model = "m2"\nprice = { input = 2, output = 6 }', 'model = "m2"'))
    told = run(file, "-p", "x", "--max-cost", "1").stderr
    assert b"the limit of $1 does not bound the calls of Two: no price is known" in told
    assert b"does not bound" not in run(file, "-p", "x").stderr


def test_a_run_that_may_cost_nothing_sends_nothing(tmp_path):
    run = CommandLine(tmp_path)
    done = run(run.file(FILE), "-p", "x", "--max-cost", "0", child="crash")
    assert (done.returncode, done.stdout, run.saved()) == (4, b"", [])
    assert b"nothing was sent" in done.stderr
    assert not (tmp_path / "called").exists()
