"""Makes logs of runs for tests: a small run, told in records."""

from datetime import UTC, datetime, timedelta

from ostream_compare.domain.comparison import Response, SavedCost, Timing
from ostream_compare.domain.events import Delta, LaneEnded, RequestSent
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.recorded import Header, RunEnded, happened, header_of
from ostream_compare.domain.run import Run

MS = 1_000_000
STARTED = datetime(2026, 11, 22, 7, 30, 12, tzinfo=UTC)
DEMO = Provider(name="demo", kind="demo")
PROMPT = Prompt(name="mutex", user="Explain mutex versus semaphore.")


def config(*names):
    presets = tuple(Preset(name=name, provider=DEMO, model=f"demo/{name.lower()}") for name in names)
    return Config(path="models.toml", sha256="0" * 64, presets=presets, prompts=(PROMPT,))


def header(number=0, *, prompt=PROMPT, names=("Swift", "Careful")) -> Header:
    """Of the run that began `number` minutes after `STARTED`."""
    made = config(*names)
    at = STARTED + timedelta(minutes=number)
    run = Run.begin(
        id=f"{at:%Y%m%d-%H%M%S}-{number:04x}",
        started_at=at,
        origin=7,
        prompt=prompt,
        presets=made.presets,
    )
    return header_of(run, made)


def verdict(lane, text, *, state="complete", name="", at=1900, cost="0.001", bound="exact"):
    response = Response(
        name=name or ("Swift", "Careful")[lane],
        provider="demo",
        model="demo/x",
        state=state,
        content=text,
        timing=Timing(ttft_ms=210.0, e2e_ms=float(at)),
        cost=SavedCost(total_usd=cost, source="preset", bound=bound),
    )
    return LaneEnded(lane=lane, at=at * MS, response=response)


def answer(lane, text, *, at=100):
    """The events of a lane's whole answer, in records."""
    sent = RequestSent(lane=lane, at=at * MS)
    deltas = [
        Delta(lane=lane, at=(at + 10 * n) * MS, text=f"{word} ") for n, word in enumerate(text.split(), 1)
    ]
    return [happened(event) for event in (sent, *deltas, verdict(lane, text))]


def ended(how="finished"):
    return RunEnded(how=how, at=STARTED)
