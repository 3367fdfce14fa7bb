"""What the program is made of: pinned, hashed, licensed, and silent until it is asked."""

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from measuring import measured

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s\\]+)")
NO_NETWORK = """
import sys
def refuse(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        raise SystemExit(f"network: {event} {args}")
sys.addaudithook(refuse)
"""


def pins(name):
    return {canonicalize_name(found[1]): found[2] for found in PIN.finditer((ROOT / name).read_text("utf-8"))}


def needed():
    found, queue = set(), [("ostream-compare", "")]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                queue += [(canonicalize_name(requirement.name), more) for more in ("", *requirement.extras)]
    return {name for name, _ in found} - {"ostream-compare"}


def test_the_lock_holds_exactly_what_the_program_needs_at_the_pinned_versions():
    pinned = pins("constraints.txt")
    assert pins("requirements.lock") == {name: pinned[name] for name in needed()}


def test_every_locked_package_has_its_hashes_and_no_file_has_an_address():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for entry in re.split(r"\n(?=\S)", lock.partition("\n")[2]):
        name, *hashes = entry.strip().split(" \\\n")
        assert PIN.fullmatch(name)
        assert hashes
        assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}", line) for line in hashes), name
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in lock + constraints
    assert all(PIN.fullmatch(line) for line in constraints.splitlines() if not line.startswith("#"))


def test_security_md_names_the_licence_of_everything_that_is_installed_with_the_program():
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} == needed()
    assert all(licence.strip() for _, licence in rows)


def started_with(*arguments):
    return f"sys.argv[1:] = {list(arguments)}\nfrom ostream_compare.__main__ import main\nmain()"


@pytest.mark.parametrize(
    "code",
    [
        "import ostream; ostream.OpenAIStream; ostream.openai_call",
        "from ostream_compare.tui.app import CompareApp",
        "from ostream_compare.collector import worker",
        started_with("--version"),
        started_with("validate", "configs/models.toml"),
        started_with("schema"),
        started_with("demo", "--dry-run", "-p", "hi"),
    ],
)
def test_nothing_touches_the_network_at_import_or_start(code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", f"{NO_NETWORK}\n{code}"],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TERM": "dumb"} | measured(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
