"""A background worker that fails says so, whichever screen started it."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from textual.worker import Worker

from ostream_compare import tui
from ostream_compare.domain.run import Repeats
from ostream_compare.tui.session import Machine
from tui.harness import Stage, play

ROOT = Path(inspect.getfile(tui)).parent


def classes_with_workers():
    """Module and name of every class that has a method which is a worker."""
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(("ostream_compare", "tui", *path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and "@work" in "".join(
                f"@{ast.unparse(decorator)} "
                for method in node.body
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
                for decorator in method.decorator_list
            ):
                yield module, node.name


FOUND = sorted(classes_with_workers())


def test_the_classes_with_workers_are_found():
    names = {name for _, name in FOUND}
    assert {"ResultsScreen", "DiffScreen", "HistoryScreen", "RunningScreen", "RememberingApp"} <= names


@pytest.mark.parametrize(("module", "name"), FOUND)
def test_whoever_starts_workers_hears_of_their_failure(module, name):
    kind = getattr(importlib.import_module(module), name)
    heard = [of for base in kind.__mro__ for of in base.__dict__.get("_decorated_handlers", {})]
    assert Worker.StateChanged in heard


def test_results_say_that_the_models_could_not_be_compared(tmp_path, monkeypatch):
    async def broken(run):
        raise ValueError(f"no verdict on {run.rounds} rounds [b]\x1b[2J")

    monkeypatch.setattr("ostream_compare.tui.repeats.verdicts", broken)

    async def scene(stage: Stage) -> None:
        for number in (1, 2):
            await stage.started(number)
            for lane in range(4):
                stage.fake.end(lane, "x")
        await stage.ended()
        await stage.press("t")
        await stage.until(lambda: stage.toasts, "it is told")
        (said,) = stage.toasts
        assert said.startswith("That did not work ValueError: no verdict on 2 rounds [b]")
        assert "\x1b" not in said

    machine = Machine(environ={}, results=tmp_path, repeats=Repeats(rounds=2, seed=1))
    play(scene, tmp_path, machine=machine)


def test_a_choice_that_cannot_be_remembered_is_told(tmp_path):
    def broken() -> None:
        raise ValueError("no such place")

    async def scene(stage: Stage) -> None:
        stage.app._remember(broken)
        await stage.until(lambda: stage.toasts, "it is told")
        assert stage.toasts == ["That did not work ValueError: no such place"]

    play(scene, tmp_path)
