"""The history: lists, searches, names, keeps and deletes what the logs say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ostream_compare.domain.errors import UserError
from ostream_compare.domain.past_run import cost_words, done_words, state_words
from ostream_compare.domain.preset import Prompt, Retention
from ostream_compare.domain.recorded import Restarted, Resumed, RoundBegan, happened
from ostream_compare.storage.run_log import RunLog
from storage.histories import OPENED, history, ids, log
from storage.runs import STARTED, answer, ended, header, verdict


def test_runs_are_listed_newest_first_and_by_pages(folder):
    made = [log(folder, number) for number in range(7)]
    opened = history(folder)
    assert ids(opened.page(limit=3)) == made[:3:-1]
    assert ids(opened.page(limit=3, offset=3)) == made[3:0:-1]
    assert ids(opened.page(limit=-1)) == made[::-1]
    assert opened.count() == 7


@pytest.mark.parametrize(
    ("states", "how", "said"),
    [
        (("complete", "complete"), "finished", "✓ 2/2"),
        (("failed", "failed"), "finished", "✗ 0/2"),
        (("complete", "truncated"), "finished", "✗ 1/2"),
        (("complete", "cancelled"), "finished", "■ 1/2"),
        (("failed", "cancelled"), "finished", "✗ 0/2"),
        (("complete", "cancelled"), "cancelled", "■ stopped"),
        (("complete", "complete"), "over_budget", "$ over budget"),
        (("complete",), None, "✗ interrupted"),
    ],
)
def test_a_line_tells_how_the_answers_ended(folder, states, how, said):
    run = RunLog.create(header(), folder / "runs")
    for lane, state in enumerate(states):
        run.append(happened(verdict(lane, "a mutex", state=state)))
    run.append(*([ended(how)] if how else []))
    run.close()
    assert [state_words(run) for run in history(folder).page()] == [said]


@pytest.mark.parametrize(
    ("costs", "shown", "bound"),
    [
        ([("0.001", "exact"), ("0.002", "exact")], "$0.0030", "exact"),
        ([("0.001", "exact"), ("0.002", "estimated")], "~$0.0030", "estimated"),
        ([("0.001", "exact"), ("0.002", "lower")], "≥$0.0030", "lower"),
        ([("0.001", "estimated"), ("0.002", "lower")], "≥~$0.0030", "lower"),
        ([("0.001", "exact"), (None, None)], "≥$0.0010", "lower"),
        ([("0", "exact"), ("0", "lower")], "$0", "exact"),
        ([(None, None), (None, None)], "—", None),
    ],
)
def test_a_line_tells_whether_its_cost_is_exact(folder, costs, shown, bound):
    run = RunLog.create(header(), folder / "runs")
    for lane, (usd, kind) in enumerate(costs):
        state = "truncated" if kind == "lower" else "complete"
        run.append(happened(verdict(lane, "a mutex", state=state, cost=usd, bound=kind)))
    run.append(ended())
    run.close()
    (past,) = history(folder).page()
    assert (cost_words(past), past.cost_bound) == (shown, bound)
    assert past.cost_partial == ((None, None) in costs)


@pytest.mark.parametrize("again", [False, True])
def test_a_warm_up_that_is_asked_again_is_paid_for_once_and_is_no_answer(folder, again):
    run = RunLog.create(replace(header(names=("Swift",)), warmup=1), folder / "runs")
    half = replace(verdict(0, "half", state="cancelled", bound="lower"), at=1)
    sent, grew, *_ = answer(0, "half")
    warmup = [replace(record, round=0) for record in (sent, grew, happened(half))]
    told_again = [Restarted(lane=0, round=0), replace(sent, round=0)] if again else []
    run.append(*warmup, Resumed(at=STARTED), *told_again)
    run.append(*([happened(verdict(0, "warm"), round=0)] if again else []))
    run.append(RoundBegan(round=1), *answer(0, "a mutex"), ended())
    run.close()
    (past,) = history(folder).page()
    assert state_words(past) == "✓ 1/1"
    assert cost_words(past) == ("≥$0.0030" if again else "≥$0.0020")


def test_a_line_tells_how_much_of_a_run_is_missing(folder):
    head = replace(header(), prompts=(Prompt(user="a"), Prompt(user="b"), Prompt(user="c")), rounds=2)
    run = RunLog.create(head, folder / "runs")
    run.append(*answer(0, "a mutex"))
    run.close()
    (past,) = history(folder).page()
    assert (done_words(past), past.asked, past.planned) == ("1/12", 2, 12)


def test_a_line_tells_what_the_run_was(folder):
    log(folder, 0)
    (run,) = history(folder).page()
    assert (run.title, run.models, run.complete, run.asked) == ("mutex", ("Swift", "Careful"), 1, 2)
    assert (run.state, run.cost_usd, run.cost_partial, run.demo) == ("finished", "0.001", False, True)
    assert run.started_at == STARTED.isoformat()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", [2, 1, 0]),
        ("owner", [0]),
        ("OWNER mutex", [0]),
        ("own", [0]),
        ("ow", [0]),
        ("owner nothing", []),
        ("straße", [1]),
        ("STRASSE", [1]),
        ("互斥锁", [2]),
        ("锁", [2]),
        ('say "hi', [2]),
        ("100%_*", [2]),
        ("' OR 1=1 --", []),
        ("gpt-5", [1]),
        ("20261122-0731", [1]),
    ],
)
def test_words_are_found_in_ids_prompts_models_and_answers(folder, search, found):
    made = [
        log(folder, 0),
        log(folder, 1, "in der Straße", prompt=Prompt(user="Wo?"), names=("gpt-5", "b")),
        log(folder, 2, '互斥锁 say "hi" 100%_* \x00 end', prompt=Prompt(user="什么")),
    ]
    opened = history(folder)
    assert ids(opened.page(search)) == [made[number] for number in found]
    assert opened.count(search) == len(found)


def test_a_run_without_an_end_is_interrupted_or_running(folder):
    interrupted = log(folder, 0, "half an answ", end=False)
    writing = RunLog.create(header(1), folder / "runs")
    writing.append(*answer(0, "xyzzy")[:-1])
    opened = history(folder)
    assert [(run.id, run.state) for run in opened.page()] == [
        (writing.path.stem, "running"),
        (interrupted, "interrupted"),
    ]
    assert opened.delete([writing.path.stem]) == []
    assert writing.path.exists()
    writing.close()
    assert [run.state for run in opened.page()] == ["interrupted", "interrupted"]
    assert ids(opened.page("xyzzy")) == [writing.path.stem]
    assert opened.state_of(interrupted) == "interrupted"


@pytest.mark.parametrize(
    ("name", "number"),
    [("last", 2), ("20261122-073012-0000", 0), ("20261122-0731", 1), ("20261122-073212", 2)],
)
def test_a_run_is_called_by_its_id_its_beginning_or_last(folder, name, number):
    made = [log(folder, number) for number in range(3)]
    assert history(folder).find(name) == made[number]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("20261122-073", "3 runs begin with 20261122-073: .*give more of the id"),
        ("20261122-073012-0001", "did you mean 20261122-073"),
        ("zz\x1b[31m", "no run is called zz␛.*the last one is 20261122-073212-0002"),
        ("", "no run is called"),
        ("../../etc/passwd", "no run is called"),
    ],
)
def test_a_name_that_is_none_gets_the_nearest_ones(folder, name, said):
    for number in range(3):
        log(folder, number)
    with pytest.raises(UserError, match=said):
        history(folder).find(name)


def test_in_an_empty_history_nothing_is_found(folder):
    for name in ("last", "x"):
        with pytest.raises(UserError, match="no run has been logged yet"):
            history(folder).find(name)
    assert history(folder).page() == []


def test_what_is_deleted_is_gone_for_good(folder):
    secrets = [f"xylophone{number} quixotic " * 200 for number in range(20)]
    made = [log(folder, number, secret) for number, secret in enumerate(secrets)]
    opened = history(folder)
    assert opened.delete(made[1:]) == made[1:]
    assert ids(opened.page()) == made[:1]
    opened.close()
    assert ids(history(folder).page("xylophone0")) == made[:1]
    OPENED.pop().close()
    left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"xylophone0" in left
    for number in range(1, 20):
        assert b"xylophone%d " % number not in left


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (Retention(), [3, 2, 1, 0]),
        (Retention(runs=2), [3, 2]),
        (Retention(runs=9), [3, 2, 1, 0]),
        (Retention(days=1), [3, 2]),
        (Retention(days=1, runs=1), [3]),
        (Retention(days=10**9), [3, 2, 1, 0]),
    ],
)
def test_a_rule_keeps_the_newest(folder, rule, kept):
    day = 24 * 60
    made = [log(folder, number) for number in (0, day, 2 * day, 2 * day + 1)]
    opened = history(folder)
    gone = opened.retain(rule, now=STARTED + timedelta(days=2, hours=1))
    assert set(gone) == set(made) - {made[number] for number in kept}
    assert ids(opened.page()) == [made[number] for number in kept]
