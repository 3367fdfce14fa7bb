"""The whole program on its own demo server: nothing is stood in for."""

import os

import pytest

from cli.forking import forked
from measuring import measured
from ostream_compare.domain.spelling import from_json, from_toml


def ostream_compare(home, *arguments, **environ):
    own = {"HOME": str(home), "PATH": os.environ["PATH"]}
    return forked(arguments, own | measured() | environ, home)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    done = ostream_compare(home, "demo", "-o", "out.json")
    return home, done


def test_every_demo_model_answers(demo):
    home, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    table = done.stdout.decode().splitlines()
    assert table[0].startswith("DEMO")
    assert [line.split()[:3] for line in table[3:7]] == [
        [name, "✓", "done"] for name in ("Swift", "Careful", "Terse", "Coder")
    ]
    assert table[-1] == "Cost: $0"
    assert from_json((home / "out.json").read_text()).demo


def test_figures_are_known_and_add_up(demo):
    home, _ = demo
    for response in from_json((home / "out.json").read_text()).responses:
        timing, usage = response.timing, response.usage
        assert 0 < timing.ttft_ms <= timing.e2e_ms
        assert timing.ttft_ms <= timing.ttfa_ms
        assert usage.source == "api"
        assert usage.input_tokens > 0
        assert usage.output_tokens >= (usage.reasoning_tokens or 0)
        assert response.finish_reason == "stop"
        assert response.content
        assert response.cost.total_usd == "0"


def test_the_save_and_the_export_are_the_same_comparison(demo):
    home, done = demo
    (saved,) = (home / ".local/share/ostream-compare/results").iterdir()
    assert str(saved) in done.stderr.decode()
    assert from_toml(saved.read_text()) == from_json((home / "out.json").read_text())


def test_a_connection_that_breaks_is_said_and_its_text_kept(tmp_path):
    done = ostream_compare(tmp_path, "demo", "-m", "Flaky", "--format", "json")
    assert done.returncode == 1, done.stderr
    (response,) = from_json(done.stdout.decode()).responses
    assert (response.state, response.error.kind) == ("failed", "connection_lost")
    assert response.content
    assert response.usage.output_tokens is None
    assert response.estimate.output_tokens > 0


def test_what_cannot_be_reached_fails_alone(tmp_path):
    (tmp_path / "models.toml").write_text(
        'version = 1\n[providers.demo]\nkind = "demo"\n'
        '[providers.away]\nbase_url = "http://127.0.0.1:9/v1"\n'
        '[providers.open]\nbase_url = "http://192.0.2.1/v1"\napi_key_env = "MY_KEY"\n'
        '[[models]]\nname = "Here"\nprovider = "demo"\nmodel = "demo/terse"\n'
        '[[models]]\nname = "Away"\nprovider = "away"\nmodel = "m"\n'
        '[[models]]\nname = "Open"\nprovider = "open"\nmodel = "m"\n'
    )
    done = ostream_compare(tmp_path, "models.toml", "-p", "hi", "--format", "json", MY_KEY="sk-canary")
    assert done.returncode == 1, done.stderr
    here, away, in_the_open = from_json(done.stdout.decode()).responses
    assert here.state == "complete"
    assert away.error.kind == "connect"
    assert in_the_open.error.kind == "insecure"
    assert b"canary" not in done.stdout + done.stderr
