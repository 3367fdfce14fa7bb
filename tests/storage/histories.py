"""Makes a history of small finished runs, and opens it."""

from ostream_compare.storage.history import History
from ostream_compare.storage.run_log import RunLog
from storage.runs import answer, ended, header

OPENED: list[History] = []


def log(folder, number, text="a mutex has one owner", *, prompt=None, end=True, names=("Swift", "Careful")):
    """A finished run of one answer; its id."""
    head = header(number, names=names, **({"prompt": prompt} if prompt else {}))
    run = RunLog.create(head, folder / "runs")
    run.append(*answer(0, text), *([ended()] if end else []))
    run.close()
    return head.id


def history(folder):
    opened = History(folder)
    OPENED.append(opened)
    opened.refresh()
    return opened


def ids(runs):
    return [run.id for run in runs]
