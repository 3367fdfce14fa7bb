"""Files of others in a user's folders: a run log, a saved result, votes, a theme, all of them hostile."""

import json

from ostream_compare.domain.comparison import (
    Comparison,
    Response,
    SavedConfig,
    SavedError,
    SavedPrompt,
    SavedToolCall,
    Timing,
    Vote,
)
from ostream_compare.domain.events import AttemptFailed, Delta, LaneEnded, RequestSent
from ostream_compare.domain.preset import Config, Preset, Prompt, Provider
from ostream_compare.domain.recorded import RunEnded, happened, header_of
from ostream_compare.domain.run import Run
from ostream_compare.domain.spelling import to_json, to_toml
from ostream_compare.storage.run_log import RunLog
from storage.runs import MS, STARTED

RUN = "20261122-073012-abcd"
COUNT = 3


def presets(foreign):
    """Models whose every name is foreign."""
    return tuple(
        Preset(
            name=foreign(n),
            provider=Provider(name=foreign(n + 1), base_url="https://api.example.com/v1"),
            model=foreign(n + 2),
            system=foreign(n + 3),
        )
        for n in range(COUNT)
    )


def prompt(foreign):
    """A prompt whose every text is foreign."""
    return Prompt(name=foreign(0), user=foreign(1), system=foreign(2), variables={foreign(3): foreign(4)})


def response(preset, foreign, lane):
    """What such a model answered; the last one failed."""
    failed = lane == COUNT - 1
    return Response(
        name=preset.name,
        provider=preset.provider.name,
        model=preset.model,
        served_model=foreign(lane),
        state="failed" if failed else "complete",
        finish_reason=foreign(lane + 1),
        error=SavedError(kind=foreign(5), message=foreign(6), code=foreign(7), hint=foreign(8))
        if failed
        else None,
        warnings=[foreign(9)],
        content=foreign(lane),
        reasoning=foreign(lane + 1),
        refusal=foreign(lane + 2),
        tool_calls=[SavedToolCall(id=foreign(3), name=foreign(4), arguments=foreign(5))],
        timing=Timing(ttft_ms=100, e2e_ms=200 + lane),
    )


def comparison(foreign):
    """A whole saved run."""
    models = presets(foreign)
    asked = prompt(foreign)
    return Comparison(
        id=RUN,
        started_at=STARTED,
        program_version=foreign(0),
        config=SavedConfig(path=foreign(1), sha256=foreign(2)),
        prompts=[
            SavedPrompt(
                name=asked.name, user=asked.user, system=asked.system, variables=dict(asked.variables)
            )
        ],
        responses=[response(preset, foreign, lane) for lane, preset in enumerate(models)],
        votes=[Vote(winner=models[0].name, loser=models[1].name)],
    )


def plant(home, foreign):
    """Put it all where the program looks."""
    models = presets(foreign)
    made = Config(path=foreign(0), sha256="0" * 64, presets=models, prompts=(prompt(foreign),))
    run = Run.begin(id=RUN, started_at=STARTED, origin=7, prompt=made.prompts[0], presets=models)
    log = RunLog.create(header_of(run, made), home.runs)
    for lane, preset in enumerate(models):
        failure = SavedError(kind="rate_limit", message=foreign(lane))
        for event in (
            RequestSent(lane=lane, at=MS),
            AttemptFailed(lane=lane, at=MS, attempt=1, error=failure, wait=0),
            Delta(lane=lane, at=2 * MS, text=foreign(lane), reasoning=foreign(lane + 1)),
            LaneEnded(lane=lane, at=3 * MS, response=response(preset, foreign, lane)),
        ):
            log.append(happened(event))
    log.append(RunEnded(how="finished", at=STARTED))
    log.close()
    name = "".join(letter for letter in foreign(3) if letter not in "/\0")[:120]
    (home.runs / f"{name}.jsonl").write_text("no log\n")
    home.results.mkdir(parents=True, exist_ok=True)
    (home.results / "planted.toml").write_text(to_toml(comparison(foreign)))
    (home.path / "planted.json").write_text(to_json(comparison(foreign)))
    votes = [{"winner": foreign(0), "loser": foreign(1)}] * 12 + [
        {"winner": foreign(1), "loser": foreign(0)}
    ] * 8
    (home.path / "votes.jsonl").write_text("".join(f"{json.dumps(vote)}\n" for vote in votes))
    home.state.mkdir(parents=True, exist_ok=True)
    settings = {"version": 1, "theme": foreign(4), "models": {"demo": [foreign(5)]}}
    (home.state / "settings.json").write_text(json.dumps(settings))
