from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ostream_compare.domain.comparison import Response, SavedError, Timing
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.record import comparison
from ostream_compare.domain.run import Run
from ostream_compare.domain.summary import money_text

NOW = datetime(2026, 11, 22, 7, 30, 12, tzinfo=UTC)
DEMO = Provider(name="demo", kind="demo")
REAL = Provider(name="real", base_url="https://api.example.com/v1")


def response(name, state="complete", **more):
    return Response(**({"name": name, "provider": "real", "model": "m", "state": state} | more))


def begun(*presets):
    return Run.begin(
        id="r", started_at=NOW, origin=0, prompt=Prompt(user="hi", name="greet"), presets=presets
    )


def preset(name, provider=REAL):
    return Preset(name=name, provider=provider, model="m")


CONFIG = Config(path="a.toml", sha256="00", presets=())


def test_a_run_cut_short_keeps_what_there_is():
    run = begun(preset("A"), preset("B"), preset("C"))
    error = SavedError(kind="server", message="oops")
    for event in (
        RequestSent(lane=0, at=1_000_000),
        Delta(lane=0, at=5_000_000, reasoning="hmm"),
        Delta(lane=0, at=9_000_000, text="so"),
        AttemptFailed(lane=1, at=2, attempt=1, error=error, wait=0),
        RequestSent(lane=1, at=3, attempt=2),
        LaneEnded(lane=2, at=3, response=response("C", content="done")),
    ):
        run = run.applied(event)
    saved = comparison(run, CONFIG)
    assert [(r.name, r.state, r.attempt) for r in saved.responses] == [
        ("A", "cancelled", 1),
        ("B", "failed", 1),
        ("C", "complete", 1),
        ("B", "cancelled", 2),
    ]
    first = saved.responses[0]
    assert (first.content, first.reasoning) == ("so", "hmm")
    assert first.timing == Timing(ttft_ms=4, ttfa_ms=8, e2e_ms=8, bursts=2)
    assert saved.responses[3].timing == Timing()
    assert (saved.config.path, saved.prompts[0].name, saved.demo) == ("a.toml", "greet", False)


def test_a_single_demo_model_makes_the_comparison_a_demo():
    assert comparison(begun(preset("A"), preset("B", DEMO)), CONFIG).demo


def test_a_lone_surrogate_is_repaired_before_it_is_saved():
    run = begun(preset("A")).applied(
        LaneEnded(lane=0, at=1, response=response("A", content="a\ud800b\ud83d\ude00"))
    )
    assert comparison(run, CONFIG).responses[0].content == "a\ufffdb😀"


@pytest.mark.parametrize(("amount", "text"), [("1E-9", "0.000000001"), ("0.50", "0.50"), ("0", "0")])
def test_money_is_saved_without_an_exponent(amount, text):
    assert money_text(Decimal(amount)) == text
