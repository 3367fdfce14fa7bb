"""From flags to an exit code: what a run without a screen is made of, saved as and printed as."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ostream_compare.collector.client import Collector
from ostream_compare.collector.keys import order_lanes
from ostream_compare.domain.comparison import Comparison, SavedGate
from ostream_compare.domain.errors import Problem, UserError
from ostream_compare.domain.gate import Gate
from ostream_compare.domain.gate_parser import parse_gate
from ostream_compare.domain.ledger import Ledger
from ostream_compare.domain.preset import Config, Prompt
from ostream_compare.domain.record import new_seed
from ostream_compare.domain.recorded import header_of
from ostream_compare.domain.run import Repeats
from ostream_compare.domain.run_ids import new_run_id
from ostream_compare.domain.safe_text import repair
from ostream_compare.domain.sweep import Accounts, Plan, set_comparison
from ostream_compare.flags import Flags
from ostream_compare.headless.against import baseline_of, compared, refuse_large, shared_ledgers
from ostream_compare.headless.delivery import Delivery, is_large
from ostream_compare.headless.driver import Driver, Work
from ostream_compare.headless.journal import Journal
from ostream_compare.headless.outcome import exit_code
from ostream_compare.headless.resume import interrupted, work_left
from ostream_compare.headless.spending import refuse_without_money, unbounded_words
from ostream_compare.headless.spool import Spool
from ostream_compare.headless.watching import Plain, Progress, Watch
from ostream_compare.launch import Choice, chosen, concurrency_of
from ostream_compare.storage.atomic import in_words
from ostream_compare.storage.recorder import Recorder
from ostream_compare.storage.results import save_comparison
from ostream_compare.storage.run_log import log_path
from ostream_compare.terminal import complain, is_terminal, print_data

NewCollector = Callable[[Config], Collector]


def run_without_screen(
    config: Config, prompts: Sequence[Prompt], flags: Flags, new_collector: NewCollector
) -> int:
    """Ask `prompts` of the enabled models, print what came; the exit code.

    Raises:
        UserError: Nothing can be run, or a flag is wrong.
        CollectorDied: The process that makes the calls could not be started.
    """
    if not prompts:
        message = "there is no prompt: give one with -p"
        raise UserError("No prompt", Problem(path=config.path, message=message))
    if flags.system is not None:  # saved with the prompt, and sent once
        prompts = [replace(prompt, system=repair(flags.system)) for prompt in prompts]
        config = replace(config, presets=tuple(replace(preset, system=None) for preset in config.presets))
    if not config.enabled:
        message = "no model is enabled: set enabled = true, or choose with -m"
        raise UserError("Nothing to run", Problem(path=config.path, message=message), exit_code=3)
    gates = _gates(config, flags)
    repeats, concurrency = flags.repeats, concurrency_of(flags.concurrency)
    if flags.dry_run:
        return _dry_run(config, prompts, repeats)
    refuse_without_money(config)
    now = datetime.now(UTC)
    plan = Plan(
        id=new_run_id(now),
        started_at=now,
        prompts=tuple(prompts),
        presets=config.enabled,
        repeats=replace(repeats, seed=new_seed() if repeats.seed is None else repeats.seed),
        concurrency=concurrency,
        max_cost_usd=config.max_cost_usd,
    )
    session = _Session(config, gates, flags)
    refuse_large(plan, session.before)
    if flags.history:
        header = header_of(plan.run(0, 0), config, prompts=plan.prompts)
        plan = replace(plan, id=session.recorder.begin(header))
    work = Work(
        plan=plan,
        accounts=Accounts(ledger=Ledger(), discarded=[]),
        spool=Spool(),
        journal=Journal(session.recorder if flags.history else None, plan.id),
    )
    return session.run(work, new_collector)


def resume(file: Config, flags: Flags, new_collector: NewCollector) -> int:
    """Go on with the run that `--resume` names; the exit code.

    Args:
        file: Where the models' keys are.
        flags: Those that say what is asked are refused.
        new_collector: Makes the process that makes the calls.

    Raises:
        UserError: It cannot go on, or a flag is wrong.
        CollectorDied: The process that makes the calls could not be started.
    """
    _refuse_what_is_asked(flags)
    run = interrupted(flags.resume or "")
    config = run.config(file)
    if flags.max_cost is not None:
        config = chosen(config, Choice(max_cost=flags.max_cost))
    refuse_without_money(config)
    gates = _gates(config, flags)
    session = _Session(config, gates, flags)
    work = work_left(run, config, concurrency_of(flags.concurrency), session.recorder)
    refuse_large(work.plan, session.before)
    return session.run(work, new_collector)


def _refuse_what_is_asked(flags: Flags) -> None:
    """A run goes on with what it was begun with."""
    given = {
        "--prompt": flags.prompt,
        "--prompt-file": flags.prompt_file,
        "--prompts": flags.prompts,
        "--models": flags.models or None,
        "--system": flags.system,
        "--repeat": flags.repeat if flags.repeat != 1 else None,
        "--warmup": flags.warmup or None,
        "--seed": flags.seed,
        "--timeout": flags.timeout,
        "--dry-run": flags.dry_run or None,
    }
    problems = [
        Problem(key=name, message="does not go with --resume: the run asks what it was begun with")
        for name, value in given.items()
        if value is not None
    ]
    if problems:
        raise UserError("Not with --resume", *problems)


def _gates(config: Config, flags: Flags) -> list[Gate]:
    names = [preset.name for preset in config.enabled]
    has_baseline = flags.baseline is not None
    return [parse_gate(text, names, has_baseline=has_baseline) for text in flags.fail_if]


def _tell_gate(gate: SavedGate) -> None:
    """On stderr, whatever else is silent: it is why the exit code is what it is."""
    if gate.holds is False:
        return
    if gate.holds:
        said = "holds"
    else:
        said = "is unknown, which counts as if it held" if gate.fails else "is unknown, which is allowed"
    complain(f"--fail-if {said}: {gate.expression}")
    for reason in gate.reasons:
        complain(f"  {reason}")


def _dry_run(config: Config, prompts: Sequence[Prompt], repeats: Repeats) -> int:
    from ostream_compare.dry_run import bounds, table  # noqa: PLC0415 - nothing else needs the price list

    run = bounds(config, prompts, repeats)
    print_data(table(run))
    return run.exit_code


class _Session:
    """One run, from the first order to the last line."""

    def __init__(self, config: Config, gates: Sequence[Gate], flags: Flags) -> None:
        self._config = config
        self._gates = gates
        self._flags = flags
        self.before = baseline_of(flags.baseline)
        """The run to compare with."""
        self.recorder = Recorder(retention=config.history)
        """Of the run's log."""
        self.recorder.tell = complain
        self.recorder.note = self._note
        self._delivery = Delivery(flags)
        self._is_saved = False

    def run(self, work: Work, new_collector: NewCollector) -> int:
        """Ask what is to be asked, print what came; the exit code."""
        flags = self._flags
        if unbounded := unbounded_words(self._config):
            self._note(unbounded)
        collector = new_collector(self._config)
        saved: list[Comparison] = []
        try:
            collector.start()
            orders = order_lanes(work.plan.presets, os.environ, trusted=self._config.trusted)
            driver = Driver(work, collector, orders, self._watch())
            number = asyncio.run(driver.to_the_end(lambda: saved.append(self._kept(work))))
        finally:
            collector.kill()
            self.recorder.close()
        if number is not None and flags.history:
            self._note(f"interrupted with {_left(work)} left: --resume {work.plan.id} goes on")
        self._delivery.give(saved[0], work)
        work.spool.close()
        for gate in saved[0].gates:
            _tell_gate(gate)
        is_kept = self._delivery.is_whole and (self._is_saved or self._delivery.is_document)
        return exit_code(work.accounts, saved[0].gates, signal_number=number, is_kept=is_kept)

    def _watch(self) -> Watch:
        if self._flags.plain and not self._flags.is_export:
            return Plain(self._delivery.print, self._note)
        return Progress(self._progress)

    def _progress(self, line: str) -> None:
        """A line, if someone is there to read it."""
        if not self._flags.quiet and is_terminal(sys.stderr):
            complain(line)

    def _note(self, line: str) -> None:
        if not self._flags.quiet:
            complain(line)

    def _kept(self, work: Work) -> Comparison:
        """Save what came and say where; a large run is its log, and its responses stay on disk."""
        if is_large(work):
            self._is_saved = not self._flags.history or self.recorder.is_logging
            if self.recorder.is_logging:
                self._note(f"logged: {log_path(work.plan.id)}")
            return self._judged(set_comparison(work.plan, self._config, work.accounts), work)
        whole = set_comparison(work.plan, self._config, work.accounts, work.spool.responses())
        whole = self._judged(compared(whole, self.before), work)
        try:
            path = save_comparison(whole)
        except OSError as error:
            complain(f"the comparison could not be saved: {in_words(error)}")
        else:
            self._is_saved = True
            self._note(f"saved: {path}")
        return whole

    def _judged(self, saved: Comparison, work: Work) -> Comparison:
        """`saved` with what became of every gate."""
        if not self._gates:
            return saved
        shared, before = shared_ledgers(saved, self.before)
        ledger, allowed = work.accounts.ledger, self._flags.allow_unknown
        verdicts = [gate.verdict(ledger, shared=shared, before=before) for gate in self._gates]
        return saved.model_copy(update={"gates": [verdict.saved(allowed=allowed) for verdict in verdicts]})


def _left(work: Work) -> str:
    """How much of a run has no whole answer: `37 of 40 answers`."""
    whole = sum(account.complete for account in work.accounts.ledger.accounts.values())
    return f"{work.plan.responses - whole} of {work.plan.responses} answers"
