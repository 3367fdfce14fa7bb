"""Goes on with a run that was interrupted: what was answered is taken from its log, the rest is asked."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ostream_compare.domain.body_secrets import with_secrets
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.lane import Waiting
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.preset import Config, Preset
from ostream_compare.domain.record import responses_of
from ostream_compare.domain.recorded import Header, Resumed, public
from ostream_compare.domain.retelling import Retelling
from ostream_compare.domain.run import Repeats, Run
from ostream_compare.domain.sweep import Accounts, Plan, placed, unanswered
from ostream_compare.headless.driver import Work
from ostream_compare.headless.journal import Journal
from ostream_compare.headless.spool import Spool
from ostream_compare.storage.history import History
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.run_log import RecordedRun, RunLog, read_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A run that can go on."""

    recorded: RecordedRun

    @property
    def header(self) -> Header:
        """What was asked."""
        return self.recorded.header

    def config(self, config: Config) -> Config:
        """What is to be run: the run's own models and budget, with keys, headers and secrets from the file.

        Raises:
            UserError: A model is no longer in the file, or is another one by now.
        """
        in_file = {preset.name: preset for preset in config.presets}
        presets = tuple(
            _with_secrets(preset, in_file.get(preset.name), config) for preset in self.header.presets
        )
        return replace(config, presets=presets, max_cost_usd=self.header.max_cost_usd)


def interrupted(name: str) -> Interrupted:
    """The run that is called `name`: its id, the beginning of it, or `last`.

    Raises:
        UserError: There is none, or it cannot be read.
    """
    history = History()
    try:
        path = history.path_of(history.find(name))
    finally:
        history.close()
    return Interrupted(recorded=read_run(path))


def work_left(run: Interrupted, config: Config, concurrency: int | None, recorder: Recorder) -> Work:
    """What is left of a run; from here on its log is being written again.

    Raises:
        UserError: Another program writes the log, or it cannot be opened.
    """
    header = run.header
    log = _reopened(run.recorded.path)
    plan = Plan(
        id=header.id,
        started_at=header.started_at,
        prompts=header.prompts,
        presets=config.enabled,
        repeats=Repeats(rounds=header.rounds, warmup=header.warmup, seed=header.seed),
        concurrency=concurrency,
        max_cost_usd=config.max_cost_usd,
    )
    work = Work(
        plan=plan,
        accounts=Accounts(ledger=Ledger(), discarded=[]),
        spool=Spool(),
        journal=Journal(recorder, header.id),
    )
    _tell(run.recorded, work)
    recorder.go_on(header.id, log)
    _settle(run.recorded, work)
    recorder.add(header.id, Resumed(at=datetime.now(UTC)))
    return work


def _reopened(path: Path) -> RunLog:
    try:
        return RunLog.reopen(path)
    except BlockingIOError:
        message = "is being written by another program: a run goes on in one place at a time"
        raise UserError("Still running", Problem(path=str(path), message=message)) from None
    except OSError as error:
        problem = Problem(path=str(path), message=f"cannot be opened: {error.strerror or error}")
        raise UserError("Cannot go on", problem) from None


def _tell(recorded: RecordedRun, work: Work) -> None:
    """Put prompts that are over where they belong as soon as they are, so that few are in memory."""
    story = Retelling(recorded.header)
    story.runs.clear()
    is_set = work.plan.is_set
    for record in recorded.records(deltas=False):
        story.tell(record)
        prompt: int | None = getattr(record, "prompt", None)
        if is_set and prompt is not None and prompt in story.runs and _is_answered(story.runs[prompt]):
            _put(_going_on(story.runs.pop(prompt), work), prompt, work)
    for prompt in sorted(story.runs):
        run = _going_on(story.runs[prompt], work)
        if _is_answered(run):
            _put(run, prompt, work)
        else:
            work.resumed[prompt] = run


def _settle(recorded: RecordedRun, work: Work) -> None:
    """Give answers that were coming in when the program was killed the verdict that a signal would have.

    What they cost counts then, in the run and in its log.
    """
    cut = {prompt: run for prompt, run in work.resumed.items() if _was_out(run)}
    story = Retelling(recorded.header)
    for record in (
        recorded.records(deltas={(prompt, run.round) for prompt, run in cut.items()}) if cut else ()
    ):
        prompt: int | None = getattr(record, "prompt", None)
        if prompt is None or prompt in cut:
            story.tell(record)
    for prompt in cut:
        run = _going_on(story.runs[prompt], work)
        for event in run.cut_off():
            work.journal.event(event, prompt, run.round)
            run = run.applied(event)
        work.resumed[prompt] = run


def _was_out(run: Run) -> bool:
    return any(isinstance(lane, Waiting) and lane.sent_at is not None for lane in run.lanes)


def _going_on(run: Run, work: Work) -> Run:
    """A run without the signal or the budget that stopped it, and with the budget of now."""
    return replace(run, stopped=False, cut_by_budget=False, max_cost_usd=work.plan.max_cost_usd)


def _is_answered(run: Run) -> bool:
    """Whether its last round is over, with whole answers."""
    return run.round >= run.rounds and run.round_is_over and not unanswered(run)


def _put(run: Run, prompt: int, work: Work) -> None:
    responses = placed(responses_of(run), prompt)
    work.spool.put(prompt, responses)
    work.accounts.close(run, responses)
    work.done.add(prompt)


def _with_secrets(logged: Preset, in_file: Preset | None, config: Config) -> Preset:
    """A model of the log with what a log does not have."""
    if in_file is None:
        message = f"the run asked {logged.name}, which is not in the file"
        hint = "name the file that the run was made from"
        raise UserError("Another file", Problem(path=config.path, key="--resume", message=message, hint=hint))
    now = public(in_file)
    if (now.provider, now.model) != (logged.provider, logged.model):
        message = f"{logged.name} is another model, or elsewhere, by now"
        raise UserError("Another model", Problem(path=config.path, key="--resume", message=message))
    headers = in_file.params.get("extra_headers")
    params = {**logged.params, **({"extra_headers": headers} if headers else {})}
    if "extra_body" in params:
        params["extra_body"] = with_secrets(params["extra_body"], in_file.params.get("extra_body"))
    return replace(logged, provider=in_file.provider, params=params, enabled=True)
