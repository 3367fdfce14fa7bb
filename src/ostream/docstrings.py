"""What a function's Google-style docstring says of its parameters."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

_HEADING = re.compile(r"^(?:Args|Arguments|Parameters):\s*$")
_ENTRY = re.compile(r"^\*{0,2}(\w+)\s*(?:\(.*?\))?:\s*(.*)$")


def described(function: Callable[..., Any]) -> tuple[str | None, dict[str, str]]:
    """The docstring without its `Args:` section, and what that section says of each parameter."""
    doc = inspect.getdoc(function)
    if doc is None:
        return None, {}
    outside: list[str] = []
    section: list[str] = []
    inside = False
    for line in doc.splitlines():
        if _HEADING.match(line):
            inside = True
        else:
            inside = inside and (not line.strip() or line.startswith((" ", "\t")))
            (section if inside else outside).append(line)
    return "\n".join(outside).strip() or None, dict(_entries(section))


def _entries(section: list[str]) -> Iterator[tuple[str, str]]:
    lines = [line for line in section if line.strip()]
    depth = min((_depth(line) for line in lines), default=0)
    name, words = "", list[str]()
    for line in lines:
        match = _ENTRY.match(line.strip()) if _depth(line) == depth else None
        if match:
            if name:
                yield name, " ".join(words)
            name, words = match.group(1), []
        words.append(match.group(2) if match else line.strip())
    if name:
        yield name, " ".join(words).strip()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
