"""Writes requirements.lock: every file's hash of the versions that constraints.txt pins, and no address.

Usage: python .ci/lock.py INDEX > requirements.lock, where INDEX is a simple package index (PEP 503). Run it
with the program's own environment: the packages that are needed are read from what is installed there.
"""

import re
import sys
from html.parser import HTMLParser
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote
from urllib.request import urlopen

from packaging.requirements import Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion

ROOT = Path(__file__).resolve().parent.parent
SHA256 = re.compile(r"#sha256=([0-9a-f]{64})")


class Links(HTMLParser):
    """File names and hashes of an index page."""

    def __init__(self) -> None:
        super().__init__()
        self.hashes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a link that has a hash."""
        address = dict(attrs).get("href") or ""
        found = SHA256.search(address)
        if tag == "a" and found:
            self.hashes[unquote(address.partition("#")[0].rpartition("/")[2])] = found[1]


def version_of(file: str) -> str | None:
    """The version that a file is of, `None` for what is neither a wheel nor a source archive."""
    try:
        if file.endswith(".whl"):
            return str(parse_wheel_filename(file)[1])
        return str(parse_sdist_filename(file)[1]) if file.endswith((".tar.gz", ".zip")) else None
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):  # of an age before the rules
        return None


def needed(root: str = "ostream-compare") -> list[str]:
    """Canonical names of everything that the program needs, extras followed."""
    found: set[tuple[str, str]] = set()
    queue = [(root, "")]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                child = canonicalize_name(requirement.name)
                queue += [(child, more) for more in ("", *sorted(requirement.extras))]
    return sorted({name for name, _ in found} - {root})


def main(index: str) -> None:
    """Print the lock."""
    pins = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    print("# pip install --require-hashes -r requirements.lock; made from constraints.txt by .ci/lock.py")
    for name in needed():
        links = Links()
        with urlopen(f"{index.rstrip('/')}/{name}/") as page:
            links.feed(page.read().decode())
        hashes = sorted({hash_ for file, hash_ in links.hashes.items() if version_of(file) == pins[name]})
        if not hashes:
            sys.exit(f"the index has no file of {name} {pins[name]}")
        print(f"{name}=={pins[name]} \\")
        print(" \\\n".join(f"    --hash=sha256:{hash_}" for hash_ in hashes))


if __name__ == "__main__":
    main(sys.argv[1])
