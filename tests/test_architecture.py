"""The floors of the program: who imports whom, and what each way of starting it leaves unloaded."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIMIT = 120


def test_the_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.returncode == 0, done.stdout


def loaded_by(code, home):
    """Top-level names of `sys.modules` at the end of `code`."""
    script = f"{code}\nprint('\\n', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}"],
        env={"HOME": str(home), "TERM": "dumb", "PATH": "/usr/bin:/bin"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


SDK = {"openai", "httpx2", "aiohttp", "genai_prices"}
UI = {"textual"}
PAGES = {"jinja2", "markupsafe"}
BEHIND_THE_PICTURE = {"pydantic", "cyclopts", "markdown_it", "pygments", "tomlkit", "sqlite3"}
SERVER = {"starlette", "uvicorn"}
START = """
sys.argv[1:] = {}
from ostream_compare.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code
"""
FAKE = ROOT / "tests" / "collector" / "fake_child.py"
HEADLESS = f"""
from ostream_compare import cli
from ostream_compare.collector.client import Collector
cli._collector = lambda config: Collector([sys.executable, {str(FAKE)!r}])
assert cli.start(["demo", "--headless"]) == 0
"""
PICTURE = f"""
import asyncio
from ostream_compare import opening
seen = opening.glance({str(ROOT / "configs" / "models.toml")!r})
assert "Swift" in seen.names
from ostream_compare.collector import child
from ostream_compare.storage.settings import SettingsFile
SettingsFile.of_user().peek()
from ostream_compare.tui import early
async def show():
    app = early.EarlyApp(early.Picture(file=seen.path, names=seen.names, demo=True, prompt=seen.prompt), exit)
    app._show_first = lambda: app.push_screen(early.OpeningScreen(app._picture))
    async with app.run_test() as pilot:
        await pilot.pause()
asyncio.run(show())
"""


@pytest.mark.parametrize(
    ("code", "unloaded"),
    [
        (START.format(["--version"]), SDK | UI | SERVER | {"cyclopts", "pydantic", "asyncio"}),
        (START.format(["validate"]), SDK | SERVER | UI),
        (START.format(["--help"]), SDK | SERVER | UI),
        (HEADLESS, SDK | SERVER | UI | PAGES),
        ("import ostream_compare.tui.app", SDK | SERVER | PAGES),
        ("import ostream_compare.collector.worker", {"textual", "tomlkit"}),
        (PICTURE, SDK | SERVER | PAGES | BEHIND_THE_PICTURE),
    ],
)
def test_each_start_loads_what_it_needs_and_no_more(tmp_path, code, unloaded):
    assert loaded_by(code, tmp_path) & unloaded == set()
